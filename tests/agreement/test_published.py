"""Published worked examples and certified values."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from dyadkit.agreement.intraclass import intraclass_correlations
from dyadkit.agreement.limits import limits_of
from dyadkit.agreement.two_ratings import compare_ratings
from dyadkit.agreement.two_way import mean_squares
from dyadkit.estimation.intraclass import icc_mean_squares
from dyadkit.estimation.paired_moments import PairMoments

# Shrout & Fleiss (1979), Table 2: six targets, four judges.
JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]

# NIST Statistical Reference Datasets, analysis of variance (itl.nist.gov/div898/strd/anova).
SILVER = np.array(
    [
        *(1568, 1465, 1572, 1785, 1446, 1903, 1526, 1494, 1616, 1587, 1519, 1486),
        *(1419, 1569, 1508, 1672, 1385, 1518, 1662, 1424, 1360, 1333, 1610, 1477),
        *(1079, 1344, 1513, 1197, 1604, 1385, 1642, 1365, 1151, 1082, 1517, 1448),
        *(1198, 1482, 1334, 1609, 1101, 1512, 1469, 1360, 1254, 1261, 1450, 1368),
    ]
).reshape(2, 24)
RESISTIVITY = [
    [196.3052, 196.1240, 196.1890, 196.2569, 196.3403],
    [196.3042, 196.3825, 196.1669, 196.3257, 196.0422],
    [196.1303, 196.2005, 196.2889, 196.0343, 196.1811],
    [196.2795, 196.1748, 196.1494, 196.1485, 195.9885],
    [196.2119, 196.1051, 196.1850, 196.0052, 196.2090],
]


def simon_lesage(replicates: int, leading: float) -> list[list[float]]:
    """Return nine treatments; the first value of each lies between the others, which alternate."""

    def step(place: int) -> int:
        return 2 if place == 0 else 1 + 2 * (place % 2 == 0)

    # Tenths are added as a whole, so that every number is the decimal one, rounded once.
    return [
        [
            float(Fraction(leading) + Fraction(step(treatment) + step(place), 10))
            for place in range(replicates)
        ]
        for treatment in range(9)
    ]


def test_shrout_and_fleiss() -> None:
    found = intraclass_correlations(JUDGES)
    by_name = {form.shrout_fleiss: round(form.estimate, 2) for form in found.forms}
    assert by_name == {
        "ICC(1,1)": 0.17,
        "ICC(2,1)": 0.29,
        "ICC(3,1)": 0.71,
        "ICC(1,k)": 0.44,
        "ICC(2,k)": 0.62,
        "ICC(3,k)": 0.91,
    }
    squares = found.mean_squares
    table = (squares.rows, squares.within, squares.columns, squares.error)
    assert [round(value, 2) for value in table] == [11.24, 6.26, 32.49, 1.02]


def test_bland_and_altman_peak_flow() -> None:
    # Bland & Altman (1986): 17 differences, mean -2.1 l/min, SD 38.8; they print limits -79.7 and
    # 75.5 (with 2 SD), the bias' interval -22.0 to 17.8, the lower limit's -114.3 to -45.1.
    n, mean, sd = 17, -2.1, 38.8
    ss = sd * sd * (n - 1)
    moments = PairMoments(n, 0.0, 2.1, mean, 0.0, 0.0, 0.0, ss, 0.0)
    two_sd = 0.9544997361036416  # the share within two standard deviations
    found = limits_of(moments, share=two_sd, method="approximate")
    assert round(found.lower, 1) == -79.7
    assert round(found.upper, 1) == 75.5
    assert (round(found.conf_low, 1), round(found.conf_high, 1)) == (-22.0, 17.8)
    # Printed with the standard error sqrt(3 s2 / n), which rounds what is 1/n + 2/(n - 1) here.
    by_hand = 2.12 * np.sqrt(3 * sd * sd / n)
    assert (round(-79.7 - by_hand, 1), round(-79.7 + by_hand, 1)) == (-114.3, -45.1)
    assert found.lower_low == pytest.approx(-114.3, abs=1.2)
    assert found.lower_high == pytest.approx(-45.1, abs=1.2)


# Bland & Altman (1986), Table 1: peak flow of 17 people, first measurements with a large and with a
# mini meter, in l/min.
LARGE = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


def test_bland_and_altman_from_their_table() -> None:
    # Printed: mean difference -2.1, standard deviation 38.8, r = .94.
    found = compare_ratings(LARGE, MINI)
    assert round(found.difference.estimate, 1) == -2.1
    assert round(found.limits.sd, 1) == 38.8
    assert round(found.r.estimate, 2) == 0.94
    # By hand from the table's sums: Lin's coefficient with divisor n.
    x, y = np.array(LARGE, dtype=float), np.array(MINI, dtype=float)
    by_hand = 2 * np.mean((x - x.mean()) * (y - y.mean()))
    by_hand /= x.var() + y.var() + (x.mean() - y.mean()) ** 2
    assert found.concordance.estimate == pytest.approx(by_hand, rel=1e-12)


def check_nist(groups: object, between: float, within: float, f: float, rtol: float) -> None:
    ratings = np.array(groups, dtype=float)
    found = icc_mean_squares(ratings)
    assert found.ms_between == pytest.approx(between, rel=rtol)
    assert found.ms_within == pytest.approx(within, rel=rtol)
    assert found.f == pytest.approx(f, rel=rtol)
    squares = mean_squares(ratings)
    assert squares.rows == pytest.approx(between, rel=rtol)
    assert squares.within == pytest.approx(within, rel=rtol)


def test_nist_resistivity() -> None:
    # SiRstv.  Seven digits of data: the certified digits hold to about 1e-9.
    check_nist(RESISTIVITY, 1.27865654e-2, 1.0831828e-2, 1.18046237440255, 1e-9)


def test_nist_silver() -> None:
    # AtmWtAg: 107.868 and seven further digits, of which five are left when the mean is gone.
    values = 107.868 + SILVER / 1e7
    check_nist(values, 3.638341875e-9, 2.28155932971014e-10, 15.946733567793, 1e-8)


@pytest.mark.parametrize(
    ("replicates", "leading", "f", "rtol"),
    [
        (21, 1.0, 21.0, 1e-12),
        (201, 1.0, 201.0, 1e-12),
        (2001, 1.0, 2001.0, 1e-12),
        # The data themselves are rounded when they are stored: seven, then thirteen leading digits.
        (21, 1e6, 21.0, 1e-8),
        (201, 1e6, 201.0, 1e-8),
        (2001, 1e6, 2001.0, 1e-8),
        (21, 1e12, 21.0, 2e-2),
        (201, 1e12, 201.0, 2e-2),
        (2001, 1e12, 2001.0, 2e-2),
    ],
)
def test_nist_simon_and_lesage(replicates: int, leading: float, f: float, rtol: float) -> None:
    # SmLs01 to SmLs09: mean squares .01 n and .01.
    data = simon_lesage(replicates, leading)
    check_nist(data, f / 100.0, 0.01, f, rtol)


@pytest.mark.parametrize("leading", [1e6, 1e12])
def test_what_is_stored_is_analysed_without_loss(leading: float) -> None:
    # Against exact fractions of the numbers as they are stored.
    data = simon_lesage(21, leading)
    exact = [[Fraction(value) for value in row] for row in data]
    means = [sum(row) / len(row) for row in exact]
    grand = sum(means) / len(means)
    between = 21 * sum((mean - grand) ** 2 for mean in means) / 8
    within = sum(
        (value - mean) ** 2 for row, mean in zip(exact, means, strict=True) for value in row
    ) / (9 * 20)
    found = icc_mean_squares(data)
    assert found.f == pytest.approx(float(between / within), rel=1e-9)
    assert found.ms_between == pytest.approx(float(between), rel=1e-9)

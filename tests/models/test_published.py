"""Published results from published moments: what lavaan's tutorial and others print.

Moments are those of the data that the sources print, of divisor N - 1, rounded to six decimals,
which moves a chi-square by less than 1e-3; expected values are as printed there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk


def symmetric(lower: str, names: list[str]) -> pd.DataFrame:
    rows = [[float(value) for value in line.split()] for line in lower.strip().splitlines()]
    matrix = np.zeros((len(rows), len(rows)))
    for number, row in enumerate(rows):
        matrix[number, : number + 1] = matrix[: number + 1, number] = row
    return pd.DataFrame(matrix, index=names, columns=names)


# Holzinger and Swineford (1939), 301 pupils, nine tests as Joreskog (1969) chose them.
ABILITIES = symmetric(
    """
    1.362898
    0.408729 1.386390
    0.581832 0.452567 1.279114
    0.506518 0.209620 0.208864 1.355167
    0.442084 0.211795 0.112671 1.101412 1.665318
    0.456324 0.248370 0.244923 0.898501 1.017906 1.200346
    0.085048 -0.097074 0.088636 0.220475 0.143476 0.144559 1.187083
    0.264717 0.110025 0.213030 0.126012 0.181207 0.165982 0.537029 1.025389
    0.459866 0.244823 0.375099 0.244174 0.296225 0.236784 0.374542 0.458841 1.018387
    """,
    [f"x{number}" for number in range(1, 10)],
)
# Bollen (1989), industrialization and political democracy, 75 countries.
DEMOCRACY = symmetric(
    """
    6.878566
    6.251366 15.579816
    5.838835 5.838626 10.764247
    6.088643 9.508553 6.687937 11.218932
    5.063811 5.603072 4.939027 5.702059 6.825690
    5.745826 9.386289 4.727396 7.442182 4.976805 11.375325
    5.811943 7.535462 7.006435 7.487999 5.821366 6.748119 10.799372
    5.671058 7.758213 5.639139 8.012646 5.339386 8.246830 7.592433 10.533872
    0.734393 0.619496 0.786879 1.150461 1.081626 0.852789 0.936837 1.102881 0.537149
    1.273394 1.491273 1.551935 2.240957 2.063733 1.805486 1.995595 2.234237 0.990361 2.282107
    0.911455 1.169813 1.039080 1.838023 1.583465 1.572066 1.625954 1.692157 0.823424 1.806091 \
    1.976024
    """,
    [*(f"y{number}" for number in range(1, 9)), "x1", "x2", "x3"],
)
BOLLEN = """
ind60 =~ x1 + x2 + x3
dem60 =~ y1 + y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
dem60 ~ ind60
dem65 ~ ind60 + dem60
y1 ~~ y5
y2 ~~ y4 + y6
y3 ~~ y7
y4 ~~ y8
y6 ~~ y8
"""


def test_three_abilities() -> None:
    # As lavaan prints it (Rosseel, 2012, Journal of Statistical Software 48(2)).
    fit = dk.fit_sem(
        "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9",
        sample_cov=ABILITIES,
        n_obs=301,
    )
    printed = {
        "chisq": 85.306, "df": 24, "baseline_chisq": 918.852, "baseline_df": 36, "cfi": 0.931,
        "tli": 0.896, "rmsea": 0.092, "rmsea_low": 0.071, "rmsea_high": 0.114, "rmsea_close": 0.001,
        "srmr": 0.065, "loglik": -3737.745, "aic": 7517.490, "bic": 7595.339, "sabic": 7528.739,
    }  # fmt: skip
    for name, value in printed.items():
        assert fit.summary[name] == pytest.approx(value, abs=1e-3), name
    tidy = fit.tidy().set_index("term")
    for term, estimate, error in (
        ("visual =~ x2", 0.554, 0.100),
        ("visual =~ x3", 0.729, 0.109),
        ("textual =~ x5", 1.113, 0.065),
        ("speed =~ x9", 1.082, 0.151),
        ("visual ~~ textual", 0.408, 0.074),
        ("x1 ~~ x1", 0.549, 0.114),
        ("speed ~~ speed", 0.384, 0.086),
    ):
        assert tidy.loc[term, "estimate"] == pytest.approx(estimate, abs=6e-4), term
        assert tidy.loc[term, "std_error"] == pytest.approx(error, abs=6e-4), term


def test_political_democracy() -> None:
    # As lavaan prints it (Rosseel, 2012).
    fit = dk.fit_sem(BOLLEN, sample_cov=DEMOCRACY, n_obs=75)
    assert fit.summary["chisq"] == pytest.approx(38.125, abs=1e-3)
    assert fit.summary["df"] == 35
    assert fit.summary["cfi"] == pytest.approx(0.995, abs=6e-4)
    assert fit.summary["srmr"] == pytest.approx(0.044, abs=6e-4)
    tidy = fit.tidy().set_index("term")
    for term, estimate, error in (
        ("dem60 ~ ind60", 1.483, 0.399),
        ("dem65 ~ ind60", 0.572, 0.221),
        ("dem65 ~ dem60", 0.837, 0.098),
        ("y1 ~~ y5", 0.624, 0.358),
        ("ind60 =~ x2", 2.180, 0.139),
    ):
        assert tidy.loc[term, "estimate"] == pytest.approx(estimate, abs=6e-4), term
        assert tidy.loc[term, "std_error"] == pytest.approx(error, abs=6e-4), term


# The same nine tests by school, of the 156 pupils of Pasteur and the 145 of Grant-White: lower
# triangles column by column, divisor N - 1.
SCHOOLS = {
    "Pasteur": (
        156,
        [
            4.941239313,
            5.983974359,
            2.487179487,
            2.822649578,
            3.995192308,
            1.922161170,
            4.432274252,
            5.563141026,
            5.417735042,
        ],
        """1.404230997 0.404697407 0.624107393 0.571590387 0.474984489 0.500772968 0.046462222
        0.166261027 0.353408467 1.513451199 0.479833540 0.089074990 0.143470844 0.195288311
        -0.205159672 0.038760339 0.220088923 1.354471671 0.165722360 0.066873449 0.223534798
        -0.024857051 0.152588916 0.334220776 1.328200527 1.086776258 0.759992516 0.323628939
        0.147936997 0.156164413 1.718928350 0.939945939 0.172007497 0.152482940 0.209772196
        0.980735469 0.220520790 0.206974186 0.187385287 1.177467900 0.428841027 0.289078583
        0.958132651 0.354699131 0.983859860""",
    ),
    "Grant-White": (
        145,
        [
            4.929885060,
            6.200000000,
            1.995689655,
            3.317241379,
            4.712068966,
            2.468965516,
            3.920839578,
            5.488275862,
            5.327203063,
        ],
        """1.327804381 0.417187499 0.537456100 0.442922518 0.413988665 0.414888938 0.124141398
        0.372088916 0.577113489 1.234895833 0.481770833 0.285069440 0.205989583 0.245585321
        0.076253024 0.195937500 0.283352623 1.080818966 0.383610713 0.346623563 0.409897545
        0.080234625 0.260365781 0.398483232 1.265942953 0.939778895 0.912691567 0.242980593
        0.122610949 0.363969598 1.350981801 0.904320607 0.305098494 0.241392481 0.425209530
        1.289031593 0.209741558 0.144375684 0.317434091 1.069173214 0.637229724 0.444970632
        1.101979646 0.570587354 1.058346933""",
    ),
}


def by_school() -> dict[str, Any]:
    """Return the moments of both schools as arguments of a fit."""
    names = list(ABILITIES.columns)
    covariances, means, sizes = {}, {}, {}
    for school, (n, mean, lower) in SCHOOLS.items():
        matrix = np.zeros((9, 9))
        matrix.T[np.triu_indices(9)] = matrix[np.triu_indices(9)] = [
            float(value) for value in lower.split()
        ]
        covariances[school] = pd.DataFrame(matrix, index=names, columns=names)
        means[school], sizes[school] = dict(zip(names, mean, strict=True)), n
    return {"sample_cov": covariances, "sample_mean": means, "n_obs": sizes}


@pytest.mark.parametrize(
    ("held", "chisq", "df"),
    [
        ((), 115.851, 48),
        (("loadings",), 124.044, 54),
        (("loadings", "intercepts"), 164.103, 60),
        (("loadings", "intercepts", "residuals"), 181.511, 69),
    ],
)
def test_two_schools(held, chisq, df):
    found = dk.fit_sem(
        "visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9",
        auto="cfa",
        group_equal=held,
        **by_school(),
    )
    assert round(found.summary["chisq"], 3) == chisq
    assert found.summary["df"] == df
    assert set(found.tidy()["group"]) == set(SCHOOLS)


def test_moments_by_group_must_agree():
    moments = by_school()
    with pytest.raises(dk.StudyError, match="n_obs needs a value for each"):
        dk.fit_sem("f =~ x1 + x2 + x3", **(moments | {"n_obs": 301}))
    wrong = moments["sample_cov"] | {"Pasteur": moments["sample_cov"]["Pasteur"] * np.nan}
    with pytest.raises(dk.DataError, match=r"Group 'Pasteur'.*missing or infinite"):
        dk.fit_sem("f =~ x1 + x2 + x3", **(moments | {"sample_cov": wrong}))

"""Published results from published moments: what lavaan's tutorial and others print.

Moments are those of the data that the sources print, of divisor N - 1, rounded to six decimals,
which moves a chi-square by less than 1e-3; expected values are as printed there.
"""

from __future__ import annotations

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

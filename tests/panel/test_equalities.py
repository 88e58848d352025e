"""Tests of equal effects over time, against the same tests of models that are written out."""

from __future__ import annotations

import numpy as np
import pytest

import dyadkit as dk
from tests.panel.test_panel import answers, framed

# Both solutions are converged to about 1e-9.
CLOSE = 1e-6
MODEL = """
support_developee_t2 ~ a1*support_developee_t1 + c1*courage_developee_t1
courage_developee_t2 ~ d1*courage_developee_t1 + b1*support_developee_t1
support_developee_t3 ~ a2*support_developee_t2 + c2*courage_developee_t2
courage_developee_t3 ~ d2*courage_developee_t2 + b2*support_developee_t2
support_developee_t2 ~~ e2*support_developee_t2
courage_developee_t2 ~~ f2*courage_developee_t2
support_developee_t1 ~~ e1*support_developee_t1
courage_developee_t1 ~~ f1*courage_developee_t1
support_developee_t1 ~~ k*courage_developee_t1
support_developee_t2 ~~ courage_developee_t2
support_developee_t3 ~~ courage_developee_t3
sd_support := sqrt(a1^2*e1 + c1^2*f1 + 2*a1*c1*k + e2)
sd_courage := sqrt(d1^2*f1 + b1^2*e1 + 2*d1*b1*k + f2)
difference := b1*sqrt(e1)/sd_courage - c1*sqrt(f1)/sd_support
"""


@pytest.fixture(scope="module")
def dyads() -> dk.DyadFrame:
    data = answers(300, 3)
    rng = np.random.default_rng(5)
    data.loc[rng.random(len(data)) < 0.05, "courage"] = np.nan
    return framed(data)


def equalities_in(result: dk.Result) -> dict[str, tuple[float, float, float]]:
    tidy = result.tidy()
    found = tidy[tidy["quantity"] == "equality"]
    return {
        row["term"].removeprefix("equal between "): (row["statistic"], row["df"], row["p_value"])
        for _, row in found.iterrows()
    }


def test_effects_of_waves_are_compared_as_by_a_wald_test(dyads: dk.DyadFrame) -> None:
    names = ("support.developee", "courage.developee")
    found = equalities_in(dk.fit_panel(dyads, *names, kind="clpm"))
    fit = dk.fit_sem(MODEL, dyads)
    for what, equation in {
        "Support → Support": "a1 == a2",
        "Courage → Support": "c1 == c2",
        "Support → Courage": "b1 == b2",
        "Courage → Courage": "d1 == d2",
    }.items():
        test = fit.wald_test(equation)
        ours = (test.statistic, test.df, test.p_value)
        np.testing.assert_allclose(found[f"waves: {what}"], ours, rtol=CLOSE, err_msg=what)
    assert len(found) == 5


def test_directions_are_compared_in_standardised_form(dyads: dk.DyadFrame) -> None:
    # Equal effects: the first waves tell of all.
    names = ("support.developee", "courage.developee")
    found = equalities_in(dk.fit_panel(dyads, *names, kind="clpm", equal_lags=True))
    assert list(found) == ["directions: Support → Courage and back"]
    held = MODEL
    for letter in "abcd":
        held = held.replace(f"{letter}2*", f"{letter}1*")
    difference = dk.fit_sem(held, dyads).tidy().set_index("term").loc["difference"]
    statistic, df, p_value = found["directions: Support → Courage and back"]
    assert statistic == pytest.approx(difference["statistic"] ** 2, rel=CLOSE)
    assert df == 1
    assert p_value == pytest.approx(difference["p_value"], rel=CLOSE)


def test_roles_are_compared_effect_by_effect(dyads: dk.DyadFrame) -> None:
    result = dk.fit_panel(dyads, "support", "courage", kind="clpm", waves=["t1", "t2"])
    found = equalities_in(result)
    lines = []
    for role, other, letter in (("mentor", "developee", "m"), ("developee", "mentor", "d")):
        for variable, twin in (("support", "courage"), ("courage", "support")):
            sources = {"o": f"{variable}_{role}", "c": f"{twin}_{role}"}
            sources |= {"p": f"{variable}_{other}", "q": f"{twin}_{other}"}
            terms = [f"{kind}{letter}{variable}*{name}_t1" for kind, name in sources.items()]
            lines.append(f"{variable}_{role}_t2 ~ {' + '.join(terms)}")
    fit = dk.fit_sem("\n".join(lines), dyads)
    for what, equation in {
        "own Support → Support": "omsupport == odsupport",
        "own Courage → Support": "cmsupport == cdsupport",
        "partner's Support → Support": "pmsupport == pdsupport",
        "partner's Support → Courage": "qmcourage == qdcourage",
    }.items():
        test = fit.wald_test(equation)
        ours = (test.statistic, test.df, test.p_value)
        np.testing.assert_allclose(found[f"roles: {what}"], ours, rtol=CLOSE, err_msg=what)


def test_effects_over_lags_of_different_length_are_not_compared() -> None:
    dyads = framed(answers(200, 3), {"t1": 0.0, "t2": 4.0, "t3": 12.0})
    found = equalities_in(dk.fit_panel(dyads, "support.mentor", "courage.mentor", kind="clpm"))
    assert list(found) == ["directions: Support → Courage and back"]

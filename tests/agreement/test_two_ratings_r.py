"""Two ratings against R: formulas written out there, psych, and R's own tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dyadkit.agreement.intraclass import IntraclassCorrelations, intraclass_correlations
from dyadkit.agreement.limits import limits_of_agreement
from dyadkit.agreement.two_ratings import TwoRatings, compare_ratings

ORACLE = json.loads(
    (Path(__file__).parents[1] / "oracles" / "agreement_two.json").read_text(encoding="utf-8")
)
CASES = {case["data"]: case for case in ORACLE["cases"]}
# Ratings about a million keep ten digits of their differences.
CLOSED = {"far": 1e-7}


def found_of(case: dict[str, Any]) -> TwoRatings:
    data = ORACLE["data"][case["data"]]
    return compare_ratings(
        data["first"],
        data["second"],
        case["confidence"],
        margin=case["margin"],
        within=case["within"],
        share=case["share"],
    )


def agree(found: object, expected: dict[str, float], rtol: float) -> None:
    for name, value in expected.items():
        actual = getattr(found, name)
        np.testing.assert_allclose(actual, value, rtol=rtol, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("name", CASES)
def test_means_and_their_effect_sizes(name: str) -> None:
    case = CASES[name]
    difference = found_of(case).difference
    bounds = {f"{d}_{end}" for d in ("d_av", "d_z") for end in ("low", "high")}
    closed = {key: value for key, value in case["difference"].items() if key not in bounds}
    agree(difference, closed, CLOSED.get(name, 1e-8))
    # Noncentral t: the root-finder of either side, and integration in R.
    agree(difference, {key: case["difference"][key] for key in bounds}, 1e-6)


@pytest.mark.parametrize("name", CASES)
def test_equivalence_correlations_and_concordance(name: str) -> None:
    case, rtol = CASES[name], CLOSED.get(name, 1e-8)
    found = found_of(case)
    agree(found.equivalence, case["equivalence"], rtol)
    agree(found.r, case["r"], 1e-8)
    agree(found.rho, case["rho"], 1e-8)
    agree(found.concordance, case["concordance"], rtol)


@pytest.mark.parametrize("name", CASES)
def test_limits_of_agreement(name: str) -> None:
    case = CASES[name]
    data, level = ORACLE["data"][name], case["confidence"]
    exact, expected = found_of(case).limits, dict(case["limits"])
    bounds = expected.pop("exact")
    approximate = expected.pop("approximate")
    agree(exact, expected, CLOSED.get(name, 1e-8))
    agree(exact, bounds, 1e-8)
    other = limits_of_agreement(data["first"], data["second"], level, method="approximate")
    agree(other, approximate, 1e-8)


@pytest.mark.parametrize("name", CASES)
def test_deviations(name: str) -> None:
    case = CASES[name]
    found = found_of(case)
    agree(found.tdi, {"estimate": case["tdi"]["estimate"]}, 1e-8)
    agree(found.coverage, {"estimate": case["coverage"]["estimate"]}, 1e-8)
    # Numerical derivatives in R: about ten digits of them.
    agree(found.tdi, case["tdi"], 1e-7)
    agree(found.coverage, case["coverage"], 1e-7)


def iccs_agree(found: IntraclassCorrelations, expected: list[dict[str, Any]], rtol: float) -> None:
    forms = {form.shrout_fleiss: form for form in found.forms}
    assert len(expected) == len(forms) == 6
    for row in expected:
        row = dict(row)
        form = forms[row.pop("shrout_fleiss")]
        upper = row.pop("upper_tail")
        agree(form, row, rtol)
        # psych's p is the upper tail; ours is two-sided.
        assert form.p_value == pytest.approx(2.0 * min(upper, 1.0 - upper), rel=1e-6, abs=1e-13)


@pytest.mark.parametrize("name", CASES)
def test_all_iccs_of_two(name: str) -> None:
    iccs_agree(found_of(CASES[name]).icc, CASES[name]["icc"], CLOSED.get(name, 1e-8))


@pytest.mark.parametrize("place", range(3))
def test_all_iccs_of_several_raters(place: int) -> None:
    case = ORACLE["raters"][place]
    iccs_agree(intraclass_correlations(case["ratings"]), case["icc"], 1e-8)


def test_the_script_has_the_numbers_that_count() -> None:
    def numbers(value: object) -> int:
        if isinstance(value, dict):
            return sum(numbers(part) for part in value.values())
        if isinstance(value, list):
            return sum(numbers(part) for part in value)
        return 1

    assert numbers([CASES, [case["icc"] for case in ORACLE["raters"]]]) > 500
    assert any(form["estimate"] < 0 for form in CASES["opposite"]["icc"])

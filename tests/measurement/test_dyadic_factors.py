"""Dyadic factor models against lavaan, in every coding, told apart and exchangeable."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.display.drawing import to_svg
from dyadkit.display.formats import format_value
from dyadkit.errors import Refused, StudyError
from dyadkit.measurement.dyadic_models import KINDS, Kind, dyadic_syntax
from dyadkit.models.indistinguishable import isat_df, isat_syntax
from dyadkit.study import Privacy, Scale
from tests.display.drawn import words
from tests.measurement.test_invariance import answers, framed

ORACLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "oracles" / "dyadic_factors.json").read_text(encoding="utf-8")
)
ITEMS = ("q1", "q2", "q3", "q4")
MEMBERS = ([f"{item}_1" for item in ITEMS], [f"{item}_2" for item in ITEMS])
SCALE = Scale(name="trust", label="Trust", items=ITEMS, range=(-9, 17))


def people(waves: tuple[str, ...] = ("t1",)) -> pd.DataFrame:
    data = pd.DataFrame(ORACLE["data"])
    parts = [
        data[list(columns)]
        .set_axis(list(ITEMS), axis=1)
        .assign(pair=np.arange(len(data)), role=role, wave=wave)
        for wave in waves
        for columns, role in zip(MEMBERS, ("mentor", "developee"), strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def told_apart() -> dk.DyadFrame:
    """Return the pairs of the R script as mentors and developees."""
    dyads = dk.DyadFrame.from_individual(
        people().drop(columns="wave"), dyad="pair", role="role", roles=("mentor", "developee")
    )
    return dk.score_scales(dyads, [SCALE])


@pytest.fixture(scope="module")
def alike() -> dk.DyadFrame:
    """Return them as members of one role."""
    dyads = dk.DyadFrame.from_individual(people().drop(columns=["wave", "role"]), dyad="pair")
    return dk.score_scales(dyads, [SCALE])


def models_of(result) -> pd.DataFrame:
    return result.tidy().query("quantity == 'model'").set_index("kind")


def test_told_apart_against_lavaan(told_apart: dk.DyadFrame) -> None:
    found = models_of(dk.fit_dyadic_factors(told_apart, "trust"))
    for kind in ("correlated", "one_factor", "bifactor"):
        expected = ORACLE["models"][kind]
        assert found.loc[kind, "df"] == expected["df"]
        for ours, theirs in (
            ("statistic", "chisq"),
            ("cfi", "cfi"),
            ("tli", "tli"),
            ("srmr", "srmr"),
        ):
            # lavaan's optimiser, told to stop at 1e-12.
            assert found.loc[kind, ours] == pytest.approx(expected[theirs], rel=1e-5, abs=1e-7)
    both = found.loc[["correlated", "hierarchical"], "statistic"]
    assert both.iloc[0] == pytest.approx(both.iloc[1], rel=1e-8)


def test_exchangeable_against_lavaan_with_corrected_fit(alike: dk.DyadFrame) -> None:
    found = models_of(dk.fit_dyadic_factors(alike, "trust"))
    for kind in ("correlated", "one_factor", "bifactor"):
        expected = ORACLE["corrected"][f"{kind}_alike"]
        assert found.loc[kind, "df"] == expected["df"]
        for ours, theirs in (
            ("statistic", "chisq"),
            ("p_value", "p_value"),
            ("cfi", "cfi"),
            ("tli", "tli"),
            ("rmsea", "rmsea"),
        ):
            assert found.loc[kind, ours] == pytest.approx(expected[theirs], rel=2e-5, abs=1e-6), (
                ours
            )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("members", ["told_apart", "alike"])
def test_diagrams_show_the_standardised_solution_of_lavaan(
    kind: Kind, members: str, request: pytest.FixtureRequest
) -> None:
    result = dk.fit_dyadic_factors(request.getfixturevalue(members), "trust", kinds=[kind])
    expected = dict(ORACLE["standardised"][kind + "_alike" * (members == "alike")])
    (spec,) = result.figure_specs
    assert spec.name == f"diagram_{kind}"
    found = {
        f"{path.start} {'~~' if path.both else '=~'} {path.end}": path.label.value
        for path in spec.paths
    }
    drawn = {name for name in expected if "=~" in name}
    assert set(found) == (drawn | {"f1 ~~ f2"} if kind == "correlated" else drawn)
    for name, value in found.items():
        # lavaan's optimiser stops at 1e-6 or so of these.
        assert value == pytest.approx(expected[name], abs=2e-5), name
    residuals = [expected[f"{item}_1 ~~ {item}_2"] for item in ITEMS]
    low, high = (format_value(end(residuals), "correlation") for end in (min, max))
    assert f"item by item (r from {low} to {high}), are not drawn" in spec.caption
    assert spec.headings.count("Member 1" if members == "alike" else "Mentor") == 1
    assert {path.label.key for path in spec.paths} <= {each.key for each in result.supports}


def test_a_factor_above_two_has_loadings_whose_product_is_their_correlation(
    told_apart: dk.DyadFrame,
) -> None:
    specs = {spec.name: spec for spec in dk.fit_dyadic_factors(told_apart, "trust").figure_specs}
    assert list(specs) == [f"diagram_{kind}" for kind in KINDS]
    ends = {path.end: path.label.value for path in specs["diagram_hierarchical"].paths}
    (r,) = [path.label.value for path in specs["diagram_correlated"].paths if path.both]
    assert ends["f1"] * ends["f2"] == pytest.approx(r, rel=1e-6)


def test_a_diagram_says_that_it_is_not_to_be_interpreted() -> None:
    """A factor above two that correlate negatively has a negative variance, and no loadings."""
    data = people().drop(columns="wave")
    data.loc[data["role"] == "developee", list(ITEMS)] *= -1
    dyads = dk.DyadFrame.from_individual(
        data, dyad="pair", role="role", roles=("mentor", "developee")
    )
    result = dk.fit_dyadic_factors(
        dk.score_scales(dyads, [SCALE]), "trust", kinds=["hierarchical"], coding="marker"
    )
    (spec,) = result.figure_specs
    assert spec.caption.endswith(
        "are not drawn. A variance is negative or factors correlate beyond 1; the estimates are "
        "not to be interpreted."
    )
    assert words(result.figures()[spec.name])[-2:] == ["–", "–"]


def test_too_few_dyads_leave_no_number_in_a_diagram(told_apart: dk.DyadFrame) -> None:
    """The same diagrams, whatever the answers: neither drawing nor caption tells of them."""
    drawn = []
    for shift in (0, 40):
        data = people().drop(columns="wave")
        some = data[data["pair"].between(shift, shift + 199)]
        dyads = dk.DyadFrame.from_individual(
            some, dyad="pair", role="role", roles=("mentor", "developee")
        )
        few = replace(dyads, privacy=Privacy(minimum_dyads=201))
        result = dk.fit_dyadic_factors(dk.score_scales(few, [SCALE]), "trust")
        assert all("(r " not in spec.caption for spec in result.figure_specs)
        drawn.append(
            [
                (spec.caption, spec.alt, to_svg(figure))
                for spec, figure in zip(result.figure_specs, result.figures().values(), strict=True)
            ]
        )
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == len(KINDS)


def test_who_comes_first_does_not_matter(alike: dk.DyadFrame) -> None:
    turned = people().drop(columns=["wave", "role"]).iloc[::-1]
    other = dk.score_scales(dk.DyadFrame.from_individual(turned, dyad="pair"), [SCALE])
    one, two = (models_of(dk.fit_dyadic_factors(frame, "trust")) for frame in (alike, other))
    np.testing.assert_allclose(one["statistic"], two["statistic"], rtol=1e-6)
    np.testing.assert_allclose(one["cfi"], two["cfi"], rtol=1e-8)


@pytest.mark.parametrize("exchangeable", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_coding_changes_no_fit(kind, exchangeable: bool) -> None:
    data = pd.DataFrame(ORACLE["data"])
    fits = [
        dk.fit_sem(
            dyadic_syntax(kind, MEMBERS, coding=coding, exchangeable=exchangeable),
            data,
            auto="lavaan",
        ).summary
        for coding in ("marker", "fixed_factor", "effects")
    ]
    chisq = [summary["chisq"] for summary in fits]
    np.testing.assert_allclose(chisq, chisq[0], rtol=1e-7)
    assert len({summary["df"] for summary in fits}) == 1


@pytest.mark.parametrize("p", range(1, 11))
@pytest.mark.parametrize("q", range(4))
def test_the_degrees_of_freedom_of_isat(p: int, q: int) -> None:
    names = [f"y{number}" for number in range(p)]
    dyad = [f"z{number}" for number in range(q)]
    columns = [f"{name}_{member}" for name in names for member in (1, 2)] + dyad
    moments = len(columns) * (len(columns) + 3) // 2
    rng = np.random.default_rng(1)
    data = pd.DataFrame(rng.normal(size=(200, len(columns))), columns=columns)
    summary = dk.fit_sem(isat_syntax(names, dyad), data, auto="lavaan").summary
    assert summary["df"] == isat_df(p, q) == p * (p + 1) + p * q
    assert summary["n_parameters"] == moments - isat_df(p, q)


def test_what_cannot_be_is_refused(told_apart: dk.DyadFrame, alike: dk.DyadFrame) -> None:
    with pytest.raises(Refused, match="both members answered"):
        dk.fit_dyadic_factors(told_apart, "trust.mentor")
    with pytest.raises(Refused, match="cannot be told apart"):
        dk.fit_dyadic_factors(alike, "trust", exchangeable=False)
    with pytest.raises(StudyError, match="no model"):
        dk.fit_dyadic_factors(alike, "trust", kinds=["second_order"])
    waves = dk.DyadFrame.from_individual(
        people(("t1", "t2")), dyad="pair", role="role", wave="wave", roles=("mentor", "developee")
    )
    with pytest.raises(StudyError, match=r"e\.g\. 'trust\.t1'"):
        dk.fit_dyadic_factors(dk.score_scales(waves, [SCALE]), "trust")


def test_numbers_rest_on_those_who_answered_the_item_that_fewest_did() -> None:
    data = answers(200)
    clients = data.index[data["role"] == "client"]
    data.loc[clients[30:], "q4"] = np.nan
    result = dk.fit_dyadic_factors(framed(data), "trust", kinds=["correlated"])
    (support,) = [each for each in result.supports if each.key != "all"]
    assert (support.dyads, support.persons) == (30, 30)

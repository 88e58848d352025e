"""Dyadic factor models against lavaan, in every coding, told apart and exchangeable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import Refused, StudyError
from dyadkit.measurement.dyadic_models import KINDS, dyadic_syntax
from dyadkit.models.indistinguishable import isat_df, isat_syntax
from dyadkit.study import Scale

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

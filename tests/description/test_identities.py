"""What must not change a number: order, names, layout, units of measurement."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dyadkit as dk
from dyadkit.frame import Variable

# Few examples of whole analyses; derandomised, so that a failure comes back.
SETTINGS = settings(
    derandomize=True,
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
STUDIES = st.tuples(
    st.integers(12, 30), st.integers(1, 3), st.integers(0, 10_000), st.sampled_from([0.0, 0.1, 0.3])
)


def numbers(dyads: dk.DyadFrame) -> pd.DataFrame:
    """Return the rows of every analysis, by analysis and term."""
    results = (
        dk.describe(dyads, draws=0),
        dk.assess_nonindependence(dyads),
        dk.assess_missingness(dyads),
    )
    rows = pd.concat([r.tidy().assign(analysis=r.type) for r in results])
    return rows.set_index(["analysis", "term"]).sort_index()


def assert_same(one: pd.DataFrame, other: pd.DataFrame, rtol: float = 1e-10) -> None:
    """Compare everything; sums in another order may differ in the last digits."""
    pd.testing.assert_frame_equal(one, other[one.columns], rtol=rtol, atol=1e-12)


@SETTINGS
@given(STUDIES, st.integers(0, 1000))
def test_shuffling_rows_changes_nothing(people, paired, study, order):
    n, waves, seed, missing = study
    rows = people(n, waves=waves, seed=seed, missing=missing)
    shuffled = rows.sample(frac=1, random_state=order)
    assert_same(numbers(paired(rows)), numbers(paired(shuffled)), rtol=0)


@SETTINGS
@given(STUDIES, st.integers(0, 1000))
def test_one_file_in_two_pieces_is_the_same_file(people, paired, study, order):
    n, waves, seed, missing = study
    rows = people(n, waves=waves, seed=seed, missing=missing)
    first = np.random.default_rng(order).random(len(rows)) < 0.5
    pieces = pd.concat([rows[~first], rows[first]], ignore_index=True)
    assert_same(numbers(paired(rows)), numbers(paired(pieces)), rtol=0)


@SETTINGS
@given(STUDIES)
def test_wide_and_long_rows_say_the_same(people, paired, study):
    n, waves, seed, missing = study
    rows = people(n, waves=waves, seed=seed, missing=missing).drop(columns="mode")
    names = [f"t{wave + 1}" for wave in range(waves)] if waves > 1 else None
    long = dk.DyadFrame.from_individual(
        rows, dyad="pair", role="role", wave="wave" if names else None, person="who"
    )
    pattern = "{variable}_{role}_{wave}" if names else "{variable}_{role}"
    wide = dk.DyadFrame.from_wide(
        long.wide(), dyad="dyad", roles=long.roles, columns=pattern, waves=names
    )
    assert_same(numbers(long), numbers(wide), rtol=0)


@SETTINGS
@given(STUDIES)
def test_roles_may_be_called_anything(people, study):
    n, waves, seed, missing = study
    rows = people(n, waves=waves, seed=seed, missing=missing).drop(columns="mode")
    wave = "wave" if waves > 1 else None
    renamed = rows.assign(role=rows["role"].map({"coach": "zeta", "client": "alpha"}))
    plain = dk.DyadFrame.from_individual(
        rows, dyad="pair", role="role", wave=wave, roles=("coach", "client")
    )
    other = dk.DyadFrame.from_individual(
        renamed, dyad="pair", role="role", wave=wave, roles=("zeta", "alpha")
    )
    back = {"zeta": "coach", "alpha": "client"}
    found = numbers(other).reset_index()
    for name in ("role", "other_role"):
        found[name] = found[name].replace(back)
    for new, old in back.items():
        found["term"] = found["term"].str.replace(rf"\b{new}\b(?!:)", old, regex=True)
    assert_same(numbers(plain), found.set_index(["analysis", "term"]).sort_index(), rtol=0)


@SETTINGS
@given(STUDIES)
def test_swapping_the_partners_leaves_what_joins_them(people, paired, study):
    n, waves, seed, missing = study
    rows = people(n, waves=waves, seed=seed, missing=missing)
    swapped = rows.assign(role=rows["role"].map({"coach": "client", "client": "coach"}))
    for distinguishable in (True, False):
        one, other = (
            dk.assess_nonindependence(paired(data), distinguishable=distinguishable).tidy()
            for data in (rows, swapped)
        )
        pd.testing.assert_frame_equal(one, other, rtol=1e-9, atol=1e-12)


@SETTINGS
@given(STUDIES)
def test_exchangeable_members_may_be_numbered_either_way(people, study):
    n, waves, seed, missing = study
    rows = people(n, waves=waves, seed=seed, missing=missing).drop(columns=["role", "mode"])
    # Members are numbered by their sorted ids: these ids sort the other way round.
    turned = rows.assign(who=rows["who"].str.replace("coach", "z"))
    one, other = (
        dk.DyadFrame.from_individual(
            data, dyad="pair", wave="wave" if waves > 1 else None, person="who"
        )
        for data in (rows, turned)
    )
    for analysis in (lambda dyads: dk.describe(dyads, draws=0), dk.assess_nonindependence):
        pd.testing.assert_frame_equal(
            analysis(one).tidy(), analysis(other).tidy(), rtol=1e-9, atol=1e-12
        )


@SETTINGS
@given(STUDIES)
def test_another_unit_changes_means_and_nothing_standardised(people, paired, study):
    n, waves, seed, missing = study
    rows = people(n, waves=waves, seed=seed, missing=missing)
    scaled = rows.assign(trust=100 - 3 * rows["trust"])
    one, other = numbers(paired(rows)), numbers(paired(scaled))
    trust = one["variable"].eq("trust") & one["other_variable"].fillna("trust").eq("trust")
    a, b = one[trust], other.loc[one.index][trust]
    kind = a["quantity"]
    expected = a["estimate"].where(~kind.isin(["mean", "median"]), 100 - 3 * a["estimate"])
    expected = expected.mask(kind.eq("sd"), 3 * a["estimate"])
    expected = expected.mask(kind.eq("difference"), -3 * a["estimate"])
    expected = expected.mask(kind.eq("skewness"), -a["estimate"])
    rest = ~kind.isin(["q10", "q25", "q75", "q90"])
    np.testing.assert_allclose(b["estimate"][rest], expected[rest], rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(a["p_value"], b["p_value"], rtol=1e-7)
    # Turned round, the first quartile is the third.
    for low, high in (("q25", "q75"), ("q10", "q90")):
        np.testing.assert_allclose(
            b["estimate"][kind.eq(low)].to_numpy(),
            100 - 3 * a["estimate"][kind.eq(high)].to_numpy(),
            rtol=1e-10,
        )


def test_a_dyad_without_answers_changes_no_estimate(people, paired):
    rows = people(20, seed=4)
    empty = rows[rows["pair"] == "d000"].assign(
        pair="x", who=["x1", "x2"], trust=np.nan, load=np.nan, mode=None
    )
    more = dk.describe(paired(pd.concat([rows, empty])), draws=0).tidy()
    pd.testing.assert_frame_equal(more, dk.describe(paired(rows), draws=0).tidy())


def test_a_person_level_answer_counts_once_however_often_it_is_filed(people):
    rows = people(12, seed=9).drop(columns="mode")
    coach = rows["role"] == "coach"
    known = {"trust": Variable("trust", "Trust", roles=("coach",))}
    values = rows.loc[coach, "trust"]
    # Every coach has a second client, and gives the same answer in both dyads.
    second = rows.assign(pair=rows["pair"] + "b", who=rows["who"] + "b")
    again = pd.concat([rows, second], ignore_index=True)
    again.loc[again["role"] == "coach", "who"] = again["who"].str.removesuffix("b")
    again.loc[again["role"] == "client", "trust"] = np.nan
    frame = dk.DyadFrame.from_individual(
        again, dyad="pair", role="role", person="who", variables=known
    )
    found = dk.describe(frame, ["trust"]).tidy().set_index("quantity")
    assert found.loc["mean", "n"] == 12
    assert found.loc["mean", "estimate"] == pytest.approx(values.mean(), rel=1e-12)
    assert found.loc["mean", "std_error"] == pytest.approx(values.std() / 12**0.5, rel=1e-12)

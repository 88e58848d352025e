"""Nobody can be made out from what is shown of agreement: few dyads, rests, counts, patterns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.display.presented import PresentedResult
from dyadkit.errors import DataError
from dyadkit.frame import Variable
from dyadkit.study import Scale
from tests.agreement.test_assess import couples, framed

BOTH = ("coach", "client")
ITEMS = ("q1", "q2", "q3", "q4")


def published(result: PresentedResult) -> pd.DataFrame:
    """Return `tidy` as a report may publish it: hidden rows are gone."""
    keys = pd.Series(result.estimates.keys, dtype=str)
    return result.tidy()[~keys.isin(result.hidden)]


def column(result: PresentedResult, table: str, name: str) -> list[object]:
    return result.tables()[table].to_frame()[name].tolist()


def with_items(n: int = 40, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    data = couples(n)
    data[list(ITEMS)] = rng.integers(1, 6, (len(data), len(ITEMS))).astype(float)
    return data


def scored(data: pd.DataFrame, minimum: int = 1) -> dk.DyadFrame:
    scale = Scale(name="climate", items=ITEMS, range=(1, 5), minimum_answered=minimum)
    return dk.score_scales(framed(data), [scale])


# ------------------------------------------------------------------ few dyads


@pytest.mark.parametrize("alike", [False, True])
def test_four_dyads_give_no_number_at_all(alike: bool) -> None:
    data = with_items(4)
    dyads = scored(data)
    if alike:
        lone = dk.DyadFrame.from_individual(data.drop(columns="role"), dyad="pair")
        scale = Scale(name="climate", items=ITEMS, range=(1, 5))
        dyads = dk.score_scales(lone, [scale])
    families = ["ratings", "categories", "profiles", "self_other"]
    result = dk.assess_agreement(
        dyads, ["climate", "trust", "mode"], families=families, seed=1, within=1.0
    )
    assert len(result.tidy()) > 20
    assert not len(published(result))
    assert not result.text()
    for table in result.tables().values():
        for row in table.rows:
            numbers = [t for t, n in zip(row.texts, table.numeric, strict=False) if n]
            assert set(numbers) <= {"s", "", "–"}, (table.name, row.texts)


def test_why_nothing_was_estimated_tells_nothing_of_four_dyads() -> None:
    data = couples(4).assign(trust=4.0)
    with pytest.raises(DataError) as error:
        dk.assess_agreement(framed(data), ["trust"])
    assert str(error.value).startswith("No agreement could be estimated. Of fewer than 5 dyads")
    with pytest.raises(DataError, match="the same in all 5 dyads"):
        dk.assess_agreement(framed(couples(5).assign(trust=4.0)), ["trust"])


# ------------------------------------------------------------------ levels


@pytest.mark.parametrize(("without", "hidden"), [(4, ["north"]), (5, []), (0, [])])
def test_dyads_in_no_level_are_not_given_back_by_the_others(without: int, hidden) -> None:
    # Whole = north + south + those without a value, whose mean would follow from the others.
    number = np.arange(60)
    where = np.where(number < without, None, np.where(number < 25, "north", "south"))
    data = couples().assign(site=np.repeat(where, 2))
    result = dk.assess_agreement(framed(data), ["trust"], by="site")
    table = result.tables()["distances"].to_frame().set_index("variable")
    assert list(table.index[table["mean_first"].eq("suppressed")]) == hidden


# ------------------------------------------------------------------ counts in disguise


@pytest.mark.parametrize(("apart", "hidden"), [(1, True), (4, True), (5, False), (0, False)])
def test_a_share_of_agreement_tells_how_many_disagree(apart: int, hidden: bool) -> None:
    number = np.arange(60)
    names = np.array(["a", "b", "c"])
    other = names[np.where(number < apart, number + 1, number) % 3]
    data = couples().assign(mode=np.column_stack([names[number % 3], other]).ravel())
    result = dk.assess_agreement(framed(data), ["mode"], seed=1)
    assert (not len(published(result))) == hidden
    assert (not result.text()) == hidden


@pytest.mark.parametrize(
    ("cells", "hidden"),
    [
        ((20, 10, 10, 20), False),
        ((20, 4, 10, 26), True),
        ((20, 0, 10, 30), False),
        ((55, 0, 1, 4), True),
    ],
)
@pytest.mark.parametrize("words", [True, False])
def test_two_answers_give_back_their_table(cells, hidden: bool, words: bool) -> None:
    first = np.repeat([1.0, 1.0, 2.0, 2.0], cells)
    second = np.repeat([1.0, 2.0, 1.0, 2.0], cells)
    both = np.column_stack([first, second]).ravel()
    data = couples().assign(
        trust=both if not words else np.where(both == 1, "yes", "no"),
    )
    result = dk.assess_agreement(framed(data), ["trust"], seed=1)
    assert (not len(published(result))) == hidden


def test_members_of_one_role_have_three_cells() -> None:
    # Four dyads (yes, no) and four (no, yes) are eight of which one member said yes.
    first = np.repeat([1.0, 1.0, 2.0, 2.0], (20, 4, 4, 20))
    second = np.repeat([1.0, 2.0, 1.0, 2.0], (20, 4, 4, 20))
    data = couples(48).assign(trust=np.column_stack([first, second]).ravel())
    alike = dk.DyadFrame.from_individual(data.drop(columns="role"), dyad="pair")
    assert len(published(dk.assess_agreement(alike, ["trust"])))
    assert not len(published(dk.assess_agreement(framed(data), ["trust"])))


def test_weights_make_a_share_of_agreement_no_number_of_dyads() -> None:
    rng = np.random.default_rng(2)
    first = rng.integers(1, 6, 60).astype(float)
    second = np.where(np.arange(60) < 3, 6 - first, first)
    described = Variable("trust", "Trust", "ordinal", roles=BOTH, range=(1, 5))
    data = couples().assign(trust=np.column_stack([first, second]).ravel())
    dyads = framed(data, trust=described)
    assert len(published(dk.assess_agreement(dyads, ["trust"], seed=1)))
    plain = dk.assess_agreement(dyads, ["trust"], weights="unweighted", seed=1)
    assert not len(published(plain))


def test_a_self_other_category_of_few_dyads_is_hidden_with_another_one() -> None:
    # 3 dyads in which the coach is higher, 12 lower, 45 alike.
    first = np.tile([10.0, 20.0, 30.0, 40.0, 50.0], 12)
    gap = np.where(np.arange(60) < 3, 3.0, np.where(np.arange(60) < 15, -3.0, 0.0))
    data = couples().assign(trust=np.column_stack([first + gap, first]).ravel())
    result = dk.assess_agreement(framed(data), ["trust"], families=["self_other"])
    assert result.tidy()["estimate"].tolist() == pytest.approx([12 / 60, 45 / 60, 3 / 60])
    (row,) = result.tables()["self_other"].to_frame().to_dict("records")
    assert row["n_dyads"] == 60
    assert [row[name] for name in ("lower", "agree", "higher")] == [
        "suppressed",
        0.75,
        "suppressed",
    ]
    assert published(result)["estimate"].tolist() == [0.75]


# ------------------------------------------------------------------ patterns


@pytest.mark.parametrize(("complete", "hidden"), [(4, True), (8, False)])
def test_patterns_rest_on_the_dyads_that_have_one(complete: int, hidden: bool) -> None:
    # Everybody has a score, few have answered three items.
    data = with_items()
    data.loc[data.index >= 2 * complete, ["q2", "q3", "q4"]] = np.nan
    data.loc[:, "q1"] += 0.0
    result = dk.assess_agreement(scored(data), ["climate"], permutations=9, seed=1)
    rows = published(result)
    assert (rows["family"] == "ratings").any()
    assert (not (rows["family"] == "profiles").any()) == hidden
    cells = column(result, "profiles", "n_dyads")
    assert cells == (["suppressed"] if hidden else [complete])


def test_patterns_that_do_not_vary_are_none() -> None:
    data = with_items()
    flat = data["pair"].str[1:].astype(int) >= 4
    data.loc[flat, list(ITEMS)] = 3.0
    result = dk.assess_agreement(scored(data), ["climate"], permutations=9, seed=1)
    # Overall, flat answers have no pattern; four dyads have.
    assert not (published(result)["family"] == "profiles").any()

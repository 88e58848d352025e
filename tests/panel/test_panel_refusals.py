"""Wrong requests of covariates, groups, latent series, exchangeable members and third variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, FitError, Refused, StudyError
from dyadkit.frame import Variable

MENTORS = ("x.mentor", "y.mentor")
Edit = Callable[[pd.DataFrame], Any]


def answers(n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frames = []
    for role in ("mentor", "developee"):
        within = rng.normal(size=(n, 3))
        stable = rng.normal(size=(n, 3)) * 0.8
        age = rng.normal(size=n)
        for wave in ("t1", "t2", "t3"):
            rows: dict[str, Any] = {"dyad": np.arange(n), "role": role, "wave": wave, "age": age}
            rows |= {
                "person": [f"{role}_{k}" for k in range(n)],
                "text": np.where(age > 0, "a", "b"),
            }
            rows |= {"mode": np.where(np.arange(n) % 2, "onsite", "online"), "never": np.nan}
            for name, score in zip("xyz", (stable + within).T, strict=True):
                for k in (1, 2, 3):
                    rows[f"{name}{k}"] = score + 0.7 * rng.normal(size=n)
                rows[name] = score
            rows["bare"] = rng.normal(size=n)
            within = 0.4 * within + 0.8 * rng.normal(size=(n, 3))
            frames.append(pd.DataFrame(rows))
    return pd.concat(frames, ignore_index=True)


def framed(edit: dict[str, Edit] | None = None, n: int = 120, **known: Variable) -> dk.DyadFrame:
    """Return a frame in which columns are what `edit` makes of the rows."""
    data = answers(n)
    data = data.assign(**(edit or {}))
    variables = {
        "age": Variable("age", "Age"),
        "text": Variable("text", "Text", kind="category"),
        "mode": Variable("mode", "Mode", kind="category", level="dyad"),
        "never": Variable("never", "Never"),
        "bare": Variable("bare", "Bare"),
    }
    for name in "xyz":
        items = tuple(f"{name}{k}" for k in (1, 2, 3))
        variables[name] = Variable(name, name.upper(), items=items, item_range=(1, 7))
        variables |= {item: Variable(item, item, kind="item") for item in items}
    one_role = data["role"].nunique() == 1
    return dk.DyadFrame.from_individual(
        data,
        dyad="dyad",
        role="role",
        wave="wave",
        person="person",
        roles=("peer",) if one_role else ("mentor", "developee"),
        variables=variables | known,
    )


def blank(column: str, **where: str) -> dict[str, Edit]:
    def edit(rows: pd.DataFrame) -> Any:
        there = np.logical_and.reduce([rows[key] == value for key, value in where.items()])
        return rows[column].mask(there)

    return {column: edit}


def plain(error: BaseException) -> str:
    """Return a message, which is one paragraph and names nothing that users did not write."""
    text = str(error)
    assert "\n" not in text
    for word in ("Traceback", "start()", "cluster=", "of the model:", "w_x", "f_x"):
        assert word not in text
    return text


OPTIONS: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "text": ({"covariates": "text.mentor"}, StudyError, "holds no numbers.*by"),
    "unknown": ({"covariates": "agee"}, StudyError, "Did you mean 'age'"),
    "never": ({"covariates": "never.mentor"}, StudyError, "nobody answered 'never' as mentor"),
    "twice": ({"covariates": ["age.mentor", "age"]}, StudyError, "named twice"),
    "series": ({"covariates": "x.mentor"}, StudyError, "'x_mentor' is one of the series"),
    "role": ({"covariates": "age.boss"}, StudyError, "neither a role nor a wave"),
    "no intercepts": (
        {"kind": "clpm", "covariates": "age", "covariates_on": "intercepts"},
        Refused,
        'Set kind = "riclpm"',
    ),
    "no covariates": ({"covariates_on": "intercepts"}, StudyError, "there are no covariates"),
    "where": (
        {"covariates": "age", "covariates_on": "intercept"},
        StudyError,
        r"none of waves, intercepts\. Did you mean 'intercepts'",
    ),
    "groups unknown": ({"by": "modus"}, StudyError, "Did you mean 'mode'"),
    "groups never": ({"by": "never.mentor"}, StudyError, "nobody answered"),
    "groups many": ({"by": "age.mentor"}, Refused, "120 values in 120 dyads.*covariates"),
    "indicators": ({"indicators": "item"}, StudyError, "Did you mean 'items'"),
    "third in one wave": ({"z": "z.mentor.t1"}, StudyError, "is named in t1 only"),
    "third again": ({"z": "x.mentor"}, StudyError, "twice"),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_wrong_keys_are_refused(name: str) -> None:
    options, error, said = OPTIONS[name]
    with pytest.raises(error, match=said) as caught:
        dk.fit_panel(framed(), *MENTORS, **options)
    plain(caught.value)


def test_groups_are_those_of_one_member() -> None:
    with pytest.raises(StudyError, match=r'by = "text\.mentor"') as caught:
        dk.fit_panel(framed(), "x", kind="clpm", by="text")
    plain(caught.value)


def test_five_series_and_more_are_refused() -> None:
    for names, count in ((("x", "y", "z.mentor"), 5), (("x", "y", "z"), 6)):
        with pytest.raises(Refused, match=f"up to 4 series.*these are {count}") as caught:
            dk.fit_panel(framed(), *names)
        plain(caught.value)


def few(rows: pd.DataFrame) -> Any:
    return np.where(rows["dyad"] < 3, "a", "b")


def opposed(rows: pd.DataFrame) -> Any:
    return 0.5 * rows["x3"] - 2.0 * rows["x1"]


DATA: dict[str, tuple[dict[str, Edit], dict[str, Any], type[Exception], str]] = {
    "constant covariate": (
        {"age": lambda rows: 1.0 + 0.0 * rows["age"]},
        {"covariates": "age.mentor"},
        DataError,
        "age_mentor have the same value",
    ),
    "one group": ({"mode": lambda _: "online"}, {"by": "mode"}, StudyError, "all dyads are in one"),
    "group of three": (
        {"mode": few},
        {"by": "mode"},
        DataError,
        "but fewer than 5 can be used in group 'a'",
    ),
    "same in a group": (
        {"age": lambda rows: rows["age"].where(rows["mode"] == "online", 2.0)},
        {"by": "mode", "covariates": "age.mentor"},
        DataError,
        "age_mentor have the same value.*group 'onsite'",
    ),
    "constant item": (
        {"x2": lambda rows: rows["x2"].mask(rows["wave"] == "t2", 3.0)},
        {"indicators": "items"},
        DataError,
        r"'x2' of 'x' as mentor in t2 has no two different answers \(all 120 dyads\).*"
        r"waves = \['t1', 't3'\], or set indicators = \"score\"",
    ),
    "item missing": (
        blank("x2", wave="t2"),
        {"indicators": "items"},
        StudyError,
        r"nobody answered 'x2' of 'x' as mentor in t2.*waves = \['t1', 't3'\]",
    ),
    "no alpha": (
        blank("x2", wave="t2"),
        {"indicators": "reliability"},
        DataError,
        "alpha of 'x' in x_mentor_t2 needs persons..*all of its 3 items, and hardly anybody did",
    ),
    "same items in a group": (
        {"x2": lambda rows: rows["x2"].where(rows["mode"] == "online", 2.0)},
        {"indicators": "items", "by": "mode", "kind": "clpm", "waves": ["t1", "t2"]},
        DataError,
        "item x2 of X at T1.*group 'onsite'.*set indicators = \"score\"",
    ),
    "the same item twice": (
        {"x2": lambda rows: rows["x1"]},
        {"indicators": "items", "kind": "clpm", "waves": ["t1", "t2"]},
        DataError,
        'item x1 of X at T1, item x2 of X at T1.*are copies.*set indicators = "score"',
    ),
    "negative alpha of few": (
        {"x2": lambda rows: opposed(rows).where((rows["wave"] != "t1") | (rows["dyad"] < 3))},
        {"indicators": "reliability"},
        Refused,
        "alpha of 'x' in x_mentor_t1 is not above 0, so",
    ),
    "item beside the factor": (
        {},
        {"kind": "growth", "predictors": "x2", "indicators": "items"},
        StudyError,
        "predictors: 'x2' is an item of 'x', which is latent",
    ),
    "item before the factor": (
        {},
        {"covariates": "x2.mentor", "indicators": "items"},
        StudyError,
        "covariates: 'x2' is an item of 'x', which is latent",
    ),
    "item that groups": (
        {},
        {"by": "y1.mentor.t1", "indicators": "items"},
        StudyError,
        "by: 'y1' is an item of 'y', which is latent",
    ),
    "negative alpha": (
        {"x2": opposed},
        {"indicators": "reliability"},
        Refused,
        r"alpha of 'x' in x_mentor_t1 is -\d.*indicators = \"score\"",
    ),
}


@pytest.mark.parametrize("name", DATA)
def test_data_that_do_not_do_are_refused(name: str) -> None:
    edit, options, error, said = DATA[name]
    with pytest.raises(error, match=said) as caught:
        dk.fit_panel(framed(edit), *MENTORS, **options)
    plain(caught.value)


@pytest.mark.parametrize("indicators", ["items", "reliability"])
def test_series_without_items_are_not_latent(indicators: str) -> None:
    with pytest.raises(StudyError, match="'bare' cannot be latent, since it has no items"):
        dk.fit_panel(framed(), "bare.mentor", "y.mentor", indicators=indicators)
    one = framed(x=Variable("x", "X", items=("x1",)))
    with pytest.raises(Refused, match="'x' has one item"):
        dk.fit_panel(one, *MENTORS, indicators=indicators)
    absent = framed(x=Variable("x", "X", items=("x1", "q9")))
    with pytest.raises(StudyError, match="the frame lacks its items q9"):
        dk.fit_panel(absent, *MENTORS, indicators=indicators)


def test_items_turned_round_have_names_of_their_own() -> None:
    reverse = Variable("x", "X", items=("x1", "x2"), reverse=("x1",))
    taken: dict[str, Edit] = {"x1_keyed": lambda rows: rows["x1"]}
    with pytest.raises(StudyError, match="the data have a 'x1_keyed', as item 'x1'") as caught:
        dk.fit_panel(framed(taken, x=reverse), *MENTORS, kind="clpm", indicators="items")
    plain(caught.value)


def test_factors_share_no_items() -> None:
    shared = framed(y=Variable("y", "Y", items=("y1", "y2", "x3")))
    with pytest.raises(Refused, match=r"'x' and 'y' share items \(x3\)") as caught:
        dk.fit_panel(shared, *MENTORS, kind="clpm", indicators="items")
    plain(caught.value)


def test_items_keyed_in_reverse_need_no_range() -> None:
    options = {"kind": "clpm", "indicators": "items", "waves": ["t1", "t2"]}
    turned: dict[str, Edit] = {"x2": lambda rows: -rows["x2"]}
    names = ("x1", "x2", "x3")
    plainly = framed(x=Variable("x", "X", items=names))
    reverse = framed(turned, x=Variable("x", "X", items=names, reverse=("x2",)))
    one, other = (dk.fit_panel(each, *MENTORS, **options).tidy() for each in (plainly, reverse))
    np.testing.assert_allclose(one["estimate"], other["estimate"], rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"covariates": "age"}, "take no covariates"),
        ({"by": "mode"}, r"take no groups \(by\)"),
        ({"indicators": "items"}, 'take indicators = "score"'),
    ],
)
def test_exchangeable_members_have_fewer_options(options: dict[str, Any], said: str) -> None:
    peers = framed({"role": lambda _: "peer"})
    with pytest.raises(Refused, match=said) as caught:
        dk.fit_panel(peers, "x", kind="clpm", **options)
    plain(caught.value)
    with pytest.raises(Refused, match="up to 4 series"):
        dk.fit_panel(peers, "x", "y", "z", kind="clpm")


def test_dyads_without_a_group_are_told_of() -> None:
    edit: dict[str, Edit] = {"mode": lambda rows: rows["mode"].mask(rows["dyad"] < 20)}
    result = dk.fit_panel(framed(edit), *MENTORS, kind="clpm", by="mode")
    (note,) = [note for note in result.notes if "no group" in note.text]
    assert note.text.startswith("20 dyads")
    assert note.level == "warning"
    assert result.glance()["n_obs"].item() == 100
    (support,) = [each for each in result.supports if each.key == "panel"]
    assert support.dyads == 50


def test_groups_may_be_numbers() -> None:
    edit: dict[str, Edit] = {"mode": lambda rows: (rows["dyad"] % 2).astype(float)}
    numbers = framed(edit, mode=Variable("mode", "Mode", level="dyad"))
    options = {"kind": "clpm", "by": "mode"}
    one = dk.fit_panel(framed(), *MENTORS, **options).tidy()
    other = dk.fit_panel(numbers, *MENTORS, **options).tidy()
    assert set(other["group"].dropna()) == {"0", "1"}
    np.testing.assert_allclose(one["estimate"], other["estimate"], rtol=1e-9)


def test_what_differs_between_groups_is_said_once() -> None:
    result = dk.fit_panel(framed(), *MENTORS, kind="clpm", by="mode")
    (text,) = [text for text in result.text() if "between groups" in text]
    assert text.count("groups") == 1
    assert any("free in each group (online, onsite)" in text for text in result.methods)


@pytest.mark.parametrize("options", [{"z": "z.mentor"}, {"by": "mode"}])
def test_too_few_dyads_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises((DataError, FitError), match=r"more dyads|more than") as caught:
        dk.fit_panel(framed(n=9), *MENTORS, kind="clpm", **options)
    plain(caught.value)

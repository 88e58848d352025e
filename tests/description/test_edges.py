"""Data as they come: constant, missing, one-sided, oddly typed.  Only our own errors may appear."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.frame import Variable
from dyadkit.study import Scale


def rows(n: int, waves: int = 1, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    blocks = [
        pd.DataFrame(
            {
                "pair": range(n),
                "role": role,
                **({"wave": f"t{wave + 1}"} if waves > 1 else {}),
                "who": [f"{role}{i}" for i in range(n)],
                "x": rng.normal(size=n).round(2),
                "y": rng.normal(size=n).round(2),
            }
        )
        for wave in range(waves)
        for role in ("coach", "client")
    ]
    return pd.concat(blocks, ignore_index=True)


def frame(data: pd.DataFrame, **rest: object) -> dk.DyadFrame:
    return dk.DyadFrame.from_individual(
        data,
        dyad="pair",
        role="role" if "role" in data else None,
        wave="wave" if "wave" in data else None,
        person="who",
        **rest,
    )


def scored(items: np.ndarray, **rest: object) -> dk.DyadFrame:
    """Return dyads with one scale made of these items, one row a person."""
    data = rows(len(items) // 2).drop(columns=["x", "y"])
    names = [f"q{i + 1}" for i in range(items.shape[1])]
    data[names] = items
    return dk.score_scales(
        frame(data), [Scale(name="s", label="Scale", items=tuple(names), range=(1, 5), **rest)]
    )


def likert(shape: tuple[int, int], seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=(shape[0], 1))
    return np.clip(np.round(3 + trait + rng.normal(size=shape)), 1, 5)


def tampered(column: str, value: object, where: object = slice(None), n: int = 20) -> pd.DataFrame:
    data = rows(n)
    data.loc[where, column] = value
    return data


def typed(**columns: object) -> pd.DataFrame:
    return rows(20).assign(**columns)


COIN = np.random.default_rng(5).random(40) < 0.5
WHOLE = pd.array(np.random.default_rng(6).integers(1, 6, 40), dtype="Int64")
CASES = {
    "constant": lambda: frame(tampered("x", 3.0)),
    "all missing": lambda: frame(tampered("x", np.nan)),
    "nothing but None": lambda: frame(rows(20).assign(x=None)),
    **{f"{n} dyads": lambda n=n: frame(rows(n, waves=2)) for n in (1, 2, 3, 4, 5, 6)},
    "answered by one role": lambda: frame(tampered("y", np.nan, slice(20, None))),
    "only clients": lambda: frame(rows(20).iloc[20:], roles=("coach", "client")),
    "only clients, unnamed": lambda: frame(rows(20).iloc[20:]),
    "one member everywhere": lambda: frame(rows(20).iloc[[*range(10), *range(30, 40)]]),
    "dyad level": lambda: frame(typed(size=[i % 3 for i in range(20)] * 2), dyad_level=["size"]),
    "category and flag": lambda: frame(
        typed(sex=pd.Categorical(np.where(COIN, "f", "m"), categories=["f", "m", "d"]), flag=COIN)
    ),
    "nullable types": lambda: frame(
        typed(x=WHOLE, flag=pd.array(COIN, dtype="boolean"), f=np.float32(COIN)).assign(
            x=lambda d: d["x"].mask(d.index == 3), flag=lambda d: d["flag"].mask(d.index == 2)
        )
    ),
    "text and dates": lambda: frame(typed(x="free text", when=pd.Timestamp("2026-01-01"))),
    "exchangeable": lambda: frame(rows(20).drop(columns="role")),
    "exchangeable, two waves": lambda: frame(rows(20, waves=2).drop(columns="role")),
    "exchangeable, a dyad-level number": lambda: frame(
        typed(size=[i % 3 for i in range(20)] * 2).drop(columns="role"), dyad_level=["size"]
    ),
    "three waves": lambda: frame(rows(20, waves=3)),
    "a role that left": lambda: frame(rows(20, waves=2).iloc[:-20]),
    "shared coaches": lambda: frame(
        tampered("who", [f"c{i // 4}" for i in range(20)], slice(0, 19)),
        variables={"x": Variable("x", "X", roles=("coach",))},
    ),
    "everybody in several dyads": lambda: frame(
        rows(20)
        .assign(who=[f"p{i % 8}" for i in range(20)] + [f"p{(i + 3) % 8}" for i in range(20)])
        .drop(columns="role")
    ),
    "one item": lambda: scored(likert((60, 1))),
    "two items": lambda: scored(likert((60, 2))),
    "three items": lambda: scored(likert((60, 3))),
    "identical items": lambda: scored(np.repeat(likert((60, 1)), 3, axis=1)),
    "a constant item": lambda: scored(np.column_stack([likert((60, 2)), np.full(60, 3.0)])),
    "an item nobody answered": lambda: scored(
        np.column_stack([likert((60, 2)), np.full(60, np.nan)]), minimum_answered=2
    ),
    "items without columns": lambda: frame(
        rows(20), variables={"x": Variable("x", "X", "scale", items=("a", "b"), item_range=(1, 5))}
    ),
    "a DataFrame": lambda: rows(20)[["x", "y"]],
    "a DataFrame of one": lambda: rows(1)[["x"]].iloc[:1],
    "an empty DataFrame": lambda: rows(20)[["x"]].iloc[:0],
    "no columns": lambda: pd.DataFrame(index=range(5)),
    "numbered columns": lambda: pd.DataFrame(np.arange(12.0).reshape(6, 2)),
    "names of people": lambda: rows(20)[["x"]].set_axis([f"Jo {i}" for i in range(40)]),
    "infinite": lambda: frame(tampered("x", np.inf, 2)),
    "declared a number": lambda: frame(rows(20).assign(x="a"), variables={"x": Variable("x", "X")}),
    "huge": lambda: frame(rows(20).assign(x=lambda d: 1e12 * d["x"])),
    "tiny": lambda: frame(rows(20).assign(x=lambda d: 1e-12 * d["x"])),
    "far from zero": lambda: frame(rows(20).assign(x=lambda d: 1e9 + d["x"])),
}
ANALYSES = {
    "describe": lambda data: dk.describe(data, draws=15),
    "nonindependence": dk.assess_nonindependence,
    "missingness": dk.assess_missingness,
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ANALYSES)
def test_an_analysis_ends_in_a_result_or_in_an_error_of_ours(case, name):
    if case in REFUSED[name]:
        with pytest.raises(dk.DyadKitError, match=r".{40}"):
            ANALYSES[name](CASES[case]())
        return
    result = ANALYSES[name](CASES[case]())
    for show in (result.tidy, result.glance, result.tables, result.text, result._repr_html_):
        show()
    pickle.dumps(result)


_BROKEN = {"an empty DataFrame", "infinite", "declared a number"}
_ALONE = {
    *("only clients", "only clients, unnamed", "one member everywhere"),
    *("a DataFrame", "a DataFrame of one", "no columns", "numbered columns", "names of people"),
}
REFUSED = {
    "describe": {*_BROKEN, "no columns"},
    "nonindependence": {*_BROKEN, *_ALONE},
    "missingness": {*_BROKEN, "no columns"},
}


def notes(result) -> str:
    return "\n".join(note.text for note in result.notes)


def test_a_constant_is_described_and_said_to_be_one():
    result = dk.describe(frame(tampered("x", 3.0)), ["x", "y.coach"])
    assert "X, coach: everybody gave the same answer." in notes(result)
    row = result.tables()["descriptives"].rows[1]
    assert row.texts[:5] == (
        "Client" if "Client" in row.texts else "Coach",
        "20",
        "3.00",
        "0.00",
        "–",
    )
    correlations = result.tables()["correlations"].rows
    assert [r.texts[3] for r in correlations] == ["–", "–", "–"]


def test_what_nobody_answered_is_said():
    result = dk.describe(frame(tampered("x", np.nan)))
    assert "X, coach: nobody answered." in notes(result)
    assert not result.tidy()["variable"].eq("x").any()


def test_two_items_have_alpha_and_no_omega_and_it_is_said_once():
    result = dk.describe(scored(likert((60, 2))), ["s"])
    assert result.tidy()["quantity"].isin(["alpha"]).sum() == 2
    assert not result.tidy()["quantity"].eq("omega").any()
    said = [note for note in result.notes if "no ω" in note.text]
    assert [note.text[:12] for note in said] == ["Scale: no ω,"]


def test_a_single_item_has_no_reliability_and_it_is_said():
    result = dk.describe(scored(likert((60, 1))), ["s"])
    assert "reliability" not in result.tables()
    assert "Scale: one item, so that neither α nor ω can be estimated." in notes(result)


def test_a_negative_alpha_is_printed_and_explained():
    items = likert((60, 3))
    items[:, 1] = 6 - items[:, 0]
    items[:, 2] = likert((60, 1), seed=8)[:, 0]
    result = dk.describe(scored(items), ["s.coach"], draws=0)
    alpha = result.tidy().set_index("quantity").loc["alpha", "estimate"]
    assert alpha < 0
    assert "α is negative" in notes(result)
    assert "−" in result.tables()["reliability"].rows[1].texts[2]


def test_intervals_of_reliability_say_whom_they_take_for_independent():
    items = likert((60, 3))
    exchangeable = scored(items).individual().drop(columns=["role", "s"])
    scale = Scale(name="s", items=("q1", "q2", "q3"), range=(1, 5), level="relationship")
    alike = dk.DyadFrame.from_individual(exchangeable, dyad="dyad", person="person")
    result = dk.describe(dk.score_scales(alike, [scale]), ["s"], draws=0)
    assert "take the two members of a dyad for independent" in notes(result)
    rated = scored(items).individual().drop(columns="s")
    coach = rated["role"] == "coach"
    rated.loc[coach, "person"] = [f"c{i // 3}" for i in range(30)]
    shared = dk.DyadFrame.from_individual(rated, dyad="dyad", role="role", person="person")
    result = dk.describe(dk.score_scales(shared, [scale]), ["s"], draws=0)
    assert "S: α and ω take what one person answered about several partners" in notes(result)
    assert len([note for note in result.notes if "α and ω take" in note.text]) == 1


def test_an_item_may_be_described_by_name():
    result = dk.describe(scored(likert((60, 3))), ["q2.client"], draws=0)
    assert result.tables()["descriptives"].rows[0].texts == ("Q2",)
    assert "reliability" not in result.tables()


def test_text_is_said_not_to_be_described():
    result = dk.describe(frame(typed(story="once")), ["x", "story"])
    assert "Story: of type text, and therefore not described." in notes(result)


def test_a_person_in_several_dyads_is_said_and_counted_once():
    dyads = CASES["shared coaches"]()
    result = dk.describe(dyads, ["x", "y"])
    assert result.tidy().set_index("term").loc["mean: x (coach)", "n"] == 5
    assert "Coach: some belong to several dyads" in notes(result)
    alike = dk.assess_nonindependence(dyads, ["y", "x"])
    assert "these intervals are too narrow" in notes(alike)
    assert "X: not a number that both members gave, and left out." in notes(alike)


def test_three_waves_compare_the_first_with_the_last():
    data = rows(30, waves=3)
    gone = (data["role"] == "client") & (
        ((data["wave"] == "t2") & (data["pair"] < 9))
        | ((data["wave"] == "t3") & (data["pair"] < 6))
    )
    result = dk.assess_missingness(frame(data[~gone]), ["x"])
    retained = result.tidy().set_index("term")["estimate"]
    assert retained["retention: client (t2)"] == pytest.approx(21 / 30)
    assert retained["retention: client (t3)"] == pytest.approx(24 / 30)
    assert retained["retention: coach (t3)"] == 1
    compared = result.tables()["leavers"].to_frame()
    assert compared["variable"].tolist() == ["X, client"]
    assert compared["n_leavers"].tolist() == [6]
    assert "because nobody who had answered left: X, coach, T1." in notes(result)


def test_a_dyad_level_number_is_described_once_a_dyad():
    result = dk.describe(CASES["exchangeable, a dyad-level number"](), ["size", "x"], draws=0)
    tidy = result.tidy().set_index("term")
    assert tidy.loc["mean: size", "n"] == 20
    assert tidy.loc["mean: x (member)", "n"] == 40
    assert tidy.loc["r: size ~ x (member)", "n"] == 40


def test_the_answers_of_a_plain_data_frame_are_those_of_persons():
    result = dk.describe(rows(20)[["x", "y"]])
    assert result.tables()["descriptives"].rows[1].texts[0] == "Person"
    tidy = result.tidy().set_index("term")
    assert tidy.loc["mean: x (person)", "n"] == 40
    assert 0 < tidy.loc["r: x (person) ~ y (person)", "p_value"] < 1
    patterns = dk.assess_missingness(rows(20)[["x"]]).tables()["patterns"]
    assert patterns.headings == ("Missing", "Persons", "Share")


def test_persons_over_waves_need_no_dyads():
    data = rows(20, waves=2).query("role == 'coach'")[["who", "wave", "x"]]
    result = dk.assess_missingness(data.iloc[:-6], wave="wave", person="who")
    assert result.tidy().set_index("term").loc["retention: person (t2)", "estimate"] == 14 / 20
    with pytest.raises(dk.StudyError, match="Waves need person="):
        dk.describe(data, wave="wave")


def test_a_column_may_have_the_name_that_is_used_inside():
    data = pd.DataFrame({"_row": [1.0, 2, 3, 4, 5, 6]})
    assert dk.describe(data).tidy()["estimate"].iloc[0] == 3.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dk.describe([1, 2, 3]), "must be a DyadFrame or a DataFrame, not list"),
        (lambda: dk.describe(rows(5), role="role"), "Roles need dyad="),
        (lambda: dk.describe(rows(5)[["x"]], ["X"]), "Unknown variable 'X'.*Did you mean 'x'"),
        (lambda: dk.describe(frame(rows(5)), ["x", "x.coach"]), "name x.coach twice"),
        (lambda: dk.describe(frame(rows(5)), alpha=1.5), "alpha must lie between 0 and 1"),
        (lambda: dk.assess_missingness(frame(rows(5)), alpha=0), "alpha must lie between"),
        (lambda: dk.assess_nonindependence(frame(rows(5)), alpha=1), "alpha must lie between"),
        (lambda: dk.describe(frame(rows(5)), draws=-1), "draws = -1 is impossible"),
        (lambda: dk.describe(frame(typed(s="a")), ["s"]), "nothing to describe"),
        (lambda: dk.assess_missingness(frame(rows(5)), []), "no variable"),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong(call, message):
    with pytest.raises(dk.StudyError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: dk.assess_nonindependence(CASES["exchangeable"](), distinguishable=True),
            "share one role",
        ),
        (lambda: dk.assess_nonindependence(rows(9)[["x"]]), "there is none"),
        (
            lambda: dk.assess_nonindependence(CASES["answered by one role"](), ["y"]),
            "none of the chosen ones is",
        ),
    ],
)
def test_what_would_mislead_is_refused(call, message):
    with pytest.raises(dk.Refused, match=message):
        call()


def test_likeness_that_cannot_be_had_is_said_and_has_its_row():
    data = rows(20, waves=2)
    data.loc[data["wave"] == "t2", "x"] = 2.0
    result = dk.assess_nonindependence(frame(data), ["x"])
    assert "X, T2: the answers do not vary, so that likeness is undefined" in notes(result)
    table = result.tables()["nonindependence"]
    assert table.rows[2].texts == ("T2", "20", *["–"] * 6)
    assert len(result.text()) == 1


def test_nothing_missing_is_said_plainly():
    result = dk.assess_missingness(frame(rows(20)))
    assert result.text() == ("All 80 values are there.",)
    assert "Little's test was not computed: no number is missing." in notes(result)


def test_littles_test_leaves_out_what_does_not_vary():
    data = rows(30)
    data.loc[data["pair"] < 5, "x"] = np.nan
    data["y"] = 1.0
    result = dk.assess_missingness(frame(data))
    assert "Y, coach: left out of Little's test, because everybody gave the same answer." in notes(
        result
    )
    assert result.tidy()["term"].eq("Little's MCAR test").any() == any(
        "Little's test does" in text or "rejects" in text for text in result.text()
    )


def test_more_columns_than_dyads_are_too_many_for_littles_test():
    data = rows(8)
    rng = np.random.default_rng(0)
    for number in range(6):
        data[f"z{number}"] = rng.normal(size=16)
    data.loc[3, "z1"] = np.nan
    result = dk.assess_missingness(frame(data))
    assert "the covariances of 16 columns could not be estimated from these dyads" in notes(result)

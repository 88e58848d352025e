"""The diary analysis: known truth, identities, what it refuses, and a study from file to report."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, Refused, StudyError
from dyadkit.frame import DyadFrame, Variable
from dyadkit.multilevel.diary_rows import DiaryRows, lay_out
from dyadkit.study import Privacy

ROLES = ("client", "coach")
TRUTH = {
    "actor, within": (-0.5, -0.3),
    "partner, within": (-0.2, 0.1),
    "actor, between": (0.4, 0.0),
    "partner, between": (0.0, -0.3),
    "lagged actor, within": (0.15, 0.0),
    "lagged partner, within": (0.0, 0.25),
    "trend": (0.05, -0.05),
}


def simulate(n: int, days: int, seed: int, gone: float = 0.15) -> pd.DataFrame:
    """Return a diary whose outcome follows `TRUTH`, of deviations from the means observed."""
    rng = np.random.default_rng(seed)
    stress = 3 + rng.normal(size=(n, 1, 2)) + rng.normal(size=(n, days, 2))
    there = rng.random((n, days, 2)) > gone
    seen = np.where(there, stress, np.nan)
    means = np.nanmean(seen, axis=1, keepdims=True)
    within = stress - means
    between = np.broadcast_to(means - means.mean(), stress.shape)
    before = np.concatenate([np.zeros((n, 1, 2)), within[:, :-1]], axis=1)
    parts = {
        "actor, within": within,
        "partner, within": within[..., ::-1],
        "actor, between": between,
        "partner, between": between[..., ::-1],
        "lagged actor, within": before,
        "lagged partner, within": before[..., ::-1],
        "trend": np.broadcast_to(np.arange(days)[:, None], stress.shape),
    }
    mood = sum(np.array(TRUTH[name]) * values for name, values in parts.items())
    levels = rng.multivariate_normal([5, 5.5], [[0.6, 0.3], [0.3, 0.5]], n)
    daily = rng.multivariate_normal([0, 0], [[0.7, -0.25], [-0.25, 0.5]], (n, days))
    mood = mood + levels[:, None] + daily
    dyad, day, side = (place[there] for place in np.indices(stress.shape))
    return pd.DataFrame(
        {
            "pair": [f"P{number:03d}" for number in dyad],
            "person": [f"P{d:03d}{'ab'[s]}" for d, s in zip(dyad, side, strict=True)],
            "role": np.array(ROLES)[side],
            "day": day + 1,
            "mood": mood[there],
            "stress": stress[there],
        }
    )


def frame_of(data: pd.DataFrame, *, roles: bool = True, **more: object) -> DyadFrame:
    return DyadFrame.from_individual(
        data if roles else data.drop(columns="role"),
        dyad="pair",
        role="role" if roles else None,
        person="person",
        occasion="day",
        **more,  # type: ignore[arg-type]
    )


def rows_of(dyads: DyadFrame, outcome: str = "mood", **chosen: object) -> DiaryRows:
    choices: dict[str, object] = {
        "predictors": ["stress"],
        "distinguishable": not dyads.exchangeable,
        "lagged": [],
        "max_gap": None,
        "covariates": [],
        "slopes": [],
        "trend": False,
        "clock": "occasion",
        **chosen,
    }
    return lay_out(dyads, outcome, choices.pop("predictors"), **choices)  # type: ignore[arg-type]


def estimates(result: object) -> pd.Series:
    return result.tidy().set_index("term")["estimate"]  # type: ignore[attr-defined]


SMALL = simulate(25, 6, 4)


def test_known_effects_are_recovered():
    result = dk.fit_diary(frame_of(simulate(150, 12, 1)), "mood", "stress", lagged="stress")
    tidy = result.tidy().set_index(["effect", "role"])
    for effect, truth in TRUTH.items():
        for role, value in zip(ROLES, truth, strict=True):
            row = tidy.loc[effect, role]
            assert abs(row["estimate"] - value) < 4 * row["std_error"], (effect, role)
            assert row["std_error"] < 0.12
    tidy = result.tidy().set_index("term")
    for term, value in (
        ("random effect, variance: client", 0.6),
        ("residual, variance: coach", 0.5),
        ("residual, correlation: client, coach", -0.25 / np.sqrt(0.35)),
    ):
        row = tidy.loc[term]
        assert abs(row["estimate"] - value) < 4 * row["std_error"], term


def test_a_between_effect_is_no_within_effect():
    """Where all persons go up and down together with their own level the two have other signs."""
    tidy = dk.fit_diary(frame_of(simulate(150, 12, 1)), "mood", "stress").tidy()
    tidy = tidy.set_index(["effect", "role"])
    assert tidy.loc[("actor, within", "client"), "conf_high"] < 0
    assert tidy.loc[("actor, between", "client"), "conf_low"] > 0
    contextual = tidy.loc[("actor, between − within", "client"), "estimate"]
    difference = (
        tidy.loc[("actor, between", "client"), "estimate"]
        - tidy.loc[("actor, within", "client"), "estimate"]
    )
    assert contextual == pytest.approx(difference, rel=1e-12)


def test_the_order_of_rows_changes_nothing():
    first = dk.fit_diary(frame_of(SMALL), "mood", "stress").tidy()
    again = dk.fit_diary(frame_of(SMALL.sample(frac=1, random_state=1)), "mood", "stress").tidy()
    pd.testing.assert_frame_equal(first, again)


def test_roles_swap_with_their_names():
    swapped = SMALL.assign(role=SMALL["role"].map({"client": "coach", "coach": "client"}))
    first = estimates(dk.fit_diary(frame_of(SMALL), "mood", "stress"))
    second = estimates(dk.fit_diary(frame_of(swapped), "mood", "stress"))
    for effect in ("actor, within", "partner, within", "actor, between", "partner, between"):
        for role, other in (ROLES, ROLES[::-1]):
            assert first[f"{effect}: stress ({role})"] == pytest.approx(
                second[f"{effect}: stress ({other})"], rel=1e-6
            )


def test_units_of_a_predictor():
    first = estimates(dk.fit_diary(frame_of(SMALL), "mood", "stress"))
    scaled = SMALL.assign(stress=1000 + 10 * SMALL["stress"])
    second = estimates(dk.fit_diary(frame_of(scaled), "mood", "stress"))
    for term in first.index[first.index.str.contains(": stress", regex=False)]:
        if "random" not in term:
            assert second[term] == pytest.approx(first[term] / 10, rel=1e-6, abs=1e-9), term


def test_which_exchangeable_member_comes_first_changes_nothing():
    renamed = SMALL.assign(person=SMALL["person"].str.translate(str.maketrans("ab", "ba")))
    peers = [frame_of(data, roles=False) for data in (SMALL, renamed)]
    first, second = (dk.fit_diary(dyads, "mood", "stress").tidy() for dyads in peers)
    assert first["role"].eq("").all()
    np.testing.assert_allclose(first["estimate"], second["estimate"], rtol=1e-6)


def test_a_person_at_the_means_has_the_expected_trajectory():
    result = dk.fit_diary(frame_of(SMALL), "mood", "stress")
    found = estimates(result)
    middle = SMALL["day"].mean()
    for role in ROLES:
        at_3 = found[f"intercept ({role})"] + (3 - middle) * found[f"trend ({role})"]
        assert found[f"expected at 3 ({role})"] == pytest.approx(at_3, rel=1e-10)
    assert not any(
        "trajectory" in name
        for name in dk.fit_diary(frame_of(SMALL), "mood", "stress", trend=False).tables()
    )


def test_every_row_is_used_or_counted():
    data = SMALL.copy()
    data.loc[[3, 40, 41], "mood"] = np.nan
    data.loc[[7, 90], "stress"] = np.nan
    dyads = frame_of(data)
    rows = rows_of(dyads, lagged=["stress"])
    assert rows.lost["the outcome is missing"] == 3
    assert rows.lost["an own predictor is missing"] == 2
    assert len(rows.frame) + sum(rows.lost.values()) == len(data)
    result = dk.fit_diary(dyads, "mood", "stress", lagged="stress")
    assert result.glance()["n_obs"].item() == len(rows.frame)
    for reason, count in rows.lost.items():
        assert any(
            f"{count} of {len(data)} rows" in n.text and reason in n.text for n in result.notes
        )


def test_a_previous_answer_too_long_ago_is_missing():
    """Six occasions of one couple by hand; the other couples make the model estimable."""
    data = SMALL[SMALL["pair"] != "P000"]
    own = pd.DataFrame(
        {
            "pair": "P000",
            "person": ["P000a"] * 4 + ["P000b"] * 4,
            "role": ["client"] * 4 + ["coach"] * 4,
            "day": [1, 2, 4, 6, 1, 3, 4, 6],
            "mood": np.arange(8.0),
            "stress": [1.0, 2, 4, 5, 2, 6, 7, 1],
        }
    )
    dyads = frame_of(pd.concat([own, data], ignore_index=True))
    for gap, client, partner in (
        # client's mean 3, coach's mean 4; rows of the client on days 1, 2, 4, 6
        (1, [np.nan, -2, np.nan, np.nan], [np.nan, -2, 2, np.nan]),
        (2, [np.nan, -2, -1, 1], [np.nan, -2, 2, 3]),
    ):
        moments = rows_of(dyads, lagged=["stress"], max_gap=gap).moments
        mine = (moments.frame["dyad"] == "P000").to_numpy()
        within = np.zeros(mine.size)
        frame = moments.frame[mine].merge(
            own, left_on=["person", "occasion"], right_on=["person", "day"]
        )
        within[mine] = frame["stress"] - frame["person"].map({"P000a": 3.0, "P000b": 4.0})
        who = moments.person
        chosen = mine & (moments.frame["role"] == "client").to_numpy()
        for side, expected in ((who, client), (who ^ 1, partner)):
            found, apart = moments.earlier(within, side)
            near = np.where(apart <= gap, found, np.nan)
            np.testing.assert_array_equal(near[chosen], expected)


def test_covariates_that_vary_have_two_effects():
    rng = np.random.default_rng(5)
    data = SMALL.assign(
        weekend=SMALL["day"].isin([3, 4]).astype(float),
        sleep=rng.normal(7, 1, len(SMALL)).round(1),
        sector=SMALL["pair"].map(lambda pair: ["public", "private", "other"][int(pair[1:]) % 3]),
        age=SMALL["person"].map({p: 30.0 + k for k, p in enumerate(sorted(set(SMALL["person"])))}),
    )
    dyads = frame_of(data, dyad_level=["weekend", "sector"])
    rows = rows_of(dyads, covariates=["weekend", "sleep", "sector", "age"])
    kept = rows.frame.merge(
        data, left_on=["dyad", "person", "occasion"], right_on=["pair", "person", "day"]
    )
    sleep = data.groupby("person")["sleep"].mean()
    once = data.drop_duplicates(["pair", "day"]).groupby("pair")["weekend"].mean()
    age = data.drop_duplicates("person")["age"].mean()
    expected = {
        ("covariate, within", "weekend"): kept["weekend"] - kept["pair"].map(once),
        ("covariate, between", "weekend"): kept["pair"].map(once) - once.mean(),
        ("covariate, within", "sleep"): kept["sleep"] - kept["person"].map(sleep),
        ("covariate, between", "sleep"): kept["person"].map(sleep) - sleep.mean(),
        ("covariate", "sector: private"): (kept["sector"] == "private").astype(float),
        ("covariate", "sector: public"): (kept["sector"] == "public").astype(float),
        ("covariate", "age"): kept["age"] - age,
    }
    found = {
        (r.effect, r.predictor): rows.frame[f"x{number + 1}"]
        for number, r in enumerate(rows.regressors)
    }
    for key, values in expected.items():
        if key not in found:
            assert np.allclose(values, 0), key
            continue
        np.testing.assert_allclose(found[key], values, rtol=0, atol=1e-10, err_msg=str(key))
    assert {key for key in found if key[0].startswith("covariate")} <= set(expected)


def test_compliance_is_counted():
    result = dk.fit_diary(frame_of(SMALL), "mood", "stress")
    table = result.tables()["compliance"].to_frame().set_index("role")
    for role in ROLES:
        counts = SMALL[SMALL["role"] == role].groupby("person").size()
        row = table.loc[role.capitalize()]
        assert row["answered"] == counts.sum()
        assert row["expected"] == 6 * len(counts)
        assert row["share"] == pytest.approx(counts.sum() / (6 * len(counts)))
        assert [row["quartile_low"], row["median"], row["quartile_high"]] == (
            counts.quantile([0.25, 0.5, 0.75]).tolist()
        )
    sizes = SMALL.groupby(["pair", "day"]).size()
    note = result.tables()["compliance"].notes[0]
    assert f"On {int((sizes == 2).sum())} of {sizes.size} occasions" in note
    twice = dk.fit_diary(frame_of(SMALL), "mood", "stress", expected=12)
    share = estimates(twice)["share of occasions answered (coach)"]
    assert share == pytest.approx(table.loc["Coach", "share"] / 2)
    with pytest.raises(StudyError, match="answered more, up to 6"):
        dk.fit_diary(frame_of(SMALL), "mood", "stress", expected=5)


def test_dates_are_occasions_too():
    dates = pd.Timestamp("2026-03-01") + pd.to_timedelta(SMALL["day"], unit="D")
    by_text = frame_of(SMALL.assign(day=dates.dt.strftime("%Y-%m-%d")))
    first = dk.fit_diary(frame_of(SMALL), "mood", "stress", lagged="stress", serial="ar1").tidy()
    second = dk.fit_diary(by_text, "mood", "stress", lagged="stress", serial="ar1").tidy()
    effects = first["effect"].isin(TRUTH)
    np.testing.assert_allclose(
        first["estimate"][effects], second["estimate"][second["effect"].isin(TRUTH)], rtol=1e-8
    )
    with pytest.raises(DataError, match=r"neither a number nor a date in \d+ rows, such as Mon"):
        dk.fit_diary(frame_of(SMALL.assign(day="Mon" + SMALL["day"].astype(str))), "mood", "stress")


def test_persons_who_tell_little_are_counted():
    data = SMALL[~((SMALL["person"] == "P004a") & (SMALL["day"] > SMALL["day"].min()))].copy()
    few = int((data.groupby("person").size() == 1).sum())
    data.loc[data["person"] == "P006b", "mood"] = 5.0
    notes = [note.text for note in dk.fit_diary(frame_of(data), "mood", "stress").notes]
    assert any(
        note.startswith(f"{few} person(s) answered 'mood' on one occasion") for note in notes
    )
    assert any(note.startswith("1 person(s) gave the same answer to 'mood'") for note in notes)


def test_stamps_out_of_order():
    data = SMALL.assign(stamp=pd.Timestamp("2026-03-01") + pd.to_timedelta(SMALL["day"], unit="D"))
    later = data.index[data.duplicated("person") & (data["day"] == 4)][0]
    data.loc[later, "stamp"] = pd.Timestamp("2026-01-01")
    dyads = frame_of(data, time="stamp")
    notes = [note.text for note in dk.fit_diary(dyads, "mood", "stress").notes]
    assert any(note.startswith("1 time stamps are not later") for note in notes)
    with pytest.raises(DataError, match="1 time stamps are not later"):
        dk.fit_diary(dyads, "mood", "stress", clock="time")


REFUSALS = {
    "no diary": (
        lambda: dk.fit_diary(
            DyadFrame.from_individual(
                SMALL.drop_duplicates(["pair", "role"]), dyad="pair", role="role", person="person"
            ),
            "mood",
            "stress",
        ),
        Refused,
        "one row per member",
    ),
    "Nickell": (
        lambda: dk.fit_diary(frame_of(SMALL), "mood", "stress", lagged=["mood"]),
        Refused,
        "Nickell, 1981",
    ),
    "no predictor": (
        lambda: dk.fit_diary(frame_of(SMALL), "mood"),
        StudyError,
        "needs a predictor",
    ),
    "same": (
        lambda: dk.fit_diary(frame_of(SMALL), "mood", "mood"),
        StudyError,
        "both outcome and predictor",
    ),
    "constant outcome": (
        lambda: dk.fit_diary(
            frame_of(SMALL.assign(mood=SMALL["pair"].factorize()[0] + 0.1)), "mood", "stress"
        ),
        DataError,
        "never varies within a person",
    ),
    "constant predictor": (
        lambda: dk.fit_diary(
            frame_of(SMALL.assign(stress=SMALL["person"].factorize()[0] + 0.1)), "mood", "stress"
        ),
        DataError,
        "The predictor 'stress' never varies within a person",
    ),
    "of the dyad": (
        lambda: dk.fit_diary(
            frame_of(SMALL.assign(w=SMALL["day"] * 1.0), dyad_level=["w"]), "mood", "w"
        ),
        Refused,
        "make it a covariate",
    ),
    "one role": (
        lambda: dk.fit_diary(
            frame_of(
                SMALL.assign(stress=SMALL["stress"].where(SMALL["role"] == "coach")),
                variables={"stress": Variable("stress", "Stress", roles=("coach",))},
            ),
            "mood",
            "stress",
        ),
        Refused,
        "asked of coach only",
    ),
    "slope": (
        lambda: dk.fit_diary(frame_of(SMALL), "mood", "stress", slopes=["mood"]),
        StudyError,
        "slopes names 'mood'",
    ),
    "max_gap": (
        lambda: dk.fit_diary(
            frame_of(SMALL.assign(t=SMALL["day"] * 1.0), time="t"),
            "mood",
            lagged="stress",
            clock="time",
        ),
        StudyError,
        "needs max_gap",
    ),
    "no stamps": (
        lambda: dk.fit_diary(frame_of(SMALL), "mood", "stress", clock="time"),
        StudyError,
        "needs time stamps",
    ),
    "ar1": (
        lambda: dk.fit_diary(frame_of(SMALL), "mood", "stress", clock="time", serial="ar1"),
        StudyError,
        "counts occasions",
    ),
    "partner never there": (
        lambda: dk.fit_diary(
            frame_of(SMALL.assign(day=SMALL["day"] + 10 * (SMALL["role"] == "coach"))),
            "mood",
            "stress",
        ),
        DataError,
        "No row is left",
    ),
    "told apart": (
        lambda: dk.fit_diary(frame_of(SMALL, roles=False), "mood", "stress", distinguishable=True),
        Refused,
        "nothing tells them apart",
    ),
    "copy": (
        lambda: dk.fit_diary(
            frame_of(SMALL.assign(strain=2 * SMALL["stress"])), "mood", ["stress", "strain"]
        ),
        DataError,
        r"actor, within: stress",
    ),
}


@pytest.mark.parametrize("name", list(REFUSALS))
def test_what_is_refused(name):
    call, error, match = REFUSALS[name]
    with pytest.raises(error, match=match):
        call()


def test_nothing_about_few_people_is_shown():
    dyads = replace(frame_of(SMALL), privacy=Privacy(minimum_dyads=100))
    result = dk.fit_diary(dyads, "mood", "stress")
    assert result.text() == ()
    for name, table in result.tables().items():
        if name == "compliance":
            assert table.to_frame()["median"].eq("suppressed").all()
        else:
            assert (
                table.to_frame()["estimate" if name != "distinguishability" else "p_value"]
                .eq("suppressed")
                .all()
            )
    assert not any("Intercepts hold" in note.text for note in result.notes)


STUDY = """\
[study]
title = "Daily"
roles = ["client", "coach"]
waves = ["before", "daily"]

[[source]]
path = "before.csv"
wave = "before"
role_column = "who"
role_values = { "1" = "client", "2" = "coach" }
dyad = "pair"
person = "person"

[[source]]
path = "daily.csv"
wave = "daily"
role_column = "who"
role_values = { "1" = "client", "2" = "coach" }
dyad = "pair"
person = "person"
occasion = "day"

[scale.mood]
label = "Mood"
items = ["m1..m3"]
range = [1, 99]
reverse = ["m3"]
waves = ["daily"]

[scale.stress]
label = "Stress"
items = ["s1..s2"]
range = [1, 99]
waves = ["daily"]

[variable.tenure]
column = "tenure"
type = "number"
waves = ["before"]

[[analysis]]
type = "diary"
name = "Mood by day"
outcome = "mood"
predictors = ["stress"]
covariates = ["tenure"]
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Write a study of two waves: a questionnaire, and a diary of six days."""
    folder: Path = tmp_path_factory.mktemp("daily")
    rng = np.random.default_rng(8)
    data = simulate(40, 6, 9)
    n = len(data)

    def item(score: pd.Series, turned: bool = False) -> np.ndarray:
        answers = np.clip(np.rint(50 + 8 * (score - 4) + rng.normal(0, 3, n)), 1, 99)
        return (100 - answers if turned else answers).astype(int)

    daily = data[["pair", "person", "day"]].assign(who=data["role"].map({"client": 1, "coach": 2}))
    for name, score in (("m", data["mood"]), ("s", data["stress"])):
        for number in (1, 2, 3) if name == "m" else (1, 2):
            daily[f"{name}{number}"] = item(score, turned=(name, number) == ("m", 3))
    before = daily[["pair", "person", "who"]].drop_duplicates()
    before.assign(tenure=rng.integers(1, 20, len(before))).to_csv(
        folder / "before.csv", index=False
    )
    daily.to_csv(folder / "daily.csv", index=False)
    path = folder / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path, daily


def test_a_study_from_file_to_report(study, tmp_path):
    path, daily = study
    report = dk.analyze(path)
    (section,) = [one for one in report.sections if one.type == "diary"]
    assert section.status == "ok", section.error
    report.write(tmp_path / "out")
    written = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    (diary,) = [one for one in written["analyses"] if one["type"] == "diary"]
    tidy = pd.DataFrame(diary["tidy"]).set_index("term")
    scores = pd.DataFrame(
        {
            "pair": daily["pair"],
            "person": daily["person"],
            "role": daily["who"].map({1: "client", 2: "coach"}),
            "day": daily["day"],
            "mood": (daily["m1"] + daily["m2"] + 100 - daily["m3"]) / 3,
            "stress": (daily["s1"] + daily["s2"]) / 2,
        }
    )
    tenure = pd.read_csv(path.parent / "before.csv").set_index("person")["tenure"]
    scores["tenure"] = scores["person"].map(tenure)
    alone = dk.fit_diary(frame_of(scores), "mood", "stress", covariates="tenure").tidy()
    alone = alone.set_index("term")
    terms = alone.index[alone["effect"].isin([*TRUTH, "intercept", "covariate"])]
    assert len(terms) == 14
    np.testing.assert_allclose(
        tidy.loc[terms, "estimate"].astype(float), alone.loc[terms, "estimate"], rtol=1e-6
    )
    for role in ROLES:
        # The error's variance is that of the last digit and 9; three items of slope 8.
        assert 0.9 < tidy.loc[f"reliability within: Mood ({role})", "estimate"] < 1
        assert tidy.loc[f"reliability between: Mood ({role})", "estimate"] > 0.95
    assert "Mood by day" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "report.docx").exists()

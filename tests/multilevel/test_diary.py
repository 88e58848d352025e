"""The diary analysis: known truth, identities, what is counted and hidden."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, FitError, Refused, StudyError
from dyadkit.frame import DyadFrame
from dyadkit.multilevel import diary_effects
from dyadkit.multilevel.diary_rows import DiaryRows, lay_out
from dyadkit.study import Privacy
from tests.multilevel.diaries import ROLES, SMALL, TRUTH, frame_of, simulate


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


def effect_of(result: dk.PresentedResult, effect: str, role: str) -> pd.Series:
    """Return the one row of an effect and a role."""
    tidy = result.tidy()
    (place,) = np.flatnonzero((tidy["effect"] == effect) & (tidy["role"] == role))
    return tidy.iloc[place]


def test_known_effects_are_recovered():
    result = dk.fit_diary(frame_of(simulate(150, 12, 1)), "mood", "stress", lagged="stress")
    for effect, truth in TRUTH.items():
        for role, value in zip(ROLES, truth, strict=True):
            row = effect_of(result, effect, role)
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
    result = dk.fit_diary(frame_of(simulate(150, 12, 1)), "mood", "stress")
    within, between, contextual = (
        effect_of(result, f"actor, {kind}", "client")
        for kind in ("within", "between", "between − within")
    )
    assert within["conf_high"] < 0
    assert between["conf_low"] > 0
    difference = between["estimate"] - within["estimate"]
    assert contextual["estimate"] == pytest.approx(difference, rel=1e-12)


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


def test_differences_are_of_the_first_role_less_the_second():
    found = estimates(dk.fit_diary(frame_of(SMALL), "mood", "stress"))
    for effect in ("actor, within", "partner, between"):
        first, second = (found[f"{effect}: stress ({role})"] for role in ROLES)
        difference = found[f"difference in {effect}: stress (client − coach)"]
        assert difference == pytest.approx(first - second, rel=1e-10)


def test_kenward_roger_and_full_likelihood():
    """Kenward & Roger's standard errors are not smaller; roles that are pooled have one effect."""
    plain = dk.fit_diary(frame_of(SMALL), "mood", "stress").tidy()
    adjusted = dk.fit_diary(frame_of(SMALL), "mood", "stress", df="kenward_roger").tidy()
    fixed = plain["effect"].isin(TRUTH)
    np.testing.assert_allclose(plain["estimate"][fixed], adjusted["estimate"][fixed], rtol=1e-10)
    assert (adjusted["std_error"][fixed] >= plain["std_error"][fixed] * (1 - 1e-9)).all()
    with pytest.raises(Refused):
        dk.fit_diary(frame_of(SMALL), "mood", "stress", serial="ar1", df="kenward_roger")
    pooled = dk.fit_diary(frame_of(SMALL), "mood", "stress", distinguishable=False, method="ML")
    assert (pooled.tidy()["term"] == "actor, within: stress").sum() == 1


def test_what_cannot_be_compared_leaves_the_model_standing(monkeypatch):
    def fails(*_: object) -> None:
        raise FitError("It did not converge.")

    whole = dk.fit_diary(frame_of(SMALL), "mood", "stress").tidy()
    monkeypatch.setattr(diary_effects, "restricted", fails)
    monkeypatch.setattr(diary_effects, "empty_model", fails)
    result = dk.fit_diary(frame_of(SMALL), "mood", "stress")
    lost = ("distinguishability", "share between persons", "pseudo-R² within", "pseudo-R² between")
    expected = whole[~whole["effect"].isin(lost)].reset_index(drop=True)
    assert len(expected) < len(whole)
    pd.testing.assert_frame_equal(result.tidy(), expected)
    assert sum("could not be fitted. It did not converge." in n.text for n in result.notes) == 2


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
    (figure,) = (spec for spec in result.figure_specs if spec.name == "trajectory")
    line = next(one for one in figure.lines if one.label.lower() == ROLES[0])
    at_3 = found[f"expected at 3 ({ROLES[0]})"]
    assert np.interp(3.0, line.x, line.y) == pytest.approx(at_3, rel=1e-9)
    flat = dk.fit_diary(frame_of(SMALL), "mood", "stress", trend=False)
    assert not any("trajectory" in name for name in (*flat.tables(), *flat.figures()))


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
    assert any(note.startswith("Fewer than 5 persons gave the same answer to") for note in notes)


def test_stamps_out_of_order():
    data = SMALL.assign(stamp=pd.Timestamp("2026-03-01") + pd.to_timedelta(SMALL["day"], unit="D"))
    later = data.index[data.duplicated("person") & (data["day"] == 4)][0]
    data.loc[later, "stamp"] = pd.Timestamp("2026-01-01")
    dyads = frame_of(data, time="stamp")
    notes = [note.text for note in dk.fit_diary(dyads, "mood", "stress").notes]
    assert any(note.startswith("1 time stamps are not later") for note in notes)
    with pytest.raises(DataError, match="1 time stamps are not later"):
        dk.fit_diary(dyads, "mood", "stress", clock="time")


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


def test_a_trend_alone_is_a_growth_curve():
    """Against the formula by hand, time about its mean."""
    result = dk.fit_diary(frame_of(SMALL), "mood")
    data = SMALL.assign(t=SMALL["day"] - SMALL["day"].mean())
    fit = dk.fit_mixed(
        "mood ~ 0 + role + role:t",
        data,
        dyad="pair",
        role="role",
        time="day",
        random="0 + role | pair",
    )
    found, coef = estimates(result), fit.coef()
    assert fit.solution.loglik == pytest.approx(result.glance()["loglik"].item(), rel=1e-10)
    for role in ROLES:
        assert found[f"trend ({role})"] == pytest.approx(coef[f"role[{role}]:t"], rel=1e-7)

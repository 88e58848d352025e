"""Marker variables: what the models say of known truth, what is refused, and what is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.answers.places import places_of
from dyadkit.answers.sample import Sample
from dyadkit.display.presented import PresentedResult
from dyadkit.errors import Refused, StudyError
from dyadkit.measurement.items import keyed_items
from dyadkit.measurement.marker import MarkerCheck, check_marker, marker_places
from dyadkit.measurement.marker_models import fit_marker_models
from dyadkit.measurement.marker_shown import marker_sentences
from dyadkit.study import Privacy, Scale

ITEMS = {
    "trust": ("t1", "t2", "t3"),
    "support": ("s1", "s2", "s3"),
    "chronotype": ("c1", "c2", "c3"),
}


def rows(
    method: float = 0.0,
    r: float = 0.4,
    n: int = 300,
    waves: tuple[str, ...] = ("t1",),
    seed: int = 5,
) -> pd.DataFrame:
    """Return persons whose items all take up the marker's factor as strongly as `method` says."""
    rng = np.random.default_rng(seed)
    parts = []
    for wave in waves:
        for role in ("coach", "client"):
            factors = rng.multivariate_normal([0, 0], [[1, r], [r, 1]], n)
            marker = rng.normal(size=n)
            columns = {
                item: 4 + 0.9 * factor + method * marker + 0.6 * rng.normal(size=n)
                for items, factor in zip((ITEMS["trust"], ITEMS["support"]), factors.T, strict=True)
                for item in items
            }
            columns |= {
                item: 4 + 0.9 * marker + 0.5 * rng.normal(size=n) for item in ITEMS["chronotype"]
            }
            parts.append(pd.DataFrame(columns).assign(pair=np.arange(n), role=role, wave=wave))
    return pd.concat(parts, ignore_index=True)


def dyads_of(people: pd.DataFrame, *scales: Scale) -> dk.DyadFrame:
    dyads = dk.DyadFrame.from_individual(
        people, dyad="pair", role="role", wave="wave", roles=("coach", "client")
    )
    named = {scale.name for scale in scales}
    usual = [
        Scale(name=name, items=items, range=(-9, 17))
        for name, items in ITEMS.items()
        if name not in named
    ]
    return dk.score_scales(dyads, [*usual, *scales])


def check(people: pd.DataFrame) -> MarkerCheck:
    """Return the models of coaches."""
    dyads = dyads_of(people)
    places = places_of(dyads, ["trust.coach", "support.coach"])
    marked = marker_places(dyads, "chronotype.coach", ["trust", "support"])
    checks, without = check_marker(
        Sample.of(dyads), [(places, "Coach")], marked, estimator="ML", alpha=0.05
    )
    assert without == []
    return checks[0]


def models_of(result: PresentedResult) -> pd.DataFrame:
    return result.tidy().query("quantity == 'marker_model'").set_index("term")


def test_no_method_is_not_seen() -> None:
    found = check(rows())
    assert found.why == ""
    (sentence,) = marker_sentences([found], 0.05)
    text = sentence.show(frozenset())
    assert "that items share variance with the marker 'Chronotype' alike is not shown" in text
    assert "nor that some do" in text
    assert "on average" not in text
    assert "biases the correlations of the factors is not shown" in text


def test_method_is_seen_and_its_size_and_its_bias() -> None:
    # 0.9² + 0.6² + 0.6²: of this the marker has 0.36.
    result = dk.compare_factor_models(dyads_of(rows(method=0.6, r=0.0)), marker="chronotype")
    found = models_of(result)
    equal = found.loc["Method-C: Coach, T1"]
    assert equal["p_difference"] < 1e-10
    assert equal["method_share"] == pytest.approx(0.36 / 1.53, abs=0.05)
    assert found.loc["Method-R: Coach, T1", "p_difference"] < 0.001
    values = result.tidy().query("quantity == 'marker_correlation'").set_index("term")["estimate"]
    # Uncorrelated factors correlate by .36 / (.81 + .36) where the method is not taken out.
    assert values["Trust with Support, Baseline: Coach, T1"] == pytest.approx(0.308, abs=0.12)
    assert values["Trust with Support, Method-C: Coach, T1"] == pytest.approx(0.0, abs=0.12)
    text = [text for text in result.text() if "Chronotype" in text]
    assert len(text) == 2
    assert "taking it out changes the correlations of the factors" in text[0]


def test_degrees_of_freedom_are_those_of_the_models() -> None:
    found = models_of(dk.compare_factor_models(dyads_of(rows(0.3)), marker="chronotype"))
    coach = found[found["place"] == "Coach, T1"].set_index("against")
    # 9 items: 45 covariances less 9 loadings, 9 residuals and 3 correlations; Baseline holds 6 of
    # these and 2 correlations; one method loading, or 6; one correlation held.
    assert coach["df"].tolist()[:4] == [24.0, 32.0, 31.0, 26.0]
    assert coach["df_difference"].tolist()[2:] == [1.0, 5.0, 1.0]
    assert coach.index.tolist()[:4] == ["", "", "Baseline", "Method-C"]


def test_a_model_is_restricted_by_what_the_tests_keep() -> None:
    people = rows(0.3)
    found = check(people)
    assert found.kept is not None
    assert found.kept.name == "Method-C"
    strict = dk.compare_factor_models(dyads_of(people), marker="chronotype", alpha=0.999)
    assert models_of(strict).loc["Method-R: Coach, T1", "against"] == "Method-U"
    # Of unequal loadings the other one is kept.
    people[["t1", "s2"]] -= 0.9 * (people[["c1", "c2", "c3"]].mean(axis=1) - 4).to_numpy()[:, None]
    kept = check(people).kept
    assert kept is not None
    assert kept.name == "Method-U"


def test_baseline_holds_the_marker_as_cfa_found_it() -> None:
    found = check(rows(0.5))
    cfa, baseline = (found.model(name) for name in ("CFA", "Baseline"))
    assert cfa is not None
    assert baseline is not None
    items = [f"{item}_coach_t1" for item in ITEMS["chronotype"]]
    for item in items:
        for op, name in (("=~", f"marker {item}"), ("~~", f"{item} {item}")):
            assert baseline.values(op)[name] == cfa.values(op)[name] > 0.1
    assert cfa.values("~~")["f1 marker"] > 0.1
    assert baseline.values("~~")["f1 marker"] == 0.0


@pytest.mark.parametrize(
    ("equal", "unequal", "last", "words"),
    [
        (0.01, 0.5, 0.5, ["items share", "some do more than others is not shown", "is not shown"]),
        (0.01, 0.01, 0.01, ["items share", "some more than others", "taking it out changes"]),
        (0.5, 0.01, 0.5, ["alike is not shown", "but some do, ", "on average"]),
        (0.5, 0.5, 0.5, ["alike is not shown", "nor that some do", "biases"]),
    ],
)
def test_readings(equal: float, unequal: float, last: float, words: list[str]) -> None:
    found = check(rows(0.3, n=150))
    p_values = {"Method-C": equal, "Method-U": unequal, "Method-R": last}
    models = tuple(
        replace(model, p_value=p_values.get(model.name, model.p_value)) for model in found.models
    )
    (sentence,) = marker_sentences([replace(found, models=models)], 0.05)
    text = sentence.show(frozenset())
    for word in words:
        assert word in text
    assert sentence.show(frozenset({found.key})) == ""


def test_the_marker_is_no_compared_variable() -> None:
    dyads = dyads_of(rows(0.3, n=150))
    named = dk.compare_factor_models(dyads, ["trust", "support"], marker="chronotype").tidy()
    left = dk.compare_factor_models(dyads, marker="chronotype").tidy()
    pd.testing.assert_frame_equal(named, left)
    with pytest.raises(StudyError, match=r"'chronotype\.t1' is one of the variables"):
        dk.compare_factor_models(dyads, ["trust", "chronotype"], marker="chronotype.t1")
    with pytest.raises(StudyError, match="Did you mean 'chronotype'"):
        dk.compare_factor_models(dyads, marker="cronotype")


def test_a_marker_of_one_item_is_refused() -> None:
    people = rows(n=60).assign(mood=1.0)
    people["mood"] = np.arange(len(people)) % 7
    with pytest.raises(StudyError, match="'mood' is no scale with two items or more"):
        dk.compare_factor_models(dyads_of(people), marker="mood")


def test_a_marker_about_the_dyad_is_refused() -> None:
    dyads = dk.DyadFrame.from_individual(
        rows(n=60).drop(columns="wave").assign(c1=1.0, c2=2.0, c3=3.0),
        dyad="pair",
        role="role",
        roles=("coach", "client"),
        dyad_level=("c1", "c2", "c3"),
    )
    scales = [
        Scale(
            name=name,
            items=items,
            range=(-9, 17),
            level="dyad" if name == "chronotype" else "person",
        )
        for name, items in ITEMS.items()
    ]
    with pytest.raises(StudyError, match="about the dyad and not of each member"):
        dk.compare_factor_models(dk.score_scales(dyads, scales), marker="chronotype")


def test_where_a_marker_was_not_asked_there_is_a_note() -> None:
    own = Scale(name="chronotype", items=ITEMS["chronotype"], range=(-9, 17), roles=("coach",))
    result = dk.compare_factor_models(dyads_of(rows(0.3), own), marker="chronotype")
    assert set(models_of(result)["place"]) == {"Coach, T1"}
    expected = "Client, T1: the marker 'Chronotype' was not asked there"
    assert any(note.text.startswith(expected) for note in result.notes)


def test_a_marker_asked_in_no_place_that_is_compared_is_refused() -> None:
    dyads = dyads_of(rows(n=60, waves=("t1", "t2")))
    with pytest.raises(Refused, match=r"asked only in chronotype \(coach, t2\).*Coach, T1"):
        dk.compare_factor_models(dyads, ["trust.t1", "support.t1"], marker="chronotype.coach.t2")


def test_nobody_answered_is_told_and_the_other_role_has_its_models() -> None:
    people = rows(0.3)
    people.loc[people["role"] == "client", list(ITEMS["chronotype"])] = np.nan
    result = dk.compare_factor_models(dyads_of(people), marker="chronotype")
    assert set(models_of(result)["place"]) == {"Coach, T1"}
    (note,) = [note for note in result.notes if note.text.startswith("Client, T1, marker")]
    assert note.level == "warning"
    assert "missing in all" in note.text


STUDY = """\
[study]
title = "Marked"
roles = ["coach", "client"]

[[source]]
path = "coach.csv"
role = "coach"
dyad = "pair"

[[source]]
path = "client.csv"
role = "client"
dyad = "pair"

[scale.trust]
items = ["t1..t3"]
range = [-9, 17]

[scale.support]
items = ["s1..s3"]
range = [-9, 17]

[scale.chronotype]
items = ["c1..c3"]
range = [-9, 17]

[[analysis]]
type = "factor_models"
name = "Method"
marker = "chronotype"

[[analysis]]
type = "factor_models"
name = "Wrong"
variables = ["trust", "support", "chronotype"]
marker = "chronotype"
"""


def test_a_study_file_names_the_marker(tmp_path: Path) -> None:
    for role, people in rows(0.4, n=120).groupby("role"):
        people.drop(columns=["role", "wave"]).to_csv(tmp_path / f"{role}.csv", index=False)
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    report = dk.analyze(tmp_path / "study.toml")
    found = models_of(report.results["Method"])
    assert set(found["place"]) == {"Coach", "Client"}
    assert "Wrong" not in report.results
    (wrong,) = [section for section in report.sections if section.name == "Wrong"]
    assert "is one of the variables that are compared" in str(wrong.error)
    report.write(tmp_path / "report")
    html = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "Models with a marker variable" in html
    assert "Williams, Hartman and Cavazotte (2010)" in html


def test_two_items_are_few() -> None:
    two = Scale(name="chronotype", items=("c1", "c2"), range=(-9, 17))
    result = dk.compare_factor_models(dyads_of(rows(0.5), two), marker="chronotype")
    assert any("'Chronotype' has two items" in note.text for note in result.notes)
    assert len(models_of(result)) == 10


def test_a_negative_residual_variance_is_not_held() -> None:
    rng = np.random.default_rng(1)
    people = rows()
    # r12 r13 / r23 is more than 1, and would be c1's communality.
    spread = [[1.0, 0.75, 0.75], [0.75, 1.0, 0.4], [0.75, 0.4, 1.0]]
    people[["c1", "c2", "c3"]] = rng.multivariate_normal([4, 4, 4], spread, len(people))
    dyads = dyads_of(people)
    places = places_of(dyads, ["trust.coach", "support.coach"])
    (marker,) = places_of(dyads, ["chronotype.coach"])
    frame = keyed_items(Sample.of(dyads), [*places, marker])
    models, why = fit_marker_models(places, marker, frame, estimator="ML", alpha=0.05)
    assert [model.name for model in models] == ["CFA"]
    assert "c1_coach_t1 has a residual variance of -" in why
    result = dk.compare_factor_models(dyads, marker="chronotype")
    assert not any("Chronotype" in text for text in result.text())
    assert any("Coach, T1, marker 'Chronotype': the marker's item" in n.text for n in result.notes)
    assert any("Coach, T1, CFA: a variance is negative" in note.text for note in result.notes)


def test_numbers_of_few_dyads_stay_hidden() -> None:
    dyads = replace(dyads_of(rows(0.3, n=80)), privacy=Privacy(minimum_dyads=81))
    result = dk.compare_factor_models(dyads, marker="chronotype")
    assert result.text() == ()
    for name in ("marker", "marker_correlations", "residuals", "modification_indices"):
        table = result.tables()[name].to_frame()
        first = 2
        shown = table.iloc[:, first:].map(lambda value: isinstance(value, float))
        # Blank cells tell nothing.
        assert table.iloc[:, first:][shown].isna().all().all()
        assert (table.iloc[:, first:] == "suppressed").any().any()

"""results.json: its shape, its strictness, and what it leaves out."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dyadkit.display.presented import PresentedResult
from dyadkit.report.json_file import as_json, results_json
from dyadkit.results import Estimates, Support


def strict(content: bytes):
    def refuse(name: str) -> float:
        raise ValueError(f"{name} is not JSON")

    return json.loads(content.decode("utf-8"), parse_constant=refuse)


@pytest.fixture
def results(report):
    return strict(results_json(report))


def with_summary(report, **summary):
    """The report with one result, of which only the summary matters."""
    result = PresentedResult("t", "T", Estimates([], []), summary)
    section = replace(report.sections[0], result=result)
    (analysis,) = strict(results_json(replace(report, sections=(section,))))["analyses"]
    return analysis["glance"]


def test_the_shape_is_the_contract(results):
    assert list(results) == ["schema", "study", "flow", "analyses"]
    assert results["schema"] == 1
    for analysis in results["analyses"]:
        assert list(analysis) == [
            *("name", "type", "status", "error", "notes", "glance", "tidy", "tables"),
        ]
    assert [(a["name"], a["status"]) for a in results["analyses"]] == [
        ("who answered", "ok"),
        ("all correlations", "ok"),
        ("alike", "ok"),
        ("apim", "failed"),
        ("gap", "refused"),
    ]


def test_the_study_is_there_without_its_place_on_this_machine(make, tmp_path):
    content = results_json(make(directory=tmp_path / "secret place"))
    study = strict(content)["study"]
    assert b"secret place" not in content
    assert study["roles"] == ["coach", "client"]
    assert study["wave_times"] == {"t2": 4.0}
    assert study["scales"][0]["items"] == ["tr1", "tr2", "tr3", "tr4", "tr5"]


def test_numbers_are_unrounded(results):
    assert results["analyses"][0]["tidy"][0]["estimate"] == 5.254321
    (first, *_) = results["analyses"][0]["tables"]["descriptives"]
    assert first["mean"] == 5.254321
    assert first["ci_low"] == 5.254321 - 0.25


def test_a_hidden_row_keeps_its_words_alone(results):
    hidden = results["analyses"][0]["tidy"][1]
    assert {name: value for name, value in hidden.items() if value != "suppressed"} == {
        "term": "satisfaction",
        "role": "coach",
    }
    assert hidden["df"] == "suppressed"  # that it is missing tells something, too


def test_a_hidden_model_keeps_no_numbers_of_the_sample(report):
    section = report.sections[0]
    rows = [{"term": "model", "estimate": 3.2, "syntax": "x ~~ 0.125*x"}] * 2
    few = Support("few", 2, 2)
    result = replace(section.result, estimates=Estimates(rows, ["few", "all"]), supports=(few,))
    shown = strict(results_json(replace(report, sections=(replace(section, result=result),))))
    told = [row["syntax"] for row in shown["analyses"][0]["tidy"]]
    assert told == ["suppressed", "x ~~ 0.125*x"]


def test_a_hidden_cell_reads_suppressed(results):
    row = results["analyses"][0]["tables"]["descriptives"][1]
    assert row["mean"] == row["ci_low"] == row["ci_high"] == row["n"] == "suppressed"
    assert row["mean_client"] == 5.5


def test_infinite_and_missing_numbers_are_null(results):
    shown = results["analyses"][0]["tidy"][2]
    assert shown["estimate"] is None
    assert shown["std_error"] is None
    assert shown["p_value"] == 0.03
    assert results["analyses"][0]["glance"]["aic"] is None


def test_notes_errors_and_empty_parts(results):
    analyses = results["analyses"]
    assert analyses[0]["notes"][1] == {
        "level": "warning",
        "text": "Satisfaction was answered by very few.",
    }
    assert analyses[0]["error"] is None
    assert analyses[3]["error"] == "The model did not converge after 200 iterations."
    assert analyses[3]["glance"] == {}
    assert analyses[3]["tidy"] == []
    assert analyses[3]["tables"] == {}


def test_small_numbers_of_people_are_hidden(results):
    assert results["analyses"][0]["glance"] == {
        "n_obs": 119,
        "n_dyads": 60,
        "n_leavers": "suppressed",  # three
        "n_items": 2,
        "aic": None,
    }


@pytest.mark.parametrize(
    ("number", "shown"), [(0, 0), (1, "suppressed"), (4, "suppressed"), (5, 5)]
)
def test_the_minimum_is_the_studys(report, number, shown):
    assert with_summary(report, n_clusters=number, chisq=1.5) == {
        "n_clusters": shown,
        "chisq": 1.5,
    }


def test_statistics_of_too_few_dyads_are_hidden(report):
    assert with_summary(report, n_dyads=4, chisq=1.5, method="ML") == {
        "n_dyads": "suppressed",
        "chisq": "suppressed",
        "method": "ML",
    }


def test_every_kind_of_value_has_a_form():
    value = {
        "numpy": [np.float64(0.1), np.int64(3), np.bool_(True), np.float32("nan")],
        "array": np.array([[1.0, math.inf]]),
        "pandas": [pd.NA, pd.NaT, pd.Timestamp("2026-01-02"), pd.DataFrame({"a": [1]})],
        "plain": (None, True, 2, "\ud800é\x00"),
        "set": frozenset({"b", "a"}),
        "dataclass": Support("k", 1, 2),
        7: {},
    }
    assert strict(as_json(value)) == {
        "numpy": [0.1, 3, True, None],
        "array": [[1.0, None]],
        "pandas": [None, None, "2026-01-02T00:00:00", [{"a": 1}]],
        "plain": [None, True, 2, "?é\x00"],
        "set": ["a", "b"],
        "dataclass": {"key": "k", "dyads": 1, "persons": 2},
        "7": {},
    }


def test_anything_else_is_a_bug():
    with pytest.raises(TypeError, match="object has no place"):
        as_json({"a": object()})


def test_the_file_is_readable(report):
    content = results_json(report)
    assert content.startswith(b'{\n  "schema": 1,\n  "study": {\n    "title"')
    assert content.endswith(b"]\n}\n")

"""Study → Report: the registry, random streams, failures, and bytes that do not change."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import StudyError
from dyadkit.pipeline import REGISTRY, check_options, stream
from dyadkit.study import read_study
from tests.studies import STUDY, write_study


def numbers(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return found


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file but the manifest, which has the time each step took."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    for name in ("a", "b"):
        dk.analyze(study).write(tmp_path / name)
    first, second = files_of(tmp_path / "a"), files_of(tmp_path / "b")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_jobs_change_no_byte(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    dk.analyze(study, jobs=1).write(tmp_path / "one")
    dk.analyze(study, jobs=2).write(tmp_path / "two")
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


def test_running_one_analysis_alone_changes_none_of_its_numbers(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    together = dk.analyze(study).results["Descriptives"].tidy()
    alone = dk.analyze(study, only=["Descriptives"]).results
    assert list(alone) == ["Sample flow", "Descriptives"]
    np.testing.assert_array_equal(
        alone["Descriptives"].tidy()["conf_low"].to_numpy(), together["conf_low"].to_numpy()
    )


def test_another_seed_moves_only_what_is_random(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    first = dk.analyze(study).results["Descriptives"].tidy()
    second = dk.analyze(study, seed=99).results["Descriptives"].tidy()
    np.testing.assert_array_equal(first["estimate"], second["estimate"])
    moved = first.loc[first["conf_low"].ne(second["conf_low"]) & first["conf_low"].notna()]
    assert set(moved["quantity"]) == {"omega"}


def test_streams_depend_on_seed_and_name_alone() -> None:
    def draw(seed: int, name: str) -> float:
        return float(np.random.default_rng(stream(seed, name)).random())

    assert draw(1, "a") == draw(1, "a")
    assert len({draw(1, "a"), draw(1, "b"), draw(2, "a"), draw(1, "ab")}) == 4


def test_every_registered_analysis_can_be_imported() -> None:
    from importlib import import_module

    for entry in REGISTRY.values():
        for target in (entry.options, entry.target):
            module, _, name = target.partition(":")
            assert callable(getattr(import_module(module), name))


def test_a_refused_analysis_is_reported_and_the_others_run(tmp_path: Path) -> None:
    text = STUDY.replace("range = [1, 7]", 'range = [1, 7]\nroles = ["client"]')
    report = dk.analyze(write_study(tmp_path, text))
    assert {section.name: section.status for section in report.sections} == {
        "Sample flow": "ok",
        "Descriptives": "ok",
        "Likeness": "refused",
    }
    report.write(tmp_path / "out")
    found = numbers(tmp_path / "out")
    assert isinstance(found["analyses"], list)
    refused = found["analyses"][-1]
    assert refused["status"] == "refused"
    assert "both members" in refused["error"]
    assert "both members" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('type = "nonindependence"', 'type = "nonindependance"', "Did you mean 'nonindependence'?"),
        ("draws = 20", "drws = 20", "Did you mean 'draws'?"),
        ("draws = 20", 'draws = "many"', "'draws'"),
        ("draws = 20", "draws = -1", "'draws'"),
    ],
)
def test_wrong_options_are_refused_before_any_data_are_read(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    study = write_study(tmp_path, STUDY.replace(old, new))
    (tmp_path / "coaches.csv").unlink()
    with pytest.raises(StudyError, match="analysis") as caught:
        dk.analyze(study)
    assert said in str(caught.value)


def test_unknown_variables_are_all_named(tmp_path: Path) -> None:
    text = STUDY.replace("draws = 20", 'variables = ["trsut", "trust.boss"]')
    with pytest.raises(StudyError) as caught:
        dk.analyze(write_study(tmp_path, text))
    assert "Did you mean 'trust'?" in str(caught.value)
    assert "'boss'" in str(caught.value)


def test_only_names_are_checked(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="Did you mean 'Likeness'"):
        dk.analyze(write_study(tmp_path), only=["likenes"])


def test_options_come_back_by_name(tmp_path: Path) -> None:
    checked = check_options(read_study(write_study(tmp_path)))
    assert checked["Descriptives"]["draws"] == 20


def test_steps_are_announced_in_order(tmp_path: Path) -> None:
    steps: list[str] = []
    report = dk.analyze(write_study(tmp_path), on_step=steps.append)
    report.write(tmp_path / "out", on_step=steps.append)
    assert steps[:3] == ["read", "analyze: Descriptives", "analyze: Likeness"]
    assert "swap" in steps


def test_the_manifest_says_what_the_report_was_made_from(tmp_path: Path) -> None:
    import hashlib

    study = write_study(tmp_path)
    dk.analyze(study, seed=5).write(tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    hashes = {entry["path"]: entry["sha256"] for entry in manifest["inputs"]}
    coaches = (tmp_path / "coaches.csv").read_bytes()
    assert hashes["coaches.csv"] == hashlib.sha256(coaches).hexdigest()
    assert manifest["seed"] == 5
    assert manifest["study_file"] == study.read_text(encoding="utf-8")
    present = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.*")}
    assert set(manifest["outputs"]) == present


AGREEMENT = (
    STUDY
    + """
[[analysis]]
type = "apim"
name = "Actor and partner"
from = "Agreement"
outcome = "trust"
predictors = ["q1"]
covariates = ["trust_absolute_difference"]

[[analysis]]
type = "agreement"
name = "Agreement"
variables = ["trust"]
permutations = 20
"""
)


def test_values_per_dyad_of_one_analysis_are_variables_of_another(tmp_path: Path) -> None:
    study = write_study(tmp_path, AGREEMENT)
    steps: list[str] = []
    report = dk.analyze(study, on_step=steps.append)
    # The one that gives comes first, whatever the order in the file, which the report keeps.
    assert steps.index("analyze: Agreement") < steps.index("analyze: Actor and partner")
    assert list(report.results) == [
        *("Sample flow", "Descriptives", "Likeness", "Actor and partner", "Agreement")
    ]
    terms = report.results["Actor and partner"].tidy()["term"]
    assert terms.str.contains("trust_absolute_difference").any()
    report.write(tmp_path / "out")
    # Values of single dyads are in no file.
    for path in (tmp_path / "out").rglob("*"):
        if path.suffix in (".csv", ".json", ".html"):
            assert "P001" not in path.read_text(encoding="utf-8"), path
    dk.analyze(study, jobs=2).write(tmp_path / "two")
    assert files_of(tmp_path / "out") == files_of(tmp_path / "two")


def test_an_analysis_brings_those_that_it_needs(tmp_path: Path) -> None:
    study = write_study(tmp_path, AGREEMENT)
    alone = dk.analyze(study, only=["Actor and partner"]).results
    assert list(alone) == ["Sample flow", "Actor and partner", "Agreement"]


def test_what_a_refused_analysis_would_have_given_is_missed_with_the_reason(
    tmp_path: Path,
) -> None:
    text = AGREEMENT.replace("range = [1, 7]", 'range = [1, 7]\nroles = ["client"]')
    text = text.replace('variables = ["trust"]\npermutations', "permutations")
    report = dk.analyze(write_study(tmp_path, text))
    found = {section.name: section for section in report.sections}
    assert found["Agreement"].status == "refused"
    assert found["Actor and partner"].status == "refused"
    assert "'Agreement', which gave none" in found["Actor and partner"].error


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('from = "Agreement"', 'from = "Agreemnt"', "Did you mean 'Agreement'"),
        ('type = "agreement"', 'type = "agreement"\nfrom = "Actor and partner"', "wait for each"),
    ],
)
def test_needs_that_cannot_be_met_are_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(StudyError, match=said):
        read_study(write_study(tmp_path, AGREEMENT.replace(old, new)))


def test_an_analysis_that_gives_nothing_is_said(tmp_path: Path) -> None:
    study = write_study(tmp_path, AGREEMENT.replace('from = "Agreement"', 'from = "Likeness"'))
    section = next(s for s in dk.analyze(study).sections if s.name == "Actor and partner")
    assert section.status == "failed"
    assert "gives no values per dyad" in section.error


INVARIANCE = (
    STUDY
    + """
[[analysis]]
type = "invariance"
name = "Same measure"
scale = "trust"
steps = ["configural", "loadings", "intercepts"]

[[analysis]]
type = "nonindependence"
name = "Trust alone"
variables = ["trust"]

[[analysis]]
type = "nonindependence"
name = "One item"
variables = ["q1"]
"""
)


def test_findings_of_one_analysis_stand_in_the_notes_of_others(tmp_path: Path) -> None:
    report = dk.analyze(write_study(tmp_path, INVARIANCE, n=120))
    results = report.results
    verdicts = results["Same measure"].verdicts
    assert [verdict.property for verdict in verdicts] == [
        "equal loadings across roles",
        "equal intercepts across roles",
    ]
    for name, expected in (("Trust alone", 1), ("Likeness", 1), ("One item", 0)):
        carried = [note for note in results[name].notes if "Same measure" in note.text]
        assert len(carried) == expected, name
        assert all(verdicts[-1].text in note.text for note in carried)
    assert not any("Same measure" in note.text for note in results["Same measure"].notes)


def test_what_does_not_hold_is_a_warning(tmp_path: Path) -> None:
    study = write_study(tmp_path, INVARIANCE, n=300)
    clients = pd.read_csv(tmp_path / "clients.csv")
    clients["q2"] = np.clip(clients["q2"] + 2, 1, 7)
    clients.to_csv(tmp_path / "clients.csv", index=False)
    results = dk.analyze(study).results
    last = results["Same measure"].verdicts[-1]
    assert not last.holds
    carried = [note for note in results["Trust alone"].notes if last.text in note.text]
    assert [note.level for note in carried] == ["warning"]

"""Panels through a study file: what is wrong with it or the data is one clear paragraph."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dyadkit.cli import app
from tests.studies import STUDY

HEAD, SCALES = STUDY[: STUDY.index("[[source]]")], STUDY[STUDY.index("[scale.") :]
TRUST = SCALES[: SCALES.index("[[analysis]]")].replace("q1..q3", "tr1..tr3")
LEARNING = (
    TRUST.replace("trust", "learning").replace("Trust", "Learning").replace("tr1..tr3", "le1..le3")
)
PANEL = """
[[analysis]]
type = "panel"
name = "Over time"
x = "trust.client"
y = "learning.client"
"""
Change = Callable[[str, pd.DataFrame], pd.DataFrame]


def write_panel(
    folder: Path,
    waves: tuple[str, ...] = ("t1", "t2", "t3"),
    *,
    n: int = 60,
    change: Change = lambda _, frame: frame,
    scales: str = TRUST + LEARNING,
    asked: str = "",
) -> Path:
    """Write a study in which clients' trust drives learning; `change` spoils exports by name."""
    rng = np.random.default_rng(3)
    several = len(waves) > 1
    text = HEAD + (f"waves = {json.dumps(waves)}\n" if several else "") + "\n"
    for role in ("coach", "client"):
        stable, moving = rng.normal(size=(2, n, 2))
        for wave in waves:
            name = f"{role}_{wave}.csv"
            moving = moving @ np.array([[0.3, 0.3], [0.0, 0.3]]) + 0.9 * rng.normal(size=(n, 2))
            level = np.repeat(4 + 0.7 * stable + moving, 3, axis=1)
            codes = np.clip(np.rint(level + 0.6 * rng.normal(size=(n, 6))), 1, 7).astype(int)
            frame = pd.DataFrame(codes, columns=["tr1", "tr2", "tr3", "le1", "le2", "le3"])
            frame.insert(0, "pair", [f"P{number:03d}" for number in range(n)])
            change(name, frame).to_csv(folder / name, index=False)
            text += f'[[source]]\npath = "{name}"\nrole = "{role}"\ndyad = "pair"\n'
            text += f'wave = "{wave}"\n' if several else ""
    study = folder / "study.toml"
    last = '[report]\nformats = ["html"]\n'
    study.write_text(f"{text}\n{scales}{PANEL}{asked}\n{last}", encoding="utf-8")
    return study


def analyze(study: Path) -> tuple[int, str, dict[str, Any] | None]:
    """Return the exit code, what was printed in one line, and the panel in the results."""
    done = CliRunner().invoke(app, ["analyze", str(study), "--quiet"])
    results = study.parent / "study-report" / "results.json"
    found = json.loads(results.read_text(encoding="utf-8")) if results.is_file() else None
    return done.exit_code, " ".join(done.stderr.split()), found and found["analyses"][-1]


def same(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(le1=4, le2=4, le3=4) if name == "client_t2.csv" else frame


def empty(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(le1="", le2="", le3="") if name == "client_t2.csv" else frame


def nearly_empty(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    spoilt = same(name, frame).astype(object)
    if name == "client_t2.csv":
        spoilt.loc[3:, ["le1", "le2", "le3"]] = ""
    return spoilt


def renamed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    others = {f"tr{number}": f"trb{number}" for number in (1, 2, 3)}
    return frame.rename(columns=others) if name.endswith("t2.csv") else frame


CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "one wave": (
        {"waves": ("t1",)},
        "refused",
        "A panel needs two waves or more, and these data have one. What goes with what within a "
        'wave is for type = "apim"',
    ),
    "two waves for random intercepts": (
        {"waves": ("t1", "t2")},
        "refused",
        "need three waves, and there are 2: with two, what is stable cannot be told from what "
        'varies. Set kind = "clpm"',
    ),
    "the same answer from all": (
        {"change": same},
        "failed",
        "'learning' as client has no two different values in t2 "
        "(learning_client_t2, all 60 dyads), so that it goes with nothing. Keep to the other "
        "waves, waves = ['t1', 't3'], or name another role or variable",
    ),
    "the same answer from few": (
        {"change": nearly_empty},
        "failed",
        "in t2 (learning_client_t2, fewer than 5 dyads), so that it goes with nothing.",
    ),
    "a role missing in a wave": (
        {"change": empty},
        "failed",
        "Nobody answered 'learning' as client in t2, but a panel needs it in every wave. Keep to "
        "the other waves, waves = ['t1', 't3'], or name another role or variable; or look whether "
        "the wave's file and its missing codes are right.",
    ),
    "a role missing in one of two waves": (
        {"change": empty, "asked": 'kind = "clpm"\nwaves = ["t1", "t2"]'},
        "failed",
        "Nobody answered 'learning' as client in t2, but a panel needs it in every wave. Name "
        "another role or variable;",
    ),
    "a scale that was not asked in a wave": (
        {"scales": TRUST + 'waves = ["t1", "t3"]\n' + LEARNING},
        "failed",
        "'trust' was not asked in t2. Name the waves in which it was, waves = ['t1', 't3'].",
    ),
    "a scale that was asked once": (
        {"scales": TRUST + 'waves = ["t1"]\n' + LEARNING},
        "failed",
        "'trust' was not asked in t2, t3. A panel needs it in two waves or more: name another",
    ),
    "few dyads": (
        {"n": 4},
        "failed",
        "A model of 6 variables needs more than 6 dyads, but fewer than 5 can be used.",
    ),
    "fewer dyads than variables": (
        {"n": 5},
        "failed",
        "A model of 6 variables needs more than 6 dyads, but 5 of 5 can be used.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_had_is_one_paragraph_in_print_and_in_the_report(
    tmp_path: Path, case: str
) -> None:
    given, status, said = CASES[case]
    code, printed, panel = analyze(write_panel(tmp_path, **given))
    # The rest of the study has a report, which says the same.
    assert code == 1
    word = "was refused" if status == "refused" else "failed"
    assert printed.startswith(f"Error: The analysis 'Over time' {word}: ")
    assert said in printed
    assert panel is not None
    assert panel["status"] == status
    assert said in panel["error"]
    assert panel["tidy"] == []


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('turn = "t2"', 'turn: panels of kind "clpm" have no use for it. It is a key of kind = '),
        (
            'waves = ["t2", "t1"]',
            "waves: t2, t1 are not in the order of time, each once. Write waves = ['t1', 't2'].",
        ),
        ('waves = ["t1", "t4"]', "waves: 't4' is no wave of the study. They are t1, t2, t3."),
    ],
)
def test_what_the_study_file_alone_shows_is_its_own_error(
    tmp_path: Path, keys: str, said: str
) -> None:
    asked = f'kind = "clpm"\n{keys}'
    study = write_panel(tmp_path, asked=asked)
    code, printed, panel = analyze(study)
    assert (code, panel) == (2, None)
    assert said in printed
    checked = CliRunner().invoke(app, ["check", str(study)])
    assert checked.exit_code == 2
    assert said in " ".join(checked.stderr.split())


def test_items_with_other_names_in_a_wave_are_asked_for(tmp_path: Path) -> None:
    code, printed, panel = analyze(write_panel(tmp_path, change=renamed))
    assert (code, panel) == (1, None)
    assert "client_t2.csv lacks 3 columns that the study file names: 'tr1' (scale trust)" in printed
    assert (
        "If items have other names in this file, list them in [[scale.trust.version]]." in printed
    )
    version = '[[scale.trust.version]]\nwave = "t2"\nitems = ["trb1..trb3"]\n'
    study = write_panel(tmp_path, change=renamed, scales=TRUST + version + LEARNING)
    code, printed, panel = analyze(study)
    assert (code, printed) == (0, "")
    assert panel is not None
    assert panel["status"] == "ok"


@pytest.mark.parametrize(("n", "warned"), [(60, False), (20, True)])
def test_small_samples_are_fitted_and_warned_of(tmp_path: Path, n: int, warned: bool) -> None:
    code, printed, panel = analyze(write_panel(tmp_path, n=n))
    assert (code, printed) == (0, "")
    assert panel is not None
    warnings = " ".join(note["text"] for note in panel["notes"] if note["level"] == "warning")
    assert bool(warnings) == warned
    assert ("only 20 dyads to estimate them from" in warnings) == warned

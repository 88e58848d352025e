"""Killed at any step, `analyze` leaves either the old report or the new one, whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import dyadkit as dk
from tests.studies import STUDY, write_study

ROOT = Path(__file__).parents[1]

KILLED = """
import os, signal, sys
import dyadkit as dk
study, out, victim = sys.argv[1:]
def on_step(step):
    print(step, flush=True)
    if step == victim:
        os.kill(os.getpid(), signal.SIGKILL)
report = dk.analyze(study, on_step=on_step)
report.write(out, overwrite=True, on_step=on_step)
"""


def run(study: Path, out: Path, victim: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(study), str(out), victim],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )


def seed_of(out: Path) -> int:
    """Return the seed of the report, after making sure that every file of it is there."""
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    present = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert present == set(manifest["outputs"])
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert results["schema"] == 1
    seed: int = manifest["seed"]
    return seed


STEPS = ("read", "analyze: Descriptives", "html", "docx", "figures", "stage", "flush", "swap")


def test_the_steps_below_are_steps(tmp_path: Path) -> None:
    steps: list[str] = []
    report = dk.analyze(write_study(tmp_path), on_step=steps.append)
    report.write(tmp_path / "out", on_step=steps.append)
    assert set(STEPS) <= set(steps)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize("victim", [*STEPS, "clean"])
def test_killed_analyze_leaves_the_old_or_the_new_report_whole(tmp_path: Path, victim: str) -> None:
    study = write_study(tmp_path / "study")
    out = tmp_path / "out"
    dk.analyze(study, seed=1).write(out)
    study.write_text(STUDY.replace("[study]", "[study]\nseed = 2"), encoding="utf-8")

    killed = run(study, out, victim)

    assert killed.returncode < 0, f"no step '{victim}' among {killed.stdout.split()}"
    assert seed_of(out) in (1, 2)
    finished = run(study, out, "no such step")
    assert finished.returncode == 0, finished.stderr
    assert seed_of(out) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "study"]

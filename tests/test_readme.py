"""The README's study works as it stands there."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd

import dyadkit as dk
from dyadkit.pipeline import REGISTRY

README = Path(__file__).parents[1] / "README.md"


def test_the_first_study_is_ten_lines_and_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    assert len(blocks[0].strip().splitlines()) == 10
    (tmp_path / "study.toml").write_text(blocks[0], encoding="utf-8")
    rng = np.random.default_rng(1)
    for file, extra in (("coaches.csv", 1), ("clients.csv", 0)):
        level = rng.normal(4, 1, (40, 1))
        answers = np.clip(np.rint(level + rng.normal(0, 1, (40, 5))), 1, 7).astype(int)
        frame = pd.DataFrame(answers, columns=[f"tr{number}" for number in range(1, 6)])
        frame.insert(0, "pair", [f"P{number}" for number in range(extra, 40 + extra)])
        frame.to_csv(tmp_path / file, index=False)

    report = dk.analyze(tmp_path / "study.toml")

    assert [section.status for section in report.sections] == ["ok", "ok", "ok"]
    assert report.flow["n_dyads"] == 39


def test_the_readme_names_only_files_that_exist() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert links
    for link in links:
        assert (README.parent / link).exists(), link


def test_every_analysis_and_key_is_in_the_table() -> None:
    page = (README.parent / "analyses" / "ANALYSES.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE))
    assert list(table) == list(REGISTRY)
    for name, row in table.items():
        module, _, options = REGISTRY[name].options.partition(":")
        fields = getattr(import_module(module), options).model_fields
        assert re.findall(r"`(\w+)`", row) == list(fields)

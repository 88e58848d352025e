"""The whole folder: its files, its steps, its bytes, and what is in none of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from dyadkit.report import Section
from dyadkit.report import assembly as assembly_module

ROOT = Path(__file__).resolve().parents[2]

FILES = [
    "figures/all-correlations-flow.png",
    "figures/all-correlations-flow.svg",
    "figures/all-correlations-intervals.png",
    "figures/all-correlations-intervals.svg",
    "figures/who-answered-missing.png",
    "figures/who-answered-missing.svg",
    "manifest.json",
    "report.docx",
    "report.html",
    "results.json",
    "tables/all-correlations-matrix.csv",
    "tables/who-answered-descriptives.csv",
    "tables/who-answered-empty.csv",
]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, the parts of Word documents each as a file."""
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            files[name] = path.read_bytes()
            if path.suffix == ".docx":
                with zipfile.ZipFile(path) as archive:
                    files |= {f"{name}/{part}": archive.read(part) for part in archive.namelist()}
    return files


def test_the_folder(written):
    files = [p.relative_to(written).as_posix() for p in written.rglob("*") if p.is_file()]
    assert sorted(files) == FILES
    assert json.loads((written / "manifest.json").read_bytes())["outputs"] == FILES


def test_steps_are_announced_in_order(report, tmp_path):
    steps = []
    target = report.write(tmp_path / "out", on_step=steps.append)
    assert target == tmp_path / "out"
    assert steps[:6] == ["html", "docx", "tables", "figures", "results.json", "manifest.json"]


@pytest.mark.parametrize("formats", [["html"], ["docx"], []])
def test_only_the_formats_asked_for_are_made(make, study_text, tmp_path, formats):
    report = make(f"{study_text}\n[report]\nformats = {json.dumps(formats)}\n")
    steps = []
    folder = report.write(tmp_path / "out", on_step=steps.append)
    assert {p.suffix[1:] for p in folder.iterdir() if p.stem == "report"} == set(formats)
    assert [step for step in steps if step in ("html", "docx")] == formats
    assert (folder / "figures" / "who-answered-missing.png").exists()


def test_hidden_numbers_are_in_no_file(written, secrets):
    """Neither as written in print, nor unrounded, nor with their interval, nor as a per cent."""
    value, share = secrets
    prints = [f"{value:.2f}", f"{value - 0.25:.2f}", f"{value + 0.25:.2f}", f"{share:.2f}"]
    prints += [f"{100 * share:.1f}", f"{value:.5f}"[:-1], f"{share:.5f}"[:-1]]
    pattern = re.compile("|".join(rf"(?<![\d.]){re.escape(text)}" for text in prints))
    files = contents(written)
    assert len(files) > 25
    for name, content in files.items():
        if name.endswith((".png", ".jpeg", ".docx")):
            continue
        text = content.decode("utf-8-sig")
        if name.endswith(".svg"):
            # Coordinates may have any digits; words are in comments, titles and labels.
            text = " ".join(re.findall(r"<!--.*?-->|<title.*?</title>|aria-label=.*?>", text))
            assert "s = suppressed" in text or "missing" not in name
        if name.endswith(".html"):
            text = re.sub(r"base64,[\w+/=]+", "", text)
        assert not pattern.search(text), name


def test_the_search_for_hidden_numbers_finds_what_is_shown(written):
    files = contents(written)
    assert b"5.254321" in files["results.json"]
    assert b"5.254321" in files["tables/who-answered-descriptives.csv"]
    assert b"5.25" in files["report.docx/word/document.xml"]
    assert b"5.25" in files["report.html"]
    assert b"<!-- 30.0 % -->" in files["figures/who-answered-missing.svg"]


def test_hidden_cells_say_so(written):
    (row,) = [
        line
        for line in (written / "tables/who-answered-descriptives.csv").read_text("utf-8").split()
        if "Satisfaction" in line
    ]
    assert row.endswith("Satisfaction,suppressed,suppressed,suppressed,suppressed,61,5.5,0.0004")


def test_the_same_report_is_the_same_bytes_in_another_process(written, tmp_path):
    script = (
        "import runpy, sys; make = runpy.run_path(sys.argv[1])['make_report']; "
        "make().write(sys.argv[2])"
    )
    conftest = str(Path(__file__).with_name("conftest.py"))
    subprocess.run(
        [sys.executable, "-c", script, conftest, str(tmp_path / "again")],
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "123", "PYTHONPATH": str(ROOT)},
    )
    assert contents(tmp_path / "again") == contents(written)


def test_the_sources_are_named_to_the_folder(make, study_text, tmp_path, monkeypatch):
    seen = {}

    def pretend(target, files, *, overwrite, sources, on_step):
        seen.update(target=target, files=files, overwrite=overwrite, sources=sources)

    monkeypatch.setattr(assembly_module, "write_folder", pretend)
    withdrawn = '\n[[withdrawal]]\npath = "gone.csv"\nperson = "id"\n'
    text = study_text.replace('dyad = "pair"', 'dyad = "pair"\nperson = "id"') + withdrawn
    make(text, directory=tmp_path).write(str(tmp_path / "out"), overwrite=True)
    assert seen["target"] == tmp_path / "out"
    assert seen["overwrite"] is True
    assert {path.name for path in seen["sources"]} == {
        *("study.toml", "coaches.csv", "clients.csv", "gone.csv"),
    }
    assert all(path.parent == tmp_path for path in seen["sources"])
    assert "manifest.json" in seen["files"]


def test_results_and_failures(report):
    assert list(report.results) == ["who answered", "all correlations", "alike"]
    assert [section.name for section in report.failed] == ["apim", "gap"]
    assert repr(report) == "<Report 'Trust & learning in distance coaching': 3 of 5 done>"


def test_a_report_is_frozen(report):
    with pytest.raises(FrozenInstanceError):
        report.notes = ()


@pytest.mark.parametrize("status", ["ok", "failed"])
def test_a_result_belongs_to_what_worked(report, status):
    result = None if status == "ok" else report.sections[0].result
    with pytest.raises(ValueError, match="a result belongs to the status 'ok' alone"):
        Section("x", "t", status, "why", result)


def test_it_shows_itself_in_a_notebook(report, secrets):
    shown = report._repr_html_()
    assert "<h2>Trust &amp; learning in distance coaching</h2>" in shown
    assert "<h3>Descriptive statistics</h3>" in shown
    assert "<h3>gap</h3><p>refused: A difference score alone would mislead.</p>" in shown
    assert f"{secrets[0]:.2f}" not in shown


def test_writing_needs_no_network_and_no_window(report, tmp_path, monkeypatch):
    import socket

    def refuse(*_args, **_kwargs):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert report.write(tmp_path / "out").is_dir()


def test_a_report_that_is_not_written_loads_nothing_slow():
    script = (
        "import sys, dyadkit.report; "
        "print(sorted({'jinja2', 'docx', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"

"""A report with limits of agreement and a distribution: both are shown, what is hidden is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dyadkit.display.presented import PresentedResult
from dyadkit.report import Report, Section
from dyadkit.results import Estimates, Support
from tests.display.drawn import distribution_plot, limits_plot
from tests.report.conftest import make_report


def _report(count: int, share: float) -> Report:
    limits, distribution = limits_plot(), distribution_plot()
    first, few = limits.bins[5], distribution.bars[2]
    bins = tuple(
        replace(one, cell=replace(one.cell, value=count)) if one is first else one
        for one in limits.bins
    )
    bars = tuple(
        replace(one, cell=replace(one.cell, value=share)) if one is few else one
        for one in distribution.bars
    )
    result = PresentedResult(
        type="agreement",
        title="Agreement",
        estimates=Estimates([], []),
        summary={},
        figure_specs=(replace(limits, bins=bins), replace(distribution, bars=bars)),
        # Three dyads are too few.
        supports=(Support(first.cell.key or "", 3, 3), Support(few.cell.key or "", 3, 3)),
    )
    section = Section("agreement", "agreement", "ok", None, result)
    return replace(make_report(), sections=(section,))


def test_both_figures_are_written_and_tell_nothing_hidden(tmp_path: Path) -> None:
    folders = [
        _report(count, share).write(tmp_path / str(count))
        for count, share in ((3, 0.2), (4711, 0.9))
    ]
    files = [
        {path.name: path.read_bytes() for path in sorted((folder / "figures").iterdir())}
        for folder in folders
    ]
    assert {Path(name).suffix for name in files[0]} == {".png", ".svg"}
    assert len(files[0]) == 4
    assert files[0] == files[1]
    page = (folders[0] / "report.html").read_text("utf-8")
    assert page.count("<figure") == 2
    assert (folders[0] / "report.docx").exists()

"""Time what a user waits for beside the least that could do it: ``make bench``.

Each pair is a command of ours and a peer that any program of its kind must pay
for.  Commands run by turns, so that a busy machine slows all of them alike, in
one environment and with linear algebra held to one thread; the table gives the
median and the fastest of the runs.  Speed is reported here, never asserted.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

CHECKOUT = Path(__file__).resolve().parents[2]
STUDY = CHECKOUT / "analyses" / "distance_coaching" / "study.toml"
LIBRARIES = "import docx, jinja2, pandas, pydantic, scipy.stats, matplotlib.pyplot"


@dataclass(frozen=True, slots=True)
class Pair:
    """A command of ours, its peer, how often each runs, and the ratio aimed at."""

    name: str
    ours: Sequence[str]
    peer_name: str
    peer: Sequence[str]
    runs: int
    aim: float | None = None


def main() -> None:
    """Run every pair and print the table."""
    environment = os.environ | {
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
    with tempfile.TemporaryDirectory() as folder:
        rows = [_row(pair, environment) for pair in _pairs(Path(folder) / "report")]
    header = ("what", "median s", "best s", "beside", "median s", "ratio", "aim")
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def _pairs(report: Path) -> tuple[Pair, ...]:
    python = (sys.executable, "-c")
    dyadkit = (sys.executable, "-m", "dyadkit.cli")
    return (
        Pair(
            name="import dyadkit",
            ours=(*python, "import dyadkit"),
            peer_name="bare Python",
            peer=(*python, "pass"),
            runs=15,
        ),
        Pair(
            name="dyadkit --help",
            ours=(*dyadkit, "--help"),
            peer_name="import typer",
            peer=(*python, "import typer"),
            runs=15,
            aim=2.0,
        ),
        Pair(
            name="dyadkit analyze, sample study",
            ours=(*dyadkit, "analyze", str(STUDY), "--out", str(report), "--overwrite", "--quiet"),
            peer_name="import its libraries",
            peer=(*python, LIBRARIES),
            runs=3,
        ),
    )


def _row(pair: Pair, environment: dict[str, str]) -> tuple[str, ...]:
    commands = (pair.ours, pair.peer)
    # The first run reads files from disk and writes byte code; it is not timed.
    codes = [_exit_code(command, environment) for command in commands]
    if any(codes):
        ours, peer = (f"exit {code}" if code else "" for code in codes)
        return (pair.name, ours, "", pair.peer_name, peer, "", "")
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(pair.runs):
        for command, times in zip(commands, seconds, strict=True):
            start = perf_counter()
            _exit_code(command, environment)
            times.append(perf_counter() - start)
    our_median, peer_median = (median(times) for times in seconds)
    return (
        pair.name,
        f"{our_median:.3f}",
        f"{min(seconds[0]):.3f}",
        pair.peer_name,
        f"{peer_median:.3f}",
        f"{our_median / peer_median:.2f}",
        "" if pair.aim is None else f"< {pair.aim:g}",
    )


def _exit_code(command: Sequence[str], environment: dict[str, str]) -> int:
    return subprocess.run(
        command,
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    ).returncode


if __name__ == "__main__":
    main()

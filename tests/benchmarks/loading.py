"""Time loading a large export beside reading it plainly: ``make bench``.

Each job runs in a process of its own, so that its peak memory is its own; ours and the peer's run
by turns.  The table gives medians of the seconds a job takes after its imports, and of the peak
memory of the process.  Reported, never asserted.
"""

from __future__ import annotations

import compileall
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES = (
    CHECKOUT / "analyses" / "distance_coaching" / "study.toml",
    CHECKOUT / "analyses" / "workplace_mentoring" / "study.toml",
)
ROWS = 1_000_000
ITEMS = 36
RUNS = 3

STUDY = f"""\
[study]
roles = ["coach", "client"]

[[source]]
path = "answers.csv"
role_column = "role"
dyad = "pair"
person = "id"
group = "team"

[scale.one]
items = ["item1..item{ITEMS // 2}"]
range = [1, 7]
reverse = ["item3"]
minimum_answered = 12

[scale.two]
items = ["item{ITEMS // 2 + 1}..item{ITEMS}"]
range = [1, 7]
minimum_answered = 12
"""

PARTNERS = """\
[study]
roles = ["mentor", "developee"]
orphans = "keep"

[[source]]
path = "partners.csv"
role_column = "role"
person = "id"
partner = "partner"

[variable.x]
column = "x"
"""

# Each job prints the seconds it took after its imports, and the peak memory of its process.
JOB = """\
import json, resource, sys, time
{imports}
start = time.perf_counter()
{work}
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([seconds, peak]))
"""
PANDAS = JOB.format(imports="import pandas as pd", work="pd.read_csv(sys.argv[1])")
LOAD = JOB.format(
    imports="import dyadkit as dk; dk.load, dk.read_study",
    work="dk.load(dk.read_study(sys.argv[1]))",
)
INSPECT = JOB.format(
    imports="from dyadkit.loading.screening.inspection import inspect\n"
    "import dyadkit as dk; dk.read_study",
    work="inspect(dk.read_study(sys.argv[1]))",
)
CHECK = JOB.format(
    imports="import subprocess",
    work="subprocess.run([sys.executable, '-m', 'dyadkit.cli', 'check', sys.argv[1]],"
    " stdout=subprocess.DEVNULL)",
)


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work, its peer, and what is aimed at."""

    name: str
    code: str
    file: Path
    peer: tuple[str, str, Path] | None
    aim: str


def main() -> None:
    """Write the exports, run the jobs and print the table."""
    # Installers compile a package; a checkout may not be compiled yet.
    compileall.compile_dir(CHECKOUT / "dyadkit", quiet=1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_exports(folder)
        answers = ("pandas.read_csv", PANDAS, folder / "answers.csv")
        jobs = [
            Job("read, pair, score 1M × 40", LOAD, folder / "study.toml", answers, "< 2 and < 1"),
            Job("pair 1M by partner ids", LOAD, folder / "partners.toml", None, "< 10 s"),
            Job("… and look for mess", INSPECT, folder / "partners.toml", None, ""),
            *(Job(f"check {path.parent.name}", CHECK, path, None, "< 2 s") for path in SAMPLES),
        ]
        print(f"{'what':28} {'s':>7} {'MB':>6}   beside {'s':>17} {'MB':>6}   ratios     aim")
        for job in jobs:
            show(job)


def write_exports(folder: Path) -> None:
    """Write a million rows of answers, and a million people who name their partners."""
    import numpy as np

    rng = np.random.default_rng(1)
    names = ["pair", "role", "id", "team", *(f"item{n}" for n in range(1, ITEMS + 1))]
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    with (folder / "answers.csv").open("w", encoding="utf-8") as file:
        file.write(",".join(names) + "\n")
        for start in range(0, ROWS, 50_000):
            answers = rng.integers(1, 8, (50_000, ITEMS)).astype("U1")
            answers[rng.random(answers.shape) < 0.02] = ""
            file.write(
                "".join(
                    f"{row // 2:07}C,{('coach', 'client')[row % 2]},{row:07}A,{row // 50:05}T,"
                    f"{','.join(cells)}\n"
                    for row, cells in enumerate(answers.tolist(), start)
                )
            )
    (folder / "partners.toml").write_text(PARTNERS, encoding="utf-8")
    half = ROWS // 2
    spelt = rng.random(ROWS)
    with (folder / "partners.csv").open("w", encoding="utf-8") as file:
        file.write("role,id,partner,x\n")
        for row in range(ROWS):
            place = row % half
            mine, other = (f"M{place:07}", f"D{place:07}")[:: 1 if row < half else -1]
            if spelt[row] < 0.002:  # an O for a zero, or a small letter
                other = other.replace("0", "O", 1) if spelt[row] < 0.001 else other.lower()
            file.write(f"{'mentor' if row < half else 'developee'},{mine},{other},{row % 7}\n")


def show(job: Job) -> None:
    """Run a job and its peer by turns, and print their medians."""
    ours, theirs = [], []
    for _ in range(RUNS):
        ours.append(measure(job.code, job.file))
        if job.peer is not None:
            theirs.append(measure(job.peer[1], job.peer[2]))
    seconds, peak = (median(values) for values in zip(*ours, strict=True))
    line = f"{job.name:28} {seconds:7.2f} {peak:6.0f}"
    if job.peer is None:
        print(f"{line}{'':46}{job.aim}")
        return
    peer_seconds, peer_peak = (median(values) for values in zip(*theirs, strict=True))
    print(
        f"{line}   {job.peer[0]:16} {peer_seconds:7.2f} {peer_peak:6.0f}   "
        f"{seconds / peer_seconds:.2f} {peak / peer_peak:.2f}  {job.aim}"
    )


def measure(code: str, file: Path) -> tuple[float, float]:
    """Run a job in a process of its own; return its seconds and its peak memory in MB."""
    done = subprocess.run(
        (sys.executable, "-c", code, str(file)),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, peak = json.loads(done.stdout.splitlines()[-1])
    return seconds, peak


if __name__ == "__main__":
    main()

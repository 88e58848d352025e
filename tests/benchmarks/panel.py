"""Time a panel with its competing models and bootstrap beside lavaan: ``make bench``.

The job is that of a published panel: five competing models (four with random intercepts, one
without) with their fit measures, and 5,000 bootstrap samples of the chosen one, of 355 dyads, four
waves and two series.  Ours is `dk.fit_panel` as a whole, with intervals, tables and figures
specified; the peer's are the five fits and the bootstrap alone, of the same models on the same data
in one run, timed inside R, so that neither its start nor reading the data counts.  lavaan's
bootstrap is timed on fewer samples and multiplied up, which is said.  Without Rscript its lines are
left out, and that is said too.

Speed is reported, never asserted.  That both fitted the same models is: chi-squares must agree
within 0.001.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

import dyadkit as dk
from dyadkit.frame import Variable

N, WAVES, DRAWS = 355, 4, 5000
RUNS = 3
CHI_SQUARES_WITHIN = 0.001
R_TIMES = """\
suppressPackageStartupMessages(library(lavaan))
data <- read.csv("{data}", na.strings = "")
files <- list.files("{folder}", pattern = "[.]txt$", full.names = TRUE)
models <- lapply(files, readLines)
fit <- function(model) {{
  run <- if (any(grepl("=~", model))) lavaan else sem
  fitted <- run(model, data, meanstructure = TRUE, missing = "{missing}", fixed.x = FALSE)
  list(fitted, fitMeasures(fitted))
}}
all <- function() suppressWarnings(lapply(models, fit))
fits <- all()
times <- replicate({runs}, system.time(all())[["elapsed"]])
chosen <- fits[[length(fits)]][[1]]
drawn <- system.time(suppressWarnings(bootstrapLavaan(chosen, R = {few})))[["elapsed"]]
cat(format(c(median(times), drawn, vapply(fits, function(f) f[[2]][["chisq"]], 0)), digits = 15))
"""


def main() -> None:
    """Run the job on complete data and on data with gaps, and print the table."""
    print(f"{'what':44} {'s':>8}   {'beside':32} {'s':>8}   ratio   aim")
    for name, share, missing, few in (
        ("complete", 0.0, "listwise", 50),
        ("FIML", 0.12, "ml", 20),
    ):
        compare(name, dyads(share), missing, few)


def compare(name: str, data: dk.DyadFrame, missing: str, few: int) -> None:
    """Time both, check that they fitted the same models, and print a line for each part."""
    options = {"x": "x.mentor", "y": "y.mentor", "kind": "riclpm", "equal_lags": True}
    models = timed(lambda: dk.fit_panel(data, **options, seed=1))
    whole = timed(lambda: dk.fit_panel(data, **options, bootstrap=DRAWS, seed=1))
    tidy = dk.fit_panel(data, **options, seed=1).tidy()
    fitted = tidy[tidy["quantity"] == "model"].set_index("term")
    # The chosen model comes last.
    fitted = fitted.sort_index(key=lambda terms: terms == "model: Reciprocal", kind="stable")
    theirs = lavaan(data.wide(), fitted["syntax"].tolist(), missing, few)
    peers = (None, None)
    if theirs is not None:
        five, drawn, *chi_squares = theirs
        apart = np.abs(fitted["estimate"].to_numpy() - np.array(chi_squares))
        if apart.max() > CHI_SQUARES_WITHIN:
            sys.exit(f"{name}: chi-squares differ by {apart.max():.2g}; these are other models")
        peers = (five, five + drawn * DRAWS / few)
    show(f"{len(fitted)} competing models, {name}", models, "lavaan", peers[0], "")
    show(
        f"and {DRAWS:,} bootstrap samples, {name}",
        whole,
        f"lavaan, {few} samples x {DRAWS / few:g}",
        peers[1],
        "50x, under 10 s",
    )


def show(what: str, ours: float, peer: str, theirs: float | None, aim: str) -> None:
    """Print a line."""
    if theirs is None:
        print(f"{what:44} {ours:8.3f}   {peer + ': not installed':32}")
        return
    print(f"{what:44} {ours:8.3f}   {peer:32} {theirs:8.2f}   {theirs / ours:5.1f}   {aim}")


def timed(job: Callable[[], object]) -> float:
    """Return the median seconds of a job, after one run that does not count."""
    job()
    found = []
    for _ in range(RUNS):
        start = time.perf_counter()
        job()
        found.append(time.perf_counter() - start)
    return median(found)


def lavaan(data: pd.DataFrame, models: list[str], missing: str, few: int) -> list[float] | None:
    """Return R's seconds for all models and for a few samples of the last, and chi-squares."""
    if shutil.which("Rscript") is None:
        print("there is no Rscript on the path: lavaan is left out", file=sys.stderr)
        return None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data.to_csv(folder / "data.csv", index=False)
        for number, model in enumerate(models):
            (folder / f"{number}.txt").write_text(model, encoding="utf-8")
        script = R_TIMES.format(
            data=folder / "data.csv", folder=folder, missing=missing, few=few, runs=RUNS
        )
        done = subprocess.run(
            ("Rscript", "-e", script), capture_output=True, text=True, check=False
        )
    if done.returncode:
        print(f"lavaan did not run: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return [float(value) for value in done.stdout.split()]


def dyads(share: float) -> dk.DyadFrame:
    """Simulate mentors in four waves, a share of whom answered nothing in each."""
    rng = np.random.default_rng(4)
    trait = rng.normal(size=(N, 2)) @ np.linalg.cholesky(np.array([[0.5, 0.2], [0.2, 0.4]])).T
    state = rng.normal(size=(N, 2))
    carry = np.array([[0.4, 0.1], [0.2, 0.3]])
    frames = []
    for wave in range(1, WAVES + 1):
        if wave > 1:
            state = state @ carry.T + 0.8 * rng.normal(size=(N, 2))
        answers = trait + state + [3.0, 4.0]
        answers[rng.random(N) < share] = np.nan
        frames.append(
            pd.DataFrame(answers, columns=["x", "y"]).assign(
                pair=np.arange(N), role="mentor", wave=f"t{wave}"
            )
        )
        frames.append(frames[-1][["pair", "wave"]].assign(role="developee", z=1.0))
    return dk.DyadFrame.from_individual(
        pd.concat(frames),
        dyad="pair",
        role="role",
        wave="wave",
        roles=("mentor", "developee"),
        variables={name: Variable(name, name.upper(), level="person") for name in "xyz"},
    )


if __name__ == "__main__":
    main()

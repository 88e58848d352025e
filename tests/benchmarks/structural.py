"""Time structural equation models beside lavaan and semopy: ``make bench``.

Each line is one job and one peer in one run, on the same simulated data: medians of several runs
after a warm-up, standard errors and fit measures included.  lavaan is timed inside R, which is
started once a job, so that neither its start nor reading the data counts; its bootstrap is timed
on fewer draws and multiplied up.  Without Rscript its lines are left out, and that is said.
Reported, never asserted.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

import dyadkit as dk

N = 355
R_TIMES = """\
suppressPackageStartupMessages(library(lavaan))
data <- read.csv("{data}", na.strings = "")
model <- readLines("{model}")
once <- function() {{ {job} }}
suppressWarnings(invisible(once()))
times <- replicate({runs}, system.time(suppressWarnings(once()))[["elapsed"]])
cat(median(times))
"""


def main() -> None:
    """Run the jobs and print the table."""
    complete, gaps = panel(0.0), panel(0.4)
    latent, syntax = latent_dyads()
    print(f"{'what':44} {'s':>8}   {'beside':24} {'s':>8}   ratio   aim")
    options = {"auto": "lavaan", "missing": "listwise"}
    full = {"auto": "lavaan", "missing": "fiml"}
    ours = timed(lambda: dk.fit_sem(RICLPM, complete, **options).summary, 15)
    fit = "fit <- lavaan(model, data, meanstructure = TRUE{more}); fitMeasures(fit)"
    show("one RI-CLPM, complete", ours, "lavaan", lavaan(RICLPM, complete, fit, 5), "20x")
    ours = timed(lambda: dk.fit_sem(RICLPM, gaps, **full).summary, 15)
    fiml = ", missing = 'ml'"
    show("one RI-CLPM, FIML", ours, "lavaan", lavaan(RICLPM, gaps, fit, 3, fiml), "20x")
    show("one RI-CLPM, FIML", ours, "semopy ModelMeans", semopy_means(gaps), "100x")
    for name, data, settings, more, few, aim in (
        ("complete", complete, options, "", 50, "100x"),
        ("FIML", gaps, full, fiml, 10, "40x"),
    ):
        fitted = dk.fit_sem(RICLPM, data, **settings)
        ours = timed(lambda fitted=fitted: fitted.with_bootstrap(1000, seed=1), 3)
        job = f"bootstrapLavaan(lavaan(model, data, meanstructure = TRUE{more}), R = {few})"
        theirs = lavaan(RICLPM, data, job, 1)
        peer = None if theirs is None else theirs * 1000 / few
        show(f"1,000 bootstrap refits, {name}", ours, f"bootstrapLavaan, {few} x", peer, aim)
    ours = timed(lambda: dk.fit_sem(syntax, latent).summary, 5)
    fit = "fit <- sem(model, data, missing = 'ml'); fitMeasures(fit)"
    show(
        "latent dyads, 28 indicators, FIML, N = 121",
        ours,
        "lavaan",
        lavaan(syntax, latent, fit, 1),
        "5x",
    )
    million = pairs(1_000_000)
    array = million.to_numpy()
    ours = timed(lambda: dk.fit_sem(APIM, million).summary, 5)
    theirs = timed(lambda: np.cov(array.T), 5)
    show("APIM of 1,000,000 dyads", ours, "numpy.cov", theirs, "time < 3x", slower=True)
    items, model = two_groups()
    ours = timed(lambda: ladder(model, items), 5)
    job = "for (step in steps) fitMeasures(cfa(model, data, group = 'arm', group.equal = step))"
    steps = ", ".join(
        f"c({', '.join(repr(n) for n in STEPS[:k])})" if k else "''" for k in range(4)
    )
    theirs = lavaan(model, items, f"steps <- list({steps}); {job}", 1)
    show("four-step invariance, 20 items, N = 700", ours, "lavaan", theirs, "10x")
    fitted = dk.fit_sem(model, items, auto="cfa", missing="listwise")
    ours = timed(fitted.modification_indices, 5)
    theirs = timed(lambda: dk.fit_sem(model, items, auto="cfa", missing="listwise").summary, 5)
    name = f"modification indices, {fitted.solution.table.n_free} parameters"
    show(name, ours, "its own fit", theirs, "time < 2x", slower=True)
    answers, model = ordered_items()
    ours = timed(
        lambda: dk.fit_sem(model, answers, auto="cfa", estimator="WLSMV", ordered=True).summary, 5
    )
    fit = "fit <- cfa(model, data, ordered = names(data), estimator = 'WLSMV'); fitMeasures(fit)"
    show(
        "WLSMV, 16 items of 5 categories, N = 355",
        ours,
        "lavaan",
        lavaan(model, answers, fit, 1),
        "3x",
    )


def show(
    what: str, ours: float, peer: str, theirs: float | None, aim: str, slower: bool = False
) -> None:
    """Print a line."""
    if theirs is None:
        print(f"{what:44} {ours:8.4f}   {peer + ': not installed':24}")
        return
    ratio = ours / theirs if slower else theirs / ours
    print(f"{what:44} {ours:8.4f}   {peer:24} {theirs:8.3f}   {ratio:5.1f}   {aim}")


def timed(job: Callable[[], object], runs: int) -> float:
    """Return the median seconds of a job, after one run that does not count."""
    job()
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        job()
        found.append(time.perf_counter() - start)
    return median(found)


def lavaan(model: str, data: pd.DataFrame, job: str, runs: int, more: str = "") -> float | None:
    """Return the median seconds of a job in R, or None where there is no R with lavaan."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data.to_csv(folder / "data.csv", index=False)
        (folder / "model.txt").write_text(model, encoding="utf-8")
        script = R_TIMES.format(
            data=folder / "data.csv",
            model=folder / "model.txt",
            job=job.format(more=more),
            runs=runs,
        )
        done = subprocess.run(
            ("Rscript", "-e", script), capture_output=True, text=True, check=False
        )
    if done.returncode:
        print(f"lavaan did not run: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return float(done.stdout.split()[-1])


def semopy_means(data: pd.DataFrame) -> float | None:
    """Return the median seconds that semopy's model with means takes, missing scores and all."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import semopy
        except ModuleNotFoundError:
            return None
        return timed(lambda: semopy.ModelMeans(SEMOPY).fit(data), 1)


STEPS = ("loadings", "intercepts", "residuals")


def ladder(model: str, data: pd.DataFrame) -> None:
    """Fit the model to two groups with more and more held equal."""
    for step in range(4):
        dk.fit_sem(
            model, data, auto="cfa", missing="listwise", group="arm", group_equal=STEPS[:step]
        )


def two_groups() -> tuple[pd.DataFrame, str]:
    """Simulate 20 items of four factors in two groups of 350."""
    rng = np.random.default_rng(7)
    factors = rng.normal(size=(700, 4)) @ np.linalg.cholesky(0.4 + 0.6 * np.eye(4)).T
    loadings = np.kron(np.eye(4), np.linspace(0.6, 1.0, 5))
    names = [f"i{number}" for number in range(1, 21)]
    items = pd.DataFrame(factors @ loadings + rng.normal(size=(700, 20)), columns=names)
    model = "\n".join(f"f{k + 1} =~ " + " + ".join(names[5 * k : 5 * k + 5]) for k in range(4))
    return items.assign(arm=np.repeat(["a", "b"], 350)), model


def ordered_items() -> tuple[pd.DataFrame, str]:
    """Simulate 16 items of four factors, answered in five categories."""
    rng = np.random.default_rng(8)
    factors = rng.normal(size=(N, 4)) @ np.linalg.cholesky(0.4 + 0.6 * np.eye(4)).T
    names = [f"i{number}" for number in range(1, 17)]
    responses = np.repeat(factors, 4, axis=1) + rng.normal(size=(N, 16))
    answers = np.searchsorted([-2.0, -0.7, 0.5, 1.8], responses) + 1
    model = "\n".join(f"f{k + 1} =~ " + " + ".join(names[4 * k : 4 * k + 4]) for k in range(4))
    return pd.DataFrame(answers, columns=names), model


def panel(share: float) -> pd.DataFrame:
    """Simulate four waves of two variables; a share of the dyads misses one of 24 patterns."""
    rng = np.random.default_rng(4)
    trait = rng.normal(size=(N, 2)) @ np.linalg.cholesky(np.array([[0.5, 0.2], [0.2, 0.4]])).T
    state = rng.normal(size=(N, 2))
    carry = np.array([[0.4, 0.1], [0.2, 0.3]])
    waves = []
    for wave in range(4):
        if wave:
            state = state @ carry.T + 0.8 * rng.normal(size=(N, 2))
        waves.append(trait + state + [3.0, 4.0])
    values = np.hstack([np.column_stack([w[:, 0] for w in waves])])
    values = np.hstack([values, np.column_stack([w[:, 1] for w in waves])])
    if share:
        patterns = np.unique(rng.random((400, 8)) < 0.2, axis=0)
        patterns = patterns[patterns.any(axis=1) & (patterns.sum(axis=1) < 6)]
        patterns = patterns[rng.permutation(len(patterns))[:23]]
        rows = rng.permutation(N)[: int(share * N)]
        values[rows] = np.where(patterns[rng.integers(23, size=rows.size)], np.nan, values[rows])
    names = [f"x{wave}" for wave in range(1, 5)] + [f"y{wave}" for wave in range(1, 5)]
    return pd.DataFrame(values, columns=names)


def latent_dyads() -> tuple[pd.DataFrame, str]:
    """Simulate two constructs of seven items in both roles, each dyad with gaps of its own."""
    rng = np.random.default_rng(5)
    factors = rng.normal(size=(121, 4)) @ np.linalg.cholesky(0.6 * np.eye(4) + 0.4).T
    names, columns = [], []
    shared = rng.normal(size=(121, 14))
    for role, letter in enumerate("md"):
        for construct, stem in enumerate(("trust", "growth")):
            for item in range(7):
                names.append(f"{stem}{item + 1}_{letter}")
                noise = 0.4 * shared[:, construct * 7 + item] + 0.6 * rng.normal(size=121)
                columns.append(0.8 * factors[:, 2 * role + construct] + noise)
    values = np.column_stack(columns)
    values[rng.random(values.shape) < 0.06] = np.nan
    lines = [
        f"{stem}_{letter} =~ " + " + ".join(f"{stem}{item}_{letter}" for item in range(1, 8))
        for letter in "md"
        for stem in ("trust", "growth")
    ]
    lines += [
        f"{stem}{item}_m ~~ {stem}{item}_d" for stem in ("trust", "growth") for item in range(1, 8)
    ]
    lines += [
        "growth_m ~ trust_m + trust_d",
        "growth_d ~ trust_d + trust_m",
        "growth_m ~~ growth_d",
    ]
    return pd.DataFrame(values, columns=names), "\n".join(lines)


def pairs(n: int) -> pd.DataFrame:
    """Simulate an actor-partner model."""
    rng = np.random.default_rng(6)
    x = rng.normal(size=(n, 2)) @ np.array([[1.0, 0.3], [0.0, 0.95]])
    y = 0.4 * x + 0.2 * x[:, ::-1] + rng.normal(size=(n, 2))
    return pd.DataFrame(np.hstack([x, y]), columns=["x_m", "x_d", "y_m", "y_d"])


APIM = "y_m ~ a1*x_m + p1*x_d\ny_d ~ a2*x_d + p2*x_m\ny_m ~~ y_d"
_WITHIN = "\n".join(
    f"wx{t} =~ 1*x{t}\nwy{t} =~ 1*y{t}\nx{t} ~~ 0*x{t}\ny{t} ~~ 0*y{t}\n"
    f"wx{t} ~~ wx{t}\nwy{t} ~~ wy{t}\nwx{t} ~~ wy{t}"
    for t in range(1, 5)
)
_LAGS = "\n".join(f"wx{t} + wy{t} ~ wx{t - 1} + wy{t - 1}" for t in range(2, 5))
_BETWEEN = (
    "ix =~ 1*x1 + 1*x2 + 1*x3 + 1*x4\niy =~ 1*y1 + 1*y2 + 1*y3 + 1*y4\nix ~~ ix\niy ~~ iy\nix ~~ iy"
)
_MEANS = "\n".join(f"{v}{t} ~ 1" for v in "xy" for t in range(1, 5))
RICLPM = "\n".join([_BETWEEN, _WITHIN, _LAGS, _MEANS])
SEMOPY = "\n".join(
    [_BETWEEN, _WITHIN, *(f"w{v}{t} ~ wx{t - 1} + wy{t - 1}" for t in (2, 3, 4) for v in "xy")]
)

if __name__ == "__main__":
    main()

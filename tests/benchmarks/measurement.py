"""Time the ladder of measurement invariance beside lavaan: ``make bench``.

Reported, never asserted, except that both reach the same chi-squares.  R is started once, so that
neither its start nor reading the data counts; linear algebra is held to one thread.
"""

from __future__ import annotations

import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"

import json  # noqa: E402
import shutil  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402
from time import perf_counter  # noqa: E402

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

import dyadkit as dk  # noqa: E402
from dyadkit.measurement.ladder import Factor, Step, ladder_syntax  # noqa: E402

STEPS: tuple[Step, ...] = ("configural", "loadings", "intercepts", "residuals")
IN_R = """\
suppressPackageStartupMessages(library(lavaan))
data <- read.csv("{data}")
models <- jsonlite::fromJSON("{models}")
seconds <- system.time(fits <- lapply(models, function(m) lavaan(m, data, missing = "fiml")))
cat(format(c(seconds[["elapsed"]], sapply(fits, fitMeasures, "chisq")), digits = 15))
"""


def main() -> None:
    """Time a ladder that lavaan can do in a minute or so, then the large one alone."""
    small, factors = answers(6)
    syntaxes = [ladder_syntax(factors, step) for step in STEPS]
    ours, chisq = ladder(small, syntaxes)
    name = "ladder of 4, 6 items x 2 roles x 2 waves, N = 355, gaps"
    theirs = in_r(small, syntaxes)
    if theirs is None:
        print(f"{name:60} {ours:7.2f} s   lavaan: not installed")
    else:
        # lavaan stops a little before the optimum.
        np.testing.assert_allclose(theirs[1:], chisq, rtol=1e-4)
        print(
            f"{name:60} {ours:7.2f} s   lavaan {theirs[0]:7.1f} s   {theirs[0] / ours:5.1f}x   5x"
        )
    large, factors = answers(20)
    ours, _ = ladder(large, [ladder_syntax(factors, step) for step in STEPS])
    name = "ladder of 4, 20 items x 2 roles x 2 waves, N = 355, gaps"
    print(f"{name:60} {ours:7.2f} s   (aim: under 20 s)")


def answers(items: int) -> tuple[pd.DataFrame, tuple[Factor, ...]]:
    """Return simulated answers of 355 pairs in two waves, some missing, and their factors."""
    rng = np.random.default_rng(1)
    n = 355
    level = rng.multivariate_normal(np.zeros(4), 0.4 + 0.6 * np.eye(4), n)
    unique = 0.4 * rng.normal(size=(n, items))
    columns, factors = {}, []
    for place, where in enumerate(("m_t1", "d_t1", "m_t2", "d_t2")):
        loadings = np.linspace(0.6, 0.9, items)
        values = 3 + level[:, [place]] * loadings + unique + 0.6 * rng.normal(size=(n, items))
        values[rng.random(values.shape) < 0.05] = np.nan
        if where.endswith("t2"):
            values[rng.random(n) < 0.15] = np.nan
        names = tuple(f"q{item + 1}_{where}" for item in range(items))
        columns |= dict(zip(names, values.T, strict=True))
        factors.append(Factor(f"f_{where}", where, names))
    return pd.DataFrame(columns), tuple(factors)


def ladder(data: pd.DataFrame, syntaxes: list[str]) -> tuple[float, list[float]]:
    """Fit all models; return the seconds and the chi-squares."""
    start = perf_counter()
    fits = [dk.fit_sem(syntax, data, auto="lavaan") for syntax in syntaxes]
    return perf_counter() - start, [float(fit.summary["chisq"]) for fit in fits]


def in_r(data: pd.DataFrame, syntaxes: list[str]) -> list[float] | None:
    """Return lavaan's seconds and chi-squares; None without it."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file, models = Path(folder) / "data.csv", Path(folder) / "models.json"
        data.to_csv(file, index=False)
        models.write_text(json.dumps(syntaxes), encoding="utf-8")
        script = IN_R.format(data=file, models=models)
        done = subprocess.run(
            ["Rscript", "-e", script], capture_output=True, text=True, check=False
        )
    return None if done.returncode else [float(part) for part in done.stdout.split()]


if __name__ == "__main__":
    main()

"""Time indices of agreement beside pandas' reading of the same file, pingouin, R.

Reported, never asserted, except that both give the same numbers; medians of several runs, by turns
in this process, with linear algebra held to one thread: ``make bench``.
"""

from __future__ import annotations

import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"

import shutil  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
import warnings  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from statistics import median  # noqa: E402
from time import perf_counter  # noqa: E402

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from dyadkit.agreement.grouping import grouped  # noqa: E402
from dyadkit.agreement.intraclass import intraclass_correlations  # noqa: E402
from dyadkit.agreement.nulls import null_named  # noqa: E402
from dyadkit.agreement.profiles import item_norms, row_correlations  # noqa: E402
from dyadkit.agreement.pseudo_pairs import pseudo_couples  # noqa: E402
from dyadkit.agreement.two_ratings import compare_ratings  # noqa: E402
from dyadkit.agreement.within_group import rwg  # noqa: E402


def main() -> None:
    """Print a line for each job."""
    print(f"{'what':52} {'s':>8}   {'beside':28} {'s':>8}   ratio   aim")
    rng = np.random.default_rng(1)
    million(rng)
    targets(rng)
    permutations(rng)
    groups(rng)


def million(rng: np.random.Generator) -> None:
    """Time all indices of a million pairs beside reading them, as scale means and unrounded."""
    shared = rng.normal(size=1_000_000)
    scores = [4 + shared + rng.normal(size=shared.size) for _ in range(2)]
    for name, digits in (("scale means", 1), ("six digits", 6)):
        first, second = (np.round(score, digits) for score in scores)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "pairs.csv"
            ids = np.char.add("P", np.arange(first.size).astype(str))
            frame = pd.DataFrame({"pair": ids, "mentor": first, "developee": second})
            frame.to_csv(file, index=False)
            ours, theirs = by_turns(
                lambda first=first, second=second: compare_ratings(
                    first, second, margin=0.2, within=1.0
                ),
                lambda file=file: pd.read_csv(file),
                9,
            )
        show(f"two ratings, 1,000,000 dyads, {name}", ours, "pandas.read_csv", theirs, "> 1x")


def targets(rng: np.random.Generator) -> None:
    """Time all intraclass correlations of 20,000 targets beside pingouin."""
    import pingouin

    ratings = rng.normal(size=(20_000, 1)) + rng.normal(size=(20_000, 2))
    long = pd.DataFrame(
        {
            "dyad": np.repeat(np.arange(20_000), 2),
            "rater": np.tile([0, 1], 20_000),
            "score": ratings.ravel(),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the peer

        def theirs() -> pd.DataFrame:
            return pingouin.intraclass_corr(long, targets="dyad", raters="rater", ratings="score")

        found = intraclass_correlations(ratings)
        expected = theirs()["ICC"].to_numpy()
        np.testing.assert_allclose([form.estimate for form in found.forms], expected, rtol=1e-9)
        ours, other = by_turns(lambda: intraclass_correlations(ratings), theirs, 5)
    show("all ICCs, 20,000 targets x 2", ours, "pingouin", other, "50x")


def permutations(rng: np.random.Generator) -> None:
    """Time the pseudo-couples' baseline of 355 pairs beside a loop over permutations."""
    first = rng.normal(size=(355, 20))
    second = 0.3 * first + rng.normal(size=first.shape)
    norms = item_norms(first, second)
    one, other = first - norms[0], second - norms[1]

    def loop() -> None:
        for _ in range(100):
            row_correlations(one, other[rng.permutation(355)]).mean()

    ours, hundred = by_turns(lambda: pseudo_couples(one, other, draws=10_000, rng=rng), loop, 5)
    name = "pseudo-couples, 355 x 20, 10,000 permutations"
    show(name, ours, "a NumPy loop (of 100)", 100 * hundred, "time < 2 s")


def groups(rng: np.random.Generator) -> None:
    """Time r_wg(j) of 100,000 groups beside R's multilevel."""
    size = rng.integers(3, 8, 100_000)
    group = np.repeat(np.arange(size.size), size)
    ratings = rng.integers(1, 6, (group.size, 5)).astype(np.float64)
    null = null_named("uniform", 5)
    ours = min(timed(lambda: rwg(grouped(ratings, group), null)) for _ in range(5))
    name = "r_wg(j), 100,000 groups, 5 items"
    expected = rwg(grouped(ratings, group), null).estimate
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "groups.csv"
        pd.DataFrame(ratings, columns=list("abcde")).assign(group=group).to_csv(file, index=False)
        found = in_r(file)
    if found is None:
        print(f"{name:52} {ours:8.4f}   R's multilevel: not installed")
        return
    seconds, mean = found
    np.testing.assert_allclose(mean, expected, rtol=1e-10)
    show(name, ours, "multilevel rwg.j", seconds, "20x")


def in_r(file: Path) -> tuple[float, float] | None:
    """Return the seconds and the mean r_wg(j) of R's multilevel; None without it."""
    if shutil.which("Rscript") is None:
        return None
    script = (
        "suppressPackageStartupMessages(library(multilevel)); "
        f"d <- read.csv('{file}'); "
        "t <- system.time(r <- rwg.j(d[, 1:5], d$group, 2))[['elapsed']]; "
        "cat(format(c(t, mean(r$rwg.j)), digits = 17))"
    )
    done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    seconds, mean = map(float, done.stdout.split())
    return seconds, mean


def timed(job: Callable[[], object]) -> float:
    """Return the seconds of one run."""
    start = perf_counter()
    job()
    return perf_counter() - start


def by_turns(
    ours: Callable[[], object], theirs: Callable[[], object], runs: int
) -> tuple[float, float]:
    """Return the median seconds of both, after a run of each that does not count."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for run in range(runs + 1):
        for job, spent in zip((ours, theirs), seconds, strict=True):
            start = perf_counter()
            job()
            if run:
                spent.append(perf_counter() - start)
    return median(seconds[0]), median(seconds[1])


def show(what: str, ours: float, peer: str, theirs: float, aim: str) -> None:
    """Print a line."""
    print(f"{what:52} {ours:8.4f}   {peer:28} {theirs:8.4f}   {theirs / ours:5.1f}   {aim}")


if __name__ == "__main__":
    main()

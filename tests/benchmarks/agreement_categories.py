"""Time agreement on categories beside a peer that does the same work.

Reported, never asserted; both run in this process, by turns, with linear algebra held to one
thread.  The peer need not be there.
"""

from __future__ import annotations

import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"

from collections.abc import Callable  # noqa: E402
from importlib import import_module  # noqa: E402
from importlib.util import find_spec  # noqa: E402
from statistics import median  # noqa: E402
from time import perf_counter  # noqa: E402

import numpy as np  # noqa: E402

from dyadkit.agreement.category_agreement import compare_categories  # noqa: E402
from dyadkit.agreement.category_counts import count_categories  # noqa: E402
from dyadkit.agreement.krippendorff import METRICS, krippendorff_alpha  # noqa: E402

UNITS = 100_000


def main() -> None:
    """Print a line for each metric and number of raters, and for what has no peer."""
    rng = np.random.default_rng(1)
    peer = import_module("krippendorff") if find_spec("krippendorff") else None
    if peer is None:
        print("α: krippendorff is not installed, so that there is no peer")
    for raters, missing in ((2, 0.0), (4, 0.1)):
        ratings = simulated(rng, raters, missing)
        for metric in METRICS:
            what = f"α {metric}, {UNITS:,} × {raters}"

            def ours(ratings: np.ndarray = ratings, metric: str = metric) -> float:
                return krippendorff_alpha(count_categories(ratings), metric).estimate

            if peer is None:
                print(f"{what:32} {timed(ours):9.4f} s")
                continue

            def theirs(ratings: np.ndarray = ratings, metric: str = metric) -> float:
                return peer.alpha(reliability_data=ratings.T, level_of_measurement=metric)

            mine, other = timed(ours), timed(theirs)
            gap = abs(ours() - theirs())
            print(
                f"{what:32} {mine:9.4f} s   krippendorff: {other:9.4f} s   {other / mine:6.1f} ×"
                f"   (estimates differ by {gap:.0e})"
            )
    pairs = simulated(rng, 2, 0.0)
    few = 2_000
    for metric in ("nominal", "ordinal"):

        def draw(metric: str = metric) -> object:
            return krippendorff_alpha(count_categories(pairs), metric, draws=few, rng=rng)

        print(f"{f'α {metric}, {few:,} draws, {UNITS:,} × 2':32} {timed(draw):9.4f} s")

    def everything() -> object:
        return compare_categories(
            pairs, [1, 2, 3, 4, 5], weights="quadratic", metric="ordinal", draws=few, rng=rng
        )

    print(f"{f'all indices, {few:,} draws, {UNITS:,} × 2':32} {timed(everything):9.4f} s")


def simulated(rng: np.random.Generator, raters: int, missing: float) -> np.ndarray:
    """Return ratings from 1 to 5 that agree more than chance would."""
    own = rng.normal(size=(UNITS, 1))
    codes = np.clip(np.rint(3 + own + 0.7 * rng.normal(size=(UNITS, raters))), 1, 5)
    codes[rng.random(codes.shape) < missing] = np.nan
    return codes


def timed(work: Callable[[], object], runs: int = 7) -> float:
    """Return the median time of a few runs after one that does not count."""
    work()
    spent = []
    for _ in range(runs):
        start = perf_counter()
        work()
        spent.append(perf_counter() - start)
    return median(spent)


if __name__ == "__main__":
    main()

"""Time estimation beside a peer that does the same work: ``make bench``.

Reported, never asserted; both run in this process, by turns, with linear algebra held to one
thread.
"""

from __future__ import annotations

import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"

import warnings  # noqa: E402
from collections.abc import Callable  # noqa: E402
from importlib.util import find_spec  # noqa: E402
from statistics import median  # noqa: E402
from time import perf_counter  # noqa: E402

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from dyadkit.estimation.intraclass import icc_mean_squares  # noqa: E402
from dyadkit.estimation.missing import em_normal  # noqa: E402
from dyadkit.estimation.reliability import cronbach_alpha, mcdonald_omega  # noqa: E402


def main() -> None:
    """Print a line for each piece of arithmetic."""
    import pingouin

    rng = np.random.default_rng(1)
    items = rng.normal(size=(355, 1)) + rng.normal(size=(355, 12))
    pairs = rng.normal(size=(20_000, 1)) + rng.normal(size=(20_000, 2))
    long = pd.DataFrame(
        {
            "dyad": np.repeat(np.arange(20_000), 2),
            "rater": np.tile([0, 1], 20_000),
            "score": pairs.ravel(),
        }
    )
    frame = pd.DataFrame(items, columns=[f"x{number}" for number in range(12)])
    model = "f =~ " + " + ".join(frame.columns)
    few = 5

    def refits() -> None:
        import semopy

        for _ in range(few):
            draw = frame.sample(len(frame), replace=True, random_state=1)
            semopy.Model(model).fit(draw.reset_index(drop=True))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the peers
        show(
            "α, 355 × 12",
            lambda: cronbach_alpha(items),
            "pingouin",
            lambda: pingouin.cronbach_alpha(frame),
        )
        show(
            "ICC(1), 20,000 dyads",
            lambda: icc_mean_squares(pairs),
            "pingouin",
            lambda: pingouin.intraclass_corr(long, "dyad", "rater", "score"),
        )
        if find_spec("semopy") is None:
            print("ω: semopy is not installed, so that there is no peer (pip install semopy)")
        else:
            show(
                "ω, 1,000 draws, 355 × 12",
                lambda: mcdonald_omega(items, rng=rng),
                f"semopy, {few} draws × {1000 // few}",
                refits,
                times=1000 / few,
            )
    values = rng.normal(size=(500, 1)) + rng.normal(size=(500, 16))
    values[rng.random((500, 16)) < 0.05] = np.nan
    print(f"{'EM, 500 × 16, 5 % missing':28} {timed(lambda: em_normal(values)):9.4f} s")


def show(
    what: str,
    ours: Callable[[], object],
    peer_name: str,
    peer: Callable[[], object],
    times: float = 1.0,
) -> None:
    """Time both and print how many times as long the peer takes."""
    mine, other = timed(ours), times * timed(peer)
    print(f"{what:28} {mine:9.4f} s   {peer_name}: {other:9.4f} s   {other / mine:8.1f} ×")


def timed(work: Callable[[], object], runs: int = 5) -> float:
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

"""Figures of agreement tell no extreme answer: not by axes, bins, references or what is absent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.display.agreement_figures import DistributionPlot, LimitsPlot
from dyadkit.frame import Variable

BOTH = ("coach", "client")


def frame_of(
    first: np.ndarray,
    second: np.ndarray,
    possible: tuple[float, float] | None = None,
    wave: np.ndarray | None = None,
) -> dk.DyadFrame:
    """Return dyads with these answers, in waves if told."""
    n = len(first)
    data = pd.DataFrame(
        {
            "pair": np.repeat([f"P{number:03d}" for number in range(n)], 2),
            "role": np.tile(BOTH, n),
            "trust": np.column_stack([first, second]).ravel(),
        }
    )
    waves = {}
    if wave is not None:
        data["wave"] = np.repeat(wave, 2)
        waves = {"wave": "wave", "waves": tuple(sorted(set(wave)))}
    described = Variable("trust", "Trust", roles=BOTH, range=possible, waves=waves.get("waves", ()))
    return dk.DyadFrame.from_individual(
        data, dyad="pair", role="role", roles=BOTH, variables={"trust": described}, **waves
    )


def specs(dyads: dk.DyadFrame) -> tuple[LimitsPlot, DistributionPlot]:
    found = {spec.name: spec for spec in dk.assess_agreement(dyads, ["trust"]).figure_specs}
    limits, apart = found["limits_trust"], found["differences_trust"]
    assert isinstance(limits, LimitsPlot)
    assert isinstance(apart, DistributionPlot)
    return limits, apart


def answers(n: int = 60, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    shared = rng.normal(50, 10, n)
    return np.rint(shared + rng.normal(0, 3, n)), np.rint(shared + rng.normal(0, 3, n))


def test_the_axis_of_differences_does_not_end_at_the_largest_one() -> None:
    first, second = answers()
    first[0], second[0] = 98.0, 3.0
    limits, _ = specs(frame_of(first, second, (0, 100)))
    assert limits.y_limits == (-50.0, 50.0)
    counted = sum(cell.cell.value for cell in limits.bins)
    # The one beyond the axis is not told by what is missing either.
    assert counted <= 55
    assert "beyond the axes" in limits.caption


@pytest.mark.parametrize("largest", [3.0, 4.0])
def test_whole_differences_do_not_show_in_the_axis(largest: float) -> None:
    # On a scale from 1 to 5 a quarter of its width is a point.
    rng = np.random.default_rng(2)
    first = rng.integers(1, 6, 200).astype(float)
    second = np.clip(first + rng.integers(-1, 2, 200), 1, 5).astype(float)
    first[:2], second[:2] = (1.0 + largest, 1.0), (1.0, 1.0 + largest)
    assert specs(frame_of(first, second, (1, 5)))[0].y_limits == (-2.0, 2.0)


def test_the_axis_of_means_does_not_end_near_the_highest_one() -> None:
    first, second = answers()
    first[0] = second[0] = 300.0
    limits, _ = specs(frame_of(first, second))
    both = np.concatenate([first, second])
    reach = 3.0 * both.std()
    assert limits.x_limits == pytest.approx((both.mean() - reach, both.mean() + reach))
    assert limits.x_limits[1] < 300.0


def test_answers_that_must_stay_hidden_do_not_stretch_an_axis() -> None:
    first, second = answers(64)
    wave = np.where(np.arange(64) < 60, "t1", "t2")
    for possible in ((0.0, 1000.0), None):
        found = []
        for far in (0.0, 900.0):
            one = np.where(wave == "t2", np.minimum(first + far, 999.0 - np.arange(64)), first)
            found.append(specs(frame_of(one, second, possible, wave)))
        (limits, apart), (stretched, further) = found
        assert limits.x_limits == stretched.x_limits
        assert limits.y_limits == stretched.y_limits
        assert apart.bars == further.bars
        assert {cell.panel for cell in stretched.bins} == {"T1"}


def test_random_pairs_are_counted_in_the_bins_of_real_ones() -> None:
    first, second = answers()
    _, apart = specs(frame_of(first, second, (0, 100)))
    (random,) = apart.references
    assert random.edges == (apart.bars[0].low, *(bar.high for bar in apart.bars))
    # By brute force: of all pairs of different dyads, how many lie in each bin.
    gaps = np.abs(first[:, np.newaxis] - second)[~np.eye(60, dtype=bool)]
    shares = np.histogram(np.minimum(gaps, random.edges[-1]), random.edges)[0] / gaps.size
    assert random.shares == pytest.approx(shares.tolist(), abs=1e-12)


def test_the_own_screen_shows_every_point() -> None:
    first, second = answers()
    first[0], second[0] = 98.0, 3.0
    result = dk.assess_agreement(frame_of(first, second, (0, 100)), ["trust"])
    figure = dk.plot_agreement_points(result, "trust")
    points = max((part.get_offsets() for part in figure.axes[0].collections), key=len)
    pairs = result.derived.data[["trust_mean", "trust_difference"]]
    assert len(points) == len(pairs.drop_duplicates())


def test_four_dyads_give_axes_that_tell_of_nobody() -> None:
    one, other = (specs(frame_of(*answers(4, seed), (0, 100))) for seed in (1, 2))
    assert one[0].x_limits == other[0].x_limits == (0.0, 100.0)
    assert one[0].y_limits == other[0].y_limits
    assert not one[1].bars


@pytest.mark.parametrize("alike", [True, False])
def test_differences_on_the_end_of_an_axis_but_for_rounding_are_within(alike: bool) -> None:
    # Means of six items: 31/6 - 13/6 is 3.0000000000000004, and the axis ends at 3.
    rng = np.random.default_rng(1)
    first, second = (rng.integers(19, 26, 300) / 6 for _ in range(2))
    first[:10], second[:10] = 31 / 6, 13 / 6
    dyads = frame_of(first, second, (1, 7))
    if alike:
        rows = dyads.individual()[["dyad", "trust"]]
        described = Variable("trust", "Trust", range=(1, 7))
        dyads = dk.DyadFrame.from_individual(rows, dyad="dyad", variables={"trust": described})
    limits, _ = specs(dyads)
    assert limits.y_limits == (0.0 if alike else -3.0, 3.0)
    top = [cell for cell in limits.bins if cell.y_high >= 3.0]
    assert sum(cell.cell.value for cell in top) == 10
    assert max(cell.y_high for cell in top) == pytest.approx(3.0, abs=1e-9)

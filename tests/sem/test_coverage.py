"""Coverage of 95 % intervals, on the samples that lavaan was tried on.

tests/oracles/coverage.R drew 2,000 samples each of a random-intercept cross-lagged panel model
(four waves, N = 355) and of a latent APIM (N = 150), and fitted them with lavaan 0.6-14.  Here R's
random numbers are made again from its seeds, so that the samples are the same, and the intervals
are held against lavaan's one by one.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

import dyadkit as dk
from dyadkit.sem.implied import implied_moments
from dyadkit.sem.language.partable import ParTable, build_partable
from dyadkit.sem.newton import minimise
from dyadkit.sem.objective import make_objective
from dyadkit.sem.restrictions import constraints_of
from dyadkit.sem.sample import Sample, sample_of_moments
from dyadkit.sem.starting import starting_values
from dyadkit.sem.structure import compile_structure

ORACLE = Path(__file__).parent.parent / "oracles" / "coverage.json"
STUDIES = ("riclpm", "latent_apim")
CRITICAL = ndtri(0.975)
AT_ONCE = 100
# In standard errors.  Both are nearer to the optimum than this: our last Newton step is below 3e-5,
# of which an error of about its square is left, and R's scoring steps go down to 1e-10.
CLOSE = 1e-8
# A Monte-Carlo result may be off by so many of its standard errors.
ALLOWED = 3.5


class Fits(NamedTuple):
    """Fits to b samples: estimates and standard errors (b, q), and whether they converged (b,)."""

    estimates: np.ndarray
    errors: np.ndarray
    converged: np.ndarray


class Study:
    """What R stated and found, the model, and samples of it."""

    def __init__(self, name: str) -> None:
        self.name, self.found = name, loaded()["studies"][name]
        self.n, self.draws = self.found["n"], self.found["draws"]
        self.table: ParTable = build_partable(
            "\n".join(self.found["syntax"]), auto="sem", fixed_x=False, meanstructure=True
        )
        self.structure = compile_structure(self.table)
        truth = dict(zip(self.found["names"], self.found["truth"], strict=True))
        self.truth = np.array([truth[name] for name in self.table.names])
        # Only the shape of this sample is used.
        p = len(self.table.observed)
        some = make_objective(
            self.structure, sample_of_moments([self.n], [np.zeros(p)], [np.eye(p)])
        )
        at = implied_moments(self.structure, some.fixed, self.truth[None])
        self.sigma, self.mu = at.sigma[0, 0], at.mu[0, 0]

    def column(self, key: str) -> np.ndarray:
        """Return what R found of each parameter, in our order (last axis)."""
        where = [self.found["names"].index(name) for name in self.table.names]
        return np.array(self.found[key])[..., where]

    def scores(self, numbers: np.ndarray) -> np.ndarray:
        """Return samples by their numbers, counted from 0, shape (b, n, p)."""
        p = self.mu.size
        root = np.linalg.cholesky(self.sigma).T
        drawn = uniforms(self.found["first_seed"] + numbers, self.n * p)
        # R fills its matrices by columns.
        z = np.swapaxes(ndtri(drawn).reshape(-1, p, self.n), 1, 2)
        return z @ root + self.mu


@cache
def loaded() -> dict[str, Any]:
    """Return tests/oracles/coverage.json."""
    found: dict[str, Any] = json.loads(ORACLE.read_text(encoding="utf-8"))
    return found


def states(seeds: np.ndarray) -> np.ndarray:
    """Return the Mersenne Twister's 624 words after R's `set.seed`, shape (b, 624).

    R scrambles the seed 50 times by a congruential generator and goes on with it to fill 625
    words: the position, which it then sets to the end of the block, and the block (R 4.2,
    src/main/RNG.c).
    """
    word = np.asarray(seeds, dtype=np.int64).astype(np.uint32)
    words = []
    for _ in range(50 + 625):
        word = np.uint32(69069) * word + np.uint32(1)
        words.append(word)
    return np.array(words[51:]).T


def uniforms(seeds: np.ndarray, count: int) -> np.ndarray:
    """Return what `set.seed(seed); runif(count)` gives in R for each seed, shape (b, count)."""
    generator = np.random.MT19937()
    drawn = np.empty((len(seeds), count))
    for row, key in zip(drawn, states(seeds), strict=True):
        generator.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": 624}}
        row[:] = generator.random_raw(count)
    drawn *= 2.3283064365386963e-10
    # R keeps away from 0 and 1 by half of 1 / (2^32 - 1).
    least = 0.5 / (2**32 - 1)
    return np.clip(drawn, least, 1.0 - least)


def stacked(scores: np.ndarray) -> Sample:
    """Return the moments of complete samples, scores of shape (b, n, p)."""
    b, n, p = scores.shape
    mean = scores.mean(axis=1, keepdims=True)
    centred = scores - mean
    scatter = np.swapaxes(centred, 1, 2) @ centred / n
    return Sample(
        observed=np.ones((1, p), dtype=np.bool_),
        group=np.zeros(1, dtype=np.int64),
        counts=np.full((b, 1), float(n)),
        means=mean,
        scatter=scatter[:, None],
    )


def fit_stack(study: Study, sample: Sample) -> Fits:
    """Fit a stack of samples at once, from the usual starting values."""
    table, structure = study.table, study.structure
    objective = make_objective(structure, sample)
    loading = np.zeros(table.n_free, dtype=np.bool_)
    loading[[row.free - 1 for row in table.rows if row.free and row.op == "=~"]] = True
    start = starting_values(structure, sample, np.full(table.n_free, np.nan), loading)
    optimum = minimise(objective, start, constraints_of(table))
    ended = optimum.converged
    errors = np.full_like(optimum.theta, np.nan)
    there = objective.rows(ended)
    point = there.at(optimum.theta[ended])
    inverse = np.linalg.inv(there.information(point, there.slope(point)))
    errors[ended] = np.sqrt(np.diagonal(inverse, axis1=1, axis2=2))
    return Fits(np.where(ended[:, None], optimum.theta, np.nan), errors, ended)


@cache
def study_of(name: str) -> Study:
    return Study(name)


@cache
def fits_of(name: str) -> Fits:
    """Fit all samples of a study, in blocks."""
    study = study_of(name)
    blocks = np.split(np.arange(study.draws), np.arange(AT_ONCE, study.draws, AT_ONCE))
    parts = [fit_stack(study, stacked(study.scores(block))) for block in blocks]
    return Fits(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def misses(study: Study, fits: Fits) -> np.ndarray:
    """Tell which intervals do not contain the truth, shape (b, q)."""
    return np.abs(fits.estimates - study.truth) > CRITICAL * fits.errors


def lavaans_misses(study: Study) -> np.ndarray:
    """Tell the same of lavaan's intervals."""
    missed = np.zeros((study.draws, study.truth.size), dtype=np.bool_)
    for name, numbers in zip(study.found["names"], study.found["missed"], strict=True):
        missed[np.array(numbers, dtype=np.int64) - 1, study.table.names.index(name)] = True
    return missed


def test_uniform_and_normal_numbers_are_rs() -> None:
    stream = loaded()["stream"]
    found = uniforms(np.array(stream["seeds"]), 5)
    # R's numbers have 15 significant digits in the JSON.
    np.testing.assert_allclose(found, stream["uniforms"], rtol=2e-15, atol=0)
    # Two algorithms for the normal quantile, good to some units of the last place.
    np.testing.assert_allclose(ndtri(found), stream["normals"], rtol=1e-14, atol=1e-14)
    later = uniforms(np.array([stream["seed"]]), max(stream["number"]))[0]
    where = np.array(stream["number"]) - 1
    np.testing.assert_allclose(later[where], stream["uniform"], rtol=2e-15, atol=0)


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_samples_share_no_stretch_of_rs_stream(name: str) -> None:
    # The congruential generator visits each word once in its cycle, so that samples whose seeds
    # lie close on it would have most of their random numbers in common.
    found = study_of(name).found
    words = states(found["first_seed"] + np.arange(found["draws"]))
    assert np.unique(words).size == words.size


@pytest.mark.parametrize("name", STUDIES)
def test_truth_implies_the_moments_that_r_drew_from(name: str) -> None:
    study = study_of(name)
    assert list(study.table.observed) == study.found["variables"]
    np.testing.assert_allclose(study.sigma, study.found["sigma"], rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(study.mu, study.found["mu"], rtol=1e-13)


@pytest.mark.parametrize("name", STUDIES)
def test_first_samples_are_fitted_as_by_lavaan(name: str) -> None:
    study = study_of(name)
    estimates, errors = study.column("estimates"), study.column("std_errors")
    scores = study.scores(np.arange(len(estimates)))
    fits = fit_stack(study, stacked(scores))
    assert fits.converged.all()
    assert np.abs((fits.estimates - estimates) / errors).max() < CLOSE
    np.testing.assert_allclose(fits.errors, errors, rtol=CLOSE)
    # The stack is what users get one by one.
    for number in range(3):
        data = pd.DataFrame(scores[number], columns=list(study.table.observed))
        fit = dk.fit_sem("\n".join(study.found["syntax"]), data, missing="listwise")
        assert list(fit.coef().index) == list(study.table.names)
        off = (fit.coef().to_numpy() - fits.estimates[number]) / fits.errors[number]
        assert np.abs(off).max() < CLOSE
        found = np.sqrt(np.diagonal(fit.vcov()))
        np.testing.assert_allclose(found, fits.errors[number], rtol=CLOSE)


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_each_interval_covers_where_lavaans_does(name: str, record_property) -> None:
    study, fits = study_of(name), fits_of(name)
    lost = np.flatnonzero(~fits.converged) + 1
    assert lost.tolist() == study.found["not_converged"], (
        f"{name}, N = {study.n}, {study.draws} draws: other samples converge than in lavaan"
    )
    used = fits.converged
    ours, theirs = misses(study, fits)[used], lavaans_misses(study)[used]
    np.testing.assert_array_equal(used.sum() - theirs.sum(axis=0), study.column("covered"))
    covered = used.sum() - ours.sum(axis=0)
    # Only intervals on which the programs differ make the difference of the two counts: under
    # equal coverage its variance is their number (McNemar), so that up to 12 may all point one way.
    # Each of them must end at the truth but for what the programs differ by: |z| - 1.96 changes
    # by at most CLOSE for the estimate and 1.96 CLOSE for the standard error.
    apart = ours != theirs
    edge = np.abs(np.abs(fits.estimates - study.truth) / fits.errors - CRITICAL)[used]
    for k, parameter in enumerate(study.table.names):
        what = f"{name}, {parameter}, N = {study.n}, {used.sum()} of {study.draws} draws"
        more = int(covered[k] - study.column("covered")[k])
        assert abs(more) <= ALLOWED * np.sqrt(apart[:, k].sum()), f"{what}: {more:+d} cover"
        assert (edge[apart[:, k], k] < 3 * CLOSE).all(), f"{what}: not only borderline intervals"
    record_property("printed", table_of(study, fits, covered, int(apart.sum())))


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_estimates_and_errors_are_lavaans_over_all_samples(name: str) -> None:
    study, fits = study_of(name), fits_of(name)
    estimates, errors = fits.estimates[fits.converged], fits.errors[fits.converged]
    spread = study.column("sd")
    assert np.abs((estimates.mean(axis=0) - study.column("mean")) / spread).max() < CLOSE
    np.testing.assert_allclose(estimates.std(axis=0, ddof=1), spread, rtol=CLOSE)
    np.testing.assert_allclose(errors.mean(axis=0), study.column("mean_se"), rtol=CLOSE)


@pytest.mark.slow
def test_intervals_of_lagged_paths_cover_as_often_as_they_say() -> None:
    study, fits = study_of("riclpm"), fits_of("riclpm")
    n = int(fits.converged.sum())
    rates = 1.0 - misses(study, fits)[fits.converged].mean(axis=0)
    error = np.sqrt(0.95 * 0.05 / n)
    paths = [row.free - 1 for row in study.table.rows if row.op == "~"]
    assert len(paths) == 12
    for k in paths:
        off = (rates[k] - 0.95) / error
        assert abs(off) <= ALLOWED, (
            f"{study.table.names[k]}, N = {study.n}, {n} draws: coverage {rates[k]:.4f}, "
            f"{off:+.1f} Monte-Carlo standard errors from 0.95"
        )


def table_of(study: Study, fits: Fits, covered: np.ndarray, apart: int) -> str:
    """Return the coverage of each parameter, ours and lavaan's, as text."""
    n = int(fits.converged.sum())
    lines = [
        f"{study.name}: N = {study.n}, {n} of {study.draws} draws converged; {apart} of "
        f"{n * covered.size} intervals differ; Monte-Carlo SE {np.sqrt(0.95 * 0.05 / n):.4f}",
        f"{'parameter':<12}{'true':>7}{'mean':>9}{'SD':>8}{'SE':>8}{'dyadkit':>9}{'lavaan':>8}",
    ]
    rows = zip(
        study.table.names,
        study.truth,
        np.nanmean(fits.estimates, axis=0),
        np.nanstd(fits.estimates, axis=0, ddof=1),
        np.nanmean(fits.errors, axis=0),
        covered / n,
        study.column("covered") / study.found["converged"],
        strict=True,
    )
    for name, true, mean, sd, se, ours, theirs in rows:
        lines.append(f"{name:<12}{true:7.2f}{mean:9.4f}{sd:8.4f}{se:8.4f}{ours:9.4f}{theirs:8.4f}")
    return "\n".join(lines)

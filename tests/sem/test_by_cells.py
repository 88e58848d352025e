"""Second derivatives by cells, against those by all pairs of moments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.sem.by_cells import cell_hessian, cells_are_cheaper
from dyadkit.sem.implied import jacobian
from dyadkit.sem.language.partable import build_partable
from dyadkit.sem.likelihood import moment_hessian
from dyadkit.sem.objective import make_objective
from dyadkit.sem.sample import records_of
from dyadkit.sem.structure import Structure, compile_structure
from tests.sem.making_models import random_case

few = settings(max_examples=30, derandomize=True, deadline=None)


def by_parameters(structure: Structure, cells: np.ndarray) -> np.ndarray:
    return (np.swapaxes(structure.selector, -1, -2) @ cells @ structure.selector).sum(axis=1)


@few
@given(
    st.integers(0, 10**6),
    st.sampled_from([1, 1, 2, 3]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_cells_and_moments_agree(
    seed: int, groups: int, means: bool, expected: bool, stack: bool
) -> None:
    case = random_case(seed, gaps=True, groups=groups, means=means)
    structure, sample, theta = case.structure, case.records.sample(), case.theta[None]
    if stack:
        rng = np.random.default_rng(seed)
        weights = rng.integers(1, 4, size=(3, case.records.n))
        sample = case.records.weighted(weights)
        theta = theta + 0.02 * rng.normal(size=(3, case.theta.size))
    objective = make_objective(structure, sample)
    point = objective.at(theta)
    if not np.isfinite(point.value).all():
        return
    slope = objective.slope(point)
    product = None if expected else slope.product
    found = by_parameters(
        structure, cell_hessian(structure, sample, point.moments, slope.cells, product)
    )
    by_moments = moment_hessian(sample, point.moments, slope.product, expected=expected)
    change = jacobian(structure, point.implied)
    if not structure.has_means:
        s = change.shape[2] - structure.n_observed
        change, by_moments = change[:, :, :s], by_moments[:, :, :s, :s]
    wanted = (np.swapaxes(change, -1, -2) @ by_moments @ change).sum(axis=1)
    # Both are sums of the same products in another order.
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12 * np.abs(wanted).max())


def wide(items: int) -> tuple[str, np.ndarray]:
    """Return a model of two factors in two roles, and scores with gaps of their own."""
    rng = np.random.default_rng(items)
    factors = rng.normal(size=(150, 2)) @ np.array([[1.0, 0.5], [0.0, 0.8]])
    scores = np.repeat(factors, items, axis=1) + rng.normal(size=(150, 2 * items))
    scores[rng.random(scores.shape) < 0.1] = np.nan
    lines = [
        f"f{role} =~ " + " + ".join(f"y{item}{role}" for item in range(items)) for role in "md"
    ]
    lines += [f"y{item}m ~~ y{item}d" for item in range(items)]
    return "\n".join(lines), scores


@pytest.mark.parametrize(("items", "cheaper"), [(2, False), (20, True)])
def test_wide_models_go_by_cells_and_small_ones_by_moments(items: int, cheaper: bool) -> None:
    model, scores = wide(items)
    table = build_partable(model, meanstructure=True)
    order = [table.observed.index(f"y{item}{role}") for role in "md" for item in range(items)]
    sample = records_of(scores[:, np.argsort(order)]).sample()
    assert cells_are_cheaper(compile_structure(table), sample) is cheaper


def test_hessian_of_a_wide_model_is_that_of_the_gradient() -> None:
    model, scores = wide(20)
    table = build_partable(model, meanstructure=True)
    order = [table.observed.index(f"y{item}{role}") for role in "md" for item in range(20)]
    structure = compile_structure(table)
    objective = make_objective(structure, records_of(scores[:, np.argsort(order)]).sample())
    rng = np.random.default_rng(1)
    own = structure.row[0] == structure.column[0]
    theta = np.where((structure.matrix[0] == 1) & own, 1.0, 0.1) + 0.05 * rng.random(own.size)
    direction = rng.normal(size=theta.size)
    step = 1e-5 * direction
    ends = [objective.at((theta + side * step)[None]) for side in (1.0, -1.0)]
    up, down = (objective.slope(end).by_parameter[0] for end in ends)
    point = objective.at(theta[None])
    found = objective.hessian(point, objective.slope(point))[0] @ direction
    wanted = (up - down) / 2e-5
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-7 * np.abs(wanted).max())

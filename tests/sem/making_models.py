"""Random models with data that they could have made."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dyadkit.sem.language.partable import ParTable, build_partable
from dyadkit.sem.sample import Records, records_of
from dyadkit.sem.structure import Structure, compile_structure


class Case(NamedTuple):
    """A model, a place in its parameter space, and data."""

    table: ParTable
    structure: Structure
    theta: np.ndarray
    records: Records


def random_case(seed: int, *, gaps: bool = False, groups: int = 1, means: bool = True) -> Case:
    """Make a model with observed and latent variables, feedback, equal parameters and fixed ones.

    The parameters are near values whose covariance matrix is positive definite, not at an optimum.
    """
    rng = np.random.default_rng(seed)
    lines = ["f =~ 1*a1 + a2 + l*a3", "g =~ 1*b1 + l*b2 + b3", "g ~ p*f + x", "f ~ 0.2*x"]
    optional = [
        "a1 ~~ b1",
        "a2 ~~ c*b2\na3 ~~ c*b3",
        "y ~ p*f + g + x",
        "f ~ g",
        "x ~~ y",
        "y ~~ 0.5*y",
        "f ~ 1\na1 ~ 0*1",
        "h =~ 1*f + 0.5*g\nf ~~ 0.4*f",
    ]
    lines += [line for line in optional if rng.random() < 0.5]
    table = build_partable(
        "\n".join(lines),
        auto="sem",
        fixed_x=bool(rng.random() < 0.5) and not gaps,
        meanstructure=means or gaps,
        n_groups=groups,
    )
    structure = compile_structure(table)
    theta = np.zeros(table.n_free)
    for row in table.rows:
        if row.free:
            spread = row.op == "~~" and row.lhs == row.rhs
            usual = 1.0 if spread or row.op == "=~" else 0.0
            theta[row.free - 1] = usual + 0.15 * rng.normal()
    n, p = 60, len(table.observed)
    values = rng.normal(size=(n * groups, p)) @ (np.eye(p) + 0.2 * rng.normal(size=(p, p))) + 1.0
    if gaps:
        holes = rng.random(values.shape) < 0.25
        holes[holes.all(axis=1)] = False
        values = np.where(holes, np.nan, values)
    group = np.repeat(np.arange(groups), n) if groups > 1 else None
    return Case(table, structure, theta, records_of(values, group))

"""Reference values of R, and the comparison of a result with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ORACLE = Path(__file__).parent.parent / "oracles" / "estimation.json"


@pytest.fixture(scope="session")
def oracle() -> dict[str, Any]:
    """Return tests/oracles/estimation.json, which estimation.R wrote with R 4.2.2."""
    loaded: dict[str, Any] = json.loads(ORACLE.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="session")
def agrees() -> Callable[..., None]:
    """Return a check that a result has every expected field, with the expected value."""

    def check(result: object, expected: Mapping[str, float], rtol: float = 1e-8) -> None:
        for field, value in expected.items():
            np.testing.assert_allclose(
                getattr(result, field), value, rtol=rtol, atol=1e-13, err_msg=field
            )

    return check


@pytest.fixture(scope="session")
def with_moments() -> Callable[..., np.ndarray]:
    """Return a maker of normal data that have exactly the given sample moments."""

    def make(n: int, means: Any, sds: Any, correlations: Any) -> np.ndarray:
        rng = np.random.default_rng(148)
        z = rng.normal(size=(n, len(means)))
        z -= z.mean(axis=0)
        z = np.linalg.solve(np.linalg.cholesky(np.cov(z.T)), z.T).T
        root = np.linalg.cholesky(np.asarray(correlations))
        return np.asarray(means) + (z @ root.T) * np.asarray(sds)

    return make

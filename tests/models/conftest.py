"""Reference values of lavaan for whole models, and our fits of the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk

ORACLE = Path(__file__).parent.parent / "oracles" / "sem.json"


@cache
def loaded() -> dict[str, Any]:
    """Return tests/oracles/sem.json, which sem.R wrote with lavaan 0.6-14."""
    found: dict[str, Any] = json.loads(ORACLE.read_text(encoding="utf-8"))
    return found


def models() -> dict[str, dict[str, Any]]:
    """Return the fitted models by name."""
    return {model["name"]: model for model in loaded()["models"]}


MODELS_BY_NAME = models()


def dataset(name: str) -> pd.DataFrame:
    """Return simulated data that R analysed."""
    return pd.DataFrame(loaded()["datasets"][name], dtype=float)


@cache
def fitted(name: str) -> Any:
    """Fit a model of the oracle with ours, under the options that lavaan used."""
    model = MODELS_BY_NAME[name]
    used = model["effective"]
    options = {
        "auto": model["auto"],
        "missing": used["missing"],
        "fixed_x": used["fixed_x"],
        "std_lv": used["std_lv"],
        "meanstructure": used["meanstructure"],
        "information": used["information"],
        "int_ov_free": used["int_ov_free"],
        "bounds": model["options"].get("bounds"),
    }
    syntax = "\n".join(model["syntax"])
    if model.get("dataset"):
        return dk.fit_sem(syntax, dataset(model["dataset"]), **options)
    moments = loaded()["moments"][model["moments"].removesuffix("_without_means")]
    names = moments["variables"]
    mean = moments.get("mean")
    return dk.fit_sem(
        syntax,
        sample_cov=pd.DataFrame(np.array(moments["cov"], dtype=float), index=names, columns=names),
        sample_mean=dict(zip(names, mean, strict=True))
        if mean is not None and used["meanstructure"]
        else None,
        n_obs=moments["n"],
        **options,
    )


@pytest.fixture(scope="session")
def fit_of() -> Callable[[str], Any]:
    """Return our fit of a model of the oracle, made once."""
    return fitted

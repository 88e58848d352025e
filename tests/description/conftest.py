"""Studies to describe: those of the R script, the sample's, and small ones made to order."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.frame import Variable
from dyadkit.study import Scale

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def oracle() -> dict[str, Any]:
    """Return tests/oracles/description.json, which description.R wrote with R 4.2.2."""
    text = (ROOT / "tests" / "oracles" / "description.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@pytest.fixture(scope="session")
def oracle_frames(oracle: dict[str, Any]) -> dict[str, dk.DyadFrame]:
    """Return the three studies of the R script as frames."""
    data = {name: pd.DataFrame(columns) for name, columns in oracle["data"].items()}
    mode = Variable("mode", "Mode", "category", roles=("client",), waves=("t1",))
    coaching = dk.DyadFrame.from_individual(
        data["coaching"],
        dyad="pair",
        role="role",
        wave="wave",
        person="who",
        roles=("coach", "client"),
        variables={"mode": mode},
    )
    items = ("q1", "q2", "q3", "q4")
    trust = Scale(name="trust", items=items, range=(1, 5), reverse=("q3",), minimum_answered=3)
    level = {
        name: Variable(name, name.capitalize(), level="person", roles=("coach",))
        for name in ("style", "energy")
    }
    return {
        "coaching": dk.score_scales(coaching, [trust]),
        "peers": dk.DyadFrame.from_individual(data["peers"], dyad="pair", person="who"),
        "several": dk.DyadFrame.from_individual(
            data["several"],
            dyad="pair",
            role="role",
            person="who",
            roles=("coach", "client"),
            variables=level,
        ),
    }


@pytest.fixture(scope="session")
def sample() -> dk.DyadFrame:
    """Return the sample study."""
    return dk.load(dk.read_study(ROOT / "analyses" / "distance_coaching" / "study.toml"))


@pytest.fixture(scope="session")
def truth() -> dict[str, Any]:
    """Return what the sample was simulated from, and what its loader must count."""
    path = ROOT / "data" / "sample" / "distance_coaching" / "truth.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def people() -> Callable[..., pd.DataFrame]:
    """Return a maker of paired rows: two roles, some waves, two numbers and a category."""

    def make(n: int, waves: int = 1, seed: int = 0, missing: float = 0.0) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        shared = rng.normal(size=n)
        blocks = []
        for wave in range(waves):
            for role in ("coach", "client"):
                trait = shared + rng.normal(size=n)
                block = pd.DataFrame(
                    {
                        "pair": [f"d{i:03d}" for i in range(n)],
                        "role": role,
                        "who": [f"{role}{i:03d}" for i in range(n)],
                        "trust": (4 + trait).round(2),
                        "load": (20 - 3 * trait + rng.normal(size=n)).round(1),
                        "mode": rng.choice(["room", "phone", "video"], n),
                    }
                )
                if waves > 1:
                    block.insert(2, "wave", f"t{wave + 1}")
                for column in ("trust", "load", "mode"):
                    block.loc[rng.random(n) < missing, column] = None
                blocks.append(block)
        return pd.concat(blocks, ignore_index=True)

    return make


@pytest.fixture
def paired(people: Callable[..., pd.DataFrame]) -> Callable[..., dk.DyadFrame]:
    """Return a maker of frames of such rows."""

    def make(data: pd.DataFrame | int, **rest: Any) -> dk.DyadFrame:
        rows = people(data, **rest) if isinstance(data, int) else data
        waves = tuple(sorted(rows["wave"].unique())) if "wave" in rows else ()
        mode = Variable(
            name="mode",
            label="Way of meeting",
            kind="category",
            level="relationship",
            roles=("coach", "client"),
            waves=waves,
        )
        return dk.DyadFrame.from_individual(
            rows,
            dyad="pair",
            role="role",
            wave="wave" if "wave" in rows else None,
            person="who",
            roles=("coach", "client"),
            variables={"mode": mode},
        )

    return make

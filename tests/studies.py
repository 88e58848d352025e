"""Small studies for tests: two plain files, four pairs or more, answers that are easy to check."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

STUDY = """\
[study]
title = "Small"
roles = ["coach", "client"]

[[source]]
path = "coaches.csv"
role = "coach"
dyad = "pair"

[[source]]
path = "clients.csv"
role = "client"
dyad = "pair"

[scale.trust]
label = "Trust"
items = ["q1..q3"]
range = [1, 7]

[[analysis]]
type = "descriptives"
name = "Descriptives"
draws = 20

[[analysis]]
type = "nonindependence"
name = "Likeness"
"""


def answers(n: int, seed: int = 3) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the coaches' and the clients' answers of `n` pairs."""
    rng = np.random.default_rng(seed)
    pairs = [f"P{number:03d}" for number in range(n)]
    dyad = rng.normal(0, 1, (n, 1))
    frames = []
    for _ in range(2):
        raw = 4 + dyad + rng.normal(0, 1, (n, 1)) + rng.normal(0, 0.8, (n, 3))
        codes = np.clip(np.rint(raw), 1, 7).astype(int)
        frame = pd.DataFrame(codes, columns=["q1", "q2", "q3"])
        frame.insert(0, "pair", pairs)
        frames.append(frame)
    return frames[0], frames[1]


def write_study(folder: Path, text: str = STUDY, n: int = 40) -> Path:
    """Write a study file and its two exports; return the study file."""
    folder.mkdir(parents=True, exist_ok=True)
    coaches, clients = answers(n)
    coaches.to_csv(folder / "coaches.csv", index=False)
    clients.to_csv(folder / "clients.csv", index=False)
    study = folder / "study.toml"
    study.write_text(text, encoding="utf-8")
    return study

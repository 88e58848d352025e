"""How the rows of a mixed model are numbered, and their roles coded."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dyadkit.models.mixed_formula import parse
from dyadkit.models.mixed_rows import Columns, codes_of, take_rows
from dyadkit.models.used_rows import Rows


def rows_of(roles: object, dyads: object) -> Rows:
    data = pd.DataFrame({"role": roles, "dyad": dyads})
    data["y"] = np.arange(len(data), dtype=np.float64)
    return take_rows(data, parse("y ~ 1", None), Columns("dyad", "role"), None)


@pytest.mark.parametrize(
    "dyads",
    [
        [3, 3, 3, 7, 7, 9],
        [7, 7, 3, 3, 9, 7],
        [-5, -5, 0, 2**62, 2**62, 2**62],
        np.array([1, 1, 2, 2, 250, 250], dtype=np.uint8),
        np.array([200, 200, 2, 2, 250, 2], dtype=np.uint8),
        [0.5, 0.5, 1.5, 1.5, 2.5, 0.5],
        ["b", "b", "a", "a", "c", "b"],
        pd.array([4, 4, 5, 5, 6, 6], dtype="Int64"),
        pd.Categorical(["z", "z", "y", "y", "x", "z"]),
        pd.to_datetime(["2024-02-01"] * 3 + ["2024-01-01"] * 3),
    ],
)
def test_units_are_numbered_in_order_of_appearance(dyads: object) -> None:
    found = codes_of(rows_of(["coach", "client"] * 3, dyads), ["dyad"])
    seen: dict[object, int] = {}
    expected = [seen.setdefault(value, len(seen)) for value in pd.Series(dyads)]
    assert found.dtype == np.int64
    assert found.tolist() == expected


@pytest.mark.parametrize("kind", ["str", "string", "string[python]", object])
def test_roles_of_text_are_coded_in_alphabetical_order(kind: object) -> None:
    parts = [pd.Series(["coach", None], dtype=kind), pd.Series(["client", "coach"], dtype=kind)]
    rows = rows_of(pd.concat(parts, ignore_index=True), [1, 1, 2, 2])
    role = rows.frame["role"]
    assert role.tolist() == ["coach", "client", "coach"]
    assert role.cat.categories.tolist() == ["client", "coach"]
    assert rows.dropped == {"the dyad code, role, time or grouping is missing": 1}
    assert rows.places.tolist() == [0, 2, 3]

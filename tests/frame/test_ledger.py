"""The ledger and the counts that come from it."""

from __future__ import annotations

import pandas as pd

from dyadkit.frame import CELL_REASONS, ROW_REASONS, make_ledger
from dyadkit.frame.ledger import LEDGER_COLUMNS, count_flow, empty_ledger

READS = pd.DataFrame(
    {
        "source": ["s", "s", "t"],
        "wave": ["t1", None, None],
        "role": ["coach", None, "client"],
        "n": [10, 3, 4],
    }
).astype({"wave": "str", "role": "str"})


def entry(source, wave, role, reason, unit="row"):
    return dict(
        zip(
            ("source", "wave", "role", "reason", "unit"),
            (source, wave, role, reason, unit),
            strict=True,
        )
    )


ENTRIES = [
    entry("s", "t1", "coach", "orphan"),
    entry("s", "t1", "coach", "orphan"),
    entry("s", "t1", "coach", "blank"),
    entry("s", None, None, "unknown_role"),
    entry("s", "t1", "coach", "out_of_range", "cell"),
]


def test_a_ledger_has_its_columns_whatever_is_given():
    assert tuple(empty_ledger()) == LEDGER_COLUMNS
    ledger = make_ledger({"source": ["s"], "row": [3]})
    assert tuple(ledger) == LEDGER_COLUMNS
    assert ledger["row"].dtype == "Int64"
    assert ledger.drop(columns=["source", "row"]).isna().all(axis=None)


def test_read_less_the_reasons_is_kept():
    ledger = make_ledger(pd.DataFrame(ENTRIES).to_dict("list"))
    flow = count_flow(READS, ledger)
    assert flow.fillna("-").to_numpy().tolist() == [
        ["s", "t1", "coach", "read", 10],
        ["s", "t1", "coach", "blank", 1],
        ["s", "t1", "coach", "orphan", 2],
        ["s", "t1", "coach", "kept", 7],
        ["s", "-", "-", "read", 3],
        ["s", "-", "-", "unknown_role", 1],
        ["s", "-", "-", "kept", 2],
        ["t", "-", "client", "read", 4],
        ["t", "-", "client", "kept", 4],
    ]


def test_nothing_read_is_no_flow():
    assert len(count_flow(READS[:0], empty_ledger())) == 0


def test_reasons_are_readable_and_told_apart():
    assert not set(ROW_REASONS) & set(CELL_REASONS)
    labels = [*ROW_REASONS.values(), *CELL_REASONS.values()]
    assert len(set(labels)) == len(labels)

"""An inspection as data, for other programs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dyadkit.frame import CELL_REASONS, ROW_REASONS, DyadFrame
from dyadkit.loading.screening.inspection import Inspection

SCHEMA = 1


def inspection_data(found: Inspection) -> dict[str, Any]:
    """Return everything an inspection found, in types that JSON has.

    Parameters
    ----------
    found : Inspection

    Returns
    -------
    dict
        ``schema``; ``problems`` (text, rows); ``sources`` (source, read, kept, excluded: reason,
        label, count, rows; cells: reason, label, count, and row and detail of each); ``findings``
        (kind, text, count, rows: source, row); ``careless`` (distribution, and the flagged rows
        with their indices); ``dyads`` (one entry for each wave); ``notes``.
        Rows that consent forbids to keep are counted only.
    """
    frame = found.frame
    return {
        "schema": SCHEMA,
        "title": found.study.title,
        "problems": [{"text": p.text, "rows": list(p.rows)} for p in found.problems],
        "sources": [] if frame is None else _sources(frame),
        "findings": [
            {
                "kind": finding.kind,
                "text": finding.text,
                "count": finding.count,
                "rows": [{"source": source, "row": row} for source, row in finding.places],
            }
            for finding in found.findings
        ],
        "careless": _careless(found),
        "dyads": [] if frame is None else _records(frame.pairing()),
        "notes": [] if frame is None else list(frame.notes),
    }


def _sources(frame: DyadFrame) -> list[dict[str, Any]]:
    ledger, flow = frame.exclusions, frame.flow()
    sources = []
    for source in dict.fromkeys(flow["source"]):
        counts = flow[flow["source"] == source].groupby("step")["n"].sum()
        mine = ledger[ledger["source"] == source]
        excluded = []
        for reason, label in ROW_REASONS.items():
            entries = mine[mine["reason"] == reason]
            if len(entries):
                excluded.append(
                    {
                        "reason": reason,
                        "label": label,
                        "count": len(entries),
                        "rows": sorted(int(row) for row in entries["row"].dropna()),
                    }
                )
        cells = []
        for reason, label in CELL_REASONS.items():
            entries = mine[mine["reason"] == reason]
            if len(entries):
                cells.append(
                    {
                        "reason": reason,
                        "label": label,
                        "count": len(entries),
                        "cells": _records(entries[["row", "detail"]]),
                    }
                )
        sources.append(
            {
                "source": source,
                "read": int(counts["read"]),
                "kept": int(counts["kept"]),
                "excluded": excluded,
                "cells": cells,
            }
        )
    return sources


def _careless(found: Inspection) -> dict[str, Any]:
    if found.attention is None or found.keys is None:
        return {"distribution": [], "flagged": []}
    marked = np.flatnonzero(found.attention.flagged.any(axis=1))
    flags = found.attention.flagged
    rows = [
        {
            "source": str(found.keys["source"].iloc[place]),
            "row": int(found.keys["row"].iloc[place]),
            "indices": {
                str(name): float(found.attention.indices[name].iloc[place])
                for name in flags.columns[flags.iloc[place]]
            },
        }
        for place in marked
    ]
    return {"distribution": _records(found.attention.table), "flagged": rows}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table; what is missing is None."""
    filled = table.astype(object).where(table.notna(), None)
    return [
        {
            str(name): value.item() if isinstance(value, np.generic) else value
            for name, value in row.items()
        }
        for row in filled.to_dict("records")
    ]

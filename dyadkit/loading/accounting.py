"""The ledger of a study that is being loaded: every row left out, every cell changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from dyadkit.frame import make_ledger
from dyadkit.loading.answers import Answers
from dyadkit.loading.coding import number_groups
from dyadkit.loading.pairing import Pairing
from dyadkit.loading.rows import SourceRows
from dyadkit.loading.texts import stack_frames


def write_ledger(
    read: Sequence[SourceRows],
    answers: Sequence[Answers],
    keys: pd.DataFrame,
    pairing: Pairing,
) -> pd.DataFrame:
    """Write down every row left out and every cell set missing in a row that stays.

    Anonymous entries stand at the end of their source, so that their place tells nothing.
    """
    places = ["source", "row", "wave", "role", "person", "dyad"]
    parts: list[pd.DataFrame] = []

    def add(entries: pd.DataFrame, **said: Any) -> None:
        if len(entries):
            parts.append(_plain(entries.assign(**said), places))

    for rows in read:
        lost = rows.keys.take(np.flatnonzero(~rows.staying))
        add(lost, source=rows.source.name, unit="row")
    unpaired = pairing.reason.ne("").to_numpy()
    late = keys[places].take(np.flatnonzero(unpaired))
    add(
        late,
        reason=pairing.reason[unpaired],
        detail=pairing.detail[unpaired],
        unit="row",
        anonymous=False,
    )
    start = 0
    for source in answers:
        size = len(source.keys)
        stays = ~unpaired[start : start + size]
        cells = source.cells[stays[source.cells["at"].to_numpy(dtype=np.intp)]]
        mine = source.keys[places].take(cells["at"].to_numpy(dtype=np.intp)).reset_index(drop=True)
        details = cells["detail"].to_numpy()
        add(mine, reason="out_of_range", detail=details, unit="cell", anonymous=False)
        if "joined" in source.keys:
            rewritten = source.keys[stays & source.keys["joined"].ne("").to_numpy()]
            joined = rewritten["joined"]
            add(rewritten, reason="id_joined", detail=joined, unit="cell", anonymous=False)
        start += size
    if not parts:
        return make_ledger({})
    entries = pd.concat(parts, ignore_index=True)
    secret = entries["anonymous"].astype(bool).to_numpy()
    order = {rows.source.name: place for place, rows in enumerate(read)}
    columns: dict[str, object] = {}
    chosen = np.lexsort(
        (
            entries["row"].where(~secret, 0),
            entries["unit"].eq("cell"),
            secret,
            entries["source"].map(order),
        )
    )
    for name in (*places, "reason", "detail", "unit"):
        cells_ = entries[name].astype(object)
        if name in ("row", "person", "dyad", "detail"):
            cells_ = cells_.mask(secret)
        columns[name] = cells_.mask(cells_.eq("")).iloc[chosen].tolist()
    return make_ledger(columns)


def _plain(entries: pd.DataFrame, places: Sequence[str]) -> pd.DataFrame:
    """Return entries of the ledger whose texts are plain objects."""
    names = [*places, "reason", "detail", "unit", "anonymous"]
    return entries[names].astype({name: "object" for name in names if name != "row"})


def count_reads(read: Sequence[SourceRows]) -> pd.DataFrame:
    """Count the rows of each source, wave and role."""
    counted = []
    for rows in read:
        groups = number_groups(rows.keys, ["wave", "role"])
        sizes = np.bincount(groups)
        first = np.sort([(groups == group).argmax() for group in np.flatnonzero(sizes)])
        counts = rows.keys[["wave", "role"]].take(first).assign(n=sizes[groups[first]])
        counts.insert(0, "source", rows.source.name)
        counted.append(counts)
    reads = stack_frames(counted)
    for column in ("wave", "role"):
        texts = reads[column].astype("str")
        reads[column] = texts.mask(texts.eq(""))
    return reads

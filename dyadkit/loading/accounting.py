"""The ledger of a study that is being loaded: every row left out, every cell changed."""

from __future__ import annotations

from collections.abc import Sequence

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
    parts = []
    for rows in read:
        lost = rows.keys[~rows.staying]
        parts.append(_plain(lost.assign(source=rows.source.name, unit="row"), places))
    unpaired = pairing.reason.ne("")
    late = keys.loc[unpaired, places].assign(
        reason=pairing.reason[unpaired], detail=pairing.detail[unpaired]
    )
    parts.append(_plain(late.assign(unit="row", anonymous=False), places))
    start = 0
    for source in answers:
        size = len(source.keys)
        stays = ~unpaired.iloc[start : start + size].to_numpy()
        cells = source.cells[stays[source.cells["at"].to_numpy(dtype=np.intp)]]
        mine = source.keys[places].take(cells["at"].to_numpy(dtype=np.intp)).reset_index(drop=True)
        found = mine.assign(detail=cells["detail"].to_numpy(), reason="out_of_range")
        parts.append(_plain(found.assign(unit="cell", anonymous=False), places))
        if "joined" in source.keys:
            rewritten = source.keys[stays & source.keys["joined"].ne("").to_numpy()]
            said = rewritten[places].assign(detail=rewritten["joined"], reason="id_joined")
            parts.append(_plain(said.assign(unit="cell", anonymous=False), places))
        start += size
    filled = [part for part in parts if len(part)]
    if not filled:
        return make_ledger({})
    entries = pd.concat(filled, ignore_index=True)
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

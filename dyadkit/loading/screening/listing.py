"""What an inspection found, on the researcher's own screen: counts, and the rows behind them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import numpy as np
import pandas as pd

from dyadkit.errors import listed
from dyadkit.frame import CELL_REASONS, ROW_REASONS, DyadFrame
from dyadkit.loading.problems import plural
from dyadkit.loading.screening.attention import INDEX_LABELS, Attention
from dyadkit.loading.screening.inspection import Inspection
from dyadkit.study.wording import clip_words

_MOST = 12
_MOST_FLAGGED = 20


def list_inspection(found: Inspection, width: int = 100) -> str:
    """Write down what an inspection found, grouped; for its problems see `list_problems`.

    Parameters
    ----------
    found : Inspection
    width : int
        Of a line.

    Returns
    -------
    str
        Plain text: what was left out, what looks wrong, careless answering, dyads, notes.
    """
    blocks: list[str] = []
    if found.frame is not None:
        blocks += [_narrow(block, width) for block in _sources(found.frame)]
    if found.findings:
        looks = plural(len(found.findings), "thing looks", "things look")
        blocks.append(f"{looks} wrong; nothing was changed")
        blocks += [_item(finding.text, width) for finding in found.findings]
    if found.attention is not None and found.keys is not None:
        exclude = found.study.careless.exclude
        blocks += list(_attention(found.attention, found.keys, exclude, width))
    if found.frame is not None:
        blocks.append(_dyads(found.frame))
        blocks += [_wrap(f"Note: {note}", width) for note in found.frame.notes]
    return "\n\n".join(blocks)


def list_problems(found: Inspection) -> str:
    """Write down what must be mended before anything can be estimated.

    Returns
    -------
    str
        A paragraph for one problem, a list of several.
    """
    texts = [problem.text for problem in found.problems]
    if len(texts) == 1:
        return texts[0]
    items = [f"  - {' '.join(text.split())}" for text in texts]
    count = plural(len(texts), "problem")
    return "\n".join([f"{count} must be mended before anything can be estimated:", *items])


def list_findings(dyads: DyadFrame) -> str:
    """Write down who was left out and why, grouped, with row numbers where consent allows them.

    Parameters
    ----------
    dyads : DyadFrame

    Returns
    -------
    str
        Plain text: a block for each source, one for the dyads, and a paragraph for each note.

    Examples
    --------
    >>> df = pd.DataFrame({"pair": [1, 1, 2], "role": ["a", "b", "a"], "x": [1.0, 2.0, 3.0]})
    >>> print(list_findings(DyadFrame.from_individual(df, dyad="pair", role="role")))
    2 dyads
      1 with both partners (1 a only)
    """
    notes = [f"Note: {note}" for note in dyads.notes]
    return "\n\n".join([*_sources(dyads), _dyads(dyads), *notes])


def _sources(dyads: DyadFrame) -> list[str]:
    ledger, flow = dyads.exclusions, dyads.flow()
    blocks = []
    for source in dict.fromkeys(flow["source"]):
        counts = flow[flow["source"] == source].groupby("step")["n"].sum()
        lines = [f"{source}: {plural(int(counts['read']), 'row')} read, {counts['kept']:,} kept"]
        found = ledger[ledger["source"] == source]
        for reason, label in {**ROW_REASONS, **CELL_REASONS}.items():
            entries = found[found["reason"] == reason]
            if len(entries):
                lines.append(f"  {len(entries):>5,}  {label}{_where(entries)}")
        blocks.append("\n".join(lines))
    return blocks


def _dyads(dyads: DyadFrame) -> str:
    pairing = dyads.pairing()
    lines = [plural(dyads.n_dyads, "dyad")]
    for row in pairing.to_dict("records"):
        sides = [
            f"{int(row[name]):,} {name.removeprefix('only_').replace('_', ' ')} only"
            if name.startswith("only_")
            else f"{int(row[name]):,} with one member only"
            for name in pairing.columns
            if name not in ("wave", "dyads", "complete") and pd.notna(row[name]) and row[name]
        ]
        where = f"{row['wave']}: " if row["wave"] else ""
        detail = f" ({', '.join(sides)})" if sides else ""
        lines.append(f"  {where}{int(row['complete']):,} with both partners{detail}")
    return "\n".join(lines)


def _attention(
    attention: Attention, keys: pd.DataFrame, exclude: tuple[str, ...], width: int
) -> Iterator[str]:
    """Show how careless answering is distributed, and which rows are flagged."""
    table = attention.table[attention.table["n"] > 0]
    if not len(table):
        return
    done = f"left out: {', '.join(exclude)}" if exclude else "nothing was left out for it"
    # The numbers beside a label take 48 characters; a label without room has a line of its own.
    room = max(20, min(50, width - 48))
    lines = [
        f"Careless answering ({done})",
        f"  {'':{room}} {'5%':>8} {'median':>8} {'95%':>8} {'extreme':>8}   flagged",
    ]
    for row in table.to_dict("records"):
        numbers = " ".join(f"{row[name]:8.3g}" for name in ("p5", "median", "p95", "extreme"))
        label = INDEX_LABELS[row["index"]]
        if len(label) > room:
            lines.append(f"  {label}")
            label = ""
        lines.append(f"  {label:{room}} {numbers}   {row['flagged']:,}")
    yield "\n".join(lines)
    marked = np.flatnonzero(attention.flagged.any(axis=1))
    if not len(marked):
        return
    shown = []
    for place in marked[:_MOST_FLAGGED]:
        flags = attention.flagged.iloc[place]
        why = ", ".join(
            f"{name} {attention.indices[name].iloc[place]:.3g}" for name in flags.index[flags]
        )
        shown.append(f"  {keys['source'].iloc[place]} row {keys['row'].iloc[place]}: {why}")
    rest = len(marked) - len(shown)
    more = [f"  and {plural(rest, 'row')} more"] if rest else []
    yield _narrow("\n".join([f"{plural(len(marked), 'row')} flagged", *shown, *more]), width)


def _where(entries: pd.DataFrame) -> str:
    """Name the rows; those that consent forbids to keep are only counted."""
    known = entries[entries["row"].notna()].sort_values("row")
    if not len(known):
        return ""
    if (known["unit"] == "cell").all():
        cells = [f"row {row}: {detail}" for row, detail in known[["row", "detail"]].to_numpy()]
        return f" ({'; '.join(cells[:_MOST])}{_more(len(cells))})"
    rows = known["row"].drop_duplicates().tolist()
    columns = dict.fromkeys(known["detail"]) if (known["reason"] == "excluded").all() else {}
    by = f", by {', '.join(columns)}" if columns else ""
    return f"{by} (row{'s' if len(rows) > 1 else ''} {listed(rows, _MOST)})"


def _more(count: int) -> str:
    return f" and {count - _MOST} more" if count > _MOST else ""


def _narrow(block: str, width: int) -> str:
    """Break the lines of a block that are too long, under their first word."""
    return "\n".join(
        line if len(line) <= width else textwrap.fill(line, width, subsequent_indent=" " * 9)
        for line in block.split("\n")
    )


def _item(text: str, width: int) -> str:
    return _wrap(f"- {text}", width, "  ")


def _wrap(text: str, width: int, indent: str = "") -> str:
    return textwrap.fill(
        clip_words(" ".join(text.split())),
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )

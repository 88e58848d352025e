"""What loading found, on the researcher's own screen: counts, and the rows behind them."""

from __future__ import annotations

import pandas as pd

from dyadkit.errors import listed
from dyadkit.frame import CELL_REASONS, ROW_REASONS, DyadFrame
from dyadkit.loading.problems import plural

_MOST = 12


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
    blocks.append("\n".join(lines))
    blocks += [f"Note: {note}" for note in dyads.notes]
    return "\n\n".join(blocks)


def _where(entries: pd.DataFrame) -> str:
    """Name the rows; those that consent forbids to keep are only counted."""
    known = entries[entries["row"].notna()].sort_values("row")
    if not len(known):
        return ""
    if (known["unit"] == "cell").all():
        cells = [f"row {row}: {detail}" for row, detail in known[["row", "detail"]].to_numpy()]
        return f" ({'; '.join(cells[:_MOST])}{_more(len(cells))})"
    rows = known["row"].tolist()
    columns = dict.fromkeys(known["detail"]) if (known["reason"] == "excluded").all() else {}
    by = f", by {', '.join(columns)}" if columns else ""
    return f"{by} (row{'s' if len(rows) > 1 else ''} {listed(rows, _MOST)})"


def _more(count: int) -> str:
    return f" and {count - _MOST} more" if count > _MOST else ""

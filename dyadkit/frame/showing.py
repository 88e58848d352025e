"""A frame in one line, and in Jupyter."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dyadkit.frame.dyads import DyadFrame


def in_one_line(dyads: DyadFrame) -> str:
    """Say how many dyads a frame has, in which roles and waves, and how many variables."""
    throughout = int(dyads.pairing()["complete"].iloc[-1]) if dyads.n_dyads else 0
    count = sum(variable.kind != "item" for variable in dyads.variables.values())
    parts = [
        f"DyadFrame: {dyads.n_dyads} dyads ({throughout} complete)",
        f"roles {' and '.join(dyads.roles)}",
        *([f"waves {', '.join(dyads.waves)}"] if dyads.waves else []),
        f"{count} variable{'s' if count != 1 else ''}",
    ]
    return ", ".join(parts)


def in_html(dyads: DyadFrame) -> str:
    """Return the line, and who has been paired, for Jupyter."""
    return f"<p>{escape(repr(dyads))}</p>{dyads.pairing().to_html(index=False)}"

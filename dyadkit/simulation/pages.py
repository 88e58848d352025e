"""Tables and lists of a sample's README."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table in Markdown.

    Examples
    --------
    >>> print(table(["a", "b"], [["1", "2"]]))
    | a | b |
    | --- | --- |
    | 1 | 2 |
    """
    header = list(header)
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def bullets(lines: Iterable[str]) -> str:
    """Write a list in Markdown."""
    return "\n".join(f"- {line}" for line in lines)


def score_table(
    scores: Iterable[Mapping[str, Any]], further: Sequence[tuple[str, str]] = ()
) -> str:
    """Write the table of the scores' population values.

    Parameters
    ----------
    scores : iterable of mapping
        See `dyadkit.simulation.truth_values.score_values`.
    further : sequence of (str, str)
        Further keys of them, with the heading of their column.
    """
    keys = {"mean": "Mean", "sd": "SD", "alpha": "α", "omega": "ω", **dict(further)}
    return table(
        ["Score", "Items", *keys.values()],
        [
            [score["variable"], str(score["n_items"]), *(f"{score[key]:.4f}" for key in keys)]
            for score in scores
        ],
    )


def correlation_table(correlations: Mapping[str, Any]) -> str:
    """Write a table of correlations, its columns numbered like its rows."""
    names: Sequence[str] = correlations["variables"]
    return table(
        ["Score", *(f"({number + 1})" for number in range(len(names)))],
        [
            [f"({number + 1}) {name}", *(f"{value:.3f}" for value in row)]
            for number, (name, row) in enumerate(zip(names, correlations["matrix"], strict=True))
        ],
    )

"""The table of mutual influence."""

from __future__ import annotations

from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.panel.estimates import KEY, Estimate
from dyadkit.panel.together.mutual_influence_found import MutualInfluence
from dyadkit.panel.together.mutual_influence_models import LOOP, MULTIPLIER

_NONE = Cell(None)


def effects_table(model: MutualInfluence) -> Table:
    """Lay out influence, own effects, and what the loop makes of them."""
    x, y = (one.label for one in model.variables)
    body = [_heading(f"Influence of one's {y} on the other's {y}")]
    for each in model.directions:
        ends = (each.fieller.low, each.fieller.high) if each.fieller else None
        beta = each.standardised["estimate"]
        cells = _cells(each.influence, beta), Cell(ends, KEY)
        body.append(Row((Cell(f"{each.source} → {each.target}"), *cells[0], cells[1])))
    body.append(_heading(f"Effect of own {x} on own {y}"))
    for each in model.directions:
        cell = _cells(each.actor, each.standardised_actor["estimate"])
        body.append(Row((Cell(each.source), *cell, _NONE)))
    body.append(_heading("Through the loop"))
    for each in model.directions:
        to_own = f"{x} of {each.source} on own {y}"
        to_other = f"{x} of {each.source} on {y} of {each.target}"
        body.append(Row((Cell(to_own), *_cells(each.total_actor), _NONE)))
        body.append(Row((Cell(to_other), *_cells(each.total_partner), _NONE)))
    body.append(Row((Cell("Product of both influences"), *_cells(model.labelled[LOOP]), _NONE)))
    multiplier = _cells(model.labelled[MULTIPLIER])
    body.append(Row((Cell("Multiplier, 1 / (1 − product)"), *multiplier, _NONE)))
    body.append(Row((Cell(f"Correlation of residuals of {y}"), *_cells(model.residuals), _NONE)))
    percent = f"{100 * model.confidence:g} % CI"
    return Table(
        name="effects",
        title="Mutual influence",
        columns=(
            Column("effect", "Effect"),
            Column("estimate", "b", "statistic"),
            Column("std_error", "SE", "statistic"),
            Column("interval", percent, "interval"),
            Column("p", "p", "p_value"),
            Column("beta", "β", "statistic"),
            Column("fieller", f"{percent}, Fieller", "interval"),
        ),
        rows=tuple(body),
        notes=(
            "β is standardised by each member's own standard deviations. Fieller's interval is "
            "right however little own x has to do with own y; where that may be nothing, it has "
            "no ends.",
        ),
    )


def _heading(text: str) -> Row:
    return Row((Cell(text),), heading=True)


def _cells(found: Estimate, beta: float | None = None) -> tuple[Cell, ...]:
    values = (found["estimate"], found["std_error"], (found["conf_low"], found["conf_high"]))
    last = _NONE if beta is None else Cell(beta, KEY)
    return (*(Cell(value, KEY) for value in values), Cell(found["p_value"], KEY), last)

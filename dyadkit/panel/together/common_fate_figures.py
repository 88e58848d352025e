"""The path diagram of a common fate model of one wave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isnan

from dyadkit.display.figures import Node, Path, PathFigure
from dyadkit.display.tables import Cell
from dyadkit.panel.estimates import KEY, Estimate, Key
from dyadkit.panel.lagged.fitted import Effect
from dyadkit.panel.together.both import Both
from dyadkit.panel.together.common_fate_models import latent


def fate_diagram(
    variables: Sequence[Both],
    effect: Effect,
    standardised: Mapping[Key, Estimate],
    hidden: frozenset[str],
    *,
    exchangeable: bool,
    of_latent: bool,
) -> Iterator[PathFigure]:
    """Draw both of the dyad's variables between their indicators, and the effect between them.

    There is none where some standardised value does not exist.

    Parameters
    ----------
    variables : sequence of Both
        x and y.
    effect : Effect
        Of the dyad's x on its y.
    standardised : mapping of Key to Estimate
    hidden : frozenset of str
        Keys that may not be shown.
    exchangeable : bool
        Whether members share one role.
    of_latent : bool
        Whether what indicates the dyad's variables are latent variables themselves.
    """
    concealed = KEY in hidden
    sides = list(zip("xy", variables, (0, 3), (1, 2), strict=True))
    values = {
        (letter, f"{letter}{member}"): standardised[latent(one, 0), "=~", column]["estimate"]
        for letter, one, _, _ in sides
        for member, column in enumerate(one.columns[0])
    }
    values["x", "y"] = effect.standardised["estimate"]
    if not concealed and any(isnan(value) for value in values.values()):
        return
    x, y = (one.label for one in variables)
    nodes = []
    for letter, one, outside, inside in sides:
        members = ("one member", "the partner") if exchangeable else one.roles
        nodes.append(Node(letter, f"{one.label}, dyad", inside, 0.5, factor=True))
        nodes += [
            Node(f"{letter}{member}", f"{one.label}, {name}", outside, member)
            for member, name in enumerate(members)
        ]
    unclear, said = effect.unclear, "latent variables" if of_latent else "answers"
    yield PathFigure(
        name="paths",
        title=f"Common fate: {x} and {y}",
        alt=f"Path diagram of the dyad's {x} and {y}, which both members' {said} indicate, and of "
        "the effect between them, as in the table.",
        nodes=tuple(nodes),
        paths=tuple(
            Path(start, end, Cell(value, KEY, "correlation"), faint=unclear and end == "y")
            for (start, end), value in values.items()
        ),
        caption="Standardised."
        + " Dashed: the interval has zero in it." * (unclear and not concealed)
        + f" Not drawn: correlations of what is left of one member's {said}.",
    )

"""What each index answers, and which of them a design calls for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from dyadkit.display.tables import Cell, Column, Row, Table

Family = Literal["ratings", "categories", "profiles", "groups", "self_other"]
RATINGS: Final = "ratings"
CATEGORIES: Final = "categories"
GROUPS: Final = "groups"
PROFILES: Final = "profiles"
SELF_OTHER: Final = "self_other"

_FIRST, _TOO, _ASKED = "First", "Beside it", "On request"

_TOLD_APART = (
    (
        "ICC(A,1)",
        "Would one member's answer do for the other's? Differences in level count.",
        _FIRST,
    ),
    ("ICC(C,1)", "The same, when one side may be higher throughout.", _TOO),
    ("r", "Where one side is high, is the other? Blind to level and spread.", _TOO),
    ("CCC", "How close are the pairs to the line of equal answers? r times a bias factor.", _TOO),
    ("Mean difference, d", "Is one side higher on average, and by how much?", _FIRST),
    ("Limits of agreement", "Between which bounds do 95 % of the differences lie?", _FIRST),
    ("TDI, coverage", "Within what distance do most pairs lie; how many lie within one?", _TOO),
    ("Equivalence", "Is the mean difference too small to matter?", _ASKED),
)
_ALIKE = (
    ("ICC(1)", "Are members of a dyad more alike than members of different dyads?", _FIRST),
    ("Limits of agreement", "Between which bounds do 95 % of the differences lie?", _FIRST),
    ("TDI, coverage", "Within what distance do most pairs lie; how many lie within one?", _TOO),
)
_OF = {
    CATEGORIES: (
        ("Krippendorff's α", "Agreement beyond chance, when both draw on the same habits.", _FIRST),
        ("AC1, AC2", "The same, steady when nearly all answer alike.", _FIRST),
        ("Cohen's κ", "Agreement beyond what each side's own habits would give.", _TOO),
        ("Scott's π, Brennan–Prediger", "The same with other ideas of chance.", _TOO),
        ("Percent agreement", "How many pairs agree, chance included?", _TOO),
        ("Prevalence, bias", "Why κ may be low although many agree.", _TOO),
    ),
    PROFILES: (
        ("Distinctive similarity", "Is what is special about one answer pattern in both?", _FIRST),
        ("Pseudo-couples", "Are real pairs more alike than pairs put together at random?", _FIRST),
        ("Overall similarity", "The same, with what everybody shares left in.", _TOO),
        ("Normative similarity", "How typical is each member's pattern?", _TOO),
        ("Elevation, scatter, shape", "Do patterns differ in level, in spread or in form?", _TOO),
    ),
    GROUPS: (
        ("AD", "How far are members from their group's mean, in scale points?", _FIRST),
        ("r_wg(j)", "Do members agree better than answers at random (a named null) would?", _FIRST),
        ("ICC(1)", "What share of the differences lies between groups?", _FIRST),
        ("ICC(2)", "How reliable are the groups' means?", _FIRST),
        ("r*_wg, a_wg, SD", "Agreement with other scales of reference.", _TOO),
    ),
    SELF_OTHER: (
        ("Self–other category", "Who rates higher than the other, who lower, who alike?", _ASKED),
    ),
}


def guide_table(families: Sequence[str], told_apart: bool) -> Table:
    """Return the table of the questions that the indices answer."""
    rows: list[Row] = []
    titles = {
        RATINGS: "Two ratings of one thing",
        CATEGORIES: "Categories",
        PROFILES: "Answer patterns across items",
        GROUPS: "Groups",
        SELF_OTHER: "Self and other",
    }
    for family, title in titles.items():
        if family not in families:
            continue
        entries = (_TOLD_APART if told_apart else _ALIKE) if family == RATINGS else _OF[family]
        rows.append(Row((Cell(title),), heading=True))
        rows += [Row(tuple(Cell(text) for text in entry)) for entry in entries]
    return Table(
        name="guide",
        title="What each index answers, and which of them this design calls for",
        columns=(
            Column("index", "Index"),
            Column("question", "What it answers"),
            Column("called_for", "Here"),
        ),
        rows=tuple(rows),
    )

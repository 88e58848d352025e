"""What each column of the frame is: labels from the study file, or else the questions asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dyadkit.frame import Variable
from dyadkit.loading.reading.raw import RawTable
from dyadkit.loading.unfolding import Block
from dyadkit.study import Scale, Study

Asked = dict[str, dict[tuple[str, str], str]]

# Between the stem of a matrix question and the statement to be rated.
_DASH = " - "


def describe_variables(
    tables: Sequence[RawTable], blocks: Sequence[Sequence[Block]], study: Study
) -> dict[str, Variable]:
    """Describe single variables first, then items.

    A single variable is called by its declared label, else by its question, else by its name; an
    item by its question, of which a stem that all items of the scale share is left out.
    """
    asked: Asked = {}
    held: dict[str, set[tuple[str, str]]] = {}
    for table, source in zip(tables, blocks, strict=True):
        for block in source:
            for name, column in block.columns.items():
                held.setdefault(name, set()).add((block.role, block.wave))
                if column in table.questions:
                    place = block.role, block.wave
                    asked.setdefault(name, {}).setdefault(place, table.questions[column])
    described: dict[str, Variable] = {}
    for single in study.singles:
        name = single.name
        described[name] = Variable(
            name=name,
            label=single.label or _first(asked.get(name, {}), study) or _readable(name),
            kind=single.type,
            level=single.level,
            roles=_in_order(study.roles, single.roles),
            waves=_in_order(study.waves, single.waves),
            range=single.range,
            texts=asked.get(name, {}),
        )
    for scale in study.scales:
        labels = _item_labels(scale, asked, study)
        for item in scale.items:
            others = [other for other in study.scales if item in other.items]
            described[item] = Variable(
                name=item,
                label=labels[item],
                kind="item",
                level=scale.level,
                roles=_in_order(study.roles, *(other.roles for other in others)),
                waves=_in_order(study.waves, *(other.waves for other in others)),
                range=scale.range,
                about=scale.about,
                texts=asked.get(item, {}),
            )
    return described


def _item_labels(scale: Scale, asked: Asked, study: Study) -> dict[str, str]:
    """Call each item by its statement; without one, by the scale and the item's place in it."""
    questions = {item: _first(asked.get(item, {}), study) for item in scale.items}
    stems = {question.rpartition(_DASH)[0] for question in questions.values()}
    cut = len(stems.pop()) + len(_DASH) if len(stems) == 1 and stems != {""} else 0
    title = scale.label or _readable(scale.name)
    return {
        item: questions[item][cut:] or f"{title}, item {place}"
        for place, item in enumerate(scale.items, start=1)
    }


def _first(texts: Mapping[tuple[str, str], str], study: Study) -> str:
    """Return the question of the first role and wave that was asked it."""
    places = [(role, wave) for wave in study.waves or ("",) for role in study.roles]
    return next((texts[place] for place in places if place in texts), "")


def _in_order(declared: Sequence[str], *asked: Sequence[str] | None) -> tuple[str, ...]:
    """Return the roles (or waves) in which a variable is asked in any of its scales."""
    return tuple(
        label for label in declared if any(chosen is None or label in chosen for chosen in asked)
    )


def _readable(name: str) -> str:
    return name.replace("_", " ").capitalize()

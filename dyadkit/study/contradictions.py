"""In what two parts of a study file disagree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from dyadkit.errors import listed, nearest
from dyadkit.study.file import StudyFile
from dyadkit.study.lines import Place
from dyadkit.study.scales import Scale, SingleVariable
from dyadkit.study.sources import Source
from dyadkit.study.types import Study

Finding = tuple[Place, str]

#: Words that name a column of every DyadFrame.
RESERVED = frozenset(
    {"dyad", "member", "role", "wave", "occasion", "person", "group", "time", "present"}
)


def find_contradictions(study: Study, file: StudyFile) -> list[Finding]:
    """List everything in which two parts of the file disagree, and where each stands."""
    return [
        *_labels(study, file),
        *_sources(study),
        *_links(study),
        *_variables(study, file),
        *_items(study),
        *_rules(study),
    ]


def _unknown(
    place: Place, what: str, words: Sequence[str | None], valid: Sequence[str]
) -> list[Finding]:
    choices = f"Declared: {', '.join(valid)}." if valid else f"[study] declares no {what}s."
    return [
        (place, f"unknown {what} '{word}'.{nearest(word, valid)} {choices}")
        for word in dict.fromkeys(words)
        if word is not None and word not in valid
    ]


def _again(words: Sequence[str]) -> list[tuple[int, str]]:
    """List the words that stand there already, with their places."""
    return [(place, word) for place, word in enumerate(words) if word in words[:place]]


def _labels(study: Study, file: StudyFile) -> Iterator[Finding]:
    for what, labels in (("role", study.roles), ("wave", study.waves)):
        for _, label in _again(labels):
            yield ("study", f"{what}s"), f"the {what} '{label}' is named twice."
    for label in sorted({*study.roles} & {*study.waves}):
        yield ("study", "waves"), f"'{label}' is both a role and a wave."
    for wave in file.wave:
        yield from _unknown(("wave", wave), "wave", [wave], study.waves)
    times = [study.wave_times[wave] for wave in study.waves if wave in study.wave_times]
    if times != sorted(set(times)):
        yield ("study", "waves"), "the waves' times must rise in the order of 'waves'."


def _sources(study: Study) -> Iterator[Finding]:
    for number, source in enumerate(study.sources):
        here: Place = ("source", number)
        roles, waves = source.role_values or {}, source.wave_values or {}
        yield from _unknown((*here, "role"), "role", [source.role], study.roles)
        yield from _unknown((*here, "wave"), "wave", [source.wave], study.waves)
        yield from _unknown((*here, "role_values"), "role", [*roles.values()], study.roles)
        if source.wave_column is not None and not study.waves:
            yield (*here, "wave_column"), "wave_column needs waves = [...] in [study]."
        else:
            yield from _unknown((*here, "wave_values"), "wave", [*waves.values()], study.waves)
        if (
            len(study.roles) > 1
            and source.layout != "dyad"
            and source.role is None
            and source.role_column is None
        ):
            yield here, "says neither role nor role_column, and the study has two roles."
        if source.spells("wave"):
            yield from _spelt_waves(source, here, study)
        elif len(study.waves) > 1 and source.wave is None and source.wave_column is None:
            yield here, "says neither wave nor wave_column, and the study has waves."
        paired = source.dyad is not None or bool(study.links)
        paired = paired or any(names_partner(other) for other in study.sources)
        if paired and source.person is None:
            yield from (
                (here, f'needs person = "…", {why}') for why in _needs_person(study, source)
            )
        if not paired:
            yield (
                here,
                'does not say who belongs together: say dyad = "…" (the code both partners '
                'share), partner = "…" (the column that names the other one), or give a key '
                "file, [[link]].",
            )
        yield from _misplaced(source, here)
        yield from _members(source, here, study)
    for number, name in _again([source.name for source in study.sources]):
        yield (
            ("source", number),
            f"another source is called '{name}' too; give each a name of its own, name = \"…\".",
        )
    zones = {source.timezone is None for source in study.sources if source.time}
    if len(zones) > 1:
        number = next(n for n, s in enumerate(study.sources) if s.time and s.timezone is None)
        yield (
            ("source", number),
            "says no timezone, and other sources do; say it in each source with time stamps.",
        )
    for what, labels in (("role", study.roles), ("wave", study.waves)):
        named = {label for source in study.sources for label in _named(source, what)}
        for label in labels:
            # A misspelt label is complained about already.
            if named <= {*labels} and not any(_holds(s, what, label) for s in study.sources):
                yield ("study", f"{what}s"), f"no [[source]] has the {what} '{label}'."


def names_partner(source: Source) -> bool:
    """Tell whether the rows of a source name both members of a dyad."""
    both = source.layout == "dyad" and "{role}" in (source.person or "")
    return source.dyad is None and (source.partner is not None or both)


def _spelt_waves(source: Source, here: Place, study: Study) -> Iterator[Finding]:
    if not study.waves:
        yield (*here, "columns"), "{wave} needs waves = [...] in [study]."
    for key in ("wave", "wave_column"):
        if getattr(source, key) is not None:
            yield (*here, key), f"columns says the wave with {{wave}}; take {key} out."


def _members(source: Source, here: Place, study: Study) -> Iterator[Finding]:
    """Find rows of dyads whose columns do not tell two members apart."""
    if source.layout != "dyad" or source.role_values is None:
        return
    words = [*source.role_values.values()]
    if study.exchangeable and len(words) != 2:
        yield (
            (*here, "role_values"),
            "the two members share a role and are told apart by two words, e.g. "
            f'{{ A = "{study.roles[0]}", B = "{study.roles[0]}" }}.',
        )
    elif source.dyad is None and not study.exchangeable:
        for role in study.roles:
            if words.count(role) != 1:
                yield (
                    (*here, "role_values"),
                    f"gives '{role}' {words.count(role)} words; a row that is known "
                    "by the ids of both members needs one word for each role.",
                )


def _misplaced(source: Source, here: Place) -> Iterator[Finding]:
    """Find names of columns that are to be completed by what their rows do not have."""
    known = {f"{{{what}}}" for what in ("role", "wave", "slot") if source.spells(what)}
    for key in SPELT:
        name = getattr(source, key) or ""
        for part in ("{item}", "{role}", "{wave}", "{slot}"):
            if part in name and part not in known:
                yield (
                    (*here, key),
                    f"{part} in '{name}' cannot be filled in: "
                    + ("it is for columns." if part == "{item}" else f"columns lacks {part}."),
                )


#: The keys of a source whose columns may be named by role, wave and slot.
SPELT = (
    *("dyad", "person", "partner", "group"),
    *("date", "time", "occasion", "duration", "language"),
)


def _links(study: Study) -> Iterator[Finding]:
    needed = 2 if study.exchangeable else 1
    for number, link in enumerate(study.links):
        here: Place = ("link", number)
        yield from _unknown(here, "key", list(link.people), ["path", "dyad", *study.roles])
        for role in study.roles:
            columns = link.people.get(role)
            if columns is None:
                yield here, f"the key '{role}' is missing: the column with the ids of this role."
            elif len(columns) != needed:
                example = f'{role} = ["id_1", "id_2"]' if needed > 1 else f'{role} = "{columns[0]}"'
                yield (
                    (*here, role),
                    f"names {len(columns)} column{'s' * (len(columns) != 1)}; with "
                    f"{'one role' if needed > 1 else 'two roles'} it must be like {example}.",
                )
        named = [column for role in study.roles for column in link.people.get(role, ())]
        for _, column in _again(named):
            yield here, f"the column '{column}' is named for both members; name one for each."


def _needs_person(study: Study, source: Source) -> Iterator[str]:
    """Say what for the column is needed that identifies who answered."""
    if source.dyad is None:
        yield "the column that says who answered: only ids tell who belongs together."
    elif study.withdrawals:
        yield "the column that says who answered: a [[withdrawal]] list names persons."
    elif study.exchangeable and len(study.waves) > 1 and source.layout != "dyad":
        yield (
            "the column that says who answered: with one role and several waves nothing else tells "
            "the two members apart."
        )


def _named(source: Source, what: str) -> list[str]:
    """List the roles (or waves) that a source names."""
    fixed, words = getattr(source, what), getattr(source, f"{what}_values")
    return [*([fixed] if fixed is not None else []), *(words or {}).values()]


def _holds(source: Source, what: str, label: str) -> bool:
    """Whether a source may hold rows of a role or wave."""
    if getattr(source, f"{what}_column") is not None or source.spells(what):
        words = getattr(source, f"{what}_values")
        return words is None or label in words.values()
    return getattr(source, what) in (None, label)


def _variables(study: Study, file: StudyFile) -> Iterator[Finding]:
    declared: list[tuple[str, str, Scale | SingleVariable]] = [
        *(("scale", key, scale) for key, scale in file.scale.items()),
        *(("variable", key, single) for key, single in file.variable.items()),
    ]
    seen: set[str] = set()
    for kind, key, variable in declared:
        here: Place = (kind, key)
        if variable.name != key:
            yield here, f"unknown key 'name': the name is the table's own title, '{key}'."
        if variable.name in seen:
            yield here, f"'{variable.name}' is both a scale and a variable."
        if variable.name in RESERVED:
            yield here, f"'{variable.name}' is a word dyadkit uses itself; choose another."
        seen.add(variable.name)
        yield from _unknown((*here, "roles"), "role", variable.roles or (), study.roles)
        yield from _unknown((*here, "waves"), "wave", variable.waves or (), study.waves)
        if variable.level == "group" and not any(source.group for source in study.sources):
            yield (*here, "level"), 'level = "group" needs group = "…" in a [[source]].'
        if not _asked(study, variable) and not (
            {*(variable.roles or ())} - {*study.roles} or {*(variable.waves or ())} - {*study.waves}
        ):
            yield here, "is asked of a role and wave that no [[source]] has."
    if not declared:
        yield ("scale",), "the study declares no [scale.…] and no [variable.…]."
    for scale in study.scales:
        for number, version in enumerate(scale.version):
            here = ("scale", scale.name, "version", number)
            for what, label, asked, known in (
                ("role", version.role, scale.roles, study.roles),
                ("wave", version.wave, scale.waves, study.waves),
            ):
                unknown = _unknown((*here, what), what, [label], known)
                yield from unknown
                if label is not None and not unknown and label not in (asked or known):
                    yield (*here, what), f"the scale itself is not asked of {what} '{label}'."


def _asked(study: Study, variable: Scale | SingleVariable) -> list[tuple[str, str]]:
    """List the roles and waves in which a variable was asked and that some source holds."""
    return [
        (role, wave)
        for role in variable.roles or study.roles
        for wave in variable.waves or study.waves or ("",)
        if any(
            _holds(source, "role", role) and (not wave or _holds(source, "wave", wave))
            for source in study.sources
        )
    ]


def _items(study: Study) -> Iterator[Finding]:
    """Find item names that mean two things."""
    names = {scale.name for scale in study.scales} | {single.name for single in study.variables}
    owner: dict[str, Scale] = {}
    columns: dict[tuple[str, str, str], tuple[str, str]] = {}
    for scale in study.scales:
        here: Place = ("scale", scale.name, "items")
        for item in scale.items:
            if item in names:
                yield here, f"'{item}' is an item here and a scale or variable elsewhere."
            if item in RESERVED:
                yield (
                    here,
                    f"'{item}' is a word dyadkit uses itself. List another name in 'items', and "
                    "the columns as they are in a [[scale.…version]] without role and wave.",
                )
            first = owner.setdefault(item, scale)
            if (first.range, first.level) != (scale.range, scale.level):
                yield (
                    here,
                    f"the item '{item}' is also in the scale {first.name}, with another range or "
                    "level.",
                )
        clashes: dict[str, str] = {}
        for role, wave in _asked(study, scale):
            for item, column in zip(scale.items, scale.columns(role, wave), strict=False):
                other, other_column = columns.setdefault((item, role, wave), (scale.name, column))
                if column != other_column:
                    where = " ".join(part for part in (role, wave) if part)
                    clashes.setdefault(
                        other,
                        f"the item name '{item}' stands for two columns ({where}): "
                        f"'{other_column}' in the scale {other}, '{column}' here. Give one of the "
                        "scales item names of its own.",
                    )
        yield from ((here, message) for message in clashes.values())


def _rules(study: Study) -> Iterator[Finding]:
    names = [source.name for source in study.sources]
    for number, consent in enumerate(study.consents):
        yield from _unknown(("consent", number, "source"), "source", consent.source, names)
        if consent.scope == "person":
            nameless = [
                source.name
                for source in study.sources
                if source.person is None and (not consent.source or source.name in consent.source)
            ]
            if nameless:
                yield (
                    ("consent", number, "scope"),
                    'scope = "person" needs to know who answered: say person = "…" in the '
                    f"[[source]] {listed(nameless)}.",
                )
    for number, withdrawal in enumerate(study.withdrawals):
        place = ("withdrawal", number, "from_wave")
        yield from _unknown(place, "wave", [withdrawal.from_wave], study.waves)
    if "seconds_per_item" in study.careless.exclude:
        silent = [source.name for source in study.sources if source.duration is None]
        if len(silent) == len(study.sources):
            yield (
                ("careless", "exclude"),
                '"seconds_per_item" needs duration = "…" in a [[source]], the column with the '
                "seconds that somebody took.",
            )
    yield from _needs(study)
    for number, title in _again([analysis.name for analysis in study.analyses]):
        yield (
            ("analysis", number),
            f"another analysis is called '{title}' too; give each a name of its own, name = \"…\".",
        )


def _needs(study: Study) -> Iterator[Finding]:
    """List the analyses that use one which is not there, or which uses them in turn."""
    names = [analysis.name for analysis in study.analyses]
    for number, analysis in enumerate(study.analyses):
        place = ("analysis", number, "from")
        yield from _unknown(place, "analysis", analysis.needs, names)
    try:
        TopologicalSorter({each.name: each.needs for each in study.analyses}).prepare()
    except CycleError as error:
        circle = " → ".join(f"'{name}'" for name in reversed(error.args[1]))
        number = names.index(error.args[1][0])
        yield (
            ("analysis", number, "from"),
            f"these analyses wait for each other: {circle}. Take one 'from' out.",
        )

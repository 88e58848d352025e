"""The draft of each [[source]], of key files, and of lists of people who withdrew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from dyadkit.loading.cells import plain
from dyadkit.loading.drafting.draft_toml import (
    array,
    asked,
    block,
    comment,
    guessed,
    inline,
    quoted,
)
from dyadkit.loading.drafting.guess_columns import Export
from dyadkit.loading.drafting.guess_links import LinkGuess, WithdrawalGuess
from dyadkit.loading.drafting.guess_source import SourceGuess
from dyadkit.loading.drafting.guessing import Guess

_LAYOUTS = {
    "dyad": "one row for each dyad",
    "loop": "one row for each person, with answers about several partners",
}
_PLATFORMS = {"qualtrics": "Qualtrics", "limesurvey": "LimeSurvey", "surveymonkey": "SurveyMonkey"}


def wave_name(number: int) -> str:
    """Name a wave.

    Examples
    --------
    >>> wave_name(2)
    't2'
    """
    return f"t{number}"


def source_names(sources: Sequence[SourceGuess]) -> list[str]:
    """Name each source by its file; by sheet or path too where files are called alike."""
    files = Counter(source.export.file for source in sources)
    names: list[str] = []
    for source in sources:
        export = source.export
        name = export.file
        if files[name] > 1:
            name = (
                f"{export.file.rsplit('.', 1)[0]} {export.sheet}" if export.sheet else export.path
            )
        again = names.count(name)
        names.append(f"{name} ({again + 1})" if again else name)
    return names


def draft_source(source: SourceGuess, name: str, guess: Guess) -> str:
    """Draft the [[source]] of one export.

    Parameters
    ----------
    source : SourceGuess
    name : str
        What the ledger calls it.
    guess : Guess
        The whole study.
    """
    export, layout = source.export, source.layout
    return block(
        "[[source]]",
        f"path = {quoted(export.path)}",
        f"name = {quoted(name)}" if name != export.file else "",
        guessed("sheet", quoted(export.sheet), "the one with the answers") if export.sheet else "",
        guessed("layout", quoted(layout.kind), _LAYOUTS[layout.kind]) if layout.columns else "",
        *_wave(source, guess),
        *_role(source, guess),
        *_who(source, guess),
        guessed("slots", array(layout.slots)) if layout.slots else "",
        guessed("columns", quoted(layout.columns), _columns_example(source))
        if layout.columns
        else "",
        guessed("group", quoted(source.group), "team or organisation") if source.group else "",
        *_moments(source),
        *_answers(source),
        guessed("id_match", array(guess.id_match), "some ids differ in nothing else")
        if guess.id_match
        else "",
        guessed("duplicates", '"first_complete"', 'or "last", or "error"'),
        f"# {_PLATFORMS[export.table.platform]}: test answers and unfinished ones are left out by "
        "themselves."
        if export.table.platform in _PLATFORMS
        else "",
    )


def _wave(source: SourceGuess, guess: Guess) -> Iterator[str]:
    words = source.wave_values or source.layout.waves
    if source.wave is not None:
        yield guessed("wave", quoted(wave_name(source.wave)))
    elif words:
        if source.wave_column:
            yield guessed("wave_column", quoted(source.wave_column))
        if any(wave_name(number) != word for word, number in words.items()):
            named = {word: wave_name(number) for word, number in words.items()}
            yield guessed("wave_values", inline(named))
    elif guess.waves:
        yield asked("wave")


def _role(source: SourceGuess, guess: Guess) -> Iterator[str]:
    words: Mapping[str, str] = source.role_values or source.layout.roles
    numbered = list(words) == ["1", "2"]
    if words and (len(guess.roles) > 1 or not numbered):
        if source.role_column:
            yield guessed("role_column", quoted(source.role_column))
        exactly = source.layout.kind == "dyad"
        if any((word if exactly else plain(word)) != role for word, role in words.items()):
            yield guessed("role_values", inline(words))
    elif len(guess.roles) > 1 and source.role:
        yield guessed("role", quoted(source.role))
    elif len(guess.roles) > 1 and source.layout.kind != "dyad":
        yield asked("role")


def _who(source: SourceGuess, guess: Guess) -> Iterator[str]:
    """Say who answered, and how it is known whose partner they are."""
    by_partner = any(other.partner for other in guess.sources) and not guess.links
    if source.dyad:
        yield guessed("dyad", quoted(source.dyad), "both partners share it")
    elif not (guess.links or by_partner) and not source.person.count("{role}"):
        yield asked("dyad", "the column that both partners share")
    if source.person:
        yield guessed("person", quoted(source.person), "who answered")
    elif (guess.links or by_partner or guess.withdrawals) and not source.dyad:
        yield asked("person", "the column that says who answered")
    if source.partner:
        yield guessed("partner", quoted(source.partner), "about whom")


def _columns_example(source: SourceGuess) -> str:
    """Show one of the columns that the pattern gives."""
    for item, columns in source.layout.items.items():
        if item not in source.layout.awkward and columns[0] in source.layout.spelt:
            return f"such as {comment(columns[0], 60)[2:]}"
    return ""


def _moments(source: SourceGuess) -> Iterator[str]:
    for key in ("date", "time", "occasion", "duration", "language"):
        column = getattr(source, key)
        if column:
            yield guessed(key, quoted(column))
        if key == "time" and column:
            yield '# timezone = "Europe/Rome"  # check: where the times were taken'


def _answers(source: SourceGuess) -> Iterator[str]:
    scoring = source.scoring
    if scoring.values:
        ordered = dict(sorted(scoring.values.items(), key=lambda pair: pair[1]))
        yield guessed("values", inline(ordered))
    if scoring.missing:
        yield guessed("missing", array(scoring.missing))


def draft_link(link: LinkGuess) -> str:
    """Draft the [[link]] of a key file."""
    people = [
        guessed(role, quoted(names[0]) if len(names) == 1 else array(names))
        for role, names in link.people.items()
    ]
    return block(
        "[[link]]",
        f"path = {quoted(link.export.path)}",
        guessed("dyad", quoted(link.dyad)) if link.dyad else "",
        *people,
    )


def draft_withdrawal(withdrawal: WithdrawalGuess, waves: Sequence[int]) -> str:
    """Draft the [[withdrawal]] of a list of people."""
    return block(
        "[[withdrawal]]",
        f"path = {quoted(withdrawal.export.path)}  # check: these people withdrew",
        guessed("person", quoted(withdrawal.person)),
        f"# from_wave = {quoted(wave_name(waves[1]))}  # check: else all of their answers go"
        if len(waves) > 1
        else "",
    )


def draft_rest(exports: Sequence[Export]) -> str:
    """Name the files that are drafted as nothing."""
    lines = []
    for export in exports:
        why = "no items of a scale were found in it" if len(export.table) else "it has no rows"
        lines.append(f"{comment(export.path, 200)} is left out: {why}.  # check")
    return block(*lines)

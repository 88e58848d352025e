"""A draft of the study file, from raw exports: what can be guessed, and what to check."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from dyadkit.errors import StudyError
from dyadkit.loading.files import read_file
from dyadkit.loading.guessing import Guess, Stem, guess_exports
from dyadkit.loading.raw import RawTable


def write_draft(exports: Sequence[Path], out: Path) -> None:
    """Read exports and write a draft of their study file.

    Parameters
    ----------
    exports : sequence of pathlib.Path
    out : pathlib.Path
        The study file; must not exist.  Paths in it are relative to its folder.

    Raises
    ------
    StudyError
        When the study file exists already, or cannot be written.
    DataError
        When an export cannot be read.
    """
    if out.exists():
        raise StudyError(f"{out} exists already. Move it away, or name another file with --out.")
    tables = {
        Path(os.path.relpath(path, out.parent)).as_posix(): read_file(path, name=path.name)
        for path in exports
    }
    try:
        out.write_text(draft_study(tables), encoding="utf-8")
    except OSError as error:
        raise StudyError(f"{out} cannot be written: {error.strerror}.") from None


def draft_study(tables: Mapping[str, RawTable]) -> str:
    """Draft a commented study file.

    Parameters
    ----------
    tables : mapping of str to RawTable
        The exports, by the path as the study file will have it.

    Returns
    -------
    str
        TOML.  Lines that end in ``# check`` hold guesses; what could not be guessed is marked
        ``# fill in``.
    """
    guesses, roles = guess_exports(tables)
    waves = sorted({guess.wave for guess in guesses if guess.wave})
    blocks = [_head(roles, waves)]
    blocks += [_source(guess) for guess in guesses]
    blocks += _scales(guesses, roles, waves)
    blocks += _consents(guesses)
    blocks.append(_analyses(_paired(guesses, roles)))
    return "\n".join(blocks)


def _head(roles: tuple[str, str], waves: Sequence[int]) -> str:
    lines = [
        "# Drafted by dyadkit init. Lines that end in '# check' are guesses.",
        "",
        "[study]",
        'title = ""  # fill in',
        f"roles = {_list(roles)}  # check: the order is that of every table",
    ]
    if waves:
        lines.append(f"waves = {_list([f't{wave}' for wave in waves])}  # check")
        lines.append('time_unit = "week"  # check')
        lines += ["", "# When each wave took place, in time_unit; lags come from here."]
        lines += [f"# [wave.t{wave}]\n# time = {4 * place}" for place, wave in enumerate(waves)]
    return "\n".join(lines) + "\n"


def _source(guess: Guess) -> str:
    lines = ["[[source]]", f"path = {_text(guess.path)}"]
    if guess.wave:
        lines.append(f'wave = "t{guess.wave}"  # check')
    lines.append(f"role = {_text(guess.role)}" + ("  # check" if guess.role else "  # fill in"))
    lines.append(f"dyad = {_text(guess.dyad)}" + ("  # check" if guess.dyad else "  # fill in"))
    if guess.person:
        lines.append(f"person = {_text(guess.person)}  # check: who answered")
    if guess.group:
        lines.append(f"group = {_text(guess.group)}  # check: team or organisation")
    if guess.missing:
        lines.append(f"missing = [{', '.join(map(str, guess.missing))}]  # check")
    lines.append('duplicates = "first_complete"  # check: or "last", or "error"')
    if guess.table.platform:
        lines.append(
            f"# {guess.table.platform.capitalize()}: test answers and unfinished ones are left "
            "out by themselves."
        )
    return "\n".join(lines) + "\n"


def _scales(guesses: Sequence[Guess], roles: tuple[str, str], waves: Sequence[int]) -> list[str]:
    """Write one scale a stem, with the roles and waves in which it stands."""
    places: dict[str, list[tuple[Guess, Stem]]] = {}
    for guess in guesses:
        for stem in guess.stems:
            places.setdefault(stem.name, []).append((guess, stem))
    blocks = []
    for name, found in places.items():
        longest = max((stem for _, stem in found), key=lambda stem: len(stem.items))
        here = [(guess, stem) for guess, stem in found if stem.items == longest.items]
        who = [role for role in roles if any(guess.role == role for guess, _ in here)]
        when = [wave for wave in waves if any(guess.wave == wave for guess, _ in here)]
        low = min(stem.low for _, stem in here)
        high = max(stem.high for _, stem in here)
        votes = [item for _, stem in here for item in stem.reverse]
        reverse = [item for item in longest.items if votes.count(item) * 2 > len(here)]
        question = next(
            (text for guess, stem in here if (text := guess.table.questions.get(stem.items[0]))), ""
        )
        lines = [f"[scale.{_name(name)}]"]
        if question:
            lines.append(f"# {_one_line(question)}")
        lines.append(f"label = {_text(_name(name).capitalize())}  # fill in")
        lines.append(f"items = {_list(_ranged(longest.items))}  # check")
        lines.append(f"range = [{low:g}, {high:g}]  # check: lowest and highest possible answer")
        if reverse:
            lines.append(f"reverse = {_list(reverse)}  # check: they run against the others")
        if who and len(who) < len(roles):
            lines.append(f"roles = {_list(who)}")
        if when and len(when) < len(waves):
            lines.append(f"waves = {_list([f't{wave}' for wave in when])}")
        blocks.append("\n".join(lines) + "\n")
    return blocks


def _consents(guesses: Sequence[Guess]) -> list[str]:
    """Write one block for each column and wording, so that every source finds its own."""
    asked: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for guess in guesses:
        if guess.consent:
            asked.setdefault((guess.consent, guess.granted), []).append(guess.path)
    everywhere = len(asked) == 1 and sum(map(len, asked.values())) == len(guesses)
    blocks = []
    for (column, granted), paths in asked.items():
        lines = ["[[consent]]", f"column = {_text(column)}  # check"]
        lines.append(f"granted = {_list(granted)}  # check: every other answer is a refusal")
        if not everywhere:
            lines.append(f"source = {_list([path.rsplit('/', 1)[-1] for path in paths])}")
        blocks.append("\n".join(lines) + "\n")
    return blocks


def _paired(guesses: Sequence[Guess], roles: tuple[str, str]) -> bool:
    """Tell whether some scale was answered by both roles."""
    names = [
        {stem.name for guess in guesses if guess.role == role for stem in guess.stems}
        for role in roles
    ]
    return bool(names[0] & names[1])


def _analyses(paired: bool) -> str:
    types = ["descriptives", *(["nonindependence"] if paired else []), "missingness"]
    return "\n".join(f'[[analysis]]\ntype = "{kind}"\n' for kind in types).rstrip() + "\n"


def _ranged(items: Sequence[str]) -> list[str]:
    """Write consecutive items as a range: ``tr1..tr5``."""
    first, last = items[0], items[-1]
    stem = first.rstrip("0123456789")
    start, width = first[len(stem) :], len(first) - len(stem)
    written = [f"{stem}{int(start) + step:0{width}d}" for step in range(len(items))]
    return [f"{first}..{last}"] if list(items) == written and len(items) > 2 else list(items)


def _name(stem: str) -> str:
    """Turn a stem into a name that a scale may have."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in stem)
    plain = plain.strip("_") or "scale"
    return plain if plain[0].isalpha() else f"s{plain}"


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 90 else f"{line[:89]}…"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(_text(text) for text in texts)}]"

"""A draft of the study file, from raw exports: what can be guessed, and what to check."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from dyadkit.errors import StudyError
from dyadkit.loading.drafting.draft_scale import answered_by_both, draft_scales
from dyadkit.loading.drafting.draft_sources import (
    draft_link,
    draft_rest,
    draft_source,
    draft_withdrawal,
    source_names,
    wave_name,
)
from dyadkit.loading.drafting.draft_toml import array, asked, block, codes, guessed, quoted
from dyadkit.loading.drafting.guess_columns import Export
from dyadkit.loading.drafting.guess_sheets import read_exports
from dyadkit.loading.drafting.guessing import Guess, guess_exports


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
    files = {Path(os.path.relpath(path, out.parent)).as_posix(): path for path in exports}
    for name in files:
        if any("\ud800" <= sign <= "\udfff" for sign in name):
            raise StudyError(
                f"The path {name!a} is not valid UTF-8, as a study file must be; rename it."
            )
    read = [export for name, path in files.items() for export in read_exports(path, name)]
    try:
        out.write_text(draft_study(read), encoding="utf-8")
    except OSError as error:
        raise StudyError(f"{out} cannot be written: {error.strerror}.") from None


def draft_study(exports: Sequence[Export]) -> str:
    """Draft a commented study file.

    Parameters
    ----------
    exports : sequence of Export

    Returns
    -------
    str
        TOML.  Lines that end in ``# check`` hold guesses; what could not be guessed is marked
        ``# fill in``.
    """
    guess = guess_exports(exports)
    names = source_names(guess.sources)
    blocks = [
        _head(guess),
        *map(draft_link, guess.links),
        *(draft_source(s, name, guess) for s, name in zip(guess.sources, names, strict=True)),
        draft_rest(guess.left_out) if guess.left_out else "",
        *_consents(guess, names),
        *(draft_withdrawal(withdrawal, guess.waves) for withdrawal in guess.withdrawals),
        *draft_scales(guess),
        _analyses(guess),
    ]
    return "\n".join(filter(None, blocks))


def _head(guess: Guess) -> str:
    waves = [wave_name(wave) for wave in guess.waves]
    return block(
        "# Drafted by dyadkit init. Lines that end in '# check' are guesses; what could not be "
        "guessed\n# ends in '# fill in'.",
        "\n[study]",
        asked("title"),
        _roles(guess),
        guessed("waves", array(waves)) if waves else "",
        guessed("time_unit", '"week"') if len(waves) > 1 else "",
        "\n# When each wave took place, in time_unit; lags come from here."
        if len(waves) > 1
        else "",
        *(
            f"# [wave.{wave}]\n# time = {4 * place}"
            for place, wave in enumerate(waves)
            if len(waves) > 1
        ),
    )


def _roles(guess: Guess) -> str:
    if len(guess.roles) == 1:
        return guessed("roles", array(guess.roles), "one role, for partners who are alike")
    if not guess.roles_known:
        return asked("roles", "what the two are called", array(guess.roles))
    return guessed("roles", array(guess.roles), "the order is that of every table")


def _consents(guess: Guess, names: Sequence[str]) -> list[str]:
    """Write one block for each column and wording, so that every source finds its own."""
    columns: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for source, name in zip(guess.sources, names, strict=True):
        if source.consent:
            columns.setdefault((source.consent, source.granted), []).append(name)
    everywhere = len(columns) == 1 and sum(map(len, columns.values())) == len(names)
    return [
        block(
            "[[consent]]",
            guessed("column", quoted(column)),
            guessed("granted", codes(granted), "every other answer is a refusal")
            if granted
            else asked("granted", "the answers that grant consent", "[]"),
            "" if everywhere else f"source = {array(asked_of)}",
        )
        for (column, granted), asked_of in columns.items()
    ]


def _analyses(guess: Guess) -> str:
    types = ["descriptives", *(["nonindependence"] if answered_by_both(guess) else [])]
    return "\n".join(block("[[analysis]]", f'type = "{kind}"') for kind in [*types, "missingness"])

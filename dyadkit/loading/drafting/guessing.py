"""What raw exports seem to be: roles, waves, who belongs to whom, and scales."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from dyadkit.loading.drafting.guess_columns import Export
from dyadkit.loading.drafting.guess_consent import with_consent
from dyadkit.loading.drafting.guess_ids import guess_id_match
from dyadkit.loading.drafting.guess_layouts import guess_layout
from dyadkit.loading.drafting.guess_links import (
    LinkGuess,
    WithdrawalGuess,
    guess_link,
    guess_withdrawal,
    link_people,
)
from dyadkit.loading.drafting.guess_pairs import comes_in_twos, pair_up
from dyadkit.loading.drafting.guess_people import with_group
from dyadkit.loading.drafting.guess_roles import (
    ALIKE,
    UNKNOWN,
    meaning_of,
    one_role_each,
    study_roles,
    usual_meanings,
    with_role,
)
from dyadkit.loading.drafting.guess_source import SourceGuess
from dyadkit.loading.drafting.guess_stems import guess_scales
from dyadkit.loading.drafting.guess_when import number_waves, with_moments, with_wave


@dataclass(frozen=True, slots=True)
class Guess:
    """What exports seem to be.

    Attributes
    ----------
    roles : tuple of str
        One for exchangeable partners.
    roles_known : bool
        Whether anything in the exports speaks for them.
    waves : tuple of int
    sources : tuple of SourceGuess
    links : tuple of LinkGuess
    withdrawals : tuple of WithdrawalGuess
    left_out : tuple of Export
        Files without answers that are none of these.
    id_match : tuple of str
        In what ids differ that seem to be the same.
    """

    roles: tuple[str, ...]
    roles_known: bool
    waves: tuple[int, ...]
    sources: tuple[SourceGuess, ...]
    links: tuple[LinkGuess, ...] = ()
    withdrawals: tuple[WithdrawalGuess, ...] = ()
    left_out: tuple[Export, ...] = ()
    id_match: tuple[str, ...] = ()


def guess_exports(exports: Sequence[Export]) -> Guess:
    """Guess what exports are.

    Parameters
    ----------
    exports : sequence of Export

    Returns
    -------
    Guess
    """
    alone = one_role_each(exports)
    laid_out = [
        SourceGuess(export, guess_layout(export, one_role=alone[export.path + export.sheet]))
        for export in exports
    ]
    with_answers = [bool(guess_scales(s.export, s.layout, ()).stems) for s in laid_out]
    if not any(with_answers):
        with_answers = [True] * len(laid_out)
    sources = [s for s, answers in zip(laid_out, with_answers, strict=True) if answers]
    lists = [s.export for s, answers in zip(laid_out, with_answers, strict=True) if not answers]
    roles = study_roles(sources, lists)
    known = bool(roles)
    sources = [with_wave(with_role(_mean(source, roles), roles)) for source in sources]
    sources = number_waves(sources)
    links = [link for export in lists if (link := guess_link(export, sources, roles))]
    lists = [export for export in lists if not any(link.export is export for link in links)]
    sources = link_people(sources, links) if links else pair_up(sources, roles)
    if not roles:
        roles = ALIKE if links else _roles_left(sources)
    sources = [with_moments(with_consent(with_group(source))) for source in sources]
    sources = [
        replace(source, scoring=guess_scales(source.export, source.layout, source.taken))
        for source in sources
    ]
    withdrawals = [found for export in lists if (found := guess_withdrawal(export, sources))]
    withdrawn = [withdrawal.export for withdrawal in withdrawals]
    return Guess(
        roles=roles,
        roles_known=known,
        waves=tuple(sorted({wave for source in sources for wave in source.waves})),
        sources=tuple(sources),
        links=tuple(links),
        withdrawals=tuple(withdrawals),
        left_out=tuple(export for export in lists if not any(export is w for w in withdrawn)),
        id_match=guess_id_match(_compared(sources, links, withdrawals)),
    )


def _mean(source: SourceGuess, roles: Sequence[str]) -> SourceGuess:
    """Say which of the study's roles the words in the names of columns mean."""
    words = source.layout.roles
    usual = usual_meanings(list(words))
    if len(roles) == 1:
        meant = dict.fromkeys(words, roles[0])
    elif usual and set(usual.values()) <= set(roles):
        meant = usual
    else:
        meant = {word: meaning_of(role, roles) for word, role in words.items()}
    return replace(source, layout=replace(source.layout, roles=meant))


def _roles_left(sources: Sequence[SourceGuess]) -> tuple[str, ...]:
    """Choose what to call the roles where no word says it: one role if both stand in one file."""
    if any(source.role_values for source in sources):
        return UNKNOWN
    both = all(source.dyad and comes_in_twos(source, source.dyad) for source in sources)
    return ALIKE if both or len(sources) < 2 else UNKNOWN


def _compared(
    sources: Sequence[SourceGuess],
    links: Sequence[LinkGuess],
    withdrawals: Sequence[WithdrawalGuess],
) -> Iterator[tuple[Collection[str], Collection[str]]]:
    """List the ids that should be found among others."""
    people: dict[str, set[str]] = {}
    for link in links:
        for role, names in link.people.items():
            people.setdefault(role, set()).update(*(link.export.columns[n].counts for n in names))
    listed = {role: frozenset(ids) for role, ids in people.items()}
    codes: dict[str, set[str]] = {}
    for source in sources:
        mine = _texts(source, [source.person])
        if listed:
            yield mine, listed.get(source.role, frozenset().union(*listed.values()))
        else:
            yield mine, frozenset(people.setdefault(source.role, set()))
            people[source.role] |= mine
        pair = _texts(source, [source.dyad])
        yield from ((pair, theirs) for role, theirs in codes.items() if role != source.role)
        codes.setdefault(source.role, set()).update(pair)
    for source in sources:
        partners = _texts(source, [source.partner, *source.slot_columns()])
        others = [ids for role, ids in people.items() if role != source.role or not role]
        if partners and others:
            yield partners, set().union(*others)
    for withdrawal in withdrawals:
        listed_ids = withdrawal.export.columns[withdrawal.person].counts
        yield set(listed_ids), set().union(*people.values())


def _texts(source: SourceGuess, names: Sequence[str]) -> set[str]:
    columns = (source.export.columns.get(name) for name in names)
    return {text for column in columns if column for text in column.counts}

"""Who belongs to whom: two people in one role, duplicate answers, and those without a partner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.errors import listed
from dyadkit.loading.coding import number_groups, shared
from dyadkit.loading.consent import loose_ids
from dyadkit.loading.problems import Problem, plural
from dyadkit.loading.reading.raw import Mask, is_empty
from dyadkit.loading.texts import as_texts, from_words
from dyadkit.study import Study

Codes = np.ndarray[tuple[int], np.dtype[np.intp]]


@dataclass(frozen=True, slots=True)
class Pairing:
    """What became of each row.

    Attributes
    ----------
    reason, detail : Series of str
        Why a row was left out; empty where it stays.
    problems : tuple of Problem
        What only the researcher can decide.
    notes : tuple of str
        Counts that a reader must know.
    """

    reason: pd.Series
    detail: pd.Series
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def pair(
    keys: pd.DataFrame, values: pd.DataFrame, study: Study, keep_one_sided: frozenset[str]
) -> Pairing:
    """Decide which rows form dyads.

    A dyad has one person in each role, or two persons in its only role.  A row without an id is
    the only person's of its role; where the role has two, it is a person of its own.

    Parameters
    ----------
    keys : DataFrame
        Rows of every source, in the order of the study file, with ``source``, ``row``, ``wave``,
        ``role``, ``person`` and ``dyad``.
    values : DataFrame
        What they answered, in the same rows.
    study : Study
    keep_one_sided : frozenset of str
        Dyads that have lost a member by withdrawal and stay all the same.
    """
    reason = np.zeros(len(keys), dtype=np.int8)
    wave = number_groups(keys, ["dyad", "role", "wave"])
    spot = number_groups(keys, ["dyad", "role", *_moment(keys)]) if "occasion" in keys else wave
    nameless = is_empty(as_texts(keys["person"]))
    named = _named(keys, wave, nameless)
    unknown = np.zeros(len(keys), dtype=np.intp)
    if nameless.any():
        unknown = np.bincount(spot, weights=nameless)[spot].astype(np.intp)

    room = 2 if study.exchangeable else 1
    crowded = (named > room) | (study.exchangeable & nameless & (named + unknown > room))
    reason[crowded] = _TWO_IN_ROLE
    who = _answerers(keys, spot, nameless, study)
    second, problems = _second_answers(keys, values, who, ~crowded, study)
    reason[second] = _DUPLICATE

    if study.orphans == "exclude":
        left = np.flatnonzero(reason == 0)
        alone = left[_alone(_chosen(keys, reason == 0), study, keep_one_sided)]
        reason[alone] = _ORPHAN
    paired = _chosen(keys, reason == 0)
    problems += _unclear_members(paired, study)
    orphans = _chosen(keys, reason == _ORPHAN)
    notes = [*_changed_people(paired, study), *_nearnumber_groups(orphans, keys)]
    return Pairing(
        pd.Series(from_words(_REASONS, reason), index=keys.index),
        pd.Series(_details(reason, named, nameless), index=keys.index),
        tuple(problems),
        tuple(notes),
    )


_REASONS = ("", "two_in_role", "duplicate", "orphan")
_TWO_IN_ROLE, _DUPLICATE, _ORPHAN = 1, 2, 3


def _details(reason: np.ndarray, named: Codes, nameless: Mask) -> pd.Categorical:
    """Say more about why rows are left out."""
    words = [
        "",
        "more than two rows, this one without an id",
        "answered more than once",
        "the dyad code has one member only",
    ]
    places = reason.astype(np.intp)
    counted = np.flatnonzero((reason == _TWO_IN_ROLE) & ~nameless)
    places[counted] = len(words) + named[counted]
    most = int(named[counted].max(initial=-1))
    return from_words([*words, *(f"{n} people answered" for n in range(most + 1))], places)


def _named(keys: pd.DataFrame, wave: Codes, nameless: Mask) -> Codes:
    """Count, for each row, the people with an id who answered in its dyad, role and wave."""
    named = (~nameless).astype(np.intp)
    several = shared(wave)
    people = number_groups(keys.take(several), ["dyad", "role", "wave", "person"])
    named[several] = _distinct(wave[several], people, ~nameless[several])
    return named


def _chosen(keys: pd.DataFrame, mask: Mask) -> pd.DataFrame:
    """Return the marked rows; nothing is copied where that is all of them."""
    return keys if mask.all() else keys.take(np.flatnonzero(mask))


def _distinct(groups: Codes, members: Codes, counted: Mask) -> Codes:
    """Return for each row how many distinct members its group has, of rows that are counted."""
    first = counted.copy()
    places = np.flatnonzero(counted)
    # The last row of each member stands for it; numbers are found faster than they are hashed.
    last = np.zeros(members.max(initial=-1) + 1, dtype=np.intp)
    last[members[places]] = places
    first[places] = last[members[places]] == places
    n_groups = groups.max(initial=-1) + 1
    return np.asarray(np.bincount(groups[first], minlength=n_groups)[groups], dtype=np.intp)


def _moment(keys: pd.DataFrame) -> list[str]:
    """Name the columns that say when: the wave, and the occasion in a diary."""
    return [name for name in ("wave", "occasion") if name in keys]


def _answerers(keys: pd.DataFrame, spot: Codes, nameless: Mask, study: Study) -> Codes:
    """Number those who answered, in each wave (and occasion) on their own."""
    if not study.exchangeable:
        return spot
    who = number_groups(keys, ["dyad", "role", *_moment(keys), "person"])
    own = np.arange(len(keys)) + who.max(initial=-1) + 1
    return np.where(nameless, own, who).astype(np.intp)


def _second_answers(
    keys: pd.DataFrame, values: pd.DataFrame, who: Codes, left: Mask, study: Study
) -> tuple[Codes, list[Problem]]:
    """Return the positions of all answers but the one that counts.

    That is the last one, or the first of those that answer most.
    """
    several = shared(who)
    several = several[left[several]]
    several = several[shared(who[several])]
    if not len(several):
        return several, []
    repeated, who = keys.take(several), who[several]
    policies = {source.name: source.duplicates for source in study.sources}
    policy = repeated["source"].astype("object").map(policies)
    problems = _complain(repeated, policy, who)
    last = policy.eq("last").to_numpy()
    arrival = np.arange(len(several))
    answered = values.take(several).notna().sum(axis=1).to_numpy(dtype=int)
    order = np.lexsort((np.where(last, -arrival, arrival), np.where(last, 0, -answered), who))
    ordered = who[order]
    return several[order[1:][ordered[1:] == ordered[:-1]]], problems


def _complain(repeated: pd.DataFrame, policy: pd.Series, who: Codes) -> list[Problem]:
    """Ask what to do about duplicates where the study file does not say it, or says two things."""
    policies = policy.groupby(who).transform("nunique")
    unsaid = policy.eq("error").groupby(who).transform("any")
    problems = []
    for rows, why in (
        (
            repeated[unsaid],
            'Say which answer counts in the [[source]]: duplicates = "first_complete" or '
            'duplicates = "last".',
        ),
        (
            repeated[~unsaid & policies.gt(1)],
            "The sources say two different things about duplicates; let them say the same.",
        ),
    ):
        if not len(rows):
            continue
        people = len(rows.drop_duplicates(["dyad", "role", "wave", "person"]))
        where = "; ".join(
            f"{source}, row{'s' * (numbers.nunique() > 1)} {listed(sorted(set(numbers)))}"
            for source, numbers in rows.groupby("source", sort=False)["row"]
        )
        problems.append(
            Problem.at(
                f"{plural(people, 'person', 'people')} answered more than once ({where}). {why}",
                rows["row"],
            )
        )
    return problems


def _alone(keys: pd.DataFrame, study: Study, keep_one_sided: frozenset[str]) -> Mask:
    """Mark the rows of dyads in which only one member ever answered."""
    if study.exchangeable:
        dyad = number_groups(keys, ["dyad"])
        known = ~is_empty(as_texts(keys["person"]))
        people = _distinct(dyad, number_groups(keys, ["dyad", "person"]), known)
        rows = np.bincount(number_groups(keys, ["dyad", *_moment(keys)]), minlength=1)
        most = np.zeros(dyad.max(initial=-1) + 1, dtype=np.intp)
        np.maximum.at(most, dyad, rows[number_groups(keys, ["dyad", *_moment(keys)])])
        members = np.maximum(people, most[dyad])
        alone = members < 2
    else:
        dyads, roles = as_texts(keys["dyad"]), as_texts(keys["role"])
        there = np.zeros((len(roles.categories), len(dyads.categories)), dtype=bool)
        there[roles.codes, dyads.codes] = True
        alone = (there.sum(axis=0, dtype=np.int8) < 2)[dyads.codes]
    if keep_one_sided:
        alone &= ~keys["dyad"].isin(keep_one_sided).to_numpy()
    return np.asarray(alone, dtype=bool)


def _unclear_members(keys: pd.DataFrame, study: Study) -> list[Problem]:
    """Complain about exchangeable members that cannot be told apart, or are too many."""
    if not study.exchangeable:
        return []
    problems = []
    people = keys[keys["person"].ne("")].groupby("dyad")["person"].nunique()
    crowded = people.index[people > 2]
    if len(crowded):
        rows = keys.loc[keys["dyad"].isin(crowded), "row"]
        problems.append(
            Problem.at(
                f"{plural(len(crowded), 'dyad')} {'has' if len(crowded) == 1 else 'have'} more "
                f"than two members over the waves (dyads {listed(list(crowded))}). Correct the "
                "dyad codes or the ids of the persons.",
                rows,
            )
        )
    nameless = keys.loc[keys["person"].eq("")]
    if len(nameless) and len(study.waves) > 1:
        problems.append(
            Problem.at(
                f"{plural(len(nameless), 'row')} of exchangeable members "
                f"{'has' if len(nameless) == 1 else 'have'} no person id (rows "
                f"{listed(sorted(nameless['row']))}), so nobody can tell over the waves who is "
                "who. Fill them in, or leave the rows out in the [[source]]: "
                'exclude = { … = [""] }, with the column of the ids.',
                nameless["row"],
            )
        )
    return problems


def _changed_people(keys: pd.DataFrame, study: Study) -> list[str]:
    """Note roles that different people fill in different waves."""
    if study.exchangeable or len(study.waves) < 2:
        return []
    role, person = (
        number_groups(keys, ["dyad", "role"]),
        number_groups(keys, ["dyad", "role", "person"]),
    )
    people = _distinct(role, person, ~is_empty(as_texts(keys["person"])))
    changed = len(np.unique(role[people > 1]))
    if not changed:
        return []
    return [
        f"In {plural(changed, 'case')} different people answered for one role of a dyad in "
        "different waves; they are treated as one member."
    ]


def _nearnumber_groups(orphans: pd.DataFrame, keys: pd.DataFrame) -> list[str]:
    """Note orphans whose dyad code fits another one but for case, spaces or leading zeros."""
    if not len(orphans):
        return []
    codes = keys["dyad"].unique()
    alike = codes[pd.Series(loose_ids(codes)).duplicated(keep=False)]
    near = int(orphans["dyad"].isin(alike).sum())
    if not near:
        return []
    return [
        f"{plural(near, 'row')} without a partner {'has' if near == 1 else 'have'} a dyad code "
        "that differs from another one only in case, spaces or leading zeros; correct the codes if "
        "they mean the same dyad."
    ]


def dyads_of(rows: pd.DataFrame, mask: Mask) -> frozenset[str]:
    """Return the dyads in which the marked rows stand."""
    dyads = rows.loc[mask, "dyad"]
    return frozenset(dyads[dyads.ne("")])

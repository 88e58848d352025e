"""Who belongs to whom: two people in one role, duplicate answers, and those without a partner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.errors import listed
from dyadkit.loading.consent import loose_ids
from dyadkit.loading.problems import Problem, plural
from dyadkit.loading.raw import Mask
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
    keys: pd.DataFrame, answered: pd.Series, study: Study, keep_one_sided: frozenset[str]
) -> Pairing:
    """Decide which rows form dyads.

    A dyad has one person in each role, or two persons in its only role.  A row without an id is
    the only person's of its role; where the role has two, it is a person of its own.

    Parameters
    ----------
    keys : DataFrame
        Rows of every source, in the order of the study file, with ``source``, ``row``, ``wave``,
        ``role``, ``person`` and ``dyad``.
    answered : Series of int
        How many of the declared items and variables each row answers.
    study : Study
    keep_one_sided : frozenset of str
        Dyads that have lost a member by withdrawal and stay all the same.
    """
    reason = pd.Series("", index=keys.index, dtype="object")
    detail = pd.Series("", index=keys.index, dtype="object")
    spot = _codes(keys, ["dyad", "role", "wave"])
    nameless = keys["person"].eq("").to_numpy()
    named = np.bincount(
        spot[~nameless & ~keys.duplicated(["dyad", "role", "wave", "person"]).to_numpy()],
        minlength=spot.max(initial=-1) + 1,
    )[spot]
    unknown = np.bincount(spot, weights=nameless)[spot].astype(int)

    room = 2 if study.exchangeable else 1
    crowded = (named > room) | (study.exchangeable & nameless & (named + unknown > room))
    reason[crowded] = "two_in_role"
    detail[crowded & ~nameless] = (
        pd.Series(named, index=keys.index).astype(str) + " people answered"
    )[crowded & ~nameless]
    detail[crowded & nameless] = "more than two rows, this one without an id"

    who = _answerers(keys, spot, nameless, study)
    left = reason.eq("").to_numpy()
    second, problems = _second_answers(keys[left], answered[left], who[left], study)
    again = np.flatnonzero(left)[second]
    reason.iloc[again] = "duplicate"
    detail.iloc[again] = "answered more than once"

    left = reason.eq("").to_numpy()
    if study.orphans == "exclude":
        alone = left.copy()
        alone[left] = _alone(keys[left], study, keep_one_sided)
        reason[alone] = "orphan"
        detail[alone] = "the dyad code has one member only"
    paired = keys[reason.eq("")]
    problems += _unclear_members(paired, study)
    notes = [*_changed_people(paired, study), *_near_codes(keys[reason.eq("orphan")], keys)]
    return Pairing(reason, detail, tuple(problems), tuple(notes))


def _codes(keys: pd.DataFrame, by: list[str]) -> Codes:
    """Number the groups of rows that agree in some columns."""
    return np.asarray(keys.groupby(by, sort=False).ngroup(), dtype=np.intp)


def _answerers(keys: pd.DataFrame, spot: Codes, nameless: Mask, study: Study) -> Codes:
    """Number those who answered, in each wave on their own."""
    if not study.exchangeable:
        return spot
    who = _codes(keys, ["dyad", "role", "wave", "person"])
    own = np.arange(len(keys)) + who.max(initial=-1) + 1
    return np.where(nameless, own, who).astype(np.intp)


def _second_answers(
    keys: pd.DataFrame, answered: pd.Series, who: Codes, study: Study
) -> tuple[Codes, list[Problem]]:
    """Return the positions of all answers but the one that counts.

    That is the last one, or the first of those that answer most.
    """
    counts = np.bincount(who)[who] if len(who) else who
    policies = {source.name: source.duplicates for source in study.sources}
    policy = keys["source"].map(policies)
    problems = _complain(keys[counts > 1], policy[counts > 1], who[counts > 1])
    last = policy.eq("last").to_numpy()
    arrival = np.arange(len(keys))
    order = np.lexsort(
        (
            np.where(last, -arrival, arrival),
            np.where(last, 0, -answered.to_numpy(dtype=int)),
            who,
        )
    )
    ordered = who[order]
    return order[1:][ordered[1:] == ordered[:-1]], problems


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
            f"{source}, rows {listed(sorted(numbers))}"
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
        people = keys[keys["person"].ne("")].groupby("dyad")["person"].nunique()
        rows = keys.groupby(["dyad", "wave"]).size().groupby("dyad").max()
        members = keys["dyad"].map(pd.concat([people, rows], axis=1).max(axis=1))
    else:
        members = keys.groupby("dyad")["role"].transform("nunique")
    return (members.lt(2) & ~keys["dyad"].isin(keep_one_sided)).to_numpy()


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
    if study.exchangeable:
        return []
    people = keys[keys["person"].ne("")].groupby(["dyad", "role"])["person"].nunique()
    changed = int(people.gt(1).sum())
    if not changed:
        return []
    return [
        f"In {plural(changed, 'case')} different people answered for one role of a dyad in "
        "different waves; they are treated as one member."
    ]


def _near_codes(orphans: pd.DataFrame, keys: pd.DataFrame) -> list[str]:
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

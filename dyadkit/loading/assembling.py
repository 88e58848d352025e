"""Study → DyadFrame: read every source, apply consent, pair, and score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dyadkit.frame import ROW_REASONS, DyadFrame, Variable
from dyadkit.frame.coded import coded_columns, only_used, plain
from dyadkit.frame.construction import Prepared, number_members
from dyadkit.frame.levels import contradictions
from dyadkit.loading.accounting import count_reads, write_ledger
from dyadkit.loading.answers import check_person_level
from dyadkit.loading.describing import describe_variables
from dyadkit.loading.gathering import Gathered, OnRows, gather
from dyadkit.loading.moments import universal
from dyadkit.loading.occasions import numbered
from dyadkit.loading.pairing import Pairing, pair
from dyadkit.loading.problems import Problem, plural, raise_if_any
from dyadkit.loading.scoring import score_scales
from dyadkit.loading.screening.attention import left_out, measure_attention
from dyadkit.loading.texts import as_texts, named_texts
from dyadkit.study import Study


def load(study: Study, *, on_rows: OnRows | None = None) -> DyadFrame:
    """Read every source of a study, apply consent, pair the rows and score the scales.

    Parameters
    ----------
    study : Study
        From `dyadkit.read_study`.
    on_rows : callable, optional
        Is told, now and then, the name of the source that is being read, and how many of how many
        bytes are done.

    Returns
    -------
    DyadFrame
        Its ledger (`DyadFrame.exclusions`, `DyadFrame.flow`) accounts for every row.  Of a row
        without consent, or of a person who withdrew, it holds the count only.

    Raises
    ------
    DataError
        When files have problems that need the researcher; all of them are listed at once.
    StudyError
        When the study file and the files do not fit together.
    """
    gathered = gather(study, on_rows)
    pairing = pair_up(gathered)
    paired = prepare(gathered, pairing)
    raise_if_any(paired.problems)
    return assemble(gathered, pairing, paired)


def pair_up(gathered: Gathered) -> Pairing:
    """Decide which records form dyads; careless ones only if the study file does not drop them."""
    study, keys, values = gathered.study, gathered.keys, gathered.values
    if not study.careless.exclude:
        return pair(keys, values, study, gathered.one_sided)
    answers = plain(values, values.columns)
    attention = measure_attention(keys, answers, gathered.tables, study)
    careless, why = left_out(attention, study)
    others = np.flatnonzero(~careless)
    pairing = pair(
        keys.take(others).reset_index(drop=True),
        values.take(others).reset_index(drop=True),
        study,
        gathered.one_sided,
    )
    reason, detail = (np.full(len(keys), "", dtype=object) for _ in range(2))
    reason[careless], detail[careless] = "careless", why
    reason[others], detail[others] = pairing.reason, pairing.detail
    return replace(pairing, reason=pd.Series(reason), detail=pd.Series(detail))


@dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """Records that are paired, and everything that keeps them from being a frame.

    Attributes
    ----------
    data : DataFrame
        Keys and answers; nothing is kept of records that are left out.
    coded : frozenset of str
        The columns of it that are kept as codes.
    variables : mapping of Variable
    problems : tuple of Problem
        What only the researcher can mend, of every file and of all files together.
    """

    data: pd.DataFrame
    coded: frozenset[str]
    variables: Mapping[str, Variable]
    problems: tuple[Problem, ...]


def prepare(gathered: Gathered, pairing: Pairing) -> Paired:
    """Put the records that are paired together, and look for what contradicts itself in them."""
    study, keys, values = gathered.study, gathered.keys, gathered.values
    stays = pairing.reason.eq("").to_numpy()
    if not stays.all():
        keys, values = keys[stays], values[stays]
    for name in coded_columns(values):
        kept = pd.Categorical(values[name])
        if (used := only_used(kept)) is not kept:
            values = values.assign(**{name: used})
    problems = [*gathered.problems, *pairing.problems]
    problems += check_person_level(keys, values, study)
    blocks = [rows.records.blocks for rows in gathered.read]
    variables = describe_variables(gathered.tables, blocks, study)
    data = pd.concat([_frame_keys(keys, study), values], axis=1)
    coded = coded_columns(data)
    problems += [Problem(text) for text in contradictions(data, variables, coded)]
    if not len(data) and not problems:
        problems.append(Problem(_nothing_left(gathered, pairing)))
    return Paired(data, coded, variables, tuple(problems))


def assemble(gathered: Gathered, pairing: Pairing, paired: Paired) -> DyadFrame:
    """Make a frame of records that are paired and without problems, and score its scales."""
    study, data = gathered.study, paired.data
    notes = [*gathered.notes, *pairing.notes]
    coded = paired.coded
    if study.exchangeable:
        data["member"] = number_members(plain(data[["dyad", "wave", "person"]], coded))
    else:
        data["member"], coded = data["role"], coded.union(["member"])
    if study.exchangeable:
        how = "sorted ids" if data["person"].notna().all() else "the order of their rows"
        notes.append(f"The members of a dyad are called 1 and 2 by {how}.")
    frame = DyadFrame.assemble(
        Prepared(data, study.roles, study.waves, paired.variables, coded),
        _ledger=write_ledger(gathered.read, gathered.answers, gathered.keys, pairing),
        _reads=count_reads(gathered.read),
        wave_times=study.wave_times,
        time_unit=study.time_unit,
        notes=tuple(notes),
        privacy=study.privacy,
    )
    return score_scales(frame, study.scales)


def _frame_keys(keys: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return the keys as a frame has them."""
    names = ["dyad", "role", "wave", "person", *(n for n in ("occasion", "group") if n in keys)]
    texts = {name: as_texts(keys[name]) for name in names}
    front = pd.DataFrame(
        {
            name: only_used(texts[name], but="" if name in ("person", "group") else None)
            for name in names
        },
        index=keys.index,
        copy=False,
    )
    if "occasion" in front:
        front["occasion"] = numbered(named_texts(texts["occasion"]).set_axis(keys.index))
    if "moment" in keys:
        front["time"] = keys["moment"]
        if universal(study):
            front["time"] = front["time"].dt.tz_localize("UTC")
    return front


def _nothing_left(gathered: Gathered, pairing: Pairing) -> str:
    parts = [*(rows.keys["reason"] for rows in gathered.read), pairing.reason]
    counts = pd.concat([part.astype("object") for part in parts])
    counts = counts[counts.ne("")].value_counts()
    reasons = "; ".join(
        f"{label}: {counts[reason]:,}" for reason, label in ROW_REASONS.items() if reason in counts
    )
    total = sum(len(rows.keys) for rows in gathered.read)
    main = str(counts.index[0]) if len(counts) else ""
    hint = _HINTS.get(main, "Check the dyad codes of the two roles.")
    return " ".join(
        [
            f"No dyad is left: of {plural(total, 'row')} read, none could be paired ({reasons}).",
            hint,
            *gathered.notes,
            *pairing.notes,
        ]
    )


_HINTS = {
    "no_consent": "Check which words grant consent: granted = […] in [[consent]].",
    "unfinished": "Check which words mean unfinished: exclude = { Finished = […] } in [[source]].",
    "excluded": "Check exclude = … in [[source]].",
    "withdrawn": "Check the [[withdrawal]] list.",
    "no_dyad": "Check the columns that say who belongs together.",
    "not_linked": "Check the ids of the two roles, and the key file if there is one.",
    "unknown_role": "Check role_values in [[source]].",
    "unknown_wave": "Check wave_values in [[source]].",
    "unknown_occasion": "Occasions are whole numbers, or dates like 2026-01-31.",
    "careless": "Check [careless].",
}

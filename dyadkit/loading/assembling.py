"""Study → DyadFrame: read every source, apply consent, pair, and score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, DyadKitError, StudyError
from dyadkit.frame import ROW_REASONS, DyadFrame, make_ledger
from dyadkit.frame.construction import Prepared, contradictions, number_members
from dyadkit.loading.answers import Answers, check_person_level, read_answers
from dyadkit.loading.consent import Withdrawn, check_ids, read_withdrawals, refused_elsewhere
from dyadkit.loading.describing import describe_variables
from dyadkit.loading.pairing import Pairing, dyads_of, pair
from dyadkit.loading.problems import Problem, in_paragraphs, plural, raise_if_any
from dyadkit.loading.raw import Mask, RawTable
from dyadkit.loading.rows import (
    SourceRows,
    apply_people,
    notes_of,
    problems_of,
    read_table,
    sort_rows,
)
from dyadkit.loading.scoring import score_scales
from dyadkit.study import Study


def load(study: Study) -> DyadFrame:
    """Read every source of a study, apply consent, pair the rows and score the scales.

    Parameters
    ----------
    study : Study
        From `dyadkit.read_study`.

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
    tables = _read_tables(study)
    withdrawn = read_withdrawals(study)
    read = [
        sort_rows(table, source, study) for table, source in zip(tables, study.sources, strict=True)
    ]
    read, one_sided, notes = _apply_consent(read, withdrawn, study)
    answers = [read_answers(rows, study) for rows in read]
    # While it is unclear which cell is which, or who finished, strange cells mean nothing.
    problems = [
        problem
        for rows, source in zip(read, answers, strict=True)
        for problem in problems_of(rows) or source.problems
    ]
    keys = pd.concat([source.keys for source in answers], ignore_index=True)
    values = pd.concat([source.values for source in answers], ignore_index=True)
    pairing = pair(keys, values.notna().sum(axis=1), study, one_sided)
    problems += pairing.problems
    stays = pairing.reason.eq("")
    problems += check_person_level(keys[stays], values[stays], study)
    variables = describe_variables(tables, [rows.blocks for rows in read], study)
    data = pd.concat([keys.drop(columns=["source", "row"]), values], axis=1)[stays]
    problems += [Problem(text) for text in contradictions(data, variables)]
    raise_if_any(problems)
    if not len(data):
        raise_if_any([Problem(_nothing_left(read, pairing))])
    data["person"] = data["person"].mask(data["person"].eq(""))
    data["member"] = number_members(data) if study.exchangeable else data["role"]
    if study.exchangeable:
        how = "sorted ids" if data["person"].notna().all() else "the order of their rows"
        notes.append(f"The members of a dyad are called 1 and 2 by {how}.")
    frame = DyadFrame.assemble(
        Prepared(data, study.roles, study.waves, variables),
        _ledger=_ledger(read, answers, keys, pairing),
        _reads=_reads(read),
        wave_times=study.wave_times,
        time_unit=study.time_unit,
        notes=(*notes, *(note for rows in read for note in notes_of(rows, study)), *pairing.notes),
        privacy=study.privacy,
    )
    return score_scales(frame, study.scales)


def _read_tables(study: Study) -> list[RawTable]:
    """Read every file; say at once which of them cannot be used, and why."""
    tables: list[RawTable] = []
    errors: list[DyadKitError] = []
    problems: list[Problem] = []
    for source in study.sources:
        try:
            table, lacking = read_table(source, study)
        except DyadKitError as error:
            errors.append(error)
            problems.append(Problem(str(error), error.rows if isinstance(error, DataError) else ()))
            continue
        tables.append(table)
        problems += lacking
    if any(isinstance(error, StudyError) for error in errors):
        raise StudyError(in_paragraphs(problems))
    raise_if_any(problems)
    return tables


def _apply_consent(
    read: Sequence[SourceRows], withdrawn: Sequence[Withdrawn], study: Study
) -> tuple[list[SourceRows], frozenset[str], list[str]]:
    """Leave out the rows of people who refused or withdrew.

    Returns
    -------
    tuple
        The rows, the dyads that stay one-sided, and notes.

    Raises
    ------
    DataError
        When it is unclear who withdrew; before a cell of anybody's could be shown.
    """
    refused = frozenset[str]().union(*(rows.refused_people for rows in read))
    order = {wave: place for place, wave in enumerate(study.waves or ("",))}
    late_from = [rows.keys["wave"].map(order).fillna(-1).to_numpy() for rows in read]
    gone: list[Mask] = [np.zeros(len(rows.keys), dtype=bool) for rows in read]
    partners = [mask.copy() for mask in gone]
    one_sided: frozenset[str] = frozenset()
    for entry in withdrawn:
        theirs: frozenset[str] = frozenset()
        for rows, mask, wave in zip(read, gone, late_from, strict=True):
            mine = rows.keys["person"].isin(entry.people).to_numpy()
            # A row whose wave nobody knows is treated as late: it may not be used.
            mask |= mine & ((wave >= entry.from_wave) | (wave < 0))
            theirs |= dyads_of(rows.keys, mine)
        if not entry.drop_dyad:
            one_sided |= theirs
            continue
        for rows, mask, wave in zip(read, partners, late_from, strict=True):
            late = (wave >= entry.from_wave) | (wave < 0)
            mask |= rows.keys["dyad"].isin(theirs).to_numpy() & late
    people = pd.concat([rows.keys[["person", "role"]] for rows in read])
    people = people[people["person"].ne("")]
    problems, notes = check_ids(withdrawn, set(people["person"].unique()))
    raise_if_any([Problem(text) for text in problems])
    left_out = refused.union(*(entry.people for entry in withdrawn))
    notes += refused_elsewhere(people, left_out)
    applied = [
        apply_people(rows, refused, mine, partner & ~mine)
        for rows, mine, partner in zip(read, gone, partners, strict=True)
    ]
    return applied, one_sided, notes


def _ledger(
    read: Sequence[SourceRows],
    answers: Sequence[Answers],
    keys: pd.DataFrame,
    pairing: Pairing,
) -> pd.DataFrame:
    """Write down every row left out and every cell set missing in a row that stays.

    Anonymous entries stand at the end of their source, so that their place tells nothing.
    """
    places = ["source", "row", "wave", "role", "person", "dyad"]
    parts = []
    for rows in read:
        lost = rows.keys[~rows.staying]
        parts.append(lost.assign(source=rows.source.name, unit="row"))
    unpaired = pairing.reason.ne("")
    late = keys.loc[unpaired, places].assign(
        reason=pairing.reason[unpaired], detail=pairing.detail[unpaired]
    )
    parts.append(late.assign(unit="row", anonymous=False))
    kept = keys.loc[~unpaired, places]
    for rows, source in zip(read, answers, strict=True):
        mine = kept[kept["source"].eq(rows.source.name)]
        cells = source.cells.merge(mine, on="row", how="inner")
        parts.append(cells.assign(reason="out_of_range", unit="cell", anonymous=False))
    filled = [part for part in parts if len(part)]
    if not filled:
        return make_ledger({})
    entries = pd.concat(filled, ignore_index=True)
    secret = entries["anonymous"].astype(bool).to_numpy()
    order = {rows.source.name: place for place, rows in enumerate(read)}
    columns: dict[str, object] = {}
    chosen = np.lexsort(
        (
            entries["row"].where(~secret, 0),
            entries["unit"].eq("cell"),
            secret,
            entries["source"].map(order),
        )
    )
    for name in (*places, "reason", "detail", "unit"):
        cells_ = entries[name].astype(object)
        if name in ("row", "person", "dyad", "detail"):
            cells_ = cells_.mask(secret)
        columns[name] = cells_.mask(cells_.eq("")).iloc[chosen].tolist()
    return make_ledger(columns)


def _reads(read: Sequence[SourceRows]) -> pd.DataFrame:
    """Count the rows of each source, wave and role."""
    keys = ["source", "wave", "role"]
    counted = [
        rows.keys.assign(source=rows.source.name)
        .groupby(keys, sort=False)
        .size()
        .rename("n")
        .reset_index()
        for rows in read
    ]
    reads = pd.concat(counted, ignore_index=True)
    for column in ("wave", "role"):
        reads[column] = reads[column].mask(reads[column].eq("")).astype("str")
    return reads


def _nothing_left(read: Sequence[SourceRows], pairing: Pairing) -> str:
    counts = pd.concat([*(rows.keys["reason"] for rows in read), pairing.reason])
    counts = counts[counts.ne("")].value_counts()
    reasons = "; ".join(
        f"{label}: {counts[reason]:,}" for reason, label in ROW_REASONS.items() if reason in counts
    )
    total = sum(len(rows.keys) for rows in read)
    hint = " ".join(("Check the dyad codes of the two roles.", *pairing.notes))
    return (
        f"No dyad is left: of {plural(total, 'row')} read, none could be paired ({reasons}). {hint}"
    )

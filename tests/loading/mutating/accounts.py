"""Does a frame hold what was written, less what the ledger lists, and no more?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

import numpy as np
import pandas as pd

from dyadkit.frame import DyadFrame
from tests.loading.mutating.records import UNREADABLE, Expected, plain_id
from tests.loading.mutating.study import Study


def check_books(dyads: DyadFrame) -> None:
    """Check that the counts add up, whatever the files hold."""
    flow, rows, ledger = dyads.flow(), dyads.individual(), dyads.exclusions
    for _, mine in flow.groupby(["source", "wave", "role"], dropna=False):
        counts = mine.set_index("step")["n"]
        assert counts["read"] == counts.drop("read").sum(), "rows read are not reasons and kept"
        assert (counts >= 0).all(), "a negative count"
    kept = flow.loc[flow["step"] == "kept", "n"].sum()
    assert kept == len(rows) > 0, "the flow keeps other rows than the frame has"
    lost = flow.loc[~flow["step"].isin(["read", "kept"]), "n"].sum()
    assert lost == (ledger["unit"] == "row").sum(), "the flow loses other rows than the ledger has"
    assert dyads.n_dyads == rows["dyad"].nunique()
    whole = ["dyad", *(["occasion"] if dyads.diary else [])]
    assert len(dyads.wide()) == len(rows.drop_duplicates(whole))
    assert len(dyads.pairwise()) == len(rows)
    listed = ledger[(ledger["unit"] == "row") & ledger["row"].notna()]
    coded = listed[listed["dyad"].notna()]
    assert not coded.duplicated(["source", "row", "wave", "role", "dyad"]).any(), "listed twice"
    assert (listed["row"] > 0).all(), "no such row"
    secret = ledger[ledger["row"].isna()]
    assert secret[["person", "dyad", "detail"]].isna().all(axis=None), "an anonymous row has an id"
    cells = ledger[ledger["unit"] == "cell"]
    assert not cells.duplicated(["source", "row", "wave", "role", "dyad", "detail"]).any()


def check_account(dyads: DyadFrame, study: Study, records: Sequence[Expected]) -> None:
    """Check that the frame holds what was written, less what the ledger lists, and no more."""
    flow, ledger = dyads.flow(), dyads.exclusions
    read = flow[flow["step"] == "read"].groupby("source")["n"].sum().to_dict()
    assert read == Counter(record.source for record in records), "rows read are not those written"
    open_ = Counter(records)
    for source in study.sources:
        lost = ledger[(ledger["source"] == source.name) & (ledger["unit"] == "row")]
        anonymous = [r for r in records if r.source == source.name and r.anonymous]
        assert len(anonymous) == lost["row"].isna().sum(), "other rows are anonymous than refused"
        open_ -= Counter(anonymous)
        for entry in lost[lost["row"].notna()].to_dict("records"):
            open_ -= Counter([_listed(entry, open_, study)])
    kept = list(open_.elements())
    assert not [r for r in kept if r.blank], "an empty line was kept"
    assert not [r for r in kept if r.too_long], "a row with too many cells was kept"
    strange = [r for r in kept for _, value in r.values if value is UNREADABLE]
    assert not strange, f"a cell that cannot be read was kept: {strange[:1]}"
    wanted = Counter(_loose(record, study).key for record in kept)
    found = Counter(_rows_of(dyads, study, kept))
    assert wanted == found, f"written: {[*(wanted - found)][:2]}, kept: {[*(found - wanted)][:2]}"
    cells = ledger[ledger["reason"] == "out_of_range"]
    noted = Counter(
        (entry["source"], entry["row"], entry["detail"].rsplit(" = ", 1)[0])
        for entry in cells.to_dict("records")
    )
    outside = Counter((r.source, r.row, column) for r in kept for column in r.outside)
    assert noted == outside, "other cells are listed as set missing than are outside the range"
    joined = ledger.loc[ledger["reason"] == "id_joined", ["source", "row"]]
    respelt = {(r.source, r.row) for r in kept if r.respelt}
    assert set(joined.itertuples(index=False, name=None)) == respelt, "other ids are joined"


def _listed(entry: dict[str, object], open_: Counter[Expected], study: Study) -> Expected:
    """Find the record of which the ledger speaks."""
    codeless = not study.link and not next(
        source.dyad for source in study.sources if source.name == entry["source"]
    )
    place = (entry["source"], entry["row"])
    names = ("role", "wave", "person", *(() if codeless else ("dyad",)))
    said = {name: "" if pd.isna(entry[name]) else str(entry[name]) for name in names}
    said |= {name: plain_id(said[name], study) for name in names[2:]}
    for record in open_:
        if (record.source, record.row) != place:
            continue
        mine = _loose(record, study)
        if said == {name: getattr(mine, name) for name in names}:
            empty = entry["reason"] == "blank"
            assert empty or not record.blank, "an empty line has another reason"
            assert record.blank or record.silent or not empty, "a filled line counts as empty"
            return record
    raise AssertionError(f"the ledger lists a row that nobody wrote so: {entry}")


def _loose(record: Expected, study: Study) -> Expected:
    return replace(
        record,
        dyad=plain_id(record.dyad, study),
        person=plain_id(record.person, study),
        values=tuple(
            (name, round(value, 6) if isinstance(value, float) else value)
            for name, value in record.values
        ),
    )


def _rows_of(
    dyads: DyadFrame, study: Study, kept: Sequence[Expected]
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the frame as `Expected.key` has them."""
    asked = {(r.role, r.wave): [name for name, _ in r.values] for r in kept}
    with_dyad = {(r.role, r.wave) for r in kept if r.dyad}
    for row in dyads.individual().astype(object).to_dict("records"):
        place = (row["role"], row.get("wave", ""))
        dyad = plain_id(str(row["dyad"]), study) if place in with_dyad else ""
        person = "" if pd.isna(row.get("person")) else plain_id(str(row["person"]), study)
        values = tuple((name, _cell(row[name])) for name in asked.get(place, ()))
        yield (dyad, *place, person, *values)


def _cell(value: object) -> object:
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return round(float(value), 6) if isinstance(value, float | int) else str(value)


def check_score(dyads: DyadFrame) -> None:
    """Work the score of the studies made by hand out again: two of three items, one reversed."""
    rows = dyads.individual()
    items = rows[["tr1", "tr2", "tr3"]].to_numpy(dtype=float).copy()
    items[:, 1] = 8 - items[:, 1]
    answered = (~np.isnan(items)).sum(axis=1)
    sums = np.nansum(items, axis=1)
    wanted = np.where(answered >= 2, sums / np.maximum(answered, 1), np.nan)
    np.testing.assert_allclose(rows["trust"].to_numpy(dtype=float), wanted, rtol=1e-12)


def check_untouched(
    dyads: DyadFrame,
    study: Study,
    records: Sequence[Expected],
    plain: DyadFrame,
    before: Sequence[Expected],
) -> None:
    """Check that dyads of which nothing was changed are kept as they were."""
    then, now = _by_dyad(before), _by_dyad(records)
    theirs = Counter(p for mine in now.values() for p in {key[3] for key in mine} - {""})
    same = {
        dyad
        for dyad, mine in then.items()
        if dyad and now.get(dyad) == mine and all(theirs[key[3]] <= 1 for key in mine)
    }
    old, new = (_comparable(frame, same, study) for frame in (plain, dyads))
    pd.testing.assert_frame_equal(old, new, check_dtype=False, check_column_type=False)


def _comparable(dyads: DyadFrame, chosen: Set[str], study: Study) -> pd.DataFrame:
    """Return the rows of some dyads, whatever other dyads do to their numbers and spellings."""
    rows = dyads.individual()
    rows = rows[rows["dyad"].isin(chosen)].drop(columns="member", errors="ignore")
    people = rows["person"].fillna("").map(lambda one: plain_id(str(one), study))
    order = ["dyad", "role", "person"]
    return rows.assign(person=people).sort_values(order, kind="stable", ignore_index=True)


def _by_dyad(records: Sequence[Expected]) -> dict[str, list[tuple[object, ...]]]:
    """Group what was written by dyad; which of two answers came first matters."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for r in sorted(records, key=lambda r: (r.source, r.role, r.wave)):
        place = (r.source, r.role, r.wave, r.person)
        key = (*place, r.anonymous, r.gone, r.too_long, r.values, r.gates)
        found.setdefault(r.dyad, []).append(key)
    return found

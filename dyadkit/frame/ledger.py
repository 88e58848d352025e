"""The exclusion ledger: what was left out, where it stood, and why.

Every n that dyadkit reports can be worked out from it: rows read less rows excluded are the rows
of the frame.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

#: Why a row was left out, in the order in which the reasons are tried, and how a reader sees it.
ROW_REASONS: dict[str, str] = {
    "blank": "empty line",
    "preview": "survey preview",
    "no_consent": "no consent",
    "withdrawn": "withdrawn",
    "unfinished": "unfinished",
    "excluded": "excluded by the study file",
    "no_dyad": "no dyad code",
    "not_linked": "not linked to a partner",
    "unknown_role": "role not declared",
    "unknown_wave": "wave not declared",
    "unknown_occasion": "occasion not known",
    "careless": "careless answering",
    "two_in_role": "two people in one role of a dyad",
    "duplicate": "duplicate answer",
    "partner_withdrawn": "partner withdrew",
    "orphan": "no partner answered",
}

#: What happened to single cells; their row stays.
CELL_REASONS: dict[str, str] = {
    "out_of_range": "value outside the possible range, set missing",
    "id_joined": "id written otherwise, joined",
}

LEDGER_COLUMNS = (
    "source",
    "row",
    "wave",
    "role",
    "person",
    "dyad",
    "reason",
    "detail",
    "unit",
)

READ_COLUMNS = ("source", "wave", "role", "n")


def empty_ledger() -> pd.DataFrame:
    """Return a ledger in which nothing was left out."""
    return make_ledger({})


def make_ledger(columns: dict[str, object]) -> pd.DataFrame:
    """Build a ledger from columns; those not given are NA.

    ``row`` is numbered as a spreadsheet shows it; it, ``person`` and ``dyad`` are NA where
    consent forbids to keep them.
    """
    frame = pd.DataFrame(columns, columns=list(LEDGER_COLUMNS))
    frame["row"] = frame["row"].astype("Int64")
    for column in LEDGER_COLUMNS:
        if column != "row":
            frame[column] = frame[column].astype("str")
    return frame


def count_flow(reads: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Count rows by source, wave, role and fate.

    Parameters
    ----------
    reads : DataFrame
        ``source``, ``wave``, ``role`` and ``n``, the rows read.
    ledger : DataFrame
        As `DyadFrame.exclusions`.

    Returns
    -------
    DataFrame
        ``source``, ``wave``, ``role``, ``step`` ("read", a reason of `ROW_REASONS`, or "kept")
        and ``n``.  Read less the reasons is kept.
    """
    keys = ["source", "wave", "role"]
    rows = ledger[ledger["unit"] == "row"]
    lost = rows.groupby([*keys, "reason"], dropna=False, sort=False).size().rename("n")
    lost_by_reason = lost.reset_index().rename(columns={"reason": "step"})
    records: list[dict[str, object]] = []
    for source in reads.to_dict("records"):
        mine = lost_by_reason
        for key in keys:
            same = mine[key] == source[key]
            mine = mine[same | (mine[key].isna() if pd.isna(source[key]) else False)]
        place = {key: source[key] for key in keys}
        counts = dict(zip(mine["step"], mine["n"], strict=True))
        records.append({**place, "step": "read", "n": int(source["n"])})
        records += [
            {**place, "step": reason, "n": int(counts[reason])}
            for reason in ROW_REASONS
            if reason in counts
        ]
        kept = int(source["n"]) - sum(int(n) for n in counts.values())
        records.append({**place, "step": "kept", "n": kept})
    return pd.DataFrame(records, columns=[*keys, "step", "n"])


def count_pairing(
    data: pd.DataFrame, roles: Sequence[str], members: Sequence[str], waves: Sequence[str]
) -> pd.DataFrame:
    """Count complete and one-sided dyads; see `DyadFrame.pairing`."""
    moment = ["wave", "occasion"] if "occasion" in data else ["wave"]
    seen = (
        data.groupby(["dyad", *moment, "member"], dropna=False)
        .size()
        .unstack("member", fill_value=0)
    )
    seen = seen.reindex(columns=list(members), fill_value=0).gt(0)
    both = seen.all(axis=1)
    if "occasion" in data:
        # In a diary a dyad is complete when both answered on one occasion at least.
        both = both.groupby(level=["dyad", "wave"]).any()
        seen = seen.groupby(level=["dyad", "wave"]).any()
    occasions = seen.index.get_level_values("wave")
    rows: list[dict[str, object]] = []
    for wave in waves or ("",):
        here = occasions == wave
        alone = seen[here & ~both]
        sides = (
            {"one_sided": len(alone)}
            if len(roles) == 1
            else {f"only_{role}": int(alone[role].sum()) for role in roles}
        )
        counts = {"dyads": int(here.sum()), "complete": int(both[here].sum())}
        rows.append({"wave": wave, **counts, **sides})
    if len(waves) > 1:
        throughout = int(both.groupby(level="dyad").sum().eq(len(waves)).sum())
        dyads = int(data["dyad"].nunique())
        rows.append({"wave": "every wave", "dyads": dyads, "complete": throughout})
    table = pd.DataFrame(rows)
    return table.astype({name: "Int64" for name in table.columns if name != "wave"})

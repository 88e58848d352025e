"""Sample flow: how many rows came in, who was left out and why, and which dyads remain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dyadkit.answers.sample import Sample
from dyadkit.display.disclosure import Minimum
from dyadkit.display.figures import FlowDiagram, FlowStep
from dyadkit.display.labels import role_label, wave_label
from dyadkit.display.presented import PresentedResult, Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.frame import ROW_REASONS, DyadFrame
from dyadkit.results import Estimates, Note
from dyadkit.study import Part


class FlowOptions(Part):
    """The sample flow has no options."""


def describe_flow(
    dyads: DyadFrame,
    *,
    alpha: float = 0.05,
    seed: int | np.random.SeedSequence | None = None,
) -> PresentedResult:
    """Describe who came in, who was left out and why, and how many dyads remain.

    Counts of exclusions are reported whatever their size: they tell of nobody's answers.

    Parameters
    ----------
    dyads : DyadFrame
    alpha, seed : optional
        Not used: nothing is estimated.

    Returns
    -------
    PresentedResult
        Tables ``flow`` and ``dyads``, and the participant-flow diagram, as far as the frame knows
        which rows were read.

    Raises
    ------
    DataError
        When the frame is empty.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"pair": [1, 1, 2], "role": ["coach", "client", "coach"],
    ...                    "trust": [5.0, 6.0, 3.0]})
    >>> dyads = DyadFrame.from_individual(df, dyad="pair", role="role")
    >>> describe_flow(dyads).glance()[["n_dyads", "n_complete"]].to_dict("records")
    [{'n_dyads': 2, 'n_complete': 1}]
    """
    sample = Sample.of(dyads)
    flow = dyads.flow()
    pairing = dyads.pairing()
    ledger = dyads.exclusions
    cells = ledger[ledger["reason"] == "out_of_range"]
    joined = ledger[ledger["reason"] == "id_joined"]
    rows: list[dict[str, Any]] = [
        {
            "term": f"{entry['source']}: {entry['step']}",
            "source": entry["source"],
            "wave": entry["wave"],
            "role": entry["role"],
            "step": entry["step"],
            "estimate": float(entry["n"]),
        }
        for entry in flow.to_dict("records")
    ]
    throughout = int(pairing["complete"].iloc[-1])
    read = int(flow.loc[flow["step"] == "read", "n"].sum())
    kept = int(flow.loc[flow["step"] == "kept", "n"].sum())
    sentences = (
        [
            Sentence(
                "{read} rows were read and {kept} kept, which form {dyads} dyads; in {complete} of "
                "them both partners answered{every}.",
                {
                    "read": Cell(read, style="count"),
                    "kept": Cell(kept, style="count"),
                    "dyads": Cell(dyads.n_dyads, style="count"),
                    "complete": Cell(throughout, style="count"),
                    "every": Cell(" in every wave" if len(dyads.waves) > 1 else ""),
                },
            )
        ]
        if len(flow)
        else []
    )
    if len(joined):
        sentences.append(
            Sentence(
                "{n} rows were joined although an id in them was written otherwise than in the "
                "other files.",
                {"n": Cell(len(joined), style="count")},
            )
        )
    if len(cells):
        sentences.append(
            Sentence(
                "{n} single answers outside their possible range were set missing.",
                {"n": Cell(len(cells), style="count")},
            )
        )
    return PresentedResult(
        type="flow",
        title="Sample flow",
        estimates=Estimates(rows, ["flow"] * len(rows)),
        summary={
            "n_dyads": dyads.n_dyads,
            "n_persons": sample.n_persons,
            "n_complete": throughout,
            "n_rows_read": read,
            "n_rows_kept": kept,
            "n_cells_set_missing": len(cells),
        },
        table_specs=(*((_flow_table(flow),) if len(flow) else ()), _dyad_table(sample, pairing)),
        figure_specs=(_diagram(dyads, flow, pairing),) if len(flow) else (),
        sentences=tuple(sentences),
        methods=(
            "Partners were paired by the dyad code that both gave. Rows were left out for the "
            "reasons that the flow table counts; what remains is every n of this report.",
        ),
        # These counts are the sample flow: shown whatever their size.
        minimum=Minimum(1, 1),
        notes=tuple(Note(text) for text in dyads.notes),
    )


def _flow_table(flow: pd.DataFrame) -> Table:
    """Lay out one row a source and wave, one column a reason that occurs."""
    reasons = [reason for reason in ROW_REASONS if (flow["step"] == reason).any()]
    steps = ["read", *reasons, "kept"]
    places = flow[["source", "wave", "role"]].astype(object).fillna("")
    several = places.drop_duplicates().groupby("source", sort=False).size()
    body: list[Row] = []
    sums = dict.fromkeys(steps, 0)
    for keys, here in flow.groupby([places["source"], places["wave"], places["role"]], sort=False):
        source, wave, role = map(str, keys)
        counts = dict(zip(here["step"], here["n"], strict=True))
        for step in steps:
            sums[step] += int(counts.get(step, 0))
        extra = ", ".join(part for part in (role, wave) if part)
        label = f"{source} ({extra})" if extra and several[source] > 1 else source
        body.append(Row((Cell(label), *(Cell(int(counts.get(step, 0))) for step in steps))))
    body.append(Row((Cell("All"), *(Cell(sums[step]) for step in steps))))
    return Table(
        name="flow",
        title="Rows read, left out by reason, and kept",
        columns=(
            Column("source", "Source"),
            Column("read", "Read", "count"),
            *(Column(reason, _short(reason), "count", spanner="Left out") for reason in reasons),
            Column("kept", "Kept", "count"),
        ),
        rows=tuple(body),
        notes=("A row counts under the first reason that applies, from left to right.",),
    )


def _short(reason: str) -> str:
    return {
        "excluded": "Excluded by rule",
        "two_in_role": "Two in one role",
        "orphan": "No partner",
        "duplicate": "Duplicate",
        "blank": "Empty line",
        "preview": "Preview",
    }.get(reason, ROW_REASONS[reason].capitalize())


def _dyad_table(sample: Sample, pairing: pd.DataFrame) -> Table:
    """Lay out dyads and persons by wave."""
    dyads = sample.dyads
    sides = [name for name in pairing.columns if name not in ("wave", "dyads", "complete")]
    heads = {
        "one_sided": "One member only",
        **{f"only_{role}": f"{role_label(role)} only" for role in dyads.roles},
    }
    rows = []
    for row in pairing.to_dict("records"):
        wave = str(row["wave"])
        counts = [row[name] for name in ("dyads", "complete", *sides)]
        persons = [sample.persons_at(wave, role) for role in dyads.roles]
        first = [Cell(wave_label(wave))] if dyads.waves else []
        first += [Cell(dyads.wave_times.get(wave))] if dyads.wave_times else []
        shown = (Cell(None if pd.isna(count) else int(count)) for count in [*counts, *persons])
        rows.append(Row((*first, *shown)))
    return Table(
        name="dyads",
        title="Dyads and persons by wave" if dyads.waves else "Dyads and persons",
        columns=(
            *([Column("wave", "Wave")] if dyads.waves else []),
            *([Column("time", _planned(dyads), "df")] if dyads.wave_times else []),
            Column("dyads", "All", "count", spanner="Dyads"),
            Column("complete", "Both members", "count", spanner="Dyads"),
            *(Column(side, heads[side], "count", spanner="Dyads") for side in sides),
            *(
                Column(f"persons_{role}", role_label(role), "count", spanner="Persons")
                for role in dyads.roles
            ),
        ),
        rows=tuple(rows),
    )


def _planned(dyads: DyadFrame) -> str:
    return f"Planned time ({dyads.time_unit}s)" if dyads.time_unit else "Planned time"


def _diagram(dyads: DyadFrame, flow: pd.DataFrame, pairing: pd.DataFrame) -> FlowDiagram:
    streams = []
    # Rows of no known role or wave, such as empty lines, belong to no box; they are counted once.
    placed = flow["role"].notna() | (len(dyads.roles) == 1)
    placed &= flow["wave"].notna() | (not dyads.waves)
    beside = int(flow.loc[~placed & flow["step"].eq("read"), "n"].sum())
    flow = flow[placed]
    for role in dyads.roles:
        mine = flow[flow["role"].eq(role)] if len(dyads.roles) > 1 else flow
        steps = []
        for wave in dyads.occasions:
            here = mine[mine["wave"].eq(wave)] if dyads.waves else mine
            if not len(here):
                continue
            counts = here.groupby("step", sort=False)["n"].sum()
            heading = ", ".join(part for part in (role_label(role), wave_label(wave)) if part)
            steps.append(
                FlowStep(
                    heading=heading,
                    lines=(
                        f"{int(counts['read']):,} rows read",
                        f"{int(counts['kept']):,} kept",
                    ),
                    left_out=tuple(
                        f"{int(counts[reason]):,} {label}"
                        for reason, label in ROW_REASONS.items()
                        if reason in counts
                    ),
                )
            )
        streams.append(tuple(steps))
    lines = []
    for row in pairing.to_dict("records"):
        where = wave_label(str(row["wave"])) if dyads.waves else "Dyads"
        sides = [
            f"{int(row[f'only_{role}'])} {role.replace('_', ' ')} only"
            for role in dyads.roles
            if not pd.isna(row.get(f"only_{role}", np.nan))
        ]
        detail = f" ({', '.join(sides)})" if sides else ""
        lines.append(f"{where}: {int(row['complete']):,} with both partners{detail}")
    if beside:
        lines.append(
            f"Besides: {beside:,} row{'s' * (beside > 1)} of no known role or wave, left out"
        )
    merged = FlowStep(heading=f"{dyads.n_dyads:,} dyads analysed", lines=tuple(lines))
    return FlowDiagram(
        name="flow",
        title="Participant flow",
        alt="Participant flow: rows read, left out by reason and kept, as in the flow table.",
        streams=tuple(streams),
        merged=(merged,),
    )

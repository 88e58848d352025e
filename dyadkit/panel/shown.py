"""From what a panel found to the result that a report shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from dyadkit.answers.protection import minimum_of
from dyadkit.display.disclosure import hidden_keys
from dyadkit.display.figures import Figure
from dyadkit.display.formats import Format
from dyadkit.display.presented import PresentedResult, Sentence
from dyadkit.display.tables import Cell, Table
from dyadkit.models.measured import measure
from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.estimates import KEY
from dyadkit.panel.indicators_told import item_labels, measurement_methods, measurement_notes
from dyadkit.panel.reasons import readable
from dyadkit.panel.request import Request
from dyadkit.panel.series import Series
from dyadkit.results import Estimates, Note, Support


@dataclass(slots=True)
class Shown:
    """Estimates, tables, figures and words."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def present(
    request: Request,
    fit: SemFit,
    shown: Shown,
    *,
    title: str,
    columns: Sequence[str] = (),
    group: str | None = None,
) -> PresentedResult:
    """Return the result of a panel whose numbers are those of one model of all dyads.

    Parameters
    ----------
    request : Request
    fit : SemFit
        The model whose fit stands in `glance`.
    shown : Shown
    title : str
    columns : sequence of str
        Those of `DyadFrame.wide` that the model is about; by default those of all series.  Numbers
        rest on the one that fewest answered.
    group : str, optional
        The column of groups of dyads; numbers rest on the smallest one.
    """
    sample, measurement = request.sample, request.measurement
    supports = _supports(request, columns, group)
    hidden = hidden_keys(supports, (), minimum_of(request.dyads))
    measured = measurement_methods(measurement, hidden, grouped=group is not None)
    labels = item_labels(measurement, request.wave_labels)
    notes = (replace(note, text=readable(note.text, labels)) for note in shown.notes)
    measures = ("chisq", "df", "p_value", "cfi", "tli")
    errors = ("rmsea", "rmsea_low", "rmsea_high", "srmr")
    return PresentedResult(
        type="panel",
        title=title,
        estimates=Estimates(shown.rows, [KEY] * len(shown.rows)),
        summary={
            "n_obs": int(fit.summary["n_obs"]),
            "n_dyads": sample.everyone().dyads,
            "n_persons": sample.n_persons,
            "n_waves": len(request.waves),
            **{name: fit.summary[name] for name in ("loglik", "aic", "bic")},
            **{name: fit.summary[name] for name in (*measures, *errors)},
        },
        table_specs=tuple(shown.tables),
        figure_specs=tuple(shown.figures),
        sentences=tuple(shown.sentences),
        methods=(*shown.methods, *measured),
        supports=supports,
        minimum=minimum_of(request.dyads),
        notes=(*request.shared_persons(), *measurement_notes(measurement), *notes),
        convergence=fit.convergence,
    )


def _supports(request: Request, columns: Sequence[str], group: str | None) -> tuple[Support, ...]:
    """Return who stands behind the numbers, and everyone."""
    sample, wide = request.sample, request.dyads.wide()
    names = columns or request.columns
    parts = [wide] if group is None else [part for _, part in wide.groupby(group)]
    answered = (sample.dyads_of(part[part[name].notna()]) for part in parts for name in names)
    masks = (*answered, *request.measurement.answered)
    return sample.least_support(KEY, masks), sample.everyone()


def hidden_in(request: Request, columns: Sequence[str], group: str | None) -> frozenset[str]:
    """Return the keys that `present` hides, for figures that choose by numbers what they show."""
    return hidden_keys(_supports(request, columns, group), (), minimum_of(request.dyads))


def fit_sentence(
    which: str, fit: SemFit, corrected: Callable[[str], float] | None = None
) -> Iterator[Sentence]:
    """Say how a model fitted, and to how many dyads; `which` reads "The … model".

    `corrected` returns the measures of the fit by name, where they are not its own.
    """
    value = corrected or partial(measure, fit)
    count = Cell(int(fit.summary["n_obs"]), KEY, "count")
    if not value("df") > 0:
        text = f"{which} has no degrees of freedom, so that its fit cannot be tested (N = {{n}})."
        yield Sentence(text, {"n": count})
        return
    styles: dict[str, Format] = {
        "chisq": "statistic",
        "df": "df",
        "p_value": "p_relation",
        "cfi": "statistic_3",
        "rmsea": "statistic_3",
        "srmr": "statistic_3",
    }
    cells = {name: Cell(value(name), KEY, style) for name, style in styles.items()}
    yield Sentence(
        f"{which} fitted with χ²({{df}}, N = {{n}}) = {{chisq}}, {{p_value}}, CFI = {{cfi}}, "
        "RMSEA = {rmsea}, SRMR = {srmr}.",
        cells | {"n": count},
    )


def column_labels(series: Sequence[Series], waves: Sequence[str]) -> dict[str, str]:
    """Return what a reader calls the columns of series; `waves` are the waves' labels."""
    return {
        column: " at ".join(part for part in (one.label, wave) if part)
        for one in series
        for column, wave in zip(one.columns, waves, strict=True)
    }


def fit_warnings(fit: SemFit, labels: Mapping[str, str] | None = None) -> Iterator[Note]:
    """Yield what the engine warns of in a model, as notes of a panel.

    `labels` has what a reader calls the variables of the model.
    """
    for note in fit.notes:
        # Persons of several dyads are told of once for all models.
        if note.level == "warning" and "several dyads" not in note.text:
            yield Note(readable(note.text, labels or {}), "warning", KEY)

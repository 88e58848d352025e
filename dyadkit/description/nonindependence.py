"""Non-independence: how alike the two partners are, signed, and what ignoring it would cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from dyadkit.answers.places import Place, confidence_of, frame_of, references_of
from dyadkit.answers.protection import minimum_of
from dyadkit.answers.sample import BoolArray, FloatArray, Sample
from dyadkit.display.figures import Interval, IntervalPlot
from dyadkit.display.labels import role_label, wave_label
from dyadkit.display.presented import PresentedResult, Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import DataError, Refused
from dyadkit.estimation.correlation import pearson
from dyadkit.estimation.intraclass import double_entry, icc_mean_squares
from dyadkit.estimation.nonindependence import cost_of_ignoring, within_dyad_correlation
from dyadkit.frame import DyadFrame, Reference, Variable
from dyadkit.results import Estimates, Note, Support
from dyadkit.study import Part


class NonindependenceOptions(Part):
    """What a study file may say about an analysis of type "nonindependence"."""

    variables: tuple[str, ...] | None = None
    distinguishable: bool | None = None


def assess_nonindependence(
    data: DyadFrame | pd.DataFrame,
    variables: Sequence[str] | None = None,
    *,
    distinguishable: bool | None = None,
    alpha: float = 0.05,
    seed: int | np.random.SeedSequence | None = None,
    dyad: str | None = None,
    role: str | None = None,
    wave: str | None = None,
    person: str | None = None,
) -> PresentedResult:
    """Estimate how alike partners are in each variable and wave.

    Distinguishable partners: Pearson's r across dyads.  Exchangeable partners: the double-entry
    correlation and the mean-square intraclass correlation.  All of them may be negative.

    Parameters
    ----------
    data : DyadFrame or DataFrame
        Of a DataFrame, `dyad`, `role`, `wave` and `person` name the columns.
    variables : sequence of str, optional
        Default: every numeric variable that both members answered.
    distinguishable : bool, optional
        Default: whether there are two roles.  False treats the members of two roles alike.
    alpha : float
        1 − confidence.
    seed : optional
        Not used: nothing here is random.

    Returns
    -------
    PresentedResult
        Table and figure ``nonindependence``.  In `tidy`, ``rho`` is the correlation within dyads
        from which ``se_ratio_between``, ``se_ratio_within`` and ``effective_n`` follow.

    Raises
    ------
    Refused
        When nobody has a partner, no chosen variable was answered by both members, or exchangeable
        members are to be told apart.
    StudyError
        When a variable is unknown.

    Notes
    -----
    What ignoring it costs follows from the correlation ρ within dyads: a mean, or the effect of
    a predictor that both members share, has √(1 + ρ) times the standard error that treating
    persons as independent would give; a difference between the members √(1 − ρ) times.  The
    effective number of persons is 2·n/(1 + ρ) (Kenny, Kashy & Cook, 2006, ch. 2).  For
    distinguishable members ρ is their covariance over the mean of their variances.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"pair": [1, 1, 2, 2, 3, 3, 4, 4], "role": ["coach", "client"] * 4,
    ...                    "trust": [5.0, 6, 3, 4, 6, 6, 2, 4]})
    >>> result = assess_nonindependence(df, ["trust"], dyad="pair", role="role")
    >>> result.tidy()["term"].tolist()
    ['r: trust']
    """
    sample = Sample.of(frame_of(data, dyad=dyad, role=role, wave=wave, person=person))
    dyads = sample.dyads
    confidence = confidence_of(alpha)
    if distinguishable is None:
        distinguishable = not dyads.exchangeable
    if distinguishable and dyads.exchangeable:
        raise Refused(
            "The members of these dyads share one role, so that which of them comes first is "
            "arbitrary and Pearson's r across dyads would depend on it. Leave distinguishable=… "
            "out, or name the column that holds their roles."
        )
    if not sample.paired:
        raise Refused(
            "Non-independence needs dyads in which both members answered, and there is none. Check "
            "the dyad codes; without dyad=…, every row is a person on their own."
        )
    resolved = references_of(dyads, variables)
    chosen = [reference for reference in resolved if _of_both(reference, dyads)]
    if not chosen:
        raise Refused(
            "Non-independence needs a numeric variable that both members answered; none of the "
            'chosen ones is. Name one, e.g. variables = ["trust"].'
        )
    notes = [
        Note(f"{reference.variable.label}: not a number that both members gave, and left out.")
        for reference in resolved
        if variables is not None and reference not in chosen
    ]
    rows: list[tuple[dict[str, Any], str]] = []
    supports: list[Support] = []
    body: list[Row] = []
    intervals: list[Interval] = []
    sentences: list[Sentence] = []
    for reference in chosen:
        variable = reference.variable
        if dyads.waves:
            body.append(Row((Cell(variable.label),), heading=True))
        for occasion in reference.waves:
            scores, complete = _both(sample, variable, occasion)
            key = ".".join(part for part in (variable.name, occasion) if part)
            supports.append(sample.support(key, complete))
            head = Cell(wave_label(occasion) if dyads.waves else variable.label)
            label = ", ".join(part for part in (variable.label, wave_label(occasion)) if part)
            try:
                found = _estimate(scores, distinguishable, confidence)
            except DataError:
                notes.append(Note(f"{label}: {_why_not(scores)}", "warning", key))
                dashes = 6 if distinguishable else 9
                body.append(Row((head, Cell(len(scores), key), *([Cell(None, key)] * dashes))))
                continue
            term = f"{variable.name} ({occasion})" if occasion else variable.name
            place = {"variable": variable.name, "wave": occasion}
            rows += [({**row, **place, "term": f"{row['term']}: {term}"}, key) for row in found]
            body.append(Row((head, *_cells(found, key))))
            main = found[-1]
            intervals.append(
                Interval(label, main["estimate"], main["conf_low"], main["conf_high"], key)
            )
            sentences.append(_sentence(label, main, key, distinguishable))
    notes += [
        Note(
            f"{role_label(shared)}: some belong to several dyads, which are then not independent "
            "either; these intervals are too narrow.",
            "warning",
        )
        for shared in sample.shared_roles
    ]
    everyone = sample.everyone()
    return PresentedResult(
        type="nonindependence",
        title="Non-independence of partners",
        estimates=Estimates([row for row, _ in rows], [key for _, key in rows]),
        summary={
            "n_obs": sample.n_observations,
            "n_dyads": everyone.dyads,
            "n_persons": sample.n_persons,
        },
        table_specs=(_table(body, dyads, distinguishable, confidence),),
        figure_specs=tuple(_plot(intervals, distinguishable, confidence)),
        sentences=tuple(sentences),
        methods=_methods(distinguishable),
        supports=(*supports, everyone),
        minimum=minimum_of(dyads),
        notes=tuple(notes),
    )


def _of_both(reference: Reference, dyads: DyadFrame) -> bool:
    variable = reference.variable
    personal = variable.level in ("person", "relationship")
    return variable.numeric and personal and len(reference.roles) == len(dyads.roles)


def _both(sample: Sample, variable: Variable, wave: str) -> tuple[FloatArray, BoolArray]:
    """Return the scores of both members where both answered, and the dyads they come from."""
    roles = sample.dyads.roles
    values = [sample.answers(Place(variable, role, wave)).values for role in roles]
    scores = np.concatenate(values).reshape(-1, sample.n).T
    if scores.shape[1] < 2:
        return np.empty((0, 2)), np.zeros(sample.n, dtype=bool)
    complete = ~np.isnan(scores).any(axis=1)
    return scores[complete], complete


def _why_not(scores: FloatArray) -> str:
    if not len(scores):
        return "in no dyad did both members answer."
    if len(scores) < 3:
        return "too few dyads in which both members answered."
    return "the answers do not vary, so that likeness is undefined. Check their coding."


def _estimate(scores: FloatArray, distinguishable: bool, confidence: float) -> list[dict[str, Any]]:
    """Return the estimates in table order; the last one is the one that sentences quote."""
    first, second = scores.T
    if distinguishable:
        r = pearson(first, second, confidence)
        found = [("r", r.estimate, within_dyad_correlation(first, second), asdict(r))]
    else:
        entry = double_entry(first, second, confidence)
        icc = icc_mean_squares(scores, confidence)
        ratio = {**asdict(icc), "statistic": icc.f, "df": icc.df1, "df2": icc.df2}
        found = [
            ("double-entry r", entry.estimate, entry.estimate, asdict(entry)),
            ("ICC(1)", icc.estimate, icc.estimate, ratio),
        ]
    wanted = ("statistic", "df", "df2", "p_value", "conf_low", "conf_high")
    rows = []
    for term, estimate, rho, values in found:
        cost = cost_of_ignoring(rho, len(scores))
        tests = {name: values.get(name, float("nan")) for name in wanted}
        row = {"term": term, "n": len(scores), "rho": rho, "estimate": estimate, **tests}
        rows.append({**row, **asdict(cost)})
    return rows


def _cells(found: Sequence[dict[str, Any]], key: str) -> Iterator[Cell]:
    """Yield the cells of a row of the table."""
    main = found[-1]
    yield Cell(main["n"], key)
    for row in found:
        yield Cell(row["estimate"], key)
        yield Cell((row["conf_low"], row["conf_high"]), key)
        yield Cell(row["p_value"], key)
    for name in ("se_ratio_between", "se_ratio_within", "effective_n"):
        yield Cell(main[name], key)


def _table(
    body: Sequence[Row], dyads: DyadFrame, distinguishable: bool, confidence: float
) -> Table:
    percent = f"{100 * confidence:g} % CI"

    def block(name: str, symbol: str, spanner: str) -> tuple[Column, ...]:
        return (
            Column(name, symbol, "correlation", spanner),
            Column(f"{name}_conf", percent, "correlation_interval", spanner),
            Column(f"{name}_p", "p", "p_value", spanner),
        )

    if distinguishable:
        roles = " and ".join(role_label(role).lower() for role in dyads.roles)
        estimates = block("r", "r", f"Correlation of {roles}")
    else:
        estimates = (
            *block("double_entry_r", "r", "Double-entry correlation"),
            *block("icc", "ICC(1)", "Mean-square intraclass correlation"),
        )
    return Table(
        name="nonindependence",
        title="How alike partners are, and what ignoring it would do",
        columns=(
            Column("wave", "Wave") if dyads.waves else Column("variable", "Variable"),
            Column("n_dyads", "Dyads", "count"),
            *estimates,
            Column("se_ratio_between", "Mean", "statistic", "Correct ÷ naive SE"),
            Column("se_ratio_within", "Difference", "statistic", "Correct ÷ naive SE"),
            Column("effective_n", "Effective n", "count"),
        ),
        rows=tuple(body),
        notes=(
            "Naive = treating all persons as independent. Mean: the standard error (SE) of a mean, "
            "or of the effect of a predictor that partners share; 1.10 says that the naive one is "
            "too small and must be multiplied by 1.10. Difference: the SE of a difference between "
            "partners. Effective n: the number of independent persons that would tell as much "
            "about a mean as these pairs do.",
        ),
    )


def _plot(
    intervals: Sequence[Interval], distinguishable: bool, confidence: float
) -> Iterator[IntervalPlot]:
    if intervals:
        yield IntervalPlot(
            name="nonindependence",
            title="Likeness of partners",
            alt="Correlations between partners with confidence intervals, as in the table.",
            axis="Correlation between partners" if distinguishable else "Intraclass correlation",
            intervals=tuple(intervals),
            style="correlation",
            reference=0.0,
            limits=(-1.0, 1.0),
            interval=f"{100 * confidence:g} % CI",
        )


def _sentence(label: str, main: dict[str, Any], key: str, distinguishable: bool) -> Sentence:
    symbol = "r" if distinguishable else "ICC(1)"
    alike = (
        "more alike than people of different dyads"
        if main["conf_low"] > 0
        else "less alike than people of different dyads"
        if main["conf_high"] < 0
        else "not demonstrably more or less alike than people of different dyads"
    )
    return Sentence(
        f"{{label}}: partners were {alike} ({symbol} = {{r}}, {{interval}}, {{p}}, {{n}} dyads).",
        {
            "label": Cell(label),
            "r": Cell(main["estimate"], key, "correlation"),
            "interval": Cell((main["conf_low"], main["conf_high"]), key, "correlation_interval"),
            "p": Cell(main["p_value"], key, "p_relation"),
            "n": Cell(main["n"], key, "count"),
        },
    )


def _methods(distinguishable: bool) -> tuple[str, str]:
    cost = (
        "What ignoring it costs follows from the correlation ρ within dyads (Kenny, Kashy & Cook, "
        "2006): the standard error of a mean is √(1 + ρ) times, that of a difference between "
        "partners √(1 − ρ) times the naive one, and the effective n is 2n/(1 + ρ) for n dyads."
    )
    if distinguishable:
        return (
            "Non-independence of partners is Pearson's correlation across complete dyads, with "
            "Fisher's interval; it may be negative.",
            cost.replace(
                "the correlation ρ within dyads",
                "the partners' covariance over the mean of their variances, ρ",
            ),
        )
    return (
        "Non-independence of exchangeable partners is the double-entry correlation (standard error "
        "from the number of dyads) and the mean-square intraclass correlation with its exact "
        "F interval and two-sided F test; both may be negative.",
        cost,
    )

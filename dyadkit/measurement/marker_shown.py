"""What a report shows of the models with a marker variable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import isnan, nan
from typing import Any

from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.measurement.marker import MarkerCheck
from dyadkit.measurement.marker_models import (
    BASELINE,
    CFA,
    EQUAL,
    RESTRICTED,
    UNEQUAL,
    MarkerModel,
)
from dyadkit.models.measured import FIT, FIT_COLUMNS_WITHOUT_TLI, difference_columns, measure
from dyadkit.results import Note

# One that does not break, in headings.
_HYPHEN = "\N{NON-BREAKING HYPHEN}"
_CORRELATED = (CFA, BASELINE, EQUAL, UNEQUAL)


def marker_rows(checks: Sequence[MarkerCheck]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the rows of `tidy`: models, their comparisons, and correlations of factors."""
    for check in checks:
        for model in check.models:
            row = {
                "term": f"{model.name}: {check.title}",
                "quantity": "marker_model",
                "place": check.title,
                "factors": len(check.places) + 1,
                "estimate": measure(model.fit, "chisq"),
                "statistic": measure(model.fit, "chisq"),
                "against": model.against,
                "difference": model.difference,
                "df_difference": model.df,
                "p_difference": model.p_value,
                "method_share": check.method_share(model) if _leads(model) else nan,
                "syntax": model.syntax,
            }
            yield row | {name: measure(model.fit, name) for name in FIT[1:]}, check.key
        for pair, names in _pairs(check).items():
            for model in check.models:
                value = model.values("~~").get(names)
                if _estimated(model.name, names) and value is not None:
                    yield (
                        {
                            "term": f"{pair}, {model.name}: {check.title}",
                            "quantity": "marker_correlation",
                            "place": check.title,
                            "estimate": value,
                        },
                        check.key,
                    )


def marker_tables(checks: Sequence[MarkerCheck], estimator: str) -> Iterator[Table]:
    """Yield the table of models and that of correlations."""
    fitted = [check for check in checks if check.models]
    if fitted:
        yield _models(fitted, estimator)
        yield _correlations(fitted)


def marker_sentences(checks: Sequence[MarkerCheck], alpha: float) -> Iterator[Sentence]:
    """Yield what the comparisons of each role and wave say, where all could be made."""
    for check in checks:
        equal, unequal, last = (check.model(name) for name in (EQUAL, UNEQUAL, RESTRICTED))
        if equal is None or unequal is None or last is None or isnan(last.p_value):
            continue
        yield _sentence(check, equal, unequal, last, alpha)


def marker_methods(label: str, estimator: str, alpha: float) -> list[str]:
    """Return how it was done."""
    return [
        f"Common method variance was checked with the marker variable '{label}', role by role, by "
        "the models of Williams, Hartman and Cavazotte (2010): all factors correlated (CFA); the "
        "marker uncorrelated with the other factors, its loadings and residual variances held at "
        "their values in the CFA model (Baseline); loadings of all other items on the marker, "
        "equal (Method-C) or not (Method-U); and correlations of the other factors held at their "
        "Baseline values (Method-R), in Method-U where it fits better than Method-C (p < "
        f"{f'{alpha:g}'.lstrip('0')}), else in Method-C. Models were compared by "
        + ("scaled " * (estimator == "MLR"))
        + "chi-square differences."
    ]


def marker_notes(
    checks: Sequence[MarkerCheck], without: Sequence[str], label: str
) -> Iterator[Note]:
    """Yield what must be kept in mind, and where models are missing."""
    for title in without:
        yield Note(f"{title}: the marker '{label}' was not asked there, so that it has no models.")
    yield Note(
        f"What the marker '{label}' tells rests on theory: that it has nothing to do with what the "
        "other scales measure, and was asked in the same way. Whatever it has to do with them "
        "counts as method here, and method that it does not share is not seen."
    )
    if any(len(check.marker.variable.items) == 2 for check in checks):
        yield Note(
            f"The marker '{label}' has two items. Their loadings are known only from its "
            "correlations with the other factors, which in a good marker are small; three items "
            "or more would be better.",
            "warning",
        )
    for check in checks:
        if check.why:
            yield Note(f"{check.title}, marker '{label}': {check.why}", "warning", check.key)
        for model in check.models:
            if model.remark:
                yield Note(f"{check.title}: {model.remark}", "warning", check.key)
            end = model.fit.convergence
            if end is not None and not end.admissible:
                yield Note(
                    f"{check.title}, {model.name}: a variance is negative or a correlation of "
                    "factors beyond 1; its estimates are not to be interpreted.",
                    "warning",
                    check.key,
                )


def _leads(model: MarkerModel) -> bool:
    return model.name in (EQUAL, UNEQUAL, RESTRICTED)


def _pairs(check: MarkerCheck) -> dict[str, str]:
    """Return the pairs of factors, as a reader and as the syntax names them."""
    labels = [place.variable.label for place in check.places]
    factors = [(label, f"f{number}") for number, label in enumerate(labels, start=1)]
    marker = (check.marker.variable.label, "marker")
    pairs = [*combinations(factors, 2), *((factor, marker) for factor in factors)]
    return {f"{one} with {other}": f"{a} {b}" for (one, a), (other, b) in pairs}


def _estimated(model: str, names: str) -> bool:
    """Return whether the correlation of a pair is no fixed number in a model."""
    return model == CFA or (model in _CORRELATED and not names.endswith(" marker"))


def _models(checks: Sequence[MarkerCheck], estimator: str) -> Table:
    body: list[Row] = []
    for check in checks:
        body.append(Row((Cell(check.title),), heading=True))
        for model in check.models:
            values = [
                *(measure(model.fit, name) for name in FIT if name != "tli"),
                check.method_share(model) if _leads(model) else nan,
            ]
            tested = [model.difference, model.df, model.p_value]
            cells = [Cell(value, check.key) for value in values]
            # Which of Method-C and Method-U is restricted is a finding too.
            cells += [Cell(model.against or None, check.key)]
            cells += [Cell(value, check.key) for value in tested]
            body.append(Row((Cell(model.name), *cells)))
    against = "Against another model"
    return Table(
        name="marker",
        title="Models with a marker variable",
        columns=(
            Column("model", "Model"),
            *FIT_COLUMNS_WITHOUT_TLI,
            Column("method_share", "Share", "percent"),
            # Columns of numbers keep their cells, and so "Method-C", on one line.
            Column("against", "Model", "statistic", against),
            *difference_columns(against),
        ),
        rows=tuple(body),
        notes=(
            "Method-C against Baseline: whether items share variance with the marker; Method-U "
            "against Method-C: whether unequally; Method-R against the better of both: whether "
            "that biases the correlations of the factors. Share: of the variance of the other "
            "items that goes with the marker, on average. Values held from another model count as "
            "known though they are estimates from the same answers, so that the test of Method-R "
            "seldom shows a small bias: look at how far the correlations change, too. What is not "
            "shown may still be there, in small samples above all."
            + (" χ² and differences are scaled." * (estimator == "MLR")),
        ),
    )


def _correlations(checks: Sequence[MarkerCheck]) -> Table:
    body: list[Row] = []
    for check in checks:
        body.append(Row((Cell(check.title),), heading=True))
        found = {model.name: model.values("~~") for model in check.models}
        for pair, names in _pairs(check).items():
            cells = [
                Cell(found.get(name, {}).get(names), check.key)
                if _estimated(name, names)
                else Cell("")
                for name in _CORRELATED
            ]
            body.append(Row((Cell(pair), *cells)))
    return Table(
        name="marker_correlations",
        title="Correlations of factors without and with the marker's method variance",
        columns=(
            Column("factors", "Factors"),
            *(
                Column(name.lower().replace("-", "_"), name.replace("-", _HYPHEN), "correlation")
                for name in _CORRELATED
            ),
        ),
        rows=tuple(body),
        notes=(
            "Method-C and Method-U: what is left once the marker's variance is taken out of the "
            "items. In all models but CFA the marker is uncorrelated with the other factors.",
        ),
    )


def _sentence(
    check: MarkerCheck, equal: MarkerModel, unequal: MarkerModel, last: MarkerModel, alpha: float
) -> Sentence:
    shared, apart, biased = (model.p_value < alpha for model in (equal, unequal, last))
    values = {"title": Cell(check.title), "marker": Cell(check.marker.variable.label)}
    for letter, model in (("c", equal), ("u", unequal), ("r", last)):
        values |= {
            f"d{letter}": Cell(model.difference, check.key, "statistic"),
            f"f{letter}": Cell(model.df, check.key, "df"),
            f"p{letter}": Cell(model.p_value, check.key, "p_relation"),
        }
    tests = {letter: f"Δχ²({{f{letter}}}) = {{d{letter}}}, {{p{letter}}}" for letter in "cur"}
    share = ""
    if check.kept is not None and (shared or apart):
        values["share"] = Cell(check.method_share(check.kept), check.key, "percent")
        share = ", {share} of theirs on average"
    if shared:
        first = f"items share variance with the marker '{{marker}}'{share} ({tests['c']})"
        second = "some more than others" if apart else "that some do more than others is not shown"
    else:
        nothing = "that items share variance with the marker '{marker}' alike is not shown"
        first = f"{nothing} ({tests['c']})"
        second = f"but some do{share}" if apart else "nor that some do"
    third = (
        "taking it out changes the correlations of the factors"
        if biased
        else "that it biases the correlations of the factors is not shown"
    )
    return Sentence(
        f"{{title}}: {first}; {second} ({tests['u']}); {third} ({tests['r']}).",
        values,
    )

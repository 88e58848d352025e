"""Cross-lagged panels: the models that compete, and the one with all effects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import nan

from dyadkit.answers.sample import BoolArray
from dyadkit.display.figures import LinePlot
from dyadkit.display.presented import PresentedResult
from dyadkit.errors import FitError, Refused, StudyError, listed
from dyadkit.models.design import group_label
from dyadkit.models.differences import difference_of
from dyadkit.models.exchangeable_fit import CorrectedFit
from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.compared import Compared
from dyadkit.panel.estimates import KEY
from dyadkit.panel.exchangeable import Saturated, saturated
from dyadkit.panel.implied.responses_shown import show_responses
from dyadkit.panel.lagged.competing import Competing, competing_models
from dyadkit.panel.lagged.cross_lagged import Covariates, Lagged, cross_lagged_syntax
from dyadkit.panel.lagged.equalities import equalities_of
from dyadkit.panel.lagged.fitted import Panel
from dyadkit.panel.lagged.panel_shown import show_panel
from dyadkit.panel.lags import lag_notes
from dyadkit.panel.predictors import covariates_of, group_values, groups_of
from dyadkit.panel.reasons import reason_of
from dyadkit.panel.request import Auto, Request
from dyadkit.panel.rivals_told import with_corrected_fit
from dyadkit.panel.shown import hidden_in, present
from dyadkit.panel.trajectories import trajectory_plots
from dyadkit.results import Note

_MOST_SERIES = 4


@dataclass(frozen=True, slots=True, eq=False)
class _Setting:
    """What all models of a panel share.

    `groups` is one empty name without a column of groups, `left_out` how many dyads are in none;
    `saturated` is for exchangeable members.
    """

    request: Request
    covariates: Covariates
    group: str | None
    groups: tuple[str, ...]
    left_out: int
    saturated: Saturated | None

    @property
    def exchangeable(self) -> bool:
        return self.request.dyads.exchangeable

    def fit(
        self, model: Competing, kind: str, covariates: Covariates | None = None
    ) -> tuple[str, SemFit]:
        """Fit a model without random intercepts, or with them."""
        request, intercepts = self.request, kind == "riclpm"
        lagged = Lagged(
            model.cross,
            equal=request.equal_lags or model.equal,
            second=request.second_order,
            alike=model.alike,
            exchangeable=self.exchangeable,
            groups=len(self.groups),
            same_groups=model.same_groups,
        )
        measurement = request.measurement
        latent = measurement.latent
        effects = cross_lagged_syntax(
            measurement.series,
            lagged,
            intercepts=intercepts,
            latent=latent,
            covariates=self.covariates if covariates is None else covariates,
        )
        syntax = measurement.whole(effects)
        # Without all that is written out, the first wave is left to the defaults.
        auto: Auto = "lavaan" if intercepts or latent or self.exchangeable else "sem"
        options = {} if self.group is None else {"group": self.group}
        return syntax, request.fit(syntax, auto=auto, **options)

    def corrected(self, fit: SemFit, name: str) -> CorrectedFit | None:
        """Return the fit beyond what exchanging the members cannot change."""
        return None if self.saturated is None else self.saturated.correct(fit, name)


def fit_cross_lagged(request: Request) -> PresentedResult:
    """Fit cross-lagged models without random intercepts (clpm) or with them (riclpm).

    Raises
    ------
    Refused
        When there are too few waves, series that are no cross-lagged panel, or effects that are not
        those of one process in continuous time.
    StudyError
        When a key, a covariate or a column of groups is wrong.
    FitError
        When the model with all effects, or too many of its bootstrap samples, cannot be fitted.
    """
    _require_waves(request)
    _require_series(request)
    setting = _setting(request)
    request = setting.request
    compared, other, why = _compared(setting)
    panel = Panel(
        series=request.series,
        waves=request.wave_labels,
        kind=request.kind,
        equal=request.equal_lags,
        models=tuple(compared),
        other=other,
        confidence=request.confidence,
        estimator=request.estimator,
        exchangeable=setting.exchangeable,
        groups=compared[-1].fit.setup.labels or ("",),
        covariates=setting.covariates,
    )
    columns = (*request.columns, *setting.covariates.columns)
    hidden = hidden_in(request, columns, setting.group)
    shown = show_panel(panel, equalities_of(panel, lags_differ=request.lags_differ), hidden)
    show_responses(request, panel, panel.full.fit, shown, hidden)
    shown.figures += _trajectories(setting, compared[-1].fit)
    shown.notes = [
        *(Note(text, "warning", KEY) for text in why),
        *_without_group(setting),
        *lag_notes(request, equal=request.equal_lags),
        *_few_dyads(setting, compared[-1].fit),
        *shown.notes,
    ]
    fit = compared[-1].fit
    title = "Cross-lagged panel"
    result = present(request, fit, shown, title=title, columns=columns, group=setting.group)
    return with_corrected_fit(result, compared[-1])


def _without_group(setting: _Setting) -> Iterator[Note]:
    if setting.left_out:
        yield Note(
            f"{setting.left_out} dyads have no answer to '{setting.request.by}'; they are in no "
            "group, and left out.",
            "warning",
            KEY,
        )


def _trajectories(setting: _Setting, fit: SemFit) -> Iterator[LinePlot]:
    """Draw the means of each variable of members who are told apart."""
    request = setting.request
    if setting.exchangeable:
        return
    groups: dict[str, BoolArray] | None = None
    if setting.group is not None:
        values = request.dyads.wide()[setting.group].map(group_label, na_action="ignore")
        groups = {
            label: values.eq(label).fillna(False).to_numpy(dtype=bool) for label in fit.setup.labels
        }
    yield from trajectory_plots(request, fit, request.series, groups)


def _setting(request: Request) -> _Setting:
    """Lay out what predicts and groups the series."""
    dyads, series = request.dyads, request.scores
    dyads, named = covariates_of(dyads, request.covariates, series, request.columns)
    covariates = Covariates(
        tuple(each.column for each in named),
        tuple(each.label for each in named),
        request.covariates_on == "intercepts",
    )
    group: str | None = None
    groups: tuple[str, ...] = ("",)
    left_out = 0
    if request.by is not None:
        dyads, group = groups_of(dyads, request.by, series)
        groups, left_out = group_values(dyads, group, request.columns)
    reference = saturated(request) if dyads.exchangeable else None
    request = replace(request, dyads=dyads)
    return _Setting(request, covariates, group, groups, left_out, reference)


def _require_series(request: Request) -> None:
    count = len(request.scores)
    if count < 2:
        raise StudyError(
            f"A cross-lagged panel needs two series, and x = '{request.references[0]}' is one. "
            "Name another variable as y, or leave the role out, so that both members' series "
            "influence each other."
        )
    if count > _MOST_SERIES:
        raise Refused(
            f"A cross-lagged panel takes up to {_MOST_SERIES} series, two or three variables of "
            f"one role or two of both, and these are {count}. Name a role, or leave one out."
        )
    if request.dyads.exchangeable:
        unable = {
            'indicators = "score"': request.indicators != "score",
            "no covariates": bool(request.covariates),
            "no groups (by)": request.by is not None,
        }
        instead = [name for name, asked in unable.items() if asked]
        if instead:
            raise Refused(
                "Panels of members who share one role, in which all is equal that exchanging them "
                f"cannot change, take {listed(instead)}. Leave the others out, or give members two "
                "roles."
            )
    if request.covariates_on == "intercepts":
        if request.kind == "clpm":
            raise Refused(
                'covariates_on = "intercepts": panels without random intercepts have none. Set '
                'kind = "riclpm", or leave it out.'
            )
        if not request.covariates:
            raise StudyError("covariates_on: there are no covariates. Name some, or leave it out.")


def _require_waves(request: Request) -> None:
    waves = len(request.waves)
    if request.kind == "riclpm" and waves < 3:
        raise Refused(
            f"Random intercepts need three waves, and there are {waves}: with two, what is "
            'stable cannot be told from what varies. Set kind = "clpm", whose effects mix both, '
            "or add a wave."
        )
    if request.second_order and waves < 3:
        raise Refused(
            "second_order: an effect over two waves needs three of them, and there are two. Leave "
            "it out."
        )


def _against(
    setting: _Setting,
    model: Competing,
    kind: str,
    full: SemFit,
    covariates: Covariates | None = None,
) -> tuple[Compared[Competing] | None, list[str]]:
    """Fit a model beside that with all effects; return none, or no difference, and why."""
    try:
        syntax, fit = setting.fit(model, kind, covariates)
    except (FitError, StudyError) as error:
        return None, [f"The model '{model.name}' could not be fitted: {reason_of(error)}."]
    found = difference_of(fit, full, (model.name, "all effects"))
    tested = (found.statistic, found.df, found.p_value)
    corrected = setting.corrected(fit, model.name)
    return Compared(model, syntax, fit, *tested, corrected), [found.remark] * bool(found.remark)


def _compared(
    setting: _Setting,
) -> tuple[list[Compared[Competing]], Compared[Competing] | None, list[str]]:
    """Fit all models: those that compete, that with all effects last; and this of other kind.

    Raises
    ------
    FitError
        When the model with all effects cannot be fitted.
    """
    request = setting.request
    *smaller, everything = competing_models(
        request.series,
        equal=request.equal_lags or request.lags_differ,
        exchangeable=setting.exchangeable,
        groups=len(setting.groups),
    )
    syntax, full = _everything(setting, everything)
    results = [_against(setting, model, request.kind, full) for model in smaller]
    on_intercepts = setting.covariates.on_intercepts
    if on_intercepts:
        model = Competing("Covariates on waves", "not on random intercepts", everything.cross)
        onto = replace(setting.covariates, on_intercepts=False)
        results.append(_against(setting, model, request.kind, full, onto))
    found = [each for each, _ in results if each is not None]
    other: Compared[Competing] | None = None
    if len(request.waves) > 2 and not on_intercepts:
        alone = "clpm" if request.kind == "riclpm" else "riclpm"
        name = "Without random intercepts" if alone == "clpm" else "With random intercepts"
        model = Competing(name, "all cross-lagged effects", everything.cross)
        results.append(_against(setting, model, alone, full))
        other = results[-1][0]
    why = [text for _, texts in results for text in texts]
    corrected = setting.corrected(full, "all effects")
    return [*found, Compared(everything, syntax, full, nan, nan, nan, corrected)], other, why


def _everything(setting: _Setting, model: Competing) -> tuple[str, SemFit]:
    """Fit the model with all effects, or say what may be fitted in its place."""
    try:
        return setting.fit(model, setting.request.kind)
    except (FitError, StudyError) as error:
        choices = _with_fewer_parameters(setting)
        instead = (
            f" with {listed(choices)}, each of which leaves parameters out," if choices else ""
        )
        raise FitError(
            f"The panel with all cross-lagged effects could not be fitted: {reason_of(error)}. The "
            f"sample may be too small for it; try it{instead} or with more dyads.",
            convergence=error.convergence if isinstance(error, FitError) else None,
        ) from error


def _with_fewer_parameters(setting: _Setting) -> list[str]:
    """Return what would leave parameters of the model with all effects out."""
    request = setting.request
    # Between two waves there is one lag.
    equal = request.equal_lags or request.lags_differ or len(request.waves) < 3
    return [
        *(["second_order = false"] if request.second_order else []),
        *(['indicators = "score"'] if request.measurement.latent else []),
        *([] if equal else ["equal_lags = true"]),
        *(['kind = "clpm"'] if request.kind == "riclpm" else []),
        *(["one role"] if len({one.role for one in request.scores}) > 1 else []),
    ]


def _few_dyads(setting: _Setting, full: SemFit) -> Iterator[Note]:
    """Say what to do where the sample is small for so many parameters."""
    count, parameters = int(full.summary["n_obs"]), full.solution.table.n_free
    choices = _with_fewer_parameters(setting)
    if parameters >= count / 2 and choices:
        yield Note(
            f"{count} dyads are few for {parameters} parameters. There are fewer with "
            f"{listed(choices)}.",
            "warning",
            KEY,
        )

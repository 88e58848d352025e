"""Cross-lagged panels: which effects over time the data support, and how strong they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Literal

import numpy as np

from dyadkit.answers.places import confidence_of, frame_of
from dyadkit.answers.protection import minimum_of
from dyadkit.answers.sample import Sample
from dyadkit.display.labels import role_label, wave_label
from dyadkit.display.presented import PresentedResult
from dyadkit.errors import FitError, Refused, StudyError, listed
from dyadkit.estimation.arrays import FloatArray
from dyadkit.frame import DyadFrame
from dyadkit.models.differences import difference_of
from dyadkit.models.sem_fit import SemFit
from dyadkit.models.structural import fit_sem
from dyadkit.panel.cross_lagged import Competing, Lagged, competing_models, cross_lagged_syntax
from dyadkit.panel.fitted import KEY, Compared, Panel
from dyadkit.panel.panel_shown import show_panel
from dyadkit.panel.series import Series, series_of, waves_of
from dyadkit.results import Estimates, Note
from dyadkit.study import Part

Kind = Literal["clpm", "riclpm"]
KINDS: tuple[Kind, ...] = ("clpm", "riclpm")


class PanelOptions(Part):
    """What a study file may say about an analysis of type "panel"."""

    x: str
    y: str
    kind: Kind = "riclpm"
    waves: tuple[str, ...] | None = None
    equal_lags: bool = False
    second_order: bool = False
    estimator: Literal["ML", "MLR"] = "ML"


def fit_panel(
    data: DyadFrame,
    x: str,
    y: str,
    *,
    kind: Kind = "riclpm",
    waves: Sequence[str] | None = None,
    equal_lags: bool = False,
    second_order: bool = False,
    estimator: Literal["ML", "MLR"] = "ML",
    alpha: float = 0.05,
    seed: int | np.random.SeedSequence | None = None,
) -> PresentedResult:
    """Fit cross-lagged panel models of two variables, in one role or in both.

    Parameters
    ----------
    data : DyadFrame
        With two waves or more.
    x, y : str
        Such as ``"trust.client"`` and ``"learning.client"``, or one variable of both,
        ``"trust.client"`` and ``"trust.coach"``; without a role both members' series are modelled
        together, with the effects of own variables (actor) and of the partner's.
    kind : {"riclpm", "clpm"}
        With random intercepts, which part what is stable from what varies within persons (three
        waves or more), or without.
    waves : sequence of str, optional
        Default: all.
    equal_lags : bool
        Whether unstandardised effects are the same between all waves.
    second_order : bool
        Whether a series depends on itself two waves before too.
    estimator : {"ML", "MLR"}
        Incomplete rows count by full information; "MLR" is robust against scores that are not
        normal.
    alpha : float
        1 − confidence.
    seed : optional
        Not used: nothing here is random.

    Returns
    -------
    PresentedResult
        Tables ``models`` (stability, causal, reversed and reciprocal effects; of both members
        effects within members or within variables, and effects that are the same in both roles; and
        effects that are equal between waves), ``paths`` of the model with all effects,
        ``correlations`` within waves and, with random intercepts, ``intercepts``.

    Raises
    ------
    Refused
        When there are too few waves, or members share one role.
    StudyError
        When a variable or wave is unknown, or a variable was not asked in a wave.
    DataError
        When a variable does not vary in a wave, or there are too few dyads.
    FitError
        When the model with all effects cannot be fitted.

    Notes
    -----
    A CLPM mixes differences between persons with changes within them; its effects are not those of
    either (Hamaker, Kuiper & Grasman, 2015).  Where there are three waves or more, both models are
    compared: that all variances and covariances of the random intercepts are 0 is tested by the
    chi-square difference, which is right as variances are not bounded.  Models and equations are in
    `dyadkit.panel.cross_lagged`.

    References
    ----------
    Hamaker, E. L., Kuiper, R. M., & Grasman, R. P. P. P. (2015). A critique of the cross-lagged
    panel model. Psychological Methods, 20, 102-116.
    """
    confidence = confidence_of(alpha)
    dyads = frame_of(data)
    if kind not in KINDS:
        raise StudyError(f"kind: '{kind}' is no panel model. They are {listed(list(KINDS))}.")
    sample = Sample.of(dyads)
    chosen = waves_of(dyads, waves)
    series = series_of(dyads, [x, y], chosen)
    _require_waves(chosen, kind, second_order)
    gaps = _gaps(dyads, chosen)
    setting = _Setting(
        dyads=dyads,
        series=series,
        kind=kind,
        equal=equal_lags,
        second=second_order,
        estimator=estimator,
        confidence=confidence,
        lags_differ=_differ(gaps),
    )
    compared, other, why = _compared(setting, len(chosen))
    panel = Panel(
        series=series,
        waves=tuple(wave_label(wave) for wave in chosen),
        kind=kind,
        equal=equal_lags,
        models=tuple(compared),
        other=other,
        confidence=confidence,
        estimator=estimator,
    )
    shown = show_panel(panel)
    wide = dyads.wide()
    columns = [column for one in series for column in one.columns]
    everyone = sample.everyone()
    answered = (sample.slots_of(wide[wide[column].notna()]) for column in columns)
    full = compared[-1].fit
    return PresentedResult(
        type="panel",
        title="Cross-lagged panel",
        estimates=Estimates(shown.rows, [KEY] * len(shown.rows)),
        summary={
            "n_obs": int(full.summary["n_obs"]),
            "n_dyads": everyone.dyads,
            "n_persons": sample.n_persons,
            "n_waves": len(chosen),
            **{
                name: full.summary[name]
                for name in ("loglik", "aic", "bic", "chisq", "df", "p_value", "cfi", "tli")
            },
            **{name: full.summary[name] for name in ("rmsea", "rmsea_low", "rmsea_high", "srmr")},
        },
        table_specs=tuple(shown.tables),
        figure_specs=tuple(shown.figures),
        sentences=tuple(shown.sentences),
        methods=tuple(shown.methods),
        supports=(sample.least_support(KEY, answered), everyone),
        minimum=minimum_of(dyads),
        notes=(
            *_shared(sample, series),
            *(Note(text, "warning", KEY) for text in why),
            _lags(dyads, gaps, equal_lags),
            *shown.notes,
        ),
        convergence=full.convergence,
    )


def _require_waves(waves: Sequence[str], kind: Kind, second_order: bool) -> None:
    if kind == "riclpm" and len(waves) < 3:
        raise Refused(
            f"Random intercepts need three waves, and there are {len(waves)}: with two, what is "
            'stable cannot be told from what varies. Set kind = "clpm", whose effects mix both, '
            "or add a wave."
        )
    if second_order and len(waves) < 3:
        raise Refused(
            "second_order: an effect over two waves needs three of them, and there are two. Leave "
            "it out."
        )


@dataclass(frozen=True, slots=True)
class _Setting:
    """What all models of a panel share."""

    dyads: DyadFrame
    series: tuple[Series, ...]
    kind: Kind
    equal: bool
    second: bool
    estimator: Literal["ML", "MLR"]
    confidence: float
    lags_differ: bool

    def fit(self, model: Competing, kind: Kind) -> tuple[str, SemFit]:
        """Fit a model without random intercepts, or with them."""
        lagged = Lagged(model.cross, self.equal or model.equal, self.second, model.alike)
        syntax = cross_lagged_syntax(self.series, lagged, intercepts=kind == "riclpm")
        auto = "lavaan" if kind == "riclpm" else "sem"
        return syntax, fit_sem(
            syntax,
            self.dyads,
            auto=auto,
            estimator=self.estimator,
            confidence=self.confidence,
        )

    def against(
        self, model: Competing, kind: Kind, full: SemFit
    ) -> tuple[Compared | None, list[str]]:
        """Fit a model beside that with all effects; return none, or no difference, and why."""
        try:
            syntax, fit = self.fit(model, kind)
        except FitError as error:
            return None, [f"The model '{model.name}' could not be fitted. {error}"]
        found = difference_of(fit, full, (model.name, "all effects"))
        tested = (found.statistic, found.df, found.p_value)
        return Compared(model, syntax, fit, *tested), [found.remark] * bool(found.remark)


def _compared(setting: _Setting, waves: int) -> tuple[list[Compared], Compared | None, list[str]]:
    """Fit all models: those that compete, that with all effects last; and this of other kind.

    Raises
    ------
    FitError
        When the model with all effects cannot be fitted.
    """
    *smaller, everything = competing_models(
        setting.series, equal=setting.equal or setting.lags_differ
    )
    syntax, full = _everything(setting, everything)
    results = [setting.against(model, setting.kind, full) for model in smaller]
    other: Compared | None = None
    if waves > 2:
        alone: Kind = "clpm" if setting.kind == "riclpm" else "riclpm"
        name = "Without random intercepts" if alone == "clpm" else "With random intercepts"
        model = Competing(name, "all cross-lagged effects", everything.cross)
        results.append(setting.against(model, alone, full))
        other = results[-1][0]
    why = [text for _, texts in results for text in texts]
    found = [each for each, _ in results[: len(smaller)] if each is not None]
    return [*found, Compared(everything, syntax, full, nan, nan, nan)], other, why


def _everything(setting: _Setting, model: Competing) -> tuple[str, SemFit]:
    """Fit the model with all effects, or say what may be fitted in its place."""
    try:
        return setting.fit(model, setting.kind)
    except FitError as error:
        choices = [
            *(["second_order = false"] if setting.second else []),
            *([] if setting.equal else ["equal_lags = true"]),
            *(['kind = "clpm"'] if setting.kind == "riclpm" else []),
        ]
        instead = (
            f" with {listed(choices)}, each of which leaves parameters out," if choices else ""
        )
        # The engine's advice is for models that users write.
        reason = str(error).split(". ")[0]
        raise FitError(
            f"The panel with all cross-lagged effects could not be fitted: {reason}. The sample "
            f"may be too small for it; try it{instead} or with more dyads.",
            convergence=error.convergence,
        ) from error


def _shared(sample: Sample, series: Sequence[Series]) -> list[Note]:
    roles = {one.role for one in series}
    return [
        Note(
            f"{role_label(shared)}: some belong to several dyads, which are then not independent "
            "of each other; standard errors are too small and chi-squares too large.",
            "warning",
        )
        for shared in sample.shared_roles
        if shared in roles
    ]


def _gaps(dyads: DyadFrame, waves: Sequence[str]) -> FloatArray | None:
    """Return the times between waves, where the study says them; the first may be time 0."""
    times = [dyads.wave_times.get(wave, 0.0 if k == 0 else nan) for k, wave in enumerate(waves)]
    gaps = np.diff(times)
    return gaps if np.isfinite(gaps).all() else None


def _differ(gaps: FloatArray | None) -> bool:
    return gaps is not None and bool(np.ptp(gaps) > 1e-9 * gaps.max())


def _lags(dyads: DyadFrame, gaps: FloatArray | None, equal: bool) -> Note:
    """Say how far waves are apart, and what unequal lags forbid."""
    if gaps is None:
        return Note(
            "The study does not say how far the waves are apart. Effects hold for the lag that was "
            "studied only: say when each wave was (time = …)."
        )
    unit = dyads.time_unit or "unit"
    if not _differ(gaps):
        return Note(f"Waves are {gaps[0]:g} {unit}s apart; effects hold for this lag.")
    told = ", ".join(f"{gap:g}" for gap in gaps.tolist())
    if equal:
        return Note(
            f"Effects were held equal over lags of different length ({told} {unit}s), which only a "
            "process without drift would give. Let them differ.",
            "warning",
        )
    return Note(
        f"Lags differ ({told} {unit}s): effects over different lags are not to be compared."
    )

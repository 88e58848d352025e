"""Study → Report: which analyses there are, and the way from a study file to what was found."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError
from threadpoolctl import threadpool_limits

from dyadkit.description.flow import describe_flow
from dyadkit.errors import DyadKitError, Refused, StudyError, listed, nearest
from dyadkit.frame import DyadFrame
from dyadkit.loading import load
from dyadkit.report.assembly import InputFile, Provenance, Report, Section
from dyadkit.report.verdicts import carry_verdicts
from dyadkit.report.versions import used_versions
from dyadkit.results import Note
from dyadkit.study import Analysis, Part, Study, read_study

_FLOW = "Sample flow"


@dataclass(frozen=True, slots=True)
class Registered:
    """An analysis that study files may ask for; both names are "module:name", imported late."""

    options: str
    target: str


REGISTRY: dict[str, Registered] = {
    "descriptives": Registered(
        "dyadkit.description.descriptives:DescriptivesOptions",
        "dyadkit.description.descriptives:describe",
    ),
    "nonindependence": Registered(
        "dyadkit.description.nonindependence:NonindependenceOptions",
        "dyadkit.description.nonindependence:assess_nonindependence",
    ),
    "missingness": Registered(
        "dyadkit.description.missingness:MissingnessOptions",
        "dyadkit.description.missingness:assess_missingness",
    ),
    "agreement": Registered(
        "dyadkit.agreement.agreement:AgreementOptions",
        "dyadkit.agreement.agreement:assess_agreement",
    ),
    "reliability": Registered(
        "dyadkit.measurement.reliability:ReliabilityOptions",
        "dyadkit.measurement.reliability:assess_reliability",
    ),
    "factor_models": Registered(
        "dyadkit.measurement.factor_models:FactorModelsOptions",
        "dyadkit.measurement.factor_models:compare_factor_models",
    ),
    "dyadic_factors": Registered(
        "dyadkit.measurement.dyadic_factors:DyadicFactorsOptions",
        "dyadkit.measurement.dyadic_factors:fit_dyadic_factors",
    ),
    "invariance": Registered(
        "dyadkit.measurement.invariance:InvarianceOptions",
        "dyadkit.measurement.invariance:assess_invariance",
    ),
    "apim": Registered("dyadkit.multilevel.apim:ApimOptions", "dyadkit.multilevel.apim:fit_apim"),
    "diary": Registered(
        "dyadkit.multilevel.diary:DiaryOptions", "dyadkit.multilevel.diary:fit_diary"
    ),
    "one_with_many": Registered(
        "dyadkit.multilevel.one_with_many:OneWithManyOptions",
        "dyadkit.multilevel.one_with_many:fit_one_with_many",
    ),
    "teams": Registered(
        "dyadkit.multilevel.teams:TeamsOptions", "dyadkit.multilevel.teams:fit_teams"
    ),
    "panel": Registered("dyadkit.panel.panel:PanelOptions", "dyadkit.panel.panel:fit_panel"),
}


@dataclass(frozen=True, slots=True)
class _Task:
    """One analysis, ready to run anywhere."""

    name: str
    type: str
    options: dict[str, Any]
    alpha: float
    seed: np.random.SeedSequence
    needs: tuple[str, ...] = ()


def analyze(
    study: Study | str | Path,
    *,
    only: Sequence[str] = (),
    jobs: int = 1,
    seed: int | None = None,
    on_step: Callable[[str], None] | None = None,
    on_rows: Callable[[str, int, int], None] | None = None,
) -> Report:
    """Load a study and run its analyses.

    Parameters
    ----------
    study : Study or path
        A study, or the study file to read.
    only : sequence of str
        Names of the analyses to run, which those they need join; default: all.
    jobs : int
        Processes to run analyses in; changes no number.
    seed : int, optional
        In place of the study's own.
    on_step : callable, optional
        Called with the name of each step before it starts.
    on_rows : callable, optional
        Called while files are read; see `dyadkit.load`.

    Returns
    -------
    Report
        Also holds the analyses that failed or were refused, with the reason.

    Raises
    ------
    StudyError
        When the study file is wrong.
    DataError
        When the data cannot be loaded.
    """
    if not isinstance(study, Study):
        study = read_study(study)
    step = on_step or (lambda _: None)
    chosen = _choose(study, only)
    options = check_options(study)
    seed = study.seed if seed is None else seed
    seconds: dict[str, float] = {}
    with threadpool_limits(limits=1):
        step("read")
        with _timed(seconds, "read"):
            dyads = load(study, on_rows=on_rows)
        check_variables(dyads, chosen, options)
        with _timed(seconds, "flow"):
            flow = describe_flow(dyads)
        tasks = [
            _Task(
                analysis.name,
                analysis.type,
                options[analysis.name],
                study.alpha,
                stream(seed, analysis.name),
                analysis.needs,
            )
            for analysis in chosen
        ]
        done: dict[str, Section] = {}
        for section, spent in _run_all(dyads, tasks, jobs, step):
            done[section.name] = section
            seconds[f"analyze: {section.name}"] = spent
        told = carry_verdicts([done[task.name] for task in tasks], options)
        sections = [Section(_FLOW, "flow", "ok", result=flow), *told]
    return Report(
        study=study,
        flow=_flow_counts(dyads),
        notes=tuple(Note(text) for text in dyads.notes),
        sections=tuple(sections),
        provenance=Provenance(_inputs(study), used_versions(), seed, seconds),
    )


def stream(seed: int, name: str) -> np.random.SeedSequence:
    """Make the random stream of one analysis from the seed and the analysis' name alone."""
    digest = hashlib.sha256(name.encode()).digest()
    words = np.frombuffer(digest, dtype="<u4")
    return np.random.SeedSequence([seed, *(int(word) for word in words)])


def check_options(study: Study) -> dict[str, dict[str, Any]]:
    """Check every analysis' type and options; return the options by the analysis' name.

    Raises
    ------
    StudyError
        Listing everything that is wrong.
    """
    checked: dict[str, dict[str, Any]] = {}
    complaints: list[str] = []
    for number, analysis in enumerate(study.analyses, start=1):
        where = f"[analysis] number {number} ('{analysis.name}')"
        if analysis.name == _FLOW:
            complaints.append(f"{where}: every report has a section of that name; choose another.")
        if analysis.type not in REGISTRY:
            complaints.append(
                f"{where}: there is no analysis of type '{analysis.type}'."
                f"{nearest(analysis.type, list(REGISTRY))} Available: {', '.join(REGISTRY)}."
            )
            continue
        model: type[Part] = _imported(REGISTRY[analysis.type].options)
        try:
            checked[analysis.name] = model.model_validate(analysis.options).model_dump()
        except ValidationError as error:
            valid = ["type", "name", "from", *model.model_fields]
            for found in error.errors():
                key = str(found["loc"][0]) if found["loc"] else ""
                if found["type"] == "extra_forbidden":
                    complaints.append(
                        f"{where}: unknown key '{key}'.{nearest(key, valid)} Valid here: "
                        f"{', '.join(valid)}."
                    )
                else:
                    what = f"'{key}': " if key else ""
                    said = found["msg"].removeprefix("Value error, ").rstrip(".")
                    complaints.append(f"{where}: {what}{said}.")
    if complaints:
        raise StudyError("\n\n".join(complaints))
    return checked


def _choose(study: Study, only: Sequence[str]) -> list[Analysis]:
    names = [analysis.name for analysis in study.analyses]
    for name in only:
        if name not in names:
            raise StudyError(
                f"The study has no analysis called '{name}'.{nearest(name, names)} It has: "
                f"{listed(names, 20) or 'none'}."
            )
    needs = {analysis.name: analysis.needs for analysis in study.analyses}
    wanted = list(only or names)
    for name in wanted:
        wanted += [needed for needed in needs[name] if needed not in wanted]
    return [analysis for analysis in study.analyses if analysis.name in wanted]


def check_variables(
    dyads: DyadFrame, chosen: Sequence[Analysis], options: dict[str, dict[str, Any]]
) -> None:
    """Check the variables and waves that analyses name against those that the study has.

    What an analysis has from another one is known only when that one is done.

    Raises
    ------
    StudyError
        Listing everything that is wrong.
    """
    from dyadkit.panel.series import waves_of  # Most studies have no panel.

    complaints = []
    for analysis in (one for one in chosen if not one.needs):
        given = options[analysis.name]
        named = [*(given.get("variables") or ())]
        named += [name for pair in given.get("pairs", ()) for name in pair]
        if analysis.type == "panel":
            named += [given[key] for key in ("x", "y", "z", "by") if given[key] is not None]
        checks: list[Callable[[], object]]
        checks = [partial(dyads.resolve, [reference]) for reference in named]
        if analysis.type == "panel" and given["waves"] is not None and not dyads.diary:
            checks.append(partial(waves_of, dyads, given["waves"], fewest=1))
        for check in checks:
            try:
                check()
            except StudyError as error:
                complaints.append(f"[analysis] '{analysis.name}': {error}")
    if complaints:
        raise StudyError("\n\n".join(complaints))


def _run_all(
    dyads: DyadFrame, tasks: Sequence[_Task], jobs: int, step: Callable[[str], None]
) -> Iterator[tuple[Section, float]]:
    """Run analyses, each after those it needs."""
    done: dict[str, Section] = {}
    for round_ in _rounds(tasks):
        ready = [(task, [done[name] for name in task.needs]) for task in round_]
        for section, spent in _run_round(dyads, ready, jobs, step):
            done[section.name] = section
            yield section, spent


def _rounds(tasks: Sequence[_Task]) -> Iterator[list[_Task]]:
    """Yield the tasks whose needs are met by those yielded before."""
    order = TopologicalSorter({task.name: task.needs for task in tasks})
    order.prepare()
    while order.is_active():
        names = set(order.get_ready())
        yield [task for task in tasks if task.name in names]
        order.done(*names)


def _run_round(
    dyads: DyadFrame,
    ready: Sequence[tuple[_Task, Sequence[Section]]],
    jobs: int,
    step: Callable[[str], None],
) -> Iterator[tuple[Section, float]]:
    if jobs <= 1 or len(ready) <= 1:
        for task, needed in ready:
            step(f"analyze: {task.name}")
            yield _run(dyads, task, needed)
        return
    # Imported here: most runs need no further processes.
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(min(jobs, len(ready)), mp_context=get_context("spawn")) as pool:
        running = [pool.submit(_run, dyads, task, needed) for task, needed in ready]
        for (task, _), future in zip(ready, running, strict=True):
            step(f"analyze: {task.name}")
            yield future.result()


def _run(dyads: DyadFrame, task: _Task, needed: Sequence[Section]) -> tuple[Section, float]:
    """Run one analysis; a failure or a refusal is a section too."""
    target = _imported(REGISTRY[task.type].target)
    start = time.perf_counter()
    with threadpool_limits(limits=1):
        try:
            given = _with_derived(dyads, needed)
            result = target(given, **task.options, alpha=task.alpha, seed=task.seed)
            section = Section(task.name, task.type, "ok", result=result)
        except Refused as error:
            section = Section(task.name, task.type, "refused", error=str(error))
        except DyadKitError as error:
            section = Section(task.name, task.type, "failed", error=str(error))
    return section, time.perf_counter() - start


def _with_derived(dyads: DyadFrame, needed: Sequence[Section]) -> DyadFrame:
    """Join the values per dyad of other analyses on, as variables."""
    for section in needed:
        if section.result is None:
            raise Refused(
                f"This analysis needs values per dyad of '{section.name}', which gave none: it is "
                f"{section.status} itself. Mend that one, or take 'from' out."
            )
        derived = section.result.derived
        if derived is None:
            raise StudyError(
                f"from = '{section.name}': an analysis of type '{section.type}' gives no values "
                "per dyad to others. Take 'from' out, or name one that does, such as one of type "
                "'agreement'."
            )
        dyads = dyads.with_variables(derived.data, labels=derived.labels)
    return dyads


def _imported(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def _flow_counts(dyads: DyadFrame) -> dict[str, Any]:
    ledger = dyads.exclusions
    cells = ledger[ledger["unit"] == "cell"]
    return {
        "rows": _records(dyads.flow()),
        "pairing": _records(dyads.pairing()),
        "cells": _records(
            cells.groupby(["source", "reason"], sort=False).size().rename("n").reset_index()
        ),
        "n_dyads": dyads.n_dyads,
    }


def _records(frame: Any) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [dict(record) for record in plain.to_dict("records")]


def _inputs(study: Study) -> tuple[InputFile, ...]:
    declared = [source.path for source in study.sources]
    declared += [entry.path for entry in study.links]
    declared += [entry.path for entry in study.withdrawals]
    files = []
    for path in dict.fromkeys(declared):
        data = (study.directory / path).read_bytes()
        files.append(InputFile(path, hashlib.sha256(data).hexdigest(), len(data)))
    return tuple(files)


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start

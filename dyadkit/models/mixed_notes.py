"""What a reader must know of a fitted linear mixed model."""

from __future__ import annotations

from collections.abc import Iterator

from dyadkit.errors import listed
from dyadkit.mixed.solution import Solution
from dyadkit.models.mixed_setup import MixedSetup
from dyadkit.results import Note


def notes_of(solution: Solution, setup: MixedSetup) -> tuple[Note, ...]:
    """Return the notes of a fit, warnings first."""
    return (*_warnings(solution, setup), *_conventions(setup))


def _warnings(solution: Solution, setup: MixedSetup) -> Iterator[Note]:
    if solution.singular.any():
        flat = [name for name, bad in zip(part_names(setup), solution.singular, strict=True) if bad]
        yield Note(
            f"On the boundary: {listed(flat, 5)} (a variance of 0, or a correlation at its end). "
            "The fixed effects can be used; the covariance has no interval, was left out of the "
            "degrees of freedom, and the model is probably larger than these data can carry.",
            "warning",
        )
    for reason, count in setup.dropped.items():
        yield Note(f"{count} of {setup.n_read} rows were left out because {reason}.", "warning")
    parameters = len(setup.names) + solution.w.size
    if setup.n_clusters < parameters:
        yield Note(
            f"The model has {parameters} parameters and only {setup.n_clusters} independent "
            "clusters to estimate them from. Do not rely on its standard errors.",
            "warning",
        )
    elif setup.n_clusters < 20:
        yield Note(
            f"There are {setup.n_clusters} independent clusters. Degrees of freedom allow for that "
            "as well as they can; covariances are estimated poorly.",
            "warning",
        )


def _conventions(setup: MixedSetup) -> Iterator[Note]:
    if setup.wanted.residual == "unstructured" and not setup.told_apart:
        yield Note(
            "Without roles the members have one residual variance and one signed correlation "
            "(compound symmetry)."
        )
    if setup.n_one_sided:
        yield Note(
            f"{setup.n_one_sided} of {setup.n_dyads} {setup.wanted.unit}s have one member in the "
            "rows used; they add to the estimates what they know."
        )
    if setup.df == "kenward_roger":
        yield Note(
            "Standard errors and degrees of freedom are Kenward & Roger's (1997), by the linear "
            "form and the expected information."
        )
    else:
        yield Note(
            "Degrees of freedom are Satterthwaite's, from the observed information of the "
            + ("restricted " if setup.method == "REML" else "")
            + "likelihood."
        )
    yield Note(
        "The restricted log-likelihood leaves out the constant of X'X, as SPSS, SAS, nlme and lme4 "
        "do; AIC counts fixed effects and covariance parameters; BIC takes the number of "
        "observations less that of the fixed effects."
        if setup.method == "REML"
        else "BIC takes the number of observations."
    )


def part_names(setup: MixedSetup) -> list[str]:
    """Return a name for each part of the covariance parameters' layout."""
    found: list[str] = []
    for term in setup.random:
        if term.kind == "exchangeable":
            found += [f"{term} (what members share)", f"{term} (how they differ)"]
        else:
            found.append(f"random effects {term}")
    found.append("residual")
    if setup.wanted.serial is not None:
        found.append("decay over time")
    if setup.levels:
        found.append("ratios of standard deviations")
    return found

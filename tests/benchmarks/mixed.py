"""Time mixed models beside nlme, lme4, glmmTMB and statsmodels: ``make bench``.

Each line is one job and one peer in one run, on the same simulated data: medians of several runs
after a warm-up, ours with its table of effects, Satterthwaite's degrees of freedom and intervals of
the covariances included, the peers' without.  R is started once a job, so that neither its start
nor reading the data counts; linear algebra is held to one thread.  Without R or a package its
lines are left out, and that is said.

Speed is reported, never asserted.  That both fitted the same model is: restricted log-likelihoods
must agree within 1e-4 (glmmTMB's 1e-3) and fixed effects within 1e-4 of an outcome's unit.  lme4
and statsmodels cannot say the distinguishable model; their random intercept is held to our
compound symmetry, which is the same model, and timed beside our larger one.
"""

from __future__ import annotations

import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"

import shutil  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
import warnings  # noqa: E402
from collections.abc import Callable  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from pathlib import Path  # noqa: E402
from statistics import median  # noqa: E402

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

import dyadkit as dk  # noqa: E402
from dyadkit.mixed.bootstrap import resample_clusters  # noqa: E402
from dyadkit.models.mixed_fit import MixedFit  # noqa: E402

FORMULA = "y ~ 0 + role + role:act + role:par"
EFFECTS_WITHIN = 1e-4
R_TIMES = """\
suppressPackageStartupMessages(library({package}))
data <- read.csv("{data}", stringsAsFactors = TRUE)
data$dyad <- factor(data$dyad)
once <- function() {{ {job} }}
fit <- once()
times <- replicate({runs}, system.time(once())[["elapsed"]])
cat(format(c(median(times), as.numeric(logLik(fit)), {effects}(fit)), digits = 17))
"""
GLS = """\
gls({formula}, data, correlation = corCompSymm(form = ~ 1 | dyad),
    weights = varIdent(form = ~ 1 | role))"""
LMER = "lmer({formula} + (1 | dyad), data)"
LME = """\
lme({formula}, data, random = ~ 0 + role | dyad, weights = varIdent(form = ~ 1 | role),
    correlation = corCompSymm(form = ~ 1 | dyad/day))"""
GLMMTMB = """\
glmmTMB({formula} + (0 + role | dyad) + (0 + role | dyad:day), data, dispformula = ~ 0,
        REML = TRUE)"""


@dataclass(frozen=True, slots=True)
class Peer:
    """What another program did: its seconds, log-likelihood and fixed effects."""

    seconds: float
    loglik: float
    effects: np.ndarray


def main() -> None:
    """Run the jobs and print the table."""
    print(f"{'what':44} {'s':>8}   {'beside':24} {'s':>8}   ratio   aim")
    # The smallest job first: a process in which much else is loaded is slower.
    few = pairs(355)
    fitted = distinguishable(few)
    small = timed(lambda: distinguishable(few).tidy(), 51)
    show("APIM of 355 dyads", small, "nlme gls", in_r(GLS, "nlme", "coef", few, 21, fitted), "20x")
    seconds = timed(lambda: refits(fitted), 5)
    show_limit("1,000 cluster-bootstrap refits, 355 dyads", seconds, "a second", 1.0, "time < 1x")
    many = pairs(20_000)
    name, fitted = "APIM of 20,000 dyads", distinguishable(many)
    ours = timed(lambda: distinguishable(many).tidy(), 9)
    show(name, ours, "nlme gls", in_r(GLS, "nlme", "coef", many, 3, fitted), "100x")
    alike = exchangeable(many)
    show(name, ours, "lme4 lmer, intercept", in_r(LMER, "lme4", "fixef", many, 5, alike), "10x")
    show(name, ours, "statsmodels, intercept", statsmodels(many, alike), "500x")
    days = diaries(100, 21)
    fitted = diary(days)
    own = timed(lambda: diary(days).tidy(), 15)
    name = "diary, 100 couples x 21 days"
    show(name, own, "nlme lme", in_r(LME, "nlme", "fixef", days, 3, fitted), "10x")
    show(
        name,
        own,
        "glmmTMB",
        in_r(GLMMTMB, "glmmTMB", "(function(fit) fixef(fit)$cond)", days, 3, fitted, 1e-3),
        "30x",
    )
    million = pairs(1_000_000)
    seconds = timed(lambda: distinguishable(million).tidy(), 5)
    show_limit("APIM of 1,000,000 dyads", seconds, "50 x 20,000 dyads", 50 * ours, "time < 1.3x")


def distinguishable(data: pd.DataFrame) -> MixedFit:
    """Fit the two-intercept actor–partner model."""
    return dk.fit_mixed(FORMULA, data, dyad="dyad", role="role")


def exchangeable(data: pd.DataFrame) -> MixedFit:
    """Fit the same with one residual variance."""
    return dk.fit_mixed(FORMULA, data, dyad="dyad", role="role", residual="compound_symmetry")


def diary(data: pd.DataFrame) -> MixedFit:
    """Fit role-specific random intercepts and residuals that are correlated on the same day."""
    return dk.fit_mixed(
        FORMULA, data, dyad="dyad", role="role", time="day", random="0 + role | dyad"
    )


def refits(fitted: MixedFit) -> None:
    """Refit to 1,000 samples of dyads."""
    found = resample_clusters(fitted.solution, 1000, np.random.default_rng(1))
    assert found.failed == 0, f"{found.failed} refits failed"


def show(what: str, ours: float, name: str, peer: Peer | None, aim: str) -> None:
    """Print a line."""
    if peer is None:
        print(f"{what:44} {ours:8.4f}   {name + ': not installed':24}")
        return
    print(
        f"{what:44} {ours:8.4f}   {name:24} {peer.seconds:8.3f}   {peer.seconds / ours:5.1f}   "
        f"{aim}"
    )


def show_limit(what: str, ours: float, name: str, limit: float, aim: str) -> None:
    """Print a line that ends in ours over a limit."""
    print(f"{what:44} {ours:8.4f}   {name:24} {limit:8.3f}   {ours / limit:5.2f}   {aim}")


def timed(job: Callable[[], object], runs: int) -> float:
    """Return the median seconds of a job, after one run that does not count."""
    job()
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        job()
        found.append(time.perf_counter() - start)
    return median(found)


def in_r(
    job: str,
    package: str,
    effects: str,
    data: pd.DataFrame,
    runs: int,
    fitted: MixedFit,
    within: float = 1e-4,
) -> Peer | None:
    """Return what a package of R did, or None where it is not there."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "data.csv"
        data.to_csv(path, index=False)
        script = R_TIMES.format(
            package=package,
            data=path,
            job=job.format(formula=FORMULA),
            runs=runs,
            effects=effects,
        )
        done = subprocess.run(
            ("Rscript", "-e", script), capture_output=True, text=True, check=False
        )
    if done.returncode:
        print(f"{package} did not run: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    seconds, loglik, *found = map(float, done.stdout.split())
    return checked(package, Peer(seconds, loglik, np.array(found)), fitted, within)


def statsmodels(data: pd.DataFrame, fitted: MixedFit) -> Peer | None:
    """Return what MixedLM did with a random intercept, in one run."""
    try:
        from statsmodels.regression.mixed_linear_model import MixedLM
    except ModuleNotFoundError:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = time.perf_counter()
        found = MixedLM.from_formula(FORMULA, data, groups="dyad").fit()
        seconds = time.perf_counter() - start
    effects = np.asarray(found.fe_params)
    return checked("statsmodels", Peer(seconds, float(found.llf), effects), fitted, 1e-4)


def checked(name: str, peer: Peer, fitted: MixedFit, within: float) -> Peer:
    """Return the peer when it came to our likelihood and fixed effects."""
    apart = abs(peer.loglik - fitted.solution.loglik)
    assert apart < within, f"{name}: log-likelihoods differ by {apart:.2g}"
    apart = float(np.abs(peer.effects - fitted.solution.beta).max())
    assert apart < EFFECTS_WITHIN, f"{name}: fixed effects differ by {apart:.2g}"
    return peer


def pairs(n: int) -> pd.DataFrame:
    """Simulate dyads of two roles with actor and partner effects, a row a person."""
    rng = np.random.default_rng(11)
    scores = rng.normal(size=(n, 2)) @ np.array([[1.0, 0.3], [0.0, 0.95]])
    residuals = rng.multivariate_normal([0.0, 0.0], [[1.0, 0.4], [0.4, 1.5]], n)
    outcome = np.array([3.0, 4.0]) + scores * [0.4, 0.3] + scores[:, ::-1] * [0.2, 0.1] + residuals
    return pd.DataFrame(
        {
            "dyad": np.repeat(np.arange(n), 2),
            "role": np.tile(["coach", "client"], n),
            "act": scores.ravel(),
            "par": scores[:, ::-1].ravel(),
            "y": outcome.ravel(),
        }
    )


def diaries(couples: int, days: int) -> pd.DataFrame:
    """Simulate dyads that answered every day, with intercepts of each member's own."""
    rng = np.random.default_rng(12)
    data = pairs(couples * days)
    levels = rng.multivariate_normal([0.0, 0.0], [[0.5, 0.2], [0.2, 0.6]], couples)
    data["dyad"] = np.repeat(np.arange(couples), 2 * days)
    data["day"] = np.tile(np.repeat(np.arange(days), 2), couples)
    data["y"] += np.repeat(levels, days, axis=0).ravel()
    return data


if __name__ == "__main__":
    main()

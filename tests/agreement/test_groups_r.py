"""Agreement within groups against multilevel, nlme and lme4."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dyadkit.agreement.average_deviation import average_deviations
from dyadkit.agreement.group_reliability import anova_reliability, bootstrap_reliability
from dyadkit.agreement.grouping import Grouped, grouped
from dyadkit.agreement.nulls import null_named
from dyadkit.agreement.random_groups import random_group_resampling
from dyadkit.agreement.reml_reliability import mixed_reliability
from dyadkit.agreement.waba import within_and_between
from dyadkit.agreement.within_group import awg, lindell, rwg, standard_deviation

ORACLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "oracles" / "agreement_groups.json").read_text(encoding="utf-8")
)
CASES = {case["data"]: case for case in ORACLE["cases"]}


def data_of(name: str) -> Grouped:
    data = ORACLE["data"][name]
    return grouped(np.array(data["ratings"], dtype=float), np.array(data["group"]))


def numbers(values: object) -> np.ndarray:
    return np.array(values, dtype=float)


@pytest.mark.parametrize("name", CASES)
def test_every_group(name: str) -> None:
    case, data = CASES[name], data_of(name)
    options = ORACLE["data"][name]["options"]
    for row in case["nulls"]:
        null = null_named(row["null"], options)
        np.testing.assert_allclose(rwg(data, null).values, numbers(row["rwg"]), rtol=1e-8)
        if row["lindell"]:
            expected = numbers(row["lindell"])
            np.testing.assert_allclose(lindell(data, null).values, expected, rtol=1e-8)
    mean, median = average_deviations(data), average_deviations(data, "median")
    np.testing.assert_allclose(mean.values, numbers(case["ad_mean"]), rtol=1e-8, atol=1e-14)
    np.testing.assert_allclose(median.values, numbers(case["ad_median"]), rtol=1e-8, atol=1e-14)
    found = awg(data, 1, options).values
    np.testing.assert_allclose(found, numbers(case["awg"]), rtol=1e-8, atol=1e-14)
    spread = standard_deviation(data).values
    np.testing.assert_allclose(spread, numbers(case["sd"]), rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_reliability(name: str) -> None:
    case, data = CASES[name], data_of(name)
    found, expected = anova_reliability(data), case["anova"]
    assert found.icc1_mean.estimate == pytest.approx(expected["icc1"], rel=1e-8)
    assert found.icc1_n0.estimate == pytest.approx(expected["icc1_n0"], rel=1e-8)
    assert found.icc2.estimate == pytest.approx(expected["icc2"], rel=1e-8)
    assert found.anova.f == pytest.approx(expected["f"], rel=1e-8)
    assert found.anova.p_value == pytest.approx(expected["p_value"], rel=1e-7)
    mixed = mixed_reliability(data)
    assert mixed.loglik == pytest.approx(case["mixed"]["loglik"], abs=1e-8)
    # gls stops where the likelihood is flat to its own tolerance.
    assert mixed.icc1.estimate == pytest.approx(case["mixed"]["icc1"], abs=2e-5)
    assert mixed.mean == pytest.approx(case["mixed"]["mean"], abs=1e-5)
    if "interval" in case:
        bounds = case["interval"]
        assert found.icc1_mean.method == "exact F"
        assert found.icc1_mean.conf_low == pytest.approx(bounds["icc1_low"], rel=1e-7)
        assert found.icc1_mean.conf_high == pytest.approx(bounds["icc1_high"], rel=1e-7)
        assert found.icc2.conf_low == pytest.approx(bounds["icc2_low"], rel=1e-7)
        assert found.icc2.conf_high == pytest.approx(bounds["icc2_high"], rel=1e-7)


def test_a_negative_icc_stays_negative() -> None:
    assert CASES["opposed"]["anova"]["icc1"] < -0.5
    assert mixed_reliability(data_of("opposed")).icc1.estimate < -0.5


def test_variances_of_the_mixed_model() -> None:
    found, expected = mixed_reliability(data_of("usual")), CASES["usual"]["lmer"]
    # lmer's optimiser, to about six digits.
    assert found.variance_between == pytest.approx(expected["variance_between"], rel=1e-5)
    assert found.variance_within == pytest.approx(expected["variance_within"], rel=1e-5)


def test_within_and_between() -> None:
    data, expected = ORACLE["data"]["usual"], CASES["usual"]["waba"]
    x = numbers(data["ratings"])
    found = within_and_between(x[:, 0], x[:, 1], np.array(data["group"]))
    assert found.raw == pytest.approx(expected["RawCorr"], rel=1e-8)
    assert found.first.eta_between == pytest.approx(expected["EtaBx"], rel=1e-8)
    assert found.second.eta_within == pytest.approx(expected["EtaWy"], rel=1e-8)
    assert found.between.estimate == pytest.approx(expected["CorrB"], rel=1e-8)
    assert found.within.estimate == pytest.approx(expected["CorrW"], rel=1e-8)


def test_identities_of_groups() -> None:
    data = ORACLE["data"]["usual"]
    x, group = numbers(data["ratings"]), np.array(data["group"])
    null = null_named("uniform", 5)
    one = grouped(x, group)
    order = np.random.default_rng(1).permutation(len(x))
    shuffled, turned = grouped(x[order], group[order]), grouped(6 - x, group)
    shifted = grouped(x + 10, group)
    for other in (shuffled, turned, shifted):
        np.testing.assert_allclose(rwg(other, null).values, rwg(one, null).values, atol=1e-12)
        np.testing.assert_allclose(
            average_deviations(other).values, average_deviations(one).values, atol=1e-12
        )
        found, expected = anova_reliability(other), anova_reliability(one)
        assert found.icc2.estimate == pytest.approx(expected.icc2.estimate, rel=1e-10)
    np.testing.assert_allclose(awg(turned, 1, 5).values, awg(one, 1, 5).values, atol=1e-12)
    twice = grouped(np.tile(x, (2, 1)), np.concatenate([group, group + 1000]))
    assert rwg(twice, null).estimate == pytest.approx(rwg(one, null).estimate, rel=1e-12)


def test_random_groups_have_the_variance_of_all_persons() -> None:
    data = data_of("usual")
    found = random_group_resampling(data, np.random.default_rng(1), draws=4000)
    score = data.ratings.mean(axis=1)
    # Dealt without replacement, every group's variance has the expectation of the whole's.
    error = found.random_sd / np.sqrt(found.n * 4000)
    assert found.random_mean == pytest.approx(score.var(ddof=1), abs=5 * error)
    variance = [score[start : start + size].var(ddof=1) for start, size in _places(data)]
    assert found.estimate == pytest.approx(float(np.mean(variance)), rel=1e-12)
    assert found.p_value == pytest.approx(1 / 4001)


def _places(data: Grouped) -> zip[tuple[int, int]]:
    return zip(data.starts.tolist(), data.size.tolist(), strict=True)


KNOWN = """
suppressPackageStartupMessages(library(multilevel))
data(bh1996); data(lq2002)
write.csv(bh1996[, c("GRP", "HRS", "COHES", "LEAD", "WBEING")], "bh.csv", row.names = FALSE)
write.csv(lq2002[, c("COMPID", paste0("LEAD", sprintf("%02d", 1:11)))], "lq.csv",
          row.names = FALSE)
"""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the data of R's multilevel package, which are not kept here."""
    folder = tmp_path_factory.mktemp("multilevel")
    command = shutil.which("Rscript")
    if command is None:
        pytest.skip("NEEDS R: the known numbers of bh1996 and lq2002 are not checked without it")
    done = subprocess.run(  # the script above
        [command, "-e", KNOWN], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"NEEDS R's package multilevel: known numbers not checked ({done.stderr})")
    return folder


def read(file: Path) -> tuple[np.ndarray, np.ndarray]:
    table = np.genfromtxt(file, delimiter=",", skip_header=1)
    return table[:, 0].astype(np.int64), table[:, 1:]


def test_published_iccs_of_the_army_data(known: Path) -> None:
    # Bliese (multilevel's manual): ICC(1)/ICC(2) HRS .13311/.91967, COHES .04427/.77546,
    # LEAD .12703/.91561; WBEING by lme: variances .03580079/.78949727, ICC(1) .04337922.
    group, values = read(known / "bh.csv")
    published = [(0.13311, 0.91967), (0.04427, 0.77546), (0.12703, 0.91561)]
    for column, (icc1, icc2) in enumerate(published):
        found = anova_reliability(grouped(values[:, column], group))
        assert found.icc1_mean.estimate == pytest.approx(icc1, abs=6e-6)
        assert found.icc2.estimate == pytest.approx(icc2, abs=6e-6)
    mixed = mixed_reliability(grouped(values[:, 3], group))
    assert mixed.variance_between == pytest.approx(0.03580079, abs=2e-7)
    assert mixed.variance_within == pytest.approx(0.78949727, abs=2e-7)
    assert mixed.icc1.estimate == pytest.approx(0.04337922, abs=2e-7)


def test_published_agreement_of_the_leadership_data(known: Path) -> None:
    # multilevel's manual, null variance 2: mean r_wg(j) .8677849, AD .8901965, r* .3926211,
    # a_wg .3837327, ICC(1) .08795622, ICC(2) .8007544.
    group, items = read(known / "lq.csv")
    data, null = grouped(items, group), null_named("uniform", 5)
    assert rwg(data, null).estimate == pytest.approx(0.8677849, abs=6e-8)
    assert average_deviations(data).estimate == pytest.approx(0.8901965, abs=6e-8)
    assert lindell(data, null).estimate == pytest.approx(0.3926211, abs=6e-8)
    assert awg(data, 1, 5).estimate == pytest.approx(0.3837327, abs=6e-8)
    found = anova_reliability(data)
    assert found.icc1_mean.estimate == pytest.approx(0.08795622, abs=6e-9)
    assert found.icc2.estimate == pytest.approx(0.8007544, abs=6e-8)


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.05, 0.3])
@pytest.mark.parametrize("sizes", [(5, 6), (2, 10)])
def test_intervals_of_groups(rho: float, sizes: tuple[int, int]) -> None:
    # 2,000 samples of 60 groups of equal or unequal sizes; 3.5 Monte-Carlo standard errors, and for
    # approximate intervals another two points.
    rng = np.random.default_rng(5)
    samples = 2000
    size = rng.integers(*sizes, 60)
    group = np.repeat(np.arange(60), size)
    k = size.mean()
    reliability = k * rho / (1 + (k - 1) * rho)
    held = dict.fromkeys(("F, ICC(1)", "F, ICC(2)", "REML, ICC(1)", "BCa, ICC(1)"), 0)
    for number in range(samples):
        score = np.sqrt(rho) * rng.normal(size=60)[group] + np.sqrt(1 - rho) * rng.normal(
            size=group.size
        )
        data = grouped(score, group)
        exact, mixed = anova_reliability(data), mixed_reliability(data)
        held["F, ICC(1)"] += exact.icc1_mean.conf_low <= rho <= exact.icc1_mean.conf_high
        held["F, ICC(2)"] += exact.icc2.conf_low <= reliability <= exact.icc2.conf_high
        held["REML, ICC(1)"] += mixed.icc1.conf_low <= rho <= mixed.icc1.conf_high
        if number < 1000:
            drawn = bootstrap_reliability(data, rng, 400)
            held["BCa, ICC(1)"] += drawn.icc1_mean.conf_low <= rho <= drawn.icc1_mean.conf_high
    shares = {name: count / samples for name, count in held.items()}
    shares["BCa, ICC(1)"] *= 2
    allowed = 3.5 * np.sqrt(0.05 * 0.95 / samples)
    equal = sizes == (5, 6)
    for name, share in shares.items():
        more = 0.0 if equal and name.startswith("F") else 0.02
        if name.startswith("BCa"):
            more = 0.035
        assert abs(share - 0.95) <= allowed + more, shares

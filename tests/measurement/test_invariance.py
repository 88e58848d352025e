"""The ladder of invariance: planted differences are found, what cannot be compared is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.display.figures import IntervalPlot
from dyadkit.errors import FitError, Refused, StudyError
from dyadkit.measurement import ladder_models
from dyadkit.measurement.item_effects import dmacs
from dyadkit.measurement.ladder import STEPS, Factor, Free, ladder_syntax
from dyadkit.study import Scale

ITEMS = ("q1", "q2", "q3", "q4")
LOADINGS = np.array([0.9, 0.8, 0.7, 0.8])


def answers(
    n: int = 400,
    *,
    waves: int = 1,
    intercept: float = 0.0,
    loading: float = 0.0,
    gaps: float = 0.0,
    seed: int = 1,
) -> pd.DataFrame:
    """Return pairs whose clients' second item has another intercept, and third another loading."""
    rng = np.random.default_rng(seed)
    places = [(role, f"t{wave + 1}") for wave in range(waves) for role in ("coach", "client")]
    k = len(places)
    factor = rng.multivariate_normal(np.zeros(k), 0.4 + 0.6 * np.eye(k), n)
    unique = 0.3 * rng.normal(size=(n, 4))
    frames = []
    for place, (role, wave) in enumerate(places):
        shift = np.array([0, intercept, 0, 0]) * (role == "client")
        slope = LOADINGS + np.array([0, 0, loading, 0]) * (role == "client")
        level = factor[:, [place]] + 0.3 * (role == "client")
        raw = 4 + shift + level * slope + unique + 0.6 * rng.normal(size=(n, 4))
        raw[rng.random(raw.shape) < gaps] = np.nan
        frame = pd.DataFrame(raw, columns=list(ITEMS))
        frame.insert(0, "pair", np.arange(n))
        frames.append(frame.assign(role=role, wave=wave, site=np.where(np.arange(n) % 2, "a", "b")))
    return pd.concat(frames, ignore_index=True)


def framed(data: pd.DataFrame, items: tuple[str, ...] = ITEMS) -> dk.DyadFrame:
    wave = "wave" if data["wave"].nunique() > 1 else None
    dyads = dk.DyadFrame.from_individual(
        data if wave else data.drop(columns="wave"),
        dyad="pair",
        role="role",
        wave=wave,
        roles=("coach", "client"),
        dyad_level=["site"],
    )
    return dk.score_scales(dyads, [Scale(name="trust", label="Trust", items=items, range=(-9, 19))])


def test_what_is_equal_holds_and_every_step_has_its_degrees_of_freedom() -> None:
    result = dk.assess_invariance(
        framed(answers()), "trust", steps=[step for step in STEPS if step != "thresholds"]
    )
    models = result.tidy().query("quantity == 'model'").set_index("step")
    # Eight items: 44 moments less 8 loadings, 8 intercepts, 8 residuals, 1 + 4 covariances.
    assert models["df"].tolist() == [15, 18, 21, 25, 26, 27]
    assert models.loc["configural", "p_value"] > 0.001
    held = [verdict for verdict in result.verdicts if verdict.property.split()[1] in STEPS[1:5]]
    assert len(held) == 3
    assert all(verdict.holds for verdict in held)


def test_a_planted_intercept_is_found_in_its_item_and_direction() -> None:
    result = dk.assess_invariance(framed(answers(intercept=0.6)), "trust")
    verdicts = {verdict.property: verdict.holds for verdict in result.verdicts}
    assert verdicts == {"equal loadings across roles": True, "equal intercepts across roles": False}
    tidy = result.tidy()
    tests = tidy.query("quantity == 'item test' and step == 'intercepts'").set_index("item")
    assert tests["statistic"].idxmax() == "q2"
    sizes = tidy.query("quantity == 'dMACS'").set_index("item")
    assert sizes["estimate"].idxmax() == "q2"
    # True: 0.6 over the item's standard deviation.
    sd = np.sqrt(0.64 + 0.09 + 0.36)
    assert sizes.loc["q2", "signed"] == pytest.approx(0.6 / sd, abs=0.1)
    assert "equal intercepts do not" in result.text()[0]
    partial = dk.assess_invariance(framed(answers(intercept=0.6)), "trust", free=["intercepts: q2"])
    assert all(verdict.holds for verdict in partial.verdicts)
    assert any("free in every place" in note.text for note in partial.notes)


def test_figures_set_each_step_beside_the_cut_off() -> None:
    result = dk.assess_invariance(framed(answers(intercept=0.6)), "trust")
    models = result.tidy().query("quantity == 'model'").set_index("step")
    plots = {spec.name: spec for spec in result.figure_specs}
    for name, cut_off in (("cfi", -0.010), ("rmsea", 0.015)):
        plot = plots[f"{name}_change"]
        assert isinstance(plot, IntervalPlot)
        assert plot.reference == cut_off
        drawn = {interval.label.lower(): interval.estimate for interval in plot.intervals}
        assert drawn == models[f"{name}_change"].drop("configural").to_dict()
        assert {interval.key for interval in plot.intervals} == {"trust.roles"}
        # The planted difference lies beyond the line.
        beyond = drawn["intercepts"] < cut_off if name == "cfi" else drawn["intercepts"] > cut_off
        assert beyond


def test_an_item_without_a_size_is_named_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = ladder_models.fit_sem

    def fails_where_only_the_last_item_is_free(syntax: str, *rest: Any, **options: Any) -> Any:
        if "l1*" in syntax and "l4*" not in syntax:
            raise FitError("It did not converge.")
        return fit(syntax, *rest, **options)

    dyads = framed(answers())
    monkeypatch.setattr(ladder_models, "fit_sem", fails_where_only_the_last_item_is_free)
    result = dk.assess_invariance(dyads, "trust")
    assert set(result.tidy().query("quantity == 'dMACS'")["item"]) == set(ITEMS[:3])
    (note,) = [note for note in result.notes if "has no dMACS" in note.text]
    assert note.text.endswith("q4 has no dMACS. It did not converge.")
    assert note.key == "trust.roles"


@pytest.mark.parametrize(
    ("kind", "count", "left"), [("loadings", 3, 1), ("intercepts", 4, 0), ("residuals", 4, 0)]
)
def test_freeing_so_many_that_a_step_tests_nothing_is_refused(
    kind: str, count: int, left: int
) -> None:
    free = [f"{kind}: {item}" for item in ITEMS[:count]]
    with pytest.raises(StudyError, match=f"of 4 items {left} would keep equal {kind}"):
        dk.assess_invariance(framed(answers()), "trust", free=free)
    # Fewer can be tested.
    result = dk.assess_invariance(framed(answers()), "trust", free=free[:2])
    assert len(result.tidy().query("quantity == 'model'")) == 4


def test_a_planted_loading_is_found() -> None:
    result = dk.assess_invariance(framed(answers(loading=-0.45)), "trust")
    assert not result.verdicts[0].holds
    tests = result.tidy().query("quantity == 'item test' and step == 'loadings'").set_index("item")
    assert tests["statistic"].idxmax() == "q3"


def test_roles_and_waves_at_once_and_apart() -> None:
    dyads = framed(answers(250, waves=2, gaps=0.05))
    both = dk.assess_invariance(dyads, "trust").tidy().query("quantity == 'model'")
    assert both["ladder"].unique().tolist() == ["trust.roles.waves"]
    waves = dk.assess_invariance(dyads, "trust", across=["waves"]).tidy()
    assert set(waves["ladder"]) == {"trust.waves.coach", "trust.waves.client"}
    roles = dk.assess_invariance(dyads, "trust", across=["roles"]).tidy()
    assert set(roles["ladder"]) == {"trust.roles.t1", "trust.roles.t2"}


def test_groups_by_a_variable_of_the_dyad() -> None:
    result = dk.assess_invariance(framed(answers()), "trust.client", group="site")
    models = result.tidy().query("quantity == 'model'").set_index("step")
    assert models["df"].tolist() == [4, 7, 10, 14]
    assert models["ladder"].unique().tolist() == ["trust.groups.client"]


@pytest.mark.parametrize("kinds", [(0.0, 1.0), (1, 2), (False, True), ("0.0", "1")])
def test_groups_may_be_numbers(kinds: tuple[Any, Any]) -> None:
    data = answers(120)
    named = dk.assess_invariance(framed(data), "trust.client", group="site")
    coded = data.assign(site=data["site"].map(dict(zip("ab", kinds, strict=True))))
    result = dk.assess_invariance(framed(coded), "trust.client", group="site")
    numbers = ["estimate", "df", "p_value", "signed", "upper", "conf_low"]
    pd.testing.assert_frame_equal(result.tidy()[numbers], named.tidy()[numbers])


def test_a_group_in_which_nobody_answered_does_not_count() -> None:
    data = answers(120)
    silent = data["pair"] < 20
    data.loc[silent, ["q1", "q2", "q3", "q4"]] = np.nan
    expected = dk.assess_invariance(framed(data), "trust.client", group="site").tidy()
    data.loc[silent, "site"] = "c"
    result = dk.assess_invariance(framed(data), "trust.client", group="site")
    pd.testing.assert_frame_equal(result.tidy(), expected)


@pytest.mark.parametrize("estimator", ["ML", "WLSMV"])
@pytest.mark.parametrize(("values", "count"), [(None, 0), ("a", 1), ("each", 60)])
def test_groups_must_be_two_or_more_and_not_one_for_each_dyad(
    estimator: Any, values: str | None, count: int
) -> None:
    data = answers(60)
    data[list(ITEMS)] = data[list(ITEMS)].gt(4).astype(float)
    data["site"] = data["pair"].astype(float) if values == "each" else values
    said = rf"the values of 'site', of which the dyads that answered have {count}\."
    with pytest.raises(Refused, match=said):
        dk.assess_invariance(framed(data), "trust.client", group="site", estimator=estimator)


def test_a_group_of_few_coaches_is_hidden_however_many_dyads_it_has() -> None:
    data = answers()
    # Site b has 200 dyads, and 4 coaches.
    data["person"] = data["role"] + (data["pair"] % 8).where(
        (data["role"] == "coach") & (data["site"] == "b"), data["pair"] + 10
    ).astype(str)
    dyads = dk.DyadFrame.from_individual(
        data.drop(columns="wave"),
        dyad="pair",
        role="role",
        person="person",
        roles=("coach", "client"),
        dyad_level=["site"],
    )
    scored = dk.score_scales(dyads, [Scale(name="trust", items=ITEMS, range=(-9, 19))])
    result = dk.assess_invariance(scored, "trust.client", group="site")
    (support,) = [each for each in result.supports if each.key == "trust.groups.client"]
    assert (support.dyads, support.persons) == (200, 4)
    assert "trust.groups.client" in result.hidden


def test_members_of_one_role_are_refused_over_waves_too() -> None:
    data = answers(60, waves=2)
    data["person"] = data["role"] + data["pair"].astype(str)
    alike = dk.DyadFrame.from_individual(
        data.drop(columns="role"), dyad="pair", wave="wave", person="person"
    )
    scored = dk.score_scales(alike, [Scale(name="trust", items=ITEMS, range=(-9, 19))])
    with pytest.raises(Refused, match="share one role"):
        dk.assess_invariance(scored, "trust", across=["waves"])


def test_the_ladder_is_the_one_that_fit_sem_gives_for_groups() -> None:
    # group_equal is lavaan's way, with the first loading fixed: the same chi-squares.
    dyads = framed(answers(gaps=0.05))
    result = dk.assess_invariance(dyads, "trust.client", group="site")
    models = result.tidy().query("quantity == 'model'").set_index("step")
    syntax = "f =~ " + " + ".join(f"{item}_client" for item in ITEMS)
    equal: tuple[str, ...] = ()
    for step in ("configural", "loadings", "intercepts", "residuals"):
        equal = equal if step == "configural" else (*equal, step)
        fit = dk.fit_sem(syntax, dyads, auto="cfa", group="site", group_equal=equal)
        expected = fit.glance()["chisq"].item()
        assert models.loc[step, "statistic"] == pytest.approx(expected, rel=1e-6)


def test_robust_inference_scales_the_differences() -> None:
    dyads = framed(answers())
    plain = dk.assess_invariance(dyads, "trust").tidy().query("quantity == 'model'")
    robust = dk.assess_invariance(dyads, "trust", estimator="MLR").tidy()
    robust = robust.query("quantity == 'model'")
    assert not np.allclose(plain["statistic"], robust["statistic"])
    assert robust["difference"].iloc[1:].notna().all()


def skewed(seed: int) -> dk.DyadFrame:
    data = answers(30, seed=seed)
    data[list(ITEMS)] = np.exp(data[list(ITEMS)].clip(upper=6.5) - 4)
    return framed(data)


def test_a_scaled_difference_that_would_be_negative_does_not_end_the_ladder() -> None:
    # By the formula of 2001 negative, by that of 2010 not: that one is taken, and said so.
    result = dk.assess_invariance(skewed(24), "trust", estimator="MLR")
    models = result.tidy().query("quantity == 'model'").set_index("step")
    (note,) = [note for note in result.notes if "of 2010 stands in its place" in note.text]
    assert (note.level, note.key) == ("warning", "trust.roles")
    assert "'loadings' and 'intercepts'" in note.text
    fits = [
        dk.fit_sem(models.loc[step, "syntax"], skewed(24), auto="lavaan", estimator="MLR")
        for step in ("loadings", "intercepts")
    ]
    with pytest.raises(Refused, match="negative"):
        dk.compare_models(*fits)
    row = dk.compare_models(*fits, difference="satorra_bentler_2010").tidy().iloc[1]
    assert models.loc["intercepts", "difference"] == pytest.approx(row["difference"], rel=1e-8)
    # Negative by both: the step has none, and is judged by its fit.
    result = dk.assess_invariance(skewed(9), "trust", estimator="MLR")
    models = result.tidy().query("quantity == 'model'").set_index("step")
    assert np.isnan(models.loc["residuals", "difference"])
    assert models.loc["residuals", "df_difference"] == 4
    (note,) = [note for note in result.notes if "would be negative" in note.text]
    assert "satorra_bentler" not in note.text
    holds = result.tables()["ladder"].to_frame().set_index("step")["holds"]
    assert holds["Residuals"] in ("yes", "no")


def test_dmacs_is_its_integral() -> None:
    # Nye & Drasgow (2011, Eq. 3), by Gauss-Hermite quadrature.
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    eta = 0.4 + np.sqrt(1.3) * nodes
    gap = (2.9 + 0.6 * eta) - (3.1 + 0.9 * eta)
    expected = np.sqrt((weights * gap**2).sum() / weights.sum()) / 1.1
    pair = np.array([0.9, 3.1]), np.array([0.6, 2.9])
    found = dmacs(*pair, covariance=np.zeros((4, 4)), mean=0.4, variance=1.3, sd=1.1)
    assert found.estimate == pytest.approx(expected, rel=1e-12)
    assert found.signed == pytest.approx((-0.2 - 0.3 * 0.4) / 1.1, rel=1e-12)
    # Without scatter the limit is the size itself.
    assert found.upper == pytest.approx(expected, rel=1e-12)


def test_intervals_of_differences_are_those_of_defined_parameters() -> None:
    dyads = framed(answers(intercept=0.3, gaps=0.05))
    tidy = dk.assess_invariance(dyads, "trust", estimator="MLR").tidy().set_index("term")
    factors = [
        Factor(f"f_{role}", role, tuple(f"{item}_{role}" for item in ITEMS))
        for role in ("coach", "client")
    ]
    syntax = ladder_syntax(factors, "intercepts", [Free("loadings", 1), Free("intercepts", 1)])
    for role, letter in (("coach", "a"), ("client", "b")):
        syntax = syntax.replace(f"NA*q2_{role}", f"NA*q2_{role} + l{letter}*q2_{role}")
        syntax = syntax.replace(f"q2_{role} ~ 1", f"q2_{role} ~ i{letter}*1")
    fit = dk.fit_sem(syntax + "\nl := lb - la\ni := ib - ia", dyads, auto="lavaan", estimator="MLR")
    defined = fit.tidy().query("op == ':='").set_index("lhs")
    for name, key in (("loading", "l"), ("intercept", "i")):
        row = tidy.loc[f"{name} of q2, Client: trust.roles"]
        for column in ("estimate", "conf_low", "conf_high"):
            assert row[column] == pytest.approx(defined.loc[key, column], rel=1e-6), (name, column)


def test_the_upper_limit_is_a_quantile_of_what_scatters() -> None:
    rng = np.random.default_rng(7)
    reference, focal = np.array([0.9, 3.1]), np.array([0.75, 3.2])
    root = rng.normal(size=(4, 4)) * 0.05
    options = {"mean": 0.4, "variance": 1.3, "sd": 1.1}
    found = dmacs(reference, focal, covariance=root @ root.T, **options)
    draws = np.concatenate([reference, focal]) + rng.normal(size=(400_000, 4)) @ root.T
    loading, level = (draws[:, 2 + k] - draws[:, k] for k in range(2))
    size = np.sqrt((level + loading * 0.4) ** 2 + loading**2 * 1.3) / 1.1
    # Five standard errors of a share of 5 % among the draws.
    assert np.mean(size > found.upper) == pytest.approx(0.05, abs=0.0018)
    assert np.isnan(dmacs(reference, focal, covariance=root @ root.T, alpha=0.4, **options).upper)


@pytest.mark.slow
def test_items_that_differ_by_the_bound_are_seldom_called_equivalent() -> None:
    # dMACS of q2 is .2 where its intercept differs by .2 of its standard deviation.
    spread = float(answers(200_000, seed=9).query("role == 'client'")["q2"].std())
    called = {0.2: 0, 0.0: 0}
    for bound in called:
        for seed in range(300):
            dyads = framed(answers(400, intercept=bound * spread, seed=seed))
            tidy = dk.assess_invariance(dyads, "trust", steps=["configural", "intercepts"]).tidy()
            row = tidy.set_index("term").loc["dMACS of q2, Client: trust.roles"]
            called[bound] += bool(row["upper"] < 0.2)
    # At most 5 %, within three standard errors; of items that do not differ most are found.
    assert called[0.2] <= 300 * (0.05 + 3 * np.sqrt(0.05 * 0.95 / 300))
    assert called[0.0] >= 225


def test_partial_invariance_is_written_out() -> None:
    factors = [Factor("f1", "T1", ("a1", "b1")), Factor("f2", "T2", ("a2", "b2"))]
    text = ladder_syntax(factors, "intercepts", [Free("loadings", 1), Free("intercepts", 0)])
    assert "l1*a1 + NA*b1" in text.splitlines()[0]
    assert "a1 ~ 1" in text
    assert "b1 ~ i2*1" in text


@pytest.mark.parametrize("waves", [1, 2])
def test_fewer_dyads_than_parameters_are_told_of(waves: int) -> None:
    enough = framed(answers(200, waves=waves))
    found = dk.assess_invariance(enough, "trust", steps=["configural"])
    assert not any("parameters" in note.text for note in found.notes)
    (df,) = found.tidy().query("quantity == 'model'")["df"]
    columns = 8 * waves
    count = columns * (columns + 3) // 2 - int(df)
    few = framed(answers(count - 1, waves=waves))
    result = dk.assess_invariance(few, "trust", steps=["configural"])
    (note,) = [note for note in result.notes if "parameters" in note.text]
    assert f"has {count} parameters" in note.text
    assert f"more than the {count - 1} dyads" in note.text
    assert note.level == "warning"


def test_a_model_that_cannot_be_fitted_to_so_few_says_what_can_be_done() -> None:
    said = r"12 parameters in group 'b', more than the 11 dyads.*reliability"
    with pytest.raises(FitError, match=said):
        dk.assess_invariance(framed(answers(22, waves=2)), "trust.client.t1", group="site")


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"scale": "site"}, StudyError, "no scale with items"),
        ({"scale": "trst"}, StudyError, "trust"),
        ({"scale": "trust", "across": ["waves"]}, Refused, "several waves"),
        ({"scale": "trust.client"}, Refused, "nothing to compare"),
        ({"scale": "trust", "across": ["groups"]}, StudyError, "group = "),
        ({"scale": "trust", "steps": ["scalar"]}, StudyError, "no step"),
        ({"scale": "trust", "free": ["q2"]}, StudyError, "loadings: q1"),
        ({"scale": "trust", "group": "q1"}, StudyError, "Say whose"),
    ],
)
def test_wrong_calls_are_refused_with_the_reason(options, error, said: str) -> None:
    with pytest.raises(error, match=said):
        dk.assess_invariance(framed(answers(60)), **options)


def test_two_items_are_too_few_and_members_of_one_role_have_none_to_compare() -> None:
    with pytest.raises(Refused, match="fewer than three"):
        dk.assess_invariance(framed(answers(60), items=("q1", "q2")), "trust")
    alike = dk.DyadFrame.from_individual(
        answers(60).drop(columns=["role", "wave", "site"]), dyad="pair"
    )
    scored = dk.score_scales(alike, [Scale(name="trust", items=ITEMS, range=(-9, 19))])
    with pytest.raises(Refused, match=r"nothing to compare|one role"):
        dk.assess_invariance(scored, "trust", across=["roles"])


def test_an_item_that_does_not_vary_in_one_role_is_named() -> None:
    data = answers(60)
    data.loc[data["role"] == "client", "q3"] = 4.0
    with pytest.raises(dk.DataError, match="q3_client"):
        dk.assess_invariance(framed(data), "trust")


def test_numbers_rest_on_those_who_answered_the_item_that_fewest_did() -> None:
    data = answers(200)
    clients = data.index[data["role"] == "client"]
    data.loc[clients[30:], "q4"] = np.nan
    result = dk.assess_invariance(framed(data), "trust", steps=["configural", "loadings"])
    (support,) = [each for each in result.supports if each.key == "trust.roles"]
    assert (support.dyads, support.persons) == (30, 30)

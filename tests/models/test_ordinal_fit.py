"""Models of ordered outcomes from the answers themselves, against lavaan 0.6-14.

lavaan's polychoric correlations are good to about 1e-8 (its optimiser stops there), so that
estimates from the answers agree to about 1e-7 standard errors; 1e-5 is asked for.
"""

from __future__ import annotations

import json
import pickle
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, Refused, StudyError
from tests.models.test_sem_more_lavaan import FOLDER, dataset, numbers

ORACLE = json.loads((FOLDER / "ordinal.json").read_text(encoding="utf-8"))


def offered(model: dict[str, Any]) -> bool:
    """Tell what can be asked for: not fixed covariates, pairwise deletion, other chi-squares."""
    return (
        not model["effective"]["fixed_x"]
        and model["effective"]["missing"] == "listwise"
        and model["options"]["estimator"] in ("WLSMV", "ULSMV")
    )


MODELS = {model["name"]: model for model in ORACLE["models"] if offered(model)}
SCALED = {
    "chisq_scaled": "chisq_scaled",
    "p_value_scaled": "pvalue_scaled",
    "scaling": "chisq_scaling_factor",
    "cfi_scaled": "cfi_scaled",
    "tli_scaled": "tli_scaled",
    "rmsea_scaled": "rmsea_scaled",
    "chisq": "chisq",
    "df": "df",
    "cfi": "cfi",
    "tli": "tli",
    "rmsea": "rmsea",
    "srmr": "srmr",
}


def texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


@cache
def fitted(name: str) -> Any:
    model = MODELS[name]
    options = dict(model["options"])
    options.pop("missing", None)
    options["ordered"] = texts(options["ordered"])
    options["group_partial"] = [
        text.replace(" ", "") for text in texts(options.get("group_partial", []))
    ]
    return dk.fit_sem(
        "\n".join(model["syntax"]), dataset(model["dataset"]), auto=model["auto"], **options
    )


@pytest.fixture(params=list(MODELS))
def pair(request) -> tuple[dict[str, Any], Any]:
    return MODELS[request.param], fitted(request.param)


def test_estimates_and_errors(pair):
    theirs, ours = pair
    expected, tidy = theirs["parameters"], ours.tidy()
    assert tidy["lhs"].tolist() == expected["lhs"]
    assert tidy["op"].tolist() == expected["op"]
    se = np.nan_to_num(numbers(expected["se"]))
    free = se > 0
    off = np.abs(tidy["estimate"] - numbers(expected["est"]))
    assert (off[free] / se[free]).max() < 1e-5
    assert off[~free].max() < 1e-6
    np.testing.assert_allclose(tidy["std_error"][free], se[free], rtol=1e-5)


def test_fit(pair):
    theirs, ours = pair
    for mine, name in SCALED.items():
        value = theirs["fit"].get(name)
        if value is not None:
            np.testing.assert_allclose(
                ours.summary[mine], value, rtol=1e-5, atol=1e-5, err_msg=mine
            )


def test_standardised(pair):
    theirs, ours = pair
    expected = theirs["parameters"]
    if "std_all" not in expected:
        return
    found = ours.standardized()
    value, se = numbers(expected["std_all"]), numbers(expected["std_all_se"])
    known = np.isfinite(value)
    np.testing.assert_allclose(found["estimate"][known], value[known], atol=1e-6)
    known &= np.isfinite(se) & (se > 0)
    np.testing.assert_allclose(found["std_error"][known], se[known], rtol=2e-5)


def test_it_shows_itself():
    found = fitted("wlsmv_cfa")
    assert "scaled and shifted χ²(8)" in found.text()[0]
    assert set(found.tables()) == {"fit", "estimates"}
    assert "loadings" in {spec.name for spec in found.figure_specs}
    again = pickle.loads(pickle.dumps(found))
    pd.testing.assert_frame_equal(again.tidy(), found.tidy())
    assert "<table" in found._repr_html_()
    shares = found.r_squared()
    for name, value in dict(MODELS["wlsmv_cfa"]["rsquare"][0]).items():
        np.testing.assert_allclose(shares[name], value, atol=1e-6)


def test_it_can_be_written_and_fitted_again():
    found = fitted("wlsmv_groups_loadings")
    table = found.partable()
    assert table["lhs"].tolist() == MODELS["wlsmv_groups_loadings"]["parameters"]["lhs"]
    np.testing.assert_allclose(table["estimate"], found.tidy()["estimate"])
    script = found.to_lavaan()
    assert 'estimator = "WLSMV"' in script
    assert 'group = "arm"' in script
    again = found.refit(dataset("likert"))
    pd.testing.assert_frame_equal(again.tidy(), found.tidy())


def test_categories_may_have_names():
    data = dataset("likert")
    names = ["u1", "u2", "u3", "v1", "v2", "v3"]
    words = data.assign(
        **{
            name: pd.Categorical(
                data[name].map(lambda code: f"answer {code:g}"),
                categories=[f"answer {code:g}" for code in sorted(data[name].unique())],
                ordered=True,
            )
            for name in names
        }
    )
    found = dk.fit_sem(
        "u =~ u1 + u2 + u3; v =~ v1 + v2 + v3", words, auto="cfa", estimator="WLSMV", ordered=True
    )
    pd.testing.assert_frame_equal(found.tidy(), fitted("wlsmv_cfa").tidy())


def test_wald_of_loadings():
    data = dataset("likert")
    model = "u =~ u1 + a*u2 + b*u3"
    found = dk.fit_sem(model, data, auto="cfa", estimator="WLSMV", ordered=True)
    test = found.wald_test("a == b")
    spread = found.vcov()
    a, b = (found.coef()[name] for name in "ab")
    variance = spread.loc["a", "a"] + spread.loc["b", "b"] - 2 * spread.loc["a", "b"]
    np.testing.assert_allclose(test.statistic, (a - b) ** 2 / variance, rtol=1e-10)


def test_persons_of_several_dyads_are_counted_once():
    data = dataset("likert")
    members = [
        pd.DataFrame({"pair": np.arange(len(data)), "person": who, "role": role, "u": values})
        for role, who, values in (
            ("coach", [f"c{k % 7}" for k in range(len(data))], data["u1"]),
            ("client", [f"p{k}" for k in range(len(data))], data["u2"]),
        )
    ]
    dyads = dk.DyadFrame.from_individual(
        pd.concat(members), dyad="pair", role="role", person="person", roles=("coach", "client")
    )
    found = dk.fit_sem("u_coach ~~ u_client", dyads, estimator="WLSMV", ordered=True)
    (support,) = found._present().supports
    assert (support.dyads, support.persons) == (len(data), 7)
    assert any("several dyads (coach)" in note.text for note in found.notes)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"ordered": False}, StudyError, "name those of the model"),
        ({"ordered": ["nobody"]}, StudyError, "name those of the model"),
        ({"cluster": "arm"}, Refused, "cluster= is not offered"),
        ({"auxiliary": ["t"]}, Refused, "auxiliary= is not offered"),
        ({"bootstrap": 10}, Refused, "bootstrap= is not offered"),
        ({"fixed_x": True}, Refused, "fixed_x=True is not offered"),
    ],
)
def test_what_is_not_offered_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        dk.fit_sem(
            "u =~ u1 + u2 + u3",
            dataset("likert"),
            **({"estimator": "WLSMV", "ordered": True} | options),
        )


def test_what_cannot_be_compared_is_refused():
    wide, narrow = fitted("wlsmv_cfa"), fitted("wlsmv_tau")
    with pytest.raises(Refused, match=r"no likelihood.*compare_models"):
        dk.compare_nonnested(wide, narrow)
    with pytest.raises(Refused, match="Satorra's"):
        dk.compare_models(wide, narrow, difference="satorra_bentler_2010")
    with pytest.raises(Refused, match="same degrees of freedom"):
        dk.compare_models(wide, wide)
    data, model = dataset("likert"), wide.setup.model
    fewer = wide.refit(data.iloc[:-20])
    with pytest.raises(Refused, match="different rows"):
        dk.compare_models(fewer, narrow)
    unweighted = dk.fit_sem(model, data, auto="cfa", estimator="ULSMV", ordered=True)
    with pytest.raises(Refused, match="different estimators"):
        dk.compare_models(unweighted, narrow)
    continuous = dk.fit_sem(model, data, auto="cfa")
    with pytest.raises(Refused, match="of ordered and one of continuous"):
        dk.compare_models(continuous, narrow)


def test_answers_that_cannot_be_used_are_said():
    data = dataset("likert")
    model, options = "u =~ u1 + u2 + u3", {"estimator": "WLSMV", "ordered": True}
    with pytest.raises(StudyError, match="Use estimator='WLSMV'"):
        dk.fit_sem(model, data, ordered=["u1"])
    many = data.assign(u1=np.arange(len(data)))
    with pytest.raises(DataError, match="too many for ordered categories"):
        dk.fit_sem(model, many, **options)
    arms = data["arm"].unique()
    top = data["u1"].max()
    empty = data[(data["arm"] != arms[1]) | (data["u1"] != top)]
    with pytest.raises(DataError, match=f"Nobody in group '{arms[1]}' answered {top:g} to 'u1'"):
        dk.fit_sem(model, empty, group="arm", **options)
    unordered = data.assign(u1=pd.Categorical(data["u1"].astype(str)))
    with pytest.raises(DataError, match="have no order"):
        dk.fit_sem(model, unordered, **options)
    copied = data.assign(u2=data["u1"])
    with pytest.raises(DataError, match="u1"):
        dk.fit_sem(model, copied, **options)

"""Data and calls that cannot give a model: each a clear error that names what and what next."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, DyadKitError, FitError, Refused, StudyError

N = 120
_RNG = np.random.default_rng(1)
_FACTORS = _RNG.normal(size=(N, 2))
_FACTORS[:, 1] += 0.5 * _FACTORS[:, 0]
DATA = pd.DataFrame(
    _FACTORS[:, [0, 0, 0, 1, 1, 1]] * 0.8 + 0.6 * _RNG.normal(size=(N, 6)),
    columns=[f"tr{number}" for number in range(1, 7)],
)
DATA = DATA.assign(
    text="yes",
    constant=3.0,
    total=DATA["tr1"] + DATA["tr2"],
    copy=DATA["tr1"],
    empty=np.nan,
    infinite=DATA["tr1"].where(DATA.index != 4, np.inf),
    early=DATA["tr1"].where(DATA.index < 60),
    late=DATA["tr2"].where(DATA.index >= 60),
    category=pd.Categorical(["a", "b"] * 60),
    when=pd.Timestamp("2026-01-01"),
    written=DATA["tr1"].astype(str),
    huge=1e200 * DATA["tr1"],
)
EYE = pd.DataFrame(np.eye(2), index=["tr1", "tr2"], columns=["tr1", "tr2"])


@pytest.mark.parametrize(
    ("model", "error", "says"),
    [
        ("tr1 ~ tr9", StudyError, r"do not have: tr9\. Did you mean 'tr\d'"),
        ("tr1 ~ text", DataError, "'text' is not numeric .*such as yes"),
        ("tr1 ~ category", DataError, "'category' is not numeric"),
        ("tr1 ~ when", DataError, "'when' is not numeric"),
        ("tr1 ~ written", DataError, "'written' is not numeric"),
        ("tr1 ~ constant", DataError, "constant have the same value"),
        ("tr1 ~ copy", DataError, "tr1, copy are copies of each other"),
        ("tr1 ~ total + tr2", DataError, "tr1, total, tr2 determine each other"),
        ("tr1 ~ empty", DataError, "empty are missing in all 120 rows"),
        ("tr1 ~ infinite", DataError, "infinite, first in row 5"),
        ("early ~ late", DataError, "never observed together: early and late"),
        ("tr1 ~ huge", DataError, "huge are too large to be squared"),
        ("f =~ tr1 + tr2", StudyError, "6 free parameters, but 2 observed variables give only 5"),
        ("f =~ tr1 + tr2 + tr3\nf ~~ 0*f", FitError, "do not determine 2 parameter.*f=~tr2"),
        ("tr1 ~ a*tr2\na == 1\na == 2", FitError, "keep the constraint.*a == 1, a == 2"),
        ("tr1 ~ a*tr2\na*a == -1", FitError, r"keep the constraint.*a\*a == -1"),
        ("tr1 ~ a*tr2\na > 1\na < 0.5", FitError, "keep the constraint.*a > 1, a < 0.5"),
        ("tr1 ~ a*tr2\na == b", StudyError, "no label of this model"),
        ("tr1 ~ 1*tr2\ntr1 ~~ 1*tr1\ntr1 ~ 0*1\ntr2 ~~ 1*tr2\ntr2 ~ 0*1", StudyError, "nothing to"),
        ("tr1 ~ tr2:tr3", StudyError, "products of variables"),
        ("", StudyError, "no formula"),
        ("tr1 = tr2", StudyError, "Line 1, column 5"),
    ],
)
def test_a_model_and_data_that_do_not_go_together(model, error, says) -> None:
    with pytest.raises(error, match=f"(?s){says}") as caught:
        dk.fit_sem(model, DATA)
    assert "\n\n\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"data": DATA.head(2)}, DataError, "more than 2 rows, but 2 of 2"),
        ({"data": DATA[["tr1", "tr2", "tr2"]]}, DataError, "more than one column called tr2"),
        ({"data": DATA.to_numpy()}, StudyError, "must be a DataFrame or a DyadFrame"),
        ({"data": None}, StudyError, "either data or a covariance matrix"),
        ({"data": DATA, "sample_cov": EYE}, StudyError, "either data or a covariance matrix"),
        ({"data": DATA, "auto": "semm"}, StudyError, "auto='semm' is not a choice. Did you mean"),
        ({"data": DATA, "missing": "pairwise"}, StudyError, "missing='pairwise'"),
        ({"data": DATA, "estimator": "WLS"}, StudyError, "estimator='WLS'"),
        ({"data": DATA, "information": "both"}, StudyError, "information='both'"),
        ({"data": DATA, "bounds": "pos"}, StudyError, "bounds='pos'"),
        ({"data": DATA, "engine": "lavaan"}, StudyError, "engine='lavaan'"),
        ({"data": DATA, "bootstrap": -1}, StudyError, "bootstrap is a number of draws"),
        ({"data": DATA, "confidence": 95}, StudyError, "Write 0.95"),
        ({"sample_cov": EYE}, StudyError, "needs n_obs"),
        ({"sample_cov": EYE, "n_obs": 1}, StudyError, "must be at least 2"),
        ({"sample_cov": EYE, "n_obs": 2}, DataError, "more than 2 dyads"),
        ({"sample_cov": np.ones((2, 2)), "n_obs": 50}, DataError, "copies of each other"),
        ({"sample_cov": [[1, 2], [2, 1]], "n_obs": 50}, DataError, "no data can have together"),
        ({"sample_cov": [[1, 0.2], [0.3, 1]], "n_obs": 50}, DataError, "not symmetric"),
        ({"sample_cov": [[1, np.nan], [np.nan, 1]], "n_obs": 50}, DataError, "missing or infinite"),
        ({"sample_cov": [[-1, 0], [0, 1]], "n_obs": 50}, DataError, "not positive"),
        ({"sample_cov": np.eye(3), "n_obs": 50}, StudyError, r"has shape \(3, 3\)"),
        (
            {"sample_cov": EYE.rename(columns={"tr2": "tr7"}), "n_obs": 50},
            StudyError,
            "no column 'tr2'. Did you mean",
        ),
        (
            {"sample_cov": EYE, "n_obs": 50, "sample_mean": {"tr1": 0}},
            StudyError,
            "no value for tr2",
        ),
        ({"sample_cov": EYE, "n_obs": 50, "sample_mean": [0.0]}, StudyError, "one finite value"),
    ],
)
def test_a_call_that_is_wrong(options, error, says) -> None:
    with pytest.raises(error, match=says):
        dk.fit_sem("tr1 ~ tr2", **options)


@pytest.mark.parametrize(
    ("model", "names"),
    [("tr3 ~ copy + tr1", "tr1|copy"), ("tr3 ~ total + tr1 + tr2", "total, tr1, tr2")],
)
def test_variables_that_determine_each_other_are_named_despite_gaps(model, names) -> None:
    gaps = np.random.default_rng(2).random((N, 4)) < 0.1
    data = DATA[["tr1", "tr2", "tr3", "copy"]].mask(gaps).assign(total=DATA["total"])
    with pytest.raises(FitError, match=f"singular.*({names})"):
        dk.fit_sem(model, data)


def test_full_information_needs_means() -> None:
    gaps = DATA.assign(tr1=DATA["tr1"].where(DATA.index != 3))
    with pytest.raises(Refused, match="needs a mean structure"):
        dk.fit_sem("tr1 ~ tr2", gaps, meanstructure=False)
    assert (
        dk.fit_sem("tr1 ~ tr2", gaps, meanstructure=False, missing="listwise").summary["n_obs"]
        == 119
    )


def test_diaries_are_no_rows_of_dyads() -> None:
    frame = pd.DataFrame(
        {
            "pair": np.repeat([1, 2, 3], 4),
            "role": ["coach", "client"] * 6,
            "day": np.tile([1, 1, 2, 2], 3),
            "x": np.arange(12.0),
        }
    )
    diary = dk.DyadFrame.from_individual(frame, dyad="pair", role="role", occasion="day")
    with pytest.raises(StudyError, match="one row per dyad, but a diary"):
        dk.fit_sem("x_coach ~ x_client", diary)


def test_missing_exogenous_variables_with_fixed_moments_are_left_out_and_counted() -> None:
    gaps = DATA.assign(
        tr2=DATA["tr2"].where(DATA.index >= 10), tr1=DATA["tr1"].where(DATA.index < 110)
    )
    fixed = dk.fit_sem("tr1 ~ tr2", gaps, fixed_x=True)
    assert fixed.summary["n_obs"] == 110
    assert any("10 row(s) left out because an exogenous" in note.text for note in fixed.notes)
    assert dk.fit_sem("tr1 ~ tr2", gaps).summary["n_obs"] == 120


@pytest.mark.parametrize("seed", range(40))
def test_garbage_gives_an_error_of_ours_or_a_fit(seed: int) -> None:
    # No other exception, no warning, and never an estimate that is not a number.
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 12))
    columns = {}
    for name in ("a", "b", "c"):
        column = rng.normal(size=n).round(int(rng.integers(0, 3))) * 10.0 ** rng.integers(-9, 9)
        if n and rng.random() < 0.6:
            column[rng.random(n) < 0.4] = rng.choice([np.nan, np.inf, 0.0, 1e308])
        columns[name] = column
    model = str(rng.choice(["a ~ b + c", "f =~ a + b + c", "a ~ b\nb ~ c\na ~~ c", "a ~~ b"]))
    try:
        fit = dk.fit_sem(model, pd.DataFrame(columns))
    except DyadKitError:
        return
    assert np.isfinite(fit.coef()).all()
    assert np.isfinite(np.diagonal(fit.vcov())).all()

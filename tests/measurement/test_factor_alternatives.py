"""Which factor models are compared: those of the study, and in all waves at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import StudyError
from dyadkit.study import Scale

SCALES = {"trust": "t", "support": "s", "goals": "g", "focus": "f"}


def framed(waves: int, n: int = 300, scales: int = 4) -> dk.DyadFrame:
    """Return pairs with scales of three items, whose factors correlate .4 with each other."""
    rng = np.random.default_rng(5)
    places = [(role, f"t{wave}") for wave in range(1, waves + 1) for role in ("coach", "client")]
    names = list(SCALES)[:scales]
    k = len(names) * len(places)
    factors = rng.multivariate_normal(np.zeros(k), 0.4 + 0.6 * np.eye(k), n)
    unique = 0.3 * rng.normal(size=(n, len(names), 3))
    frames = []
    for number, (role, wave) in enumerate(places):
        columns = {
            f"{SCALES[name]}{item + 1}": 4
            + factors[:, number * len(names) + place]
            + unique[:, place, item]
            + 0.6 * rng.normal(size=n)
            for place, name in enumerate(names)
            for item in range(3)
        }
        frames.append(pd.DataFrame(columns).assign(pair=np.arange(n), role=role, wave=wave))
    data = pd.concat(frames)
    dyads = dk.DyadFrame.from_individual(
        data if waves > 1 else data.drop(columns="wave"),
        dyad="pair",
        role="role",
        wave="wave" if waves > 1 else None,
        roles=("coach", "client"),
    )
    return dk.score_scales(
        dyads,
        [
            Scale(name=name, items=tuple(f"{SCALES[name]}{k}" for k in (1, 2, 3)), range=(-9, 17))
            for name in names
        ],
    )


def models(result: dk.Result) -> pd.DataFrame:
    return result.tidy().query("quantity == 'model'").set_index("term")


def test_the_alternatives_of_the_study_replace_those_of_all_pairs() -> None:
    texts = ["trust + support, goals + focus", "trust+support+goals"]
    found = models(dk.compare_factor_models(framed(1), alternatives=texts))
    coach = found[found["place"] == "Coach"]
    assert coach.index.str.removesuffix(": Coach").tolist() == [
        "A factor for each scale",
        "Trust and Support one factor, Goals and Focus one factor",
        "Trust, Support and Goals one factor",
        "One factor",
    ]
    assert coach["factors"].tolist() == [4, 2, 2, 1]
    # Of 6 covariances of 4 factors 1 is left of 2 factors, and none of 1.
    assert coach["df_difference"].tolist()[1:] == [5, 5, 6]
    both = found[found["place"] == "Both members"]
    assert both["factors"].tolist() == [8, 4, 4, 4, 2]
    every = models(dk.compare_factor_models(framed(1)))
    assert (every["place"] == "Coach").sum() == 1 + 6 + 1
    # What is merged is merged, whoever asks for it.
    three = models(dk.compare_factor_models(framed(1), alternatives=["support + focus"]))
    term = "Support and Focus one factor: Both members"
    assert three.loc[term, "statistic"] == pytest.approx(every.loc[term, "statistic"], rel=1e-9)


def test_all_waves_at_once() -> None:
    dyads = framed(2, scales=2)
    result = dk.compare_factor_models(dyads)
    found = models(result)
    whole = found[found["place"] == "Both members, all waves"]
    assert whole.index.str.split(": ").str[0].tolist() == [
        "A factor for each scale",
        "Trust and Support one factor",
        "One factor a scale for both members",
        "One factor a scale for all waves",
    ]
    # 24 items: 300 covariances less 24 loadings, 24 residuals, 28 and 2 x 3 x 6 covariances.
    assert whole["df"].tolist()[0] == 300 - 24 - 24 - 28 - 36
    assert whole["p_value"].iloc[0] > 0.001
    assert (whole["p_difference"].iloc[1:] < 1e-6).all()
    # The same by hand: residuals of an item are correlated across members and waves.
    parts = [f"{role}_{wave}" for wave in ("t1", "t2") for role in ("coach", "client")]
    syntax = [
        f"{name}_{part} =~ " + " + ".join(f"{letter}{k}_{part}" for k in (1, 2, 3))
        for name, letter in (("trust", "t"), ("support", "s"))
        for part in parts
    ]
    syntax += [
        f"{letter}{k}_{one} ~~ {letter}{k}_{other}"
        for letter in "ts"
        for k in (1, 2, 3)
        for place, one in enumerate(parts)
        for other in parts[place + 1 :]
    ]
    fit = dk.fit_sem("\n".join(syntax), dyads, auto="cfa", std_lv=True)
    assert whole["statistic"].iloc[0] == pytest.approx(fit.summary["chisq"], rel=1e-8)
    indices = result.tables()["modification_indices"].to_frame()
    here = indices[indices["section"].str.contains("all waves")]
    assert len(here)
    assert here.iloc[:, 1].str.contains("T1|T2").all()


def test_one_member_in_all_waves() -> None:
    dyads = framed(2, scales=3)
    result = dk.compare_factor_models(
        dyads, ["trust.client", "support.client"], marker="goals.client"
    )
    places = models(result)["place"].unique().tolist()
    assert places == ["Client, T1", "Client, T2", "Client, all waves"]
    # A marker is of one member in one wave.
    markers = result.tidy().query("quantity == 'marker_model'")
    assert set(markers["place"]) == {"Client, T1", "Client, T2"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("trust + suport", "names 'suport', which is no scale that is compared.*support"),
        ("trust + trust", "names 'trust' twice"),
        ("trust + support, trust + goals", "names 'trust' twice"),
        ("trust, support", r"merges nothing.*'trust \+ support'"),
        ("", "names ''"),
    ],
)
def test_alternatives_that_cannot_be_read_are_refused(text: str, said: str) -> None:
    with pytest.raises(StudyError, match=said):
        dk.compare_factor_models(framed(1, 60), alternatives=[text])


def test_numbers_rest_on_those_who_answered_the_item_that_fewest_did() -> None:
    dyads = framed(1, scales=2)
    data = dyads.individual()
    rows = data.index[data["role"] == "client"]
    data.loc[rows[25:], "t2"] = np.nan
    few = dk.DyadFrame.from_individual(
        data[["dyad", "role", *(f"{letter}{k}" for letter in "ts" for k in (1, 2, 3))]],
        dyad="dyad",
        role="role",
        roles=("coach", "client"),
    )
    scored = dk.score_scales(
        few,
        [
            Scale(name=name, items=tuple(f"{SCALES[name]}{k}" for k in (1, 2, 3)), range=(-9, 17))
            for name in ("trust", "support")
        ],
    )
    result = dk.compare_factor_models(scored)
    counts = {support.key: support.dyads for support in result.supports}
    assert counts == {"models.0": 300, "models.1": 25, "models.2": 25, "all": 300}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"alternatives": "trust + support"}, "alternatives = .* must be a list of texts"),
        ({"alternatives": [5]}, "must be a list of texts"),
        ({"estimator": "WLSMV"}, "takes ML or MLR"),
        ({"estimator": "MLM"}, "takes ML or MLR"),
    ],
)
def test_options_of_another_kind_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(StudyError, match=said):
        dk.compare_factor_models(framed(1, 60, 2), **options)

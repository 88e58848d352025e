"""Moderators, covariates, products and latent variables of actor–partner models.

Each is compared with a formula, or lavaan syntax, written out by hand over columns made here.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import Refused, StudyError
from dyadkit.study import Scale

N = 120


def pairs() -> pd.DataFrame:
    rng = np.random.default_rng(31)
    frame = pd.DataFrame(
        {
            "pair": np.repeat(np.arange(N), 2),
            "role": ["coach", "client"] * N,
            "x": rng.normal(2.0, 1.0, 2 * N),
            "m": rng.normal(1.0, 1.0, 2 * N),
            "z": rng.normal(size=2 * N),
            "d": np.repeat(rng.normal(3.0, 1.0, N), 2),
            "format": np.repeat(rng.choice(["online", "room", "walk"], N), 2),
        }
    )
    frame["y"] = 0.4 * frame["x"] + 0.2 * frame["m"] * frame["x"] + rng.normal(size=2 * N)
    return frame


def by_hand(frame: pd.DataFrame) -> pd.DataFrame:
    """Centre about the grand means, and put the partner's values beside one's own."""
    frame = frame.copy()
    for name in ("x", "m", "z", "d"):
        frame[name] -= frame[name].mean()
        frame[f"{name}_p"] = frame[name].to_numpy().reshape(-1, 2)[:, ::-1].ravel()
    return frame


def dyads(frame: pd.DataFrame) -> dk.DyadFrame:
    return dk.DyadFrame.from_individual(frame, dyad="pair", role="role", dyad_level=["d", "format"])


def expected(formula: str) -> pd.DataFrame:
    fit = dk.fit_mixed(f"y ~ 0 + role + {formula}", by_hand(pairs()), dyad="pair", role="role")
    return fit.tidy().set_index("term")


def compared(found: pd.DataFrame, theirs: pd.DataFrame, names: dict[str, str]) -> None:
    for term, other in names.items():
        for column in ("estimate", "std_error", "df", "p_value"):
            assert found.loc[term, column] == pytest.approx(theirs.loc[other, column], rel=1e-6)


def terms(result: dk.PresentedResult) -> pd.DataFrame:
    return result.tidy().set_index("term")


def test_covariates_of_persons_and_dyads() -> None:
    found = terms(dk.fit_apim(dyads(pairs()), "y", "x", covariates=["z", "d", "format"]))
    theirs = expected("role:x + role:x_p + role:z + role:d + role:format")
    compared(
        found,
        theirs,
        {
            "actor: x (coach)": "role[coach]:x",
            "covariate: z (client)": "role[client]:z",
            "covariate: d (coach)": "role[coach]:d",
            "covariate: format: walk (client)": "role[client]:format[T.walk]",
        },
    )


def test_own_times_partners_score() -> None:
    found = terms(dk.fit_apim(dyads(pairs()), "y", "x", actor_partner=True))
    theirs = expected("role:x + role:x_p + role:x:x_p")
    compared(found, theirs, {"actor × partner: x (client)": "role[client]:x:x_p"})


def test_a_moderator_of_the_dyad() -> None:
    found = terms(dk.fit_apim(dyads(pairs()), "y", "x", moderator="d"))
    theirs = expected("role:x + role:x_p + role:d + role:x:d + role:x_p:d")
    compared(
        found,
        theirs,
        {
            "moderator: d (coach)": "role[coach]:d",
            "actor × moderator: x × d (coach)": "role[coach]:x:d",
            "partner × moderator: x × d (client)": "role[client]:x_p:d",
        },
    )


def test_a_moderator_of_persons_counts_for_both() -> None:
    """The actor's and the partner's value moderate the actor and the partner effect."""
    found = terms(dk.fit_apim(dyads(pairs()), "y", "x", moderator="m"))
    theirs = expected(
        "role:x + role:x_p + role:m + role:m_p + role:x:m + role:x_p:m + role:x:m_p + role:x_p:m_p"
    )
    compared(
        found,
        theirs,
        {
            "actor × moderator: x × m (actor) (coach)": "role[coach]:x:m",
            "partner × moderator: x × m (actor) (coach)": "role[coach]:x_p:m",
            "actor × moderator: x × m (partner) (client)": "role[client]:x:m_p",
            "partner × moderator: x × m (partner) (client)": "role[client]:x_p:m_p",
        },
    )


def test_a_moderator_with_categories_has_an_effect_in_each() -> None:
    result = dk.fit_apim(dyads(pairs()), "y", "x", moderator="format")
    found = terms(result)
    theirs = expected("role:format + role:format:x + role:format:x_p")
    slopes = found[found["effect"].str.startswith("simple slope")]
    for category in ("online", "room", "walk"):
        row = slopes[
            (slopes["effect"] == "simple slope, actor")
            & (slopes["role"] == "coach")
            & slopes["at"].str.endswith(f"= {category}")
        ].iloc[0]
        name = next(
            term
            for term in theirs.index
            if term.startswith("role[coach]") and f"{category}]" in term and term.endswith(":x")
        )
        for column in ("estimate", "std_error"):
            assert row[column] == pytest.approx(theirs.loc[name, column], rel=1e-6)
    assert not any("moderator" in name for name in result.figures())


def test_johnson_neyman_bounds_are_where_p_is_alpha() -> None:
    result = dk.fit_apim(dyads(pairs()), "y", "x", moderator="d")
    line = next(
        line
        for figure in result.figure_specs
        if figure.name == "actor_1_by_moderator"
        for line in figure.lines
        if line.label == "Coach"
    )
    bounds = [end for part in line.strong for end in part if line.x[0] < end < line.x[-1]]
    assert bounds
    for bound in bounds:
        frame = by_hand(pairs())
        frame["d"] = pairs()["d"] - bound
        fit = dk.fit_mixed(
            "y ~ 0 + role + role:x + role:x_p + role:d + role:x:d + role:x_p:d",
            frame,
            dyad="pair",
            role="role",
        )
        p = fit.tidy().set_index("term").loc["role[coach]:x", "p_value"]
        assert p == pytest.approx(0.05, abs=1e-6)


def latent(n: int, seed: int) -> pd.DataFrame:
    """Simulate items with loadings 1, .8 and 1.2 in both roles, and known paths."""
    rng = np.random.default_rng(seed)
    x = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], n)
    y = 0.5 * x + 0.3 * x[:, ::-1]
    y += rng.multivariate_normal([0, 0], [[0.6, 0.2], [0.2, 0.6]], n)
    frame = pd.DataFrame({"pair": np.repeat(np.arange(n), 2), "role": ["a", "b"] * n})
    for letter, scores in (("x", x), ("y", y)):
        for number, loading in enumerate((1.0, 0.8, 1.2), start=1):
            noise = rng.multivariate_normal([0, 0], [[0.5, 0.1], [0.1, 0.5]], n)
            frame[f"{letter}{number}"] = (3.0 + loading * scores + noise).ravel()
    return frame


def scales(frame: pd.DataFrame, role: str | None = "role") -> dk.DyadFrame:
    plain = dk.DyadFrame.from_individual(
        frame if role else frame.drop(columns="role"), dyad="pair", role=role
    )
    return dk.score_scales(
        plain,
        [
            Scale(name=name, items=tuple(f"{name[0]}{n}" for n in (1, 2, 3)), range=(-20, 20))
            for name in ("xs", "ys")
        ],
    )


MEASURED = """
    x{m} =~ x1_{m} + l2*x2_{m} + l3*x3_{m}
    y{m} =~ y1_{m} + k2*y2_{m} + k3*y3_{m}
"""
ACROSS = "\n".join(f"{letter}{n}_a ~~ {letter}{n}_b" for letter in "xy" for n in (1, 2, 3))


def wide(frame: pd.DataFrame) -> pd.DataFrame:
    parts = [
        frame[frame["role"] == role].set_index("pair").drop(columns="role").add_suffix(f"_{role}")
        for role in "ab"
    ]
    return pd.concat(parts, axis=1)


def test_latent_variables_against_the_syntax_by_hand() -> None:
    frame = latent(250, 5)
    result = dk.fit_apim(scales(frame), "ys", "xs", engine="sem", latent=True)
    model = MEASURED.format(m="a") + MEASURED.format(m="b") + ACROSS
    model += "\nya ~ xa + xb\nyb ~ xb + xa\nya ~~ yb"
    fit = dk.fit_sem(model, wide(frame))
    assert result.glance()["chisq"].item() == pytest.approx(fit.glance()["chisq"].item(), rel=1e-7)
    found = terms(result)
    theirs = fit.tidy().set_index(["lhs", "op", "rhs"])
    for term, key in {
        "actor: xs (a)": ("ya", "~", "xa"),
        "partner: xs (a)": ("ya", "~", "xb"),
        "actor: xs (b)": ("yb", "~", "xb"),
        "partner: xs (b)": ("yb", "~", "xa"),
    }.items():
        for column in ("estimate", "std_error"):
            assert found.loc[term, column] == pytest.approx(theirs.loc[key, column], rel=1e-5)
        beta = theirs.loc[key, "std_all"]
        assert found.loc[term, "std_estimate"] == pytest.approx(beta, rel=1e-5)


def test_latent_exchangeable_members_against_the_syntax_by_hand() -> None:
    frame = latent(250, 6)
    result = dk.fit_apim(scales(frame, None), "ys", "xs", engine="sem", latent=True)
    model = MEASURED.format(m="a") + MEASURED.format(m="b") + ACROSS
    model += "\nya ~ act*xa + par*xb\nyb ~ act*xb + par*xa\nya ~~ yb\nya ~~ v*ya\nyb ~~ v*yb"
    model += "\nxa ~~ w*xa\nxb ~~ w*xb"
    for letter in "xy":
        for n in (1, 2, 3):
            model += f"\n{letter}{n}_a ~ i{letter}{n}*1\n{letter}{n}_b ~ i{letter}{n}*1"
            model += f"\n{letter}{n}_a ~~ e{letter}{n}*{letter}{n}_a"
            model += f"\n{letter}{n}_b ~~ e{letter}{n}*{letter}{n}_b"
    fit = dk.fit_sem(model, wide(frame))
    theirs = fit.tidy().drop_duplicates("label").set_index("label")
    found = terms(result)
    for term, label in (("actor: xs", "act"), ("partner: xs", "par")):
        for column in ("estimate", "std_error"):
            assert found.loc[term, column] == pytest.approx(theirs.loc[label, column], rel=1e-5)
    assert result.glance()["df"].item() == fit.glance()["df"].item()


def test_latent_paths_are_those_simulated() -> None:
    found = terms(dk.fit_apim(scales(latent(2500, 7)), "ys", "xs", engine="sem", latent=True))
    for term, truth in (("actor: xs (a)", 0.5), ("partner: xs (b)", 0.3)):
        row = found.loc[term]
        assert abs(row["estimate"] - truth) < 4 * row["std_error"]


def test_what_latent_models_need() -> None:
    frame = latent(60, 8)
    plain = dk.DyadFrame.from_individual(frame, dyad="pair", role="role")
    with pytest.raises(StudyError, match="there are none of y1, x1"):
        dk.fit_apim(plain, "y1", "x1", engine="sem", latent=True)
    with pytest.raises(Refused, match="predictors only"):
        dk.fit_apim(scales(frame), "ys", "xs", covariates="x1", engine="sem", latent=True)

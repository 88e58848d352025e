"""The analysis: who is compared, what is refused, what is derived, what stays hidden."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, Refused, StudyError
from dyadkit.frame import Variable


def couples(n: int = 60, seed: int = 5) -> pd.DataFrame:
    """Return one row a person, with two scores, a category and an ordered answer."""
    rng = np.random.default_rng(seed)
    shared = np.repeat(rng.normal(size=n), 2)
    x = np.clip(np.rint(4 + shared + rng.normal(size=2 * n)), 1, 7)
    return pd.DataFrame(
        {
            "pair": np.repeat([f"P{number:03d}" for number in range(n)], 2),
            "role": np.tile(["coach", "client"], n),
            "trust": x,
            "care": np.clip(np.rint(x + rng.normal(size=2 * n)), 1, 7),
            "mode": np.where(shared + rng.normal(size=2 * n) > 0, "online", "on site"),
            "site": np.repeat(np.where(np.arange(n) % 3, "north", "south"), 2),
        }
    )


def framed(data: pd.DataFrame, **more: Variable) -> dk.DyadFrame:
    return dk.DyadFrame.from_individual(
        data,
        dyad="pair",
        role="role",
        roles=("coach", "client"),
        dyad_level=["site"],
        variables=more,
    )


def estimate(result, term: str) -> float:
    tidy = result.tidy().set_index("term")
    return float(tidy.loc[term, "estimate"])


def test_numbers_are_those_of_pandas_and_numpy() -> None:
    data = couples()
    wide = data.pivot(index="pair", columns="role", values="trust")
    result = dk.assess_agreement(framed(data), ["trust"], within=1.5)
    gap = wide["coach"] - wide["client"]
    assert estimate(result, "mean difference: trust") == pytest.approx(gap.mean(), rel=1e-12)
    assert estimate(result, "r: trust") == pytest.approx(wide.corr().iloc[0, 1], rel=1e-12)
    rho = wide.corr(method="spearman").iloc[0, 1]
    assert estimate(result, "Spearman's rho: trust") == pytest.approx(rho, rel=1e-12)
    upper = gap.mean() + 1.959963984540054 * gap.std()
    assert estimate(result, "upper limit of agreement: trust") == pytest.approx(upper, rel=1e-12)


def test_swapping_the_roles_turns_signs_and_nothing_else() -> None:
    data = couples()
    turned = data.assign(role=data["role"].map({"coach": "client", "client": "coach"}))
    one = dk.assess_agreement(framed(data), ["trust"]).tidy().set_index("index")
    other = dk.assess_agreement(framed(turned), ["trust"]).tidy().set_index("index")
    for name in ("ICC(A,1)", "ICC(C,k)", "ICC(1)", "CCC", "r", "total deviation index"):
        assert one.loc[name, "estimate"] == pytest.approx(other.loc[name, "estimate"], rel=1e-12)
    for name in ("mean difference", "d_av", "d_z", "slope of differences on means"):
        assert one.loc[name, "estimate"] == pytest.approx(-other.loc[name, "estimate"], rel=1e-10)


def test_members_of_one_role_have_no_signed_difference() -> None:
    data = couples()
    alike = dk.DyadFrame.from_individual(data.drop(columns="role"), dyad="pair")
    result = dk.assess_agreement(alike, ["trust"])
    index = set(result.tidy()["index"])
    assert not index & {"mean difference", "r", "CCC", "ICC(A,1)"}
    lower = estimate(result, "lower limit of agreement: trust")
    assert lower == pytest.approx(-estimate(result, "upper limit of agreement: trust"), rel=1e-12)
    assert list(result.derived.data.columns) == ["dyad", "trust_absolute_difference"]


def test_categories_are_chosen_by_the_kind_of_variable() -> None:
    result = dk.assess_agreement(framed(couples()), ["mode"], seed=1)
    tidy = result.tidy().set_index("index")
    assert set(tidy["family"]) == {"categories"}
    wide = couples().pivot(index="pair", columns="role", values="mode")
    agree = float((wide["coach"] == wide["client"]).mean())
    assert tidy.loc["percent agreement", "estimate"] == pytest.approx(agree, rel=1e-12)


def test_blank_answers_are_missing() -> None:
    data = couples()
    data.loc[[0, 3], "mode"] = ["", "  "]
    tidy = dk.assess_agreement(framed(data), ["mode"], seed=1).tidy().set_index("index")
    assert tidy.loc["percent agreement", "n"] == 58


def test_declared_categories_that_nobody_chose_count() -> None:
    data = couples()
    more = ["on site", "online", "by letter"]
    declared = data.assign(mode=pd.Categorical(data["mode"], categories=more))

    def chance(frame: pd.DataFrame) -> float:
        result = dk.assess_agreement(framed(frame), ["mode"], seed=1)
        return estimate(result, "Brennan-Prediger: mode")

    agree = float((data["mode"].to_numpy()[::2] == data["mode"].to_numpy()[1::2]).mean())
    assert chance(data) == pytest.approx((agree - 1 / 2) / (1 / 2), rel=1e-12)
    assert chance(declared) == pytest.approx((agree - 1 / 3) / (2 / 3), rel=1e-12)


def test_two_variables_that_say_the_same_of_one_thing() -> None:
    data = couples()
    result = dk.assess_agreement(framed(data), pairs=[("trust.coach", "care.client")])
    coach = data.loc[data["role"] == "coach", "trust"].to_numpy()
    client = data.loc[data["role"] == "client", "care"].to_numpy()
    found = estimate(result, "mean difference: trust_and_care")
    assert found == pytest.approx(float((coach - client).mean()), rel=1e-12)


def test_different_ranges_are_refused_or_stretched_when_told() -> None:
    data = couples()
    data["care"] = (data["care"] - 1) / 6 * 100
    described = {
        "trust": Variable("trust", "Trust", roles=("coach", "client"), range=(1, 7)),
        "care": Variable("care", "Care", roles=("coach", "client"), range=(0, 100)),
    }
    dyads = framed(data, **described)
    pairs = [("trust.coach", "care.client")]
    with pytest.raises(Refused, match=r"from 1 to 7.*from 0 to 100.*rescale = true"):
        dk.assess_agreement(dyads, pairs=pairs)
    stretched = dk.assess_agreement(dyads, pairs=pairs, rescale=True)
    plain = dk.assess_agreement(framed(couples()), pairs=pairs)
    for term in ("ICC(A,1): trust_and_care", "mean difference: trust_and_care"):
        assert estimate(stretched, term) == pytest.approx(estimate(plain, term), rel=1e-10)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda d: d.assign(trust=4.0), "the same in all 60 dyads"),
        (lambda d: d.assign(trust=d["trust"].where(d["role"] == "coach")), "0 are left"),
        (lambda d: d.assign(trust=d["trust"].where(d.index < 4)), "2 are left"),
    ],
)
def test_what_cannot_be_estimated_is_said(spoil, said: str) -> None:
    data = spoil(couples())
    data["trust"] = data["trust"].astype(float)
    described = Variable("trust", "Trust", roles=("coach", "client"))
    result = dk.assess_agreement(framed(data, trust=described), ["trust", "care"])
    warnings = [note.text for note in result.notes if note.level == "warning"]
    # A note about two dyads would tell of two dyads.
    assert any(said in text for text in warnings) == (said != "2 are left")
    assert not result.tidy()["term"].str.endswith(": trust").any()


def test_a_negative_correlation_is_not_set_to_zero() -> None:
    data = couples()
    client = data["role"] == "client"
    data.loc[client, "trust"] = 8 - data.loc[~client, "trust"].to_numpy()
    result = dk.assess_agreement(framed(data), ["trust"])
    assert estimate(result, "r: trust") == pytest.approx(-1.0, abs=1e-12)
    assert estimate(result, "ICC(C,1): trust") == pytest.approx(-1.0, abs=1e-12)


def test_by_a_group_small_cells_and_what_would_give_them_back_are_hidden() -> None:
    data = couples()
    number = data["pair"].str[1:].astype(int)
    data["site"] = np.where(number < 4, "south", np.where(number % 3 == 0, "west", "north"))
    result = dk.assess_agreement(framed(data), ["trust"], by="site")
    table = result.tables()["agreement"].to_frame().set_index("variable")
    assert list(table.index) == ["All", "north", "south", "west"]
    # Four dyads are too few; with the smaller of the others they cannot be worked out.
    hidden = table["n_dyads"].eq("suppressed")
    assert hidden[["south", "west"]].all()
    assert not hidden[["All", "north"]].any()
    north = data[data["site"] == "north"].pivot(index="pair", columns="role", values="trust")
    assert table.loc["north", "r"] == pytest.approx(north.corr().iloc[0, 1], rel=1e-12)


def test_values_per_dyad_join_the_frame_and_are_in_no_table() -> None:
    data = couples()
    dyads = framed(data)
    result = dk.assess_agreement(dyads, ["trust"])
    joined = dyads.with_variables(result.derived.data, labels=result.derived.labels)
    wide = joined.wide(["trust", "trust_absolute_difference"])
    gap = (wide["trust_coach"] - wide["trust_client"]).abs()
    np.testing.assert_allclose(wide["trust_absolute_difference"], gap)
    assert joined.variables["trust_difference"].label == "Trust: coach − client"
    assert joined.variables["trust_difference"].level == "dyad"


@pytest.mark.parametrize(
    ("one", "other", "warned"),
    [
        ("partner", "partner", "reciprocity"),
        ("self", "self", "similarity"),
        ("self", "partner", ""),
        ("relationship", "relationship", ""),
        (None, None, ""),
    ],
)
def test_answers_about_two_persons_are_no_agreement(one, other, warned: str) -> None:
    roles = ("coach", "client")
    described = {
        "trust": Variable("trust", "Trust", roles=roles, about=one),
        "care": Variable("care", "Care", roles=roles, about=other),
    }
    dyads = framed(couples(), **described)
    result = dk.assess_agreement(dyads, pairs=[("trust.coach", "care.client")])
    said = [note.text for note in result.notes if "about different persons" in note.text]
    assert len(said) == bool(warned)
    assert all(warned in text for text in said)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"variables": ["trust.coach"]}, StudyError, "both"),
        ({"variables": ["site"]}, Refused, "both members answered"),
        ({"variables": ["trust"], "by": "mode"}, StudyError, "mode.coach"),
        ({"variables": ["trust"], "by": "trst"}, StudyError, "trust"),
        ({"pairs": [("trust.coach", "care.coach")]}, StudyError, "between the two members"),
        ({"pairs": [("trust", "care.client")]}, StudyError, "trust.coach"),
        ({"variables": ["trust"], "margin": -1.0}, StudyError, "above 0"),
        ({"variables": ["trust"], "within": 0.0}, StudyError, "above 0"),
        ({"variables": ["trust"], "alpha": 5}, StudyError, "alpha"),
    ],
)
def test_wrong_calls_are_refused_with_the_reason(options, error, said: str) -> None:
    with pytest.raises(error, match=said):
        dk.assess_agreement(framed(couples()), **options)


def test_dyads_of_one_are_refused() -> None:
    data = couples().drop_duplicates("pair")
    with pytest.raises((Refused, DataError), match=r"both members|none"):
        dk.assess_agreement(framed(data), ["trust"])


def test_equal_seeds_give_equal_numbers() -> None:
    one, other = (dk.assess_agreement(framed(couples()), ["mode"], seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(one.tidy(), other.tidy())


def test_points_are_for_the_own_screen_and_in_no_report() -> None:
    dyads = framed(couples())
    result = dk.assess_agreement(dyads, ["trust"])
    figure = dk.plot_agreement_points(result, "trust")
    data = result.derived.data
    points = max((part.get_offsets() for part in figure.axes[0].collections), key=len)
    # In the page's own units: as many places as there are distinct pairs of values.
    assert len(points) == len(data[["trust_mean", "trust_difference"]].drop_duplicates())
    with pytest.raises(StudyError, match="trust"):
        dk.plot_agreement_points(result, "trst")
    alike = dk.DyadFrame.from_individual(couples().drop(columns="role"), dyad="pair")
    with pytest.raises(StudyError, match="no sign"):
        dk.plot_agreement_points(dk.assess_agreement(alike, ["trust"]), "trust")


def test_perfect_agreement_is_drawn_and_told_without_a_test() -> None:
    data = couples()
    data["trust"] = data.groupby("pair")["trust"].transform("first")
    result = dk.assess_agreement(framed(data), ["trust"])
    assert set(result.figures()) == {"agreement", "limits_trust", "differences_trust"}
    assert "(difference 0.00)" in result.text()[0]
    assert estimate(result, "ICC(A,1): trust") == 1.0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda d: d.assign(trust=4.0), "answers of the coach and of the client"),
        (lambda d: d.assign(trust=d["trust"].where(d["role"] == "coach", 4.0)), "of the client"),
        (lambda d: d.assign(mode="online"), "one and the same category"),
    ],
)
def test_where_nothing_can_be_estimated_the_reason_is_the_error(spoil, said: str) -> None:
    data = spoil(couples())
    name = "mode" if "category" in said else "trust"
    with pytest.raises(DataError, match=f"No agreement could be estimated.*{said}"):
        dk.assess_agreement(framed(data), [name])


def test_an_unknown_family_is_refused_with_the_nearest() -> None:
    with pytest.raises(StudyError, match="Did you mean 'ratings'"):
        dk.assess_agreement(framed(couples()), ["trust"], families=["rating"])

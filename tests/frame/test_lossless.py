"""Layouts hold the same: whatever is built one way comes back the other way."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dyadkit.frame import DyadFrame

MODEST = settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
NUMBERS = st.sampled_from([None, 1.0, 2.5, -3.0])
TEXTS = st.sampled_from([None, "a", "b", ""])


@st.composite
def rows(draw, roles, waves, ids=None):
    """Draw individual rows, among them rows without any answer and dyads of one member."""
    known = draw(st.booleans()) if ids is None else ids
    table = []
    for dyad in range(draw(st.integers(1, 4))):
        city = {wave: draw(TEXTS) for wave in waves}
        team = draw(st.sampled_from([None, "T1", "T2"]))
        for member in range(2):
            for wave in waves:
                if not draw(st.sampled_from([True, True, True, False])):
                    continue
                someone = (
                    f"{dyad}{member}{draw(st.sampled_from('aaab'))}" if len(roles) == 2 else None
                )
                table.append(
                    {
                        "pair": f"P{dyad}",
                        "role": roles[min(member, len(roles) - 1)],
                        "wave": wave,
                        "who": (someone or f"{dyad}{member}") if known else None,
                        "team": team,
                        "when": draw(NUMBERS),
                        "x": draw(NUMBERS),
                        "said": draw(TEXTS),
                        "city": city[wave],
                    }
                )
    frame = pd.DataFrame(
        table, columns=["pair", "role", "wave", "who", "team", "when", "x", "said", "city"]
    )
    return frame.astype({"x": float, "when": float})


def build(frame, roles, waves):
    return DyadFrame.from_individual(
        frame,
        dyad="pair",
        role="role" if len(roles) == 2 else None,
        wave="wave" if waves else None,
        person="who",
        group="team",
        time="when",
        roles=roles,
        waves=waves,
        dyad_level=["city"],
    )


def round_trip(dyads):
    pattern = "{variable}_{role}_{wave}" if dyads.waves else "{variable}_{role}"
    return DyadFrame.from_wide(
        dyads.wide(),
        dyad="dyad",
        roles=dyads.roles,
        waves=dyads.waves,
        columns=pattern,
        variables=dyads.variables,
    )


def check(frame, roles, waves):
    frame = frame if waves else frame.drop(columns="wave")
    frame = frame if len(roles) == 2 else frame.drop(columns="role")
    if not len(frame):
        return
    dyads = build(frame, roles, waves)
    again = round_trip(dyads)
    equal = {"check_dtype": False}
    one, other = dyads.individual(), again.individual()
    # A column in which nobody has anything is not written.
    empty = [name for name in ("group", "time") if one[name].isna().all()]
    pd.testing.assert_frame_equal(other, one.drop(columns=empty), **equal)
    pd.testing.assert_frame_equal(again.wide(), dyads.wide(), **equal)
    assert again.pairing().equals(dyads.pairing())
    # Pairwise has every row, its own answers, and the partner's from the same table.
    pairs = dyads.pairwise()
    keys = [name for name in ("dyad", "member", "role", "wave") if name in pairs]
    own = pairs[[*keys, "x_actor", "said_actor"]].set_axis([*keys, "x", "said"], axis=1)
    pd.testing.assert_frame_equal(own, one[[*keys, "x", "said"]], **equal)


@MODEST
@given(frame=rows(("coach", "client"), ("",)))
def test_two_roles_without_waves(frame):
    check(frame, ("coach", "client"), None)


@MODEST
@given(frame=rows(("coach", "client"), ("t1", "t2")))
def test_two_roles_over_waves(frame):
    check(frame, ("coach", "client"), ("t1", "t2"))


@MODEST
@given(frame=rows(("peer",), ("t1", "t2"), ids=True))
def test_exchangeable_members_over_waves(frame):
    check(frame, ("peer",), ("t1", "t2"))


@MODEST
@given(frame=rows(("peer",), ("",)))
def test_exchangeable_members_without_waves(frame):
    # Without ids the order of the rows counts.
    check(frame, ("peer",), None)


@MODEST
@given(frame=rows(("coach", "client"), ("t1", "t2")), data=st.data())
def test_the_order_of_rows_and_columns_does_not_matter(frame, data):
    if not len(frame):
        return
    shuffled = frame.iloc[data.draw(st.permutations(range(len(frame))))]
    one = build(frame, ("coach", "client"), ("t1", "t2"))
    other = build(shuffled, ("coach", "client"), ("t1", "t2"))
    pd.testing.assert_frame_equal(one.individual(), other.individual())
    pd.testing.assert_frame_equal(one.wide(), other.wide())
    # Nor do roles and waves that nobody named; a single role would mean exchangeable members.
    if frame["role"].nunique() < 2:
        return
    unnamed = [
        DyadFrame.from_individual(
            table, dyad="pair", role="role", wave="wave", person="who", dyad_level=["city"]
        )
        for table in (frame.drop(columns=["team", "when"]), shuffled.drop(columns=["team", "when"]))
    ]
    pd.testing.assert_frame_equal(unnamed[0].wide(), unnamed[1].wide())


@pytest.mark.parametrize("roles", [("coach", "client"), ("peer",)])
def test_a_frame_of_rows_without_answers(roles):
    frame = pd.DataFrame(
        {"pair": ["P1", "P1"], "role": [roles[0], roles[-1]], "wave": "t1", "who": ["a", "b"]}
    ).assign(team=None, when=None, x=None, said=None, city=None)
    check(frame.astype({"x": float}), roles, ("t1",))

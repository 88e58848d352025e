"""References to variables."""

from __future__ import annotations

import pytest

from dyadkit.errors import StudyError
from dyadkit.frame.variable import Variable, resolve

ROLES, WAVES = ("coach", "client"), ("t1", "t2")
VARIABLES = {
    "trust": Variable("trust", "Trust", kind="scale", roles=ROLES, waves=WAVES),
    "tenure": Variable("tenure", "Tenure", roles=("coach",), waves=("t1",)),
    "Q1.1": Variable("Q1.1", "Q", kind="item", roles=ROLES, waves=WAVES),
}


@pytest.mark.parametrize(
    ("text", "name", "roles", "waves"),
    [
        ("trust", "trust", ROLES, WAVES),
        ("trust.client", "trust", ("client",), WAVES),
        ("trust.client.t1", "trust", ("client",), ("t1",)),
        ("trust.t2", "trust", ROLES, ("t2",)),
        ("tenure", "tenure", ("coach",), ("t1",)),
        ("Q1.1", "Q1.1", ROLES, WAVES),
        ("Q1.1.client", "Q1.1", ("client",), WAVES),
    ],
)
def test_references_name_variable_role_and_wave(text, name, roles, waves):
    reference = resolve(text, VARIABLES, ROLES, WAVES)
    assert (reference.variable.name, reference.roles, reference.waves) == (name, roles, waves)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "trus",
            r"Unknown variable 'trus' in 'trus'\. Did you mean 'trust'\? Declared: trust, ten",
        ),
        ("", "Unknown variable '' in ''"),
        ("trust.boss", "'boss' in 'trust.boss' is neither a role nor a wave"),
        ("trust.clint", r"Did you mean 'client'\? Roles: coach, client; waves: t1, t2\."),
        ("tenure.client", "tenure was not asked of role 'client', only of coach"),
        ("tenure.t2", "tenure was not asked of wave 't2', only of t1"),
        ("trust.client.t1.x", "has too many parts; write variable.role.wave"),
    ],
)
def test_bad_references_are_explained(text, words):
    with pytest.raises(StudyError, match=words):
        resolve(text, VARIABLES, ROLES, WAVES)


def test_kinds_that_have_means():
    kinds = {kind: Variable("x", "X", kind=kind).numeric for kind in ("scale", "text", "category")}
    assert kinds == {"scale": True, "text": False, "category": False}


def test_what_is_no_text_names_no_variable() -> None:
    with pytest.raises(StudyError, match="5 names no variable"):
        resolve(5, VARIABLES, ROLES, WAVES)

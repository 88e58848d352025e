"""A dict that stays as it was made."""

from __future__ import annotations

import copy
import pickle

import pytest

from dyadkit.study.frozen import FrozenDict

CHANGES = {
    "set": lambda d: d.__setitem__("a", 2),
    "delete": lambda d: d.__delitem__("a"),
    "update": lambda d: d.update(b=1),
    "or": lambda d: d.__ior__({"b": 1}),
    "pop": lambda d: d.pop("a"),
    "popitem": lambda d: d.popitem(),
    "clear": lambda d: d.clear(),
    "setdefault": lambda d: d.setdefault("b", 1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_refuses_to_change(change):
    frozen = FrozenDict({"a": 1})
    with pytest.raises(TypeError, match="this mapping is frozen"):
        CHANGES[change](frozen)
    assert frozen == {"a": 1}


def test_copies_can_change_and_stay_what_they_are():
    frozen = FrozenDict({"a": 1})
    assert dict(frozen) | {"b": 2} == {"a": 1, "b": 2}
    for again in (copy.deepcopy(frozen), pickle.loads(pickle.dumps(frozen))):
        assert again == frozen
        assert isinstance(again, FrozenDict)

"""A dict that stays as it was made."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class FrozenDict(dict[Key, Value]):
    """A dict that refuses to change; a study, once read, is what was read.

    Examples
    --------
    >>> times = FrozenDict({"t2": 4.0})
    >>> times["t2"] = 5.0
    Traceback (most recent call last):
    ...
    TypeError: this mapping is frozen; make a dict of it to change a copy
    """

    __slots__ = ()

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("this mapping is frozen; make a dict of it to change a copy")

    __setitem__ = _refuse
    __delitem__ = _refuse
    __ior__ = _refuse
    clear = _refuse
    pop = _refuse
    popitem = _refuse
    setdefault = _refuse
    update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)

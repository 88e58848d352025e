"""What every table of a study file is made of: frozen models, names, levels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from dyadkit.study.frozen import FrozenDict

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

Level = Literal["person", "relationship", "dyad", "group"]
Value = str | bool | int | float


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(
            f"'{value}' cannot be a name: use the letters A to Z, digits and underscores, a "
            "letter first"
        )
    return value


Name = Annotated[str, AfterValidator(_name)]
Column = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Places = Annotated[tuple[str, ...], Field(min_length=1)]


Words = Annotated[Mapping[str, str], AfterValidator(FrozenDict)]


class Part(BaseModel):
    """A table of the study file: frozen, and closed to keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

"""Agreement of some of the dyads: which values make a level, and which do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, StudyError
from tests.agreement.test_assess import couples, framed


def rows_of(result: dk.results.Result) -> pd.DataFrame:
    """Return the correlation of each level, and its n."""
    tidy = result.tidy()
    return tidy[tidy["index"] == "r"].set_index("group")[["estimate", "n"]]


def site(values: object) -> pd.DataFrame:
    return couples().assign(site=np.repeat(np.asarray(values, dtype=object), 2))


@pytest.mark.parametrize("blank", ["", "  ", None, np.nan])
def test_a_blank_value_is_no_level_and_does_not_replace_all_dyads(blank) -> None:
    named = site([blank if number < 10 else "north" for number in range(60)])
    found = rows_of(dk.assess_agreement(framed(named), ["trust"], by="site"))
    assert found["n"].to_dict() == {"": 60, "north": 50}
    plain = rows_of(dk.assess_agreement(framed(couples()), ["trust"]))
    assert found.loc["", "estimate"] == plain.loc["", "estimate"]


def test_numbers_that_print_alike_stay_apart() -> None:
    close = site(np.where(np.arange(60) % 2, 1 / 3, 1 / 3 + 1e-9))
    close["site"] = close["site"].astype(float)
    found = rows_of(dk.assess_agreement(framed(close), ["trust"], by="site"))
    assert sorted(found["n"]) == [30, 30, 60]


def test_numbers_come_in_their_order() -> None:
    numbered = site(np.array([10.0, 9.0, 100.0])[np.arange(60) % 3])
    numbered["site"] = numbered["site"].astype(float)
    result = dk.assess_agreement(framed(numbered), ["trust"], by="site")
    assert list(rows_of(result).index) == ["", "Site 9", "Site 10", "Site 100"]


def test_members_who_share_one_role_have_no_value_of_their_own_to_go_by() -> None:
    alike = dk.DyadFrame.from_individual(couples().drop(columns="role"), dyad="pair")
    with pytest.raises(StudyError, match="share one role"):
        dk.assess_agreement(alike, ["trust"], by="mode")


def test_no_value_at_all_is_an_error() -> None:
    with pytest.raises(DataError, match=r"no value in any of the 60 dyads"):
        dk.assess_agreement(framed(site([None] * 60)), ["trust"], by="site")

from __future__ import annotations

import numpy as np
import pytest

from dyadkit.loading.reading.headers import name_columns, read_header
from dyadkit.loading.reading.platform_rules import (
    platform_identities,
    unfinished_limesurvey,
    unfinished_surveymonkey,
)
from dyadkit.loading.reading.raw import RawTable, with_text
from dyadkit.study import Source

MONKEY = ["Respondent ID", "Collector ID", "First Name", "Response Status"]


def table(names: list[str], *rows: list[str]) -> RawTable:
    head = name_columns(names)
    no = np.zeros(len(rows), dtype=bool)
    return RawTable(
        name="clients",
        columns=head.columns,
        rows=np.arange(len(rows)) + 2,
        blank=~with_text(rows),
        short=no,
        long=no,
        cells=tuple(zip(*rows, strict=True)),
        platform=head.platform,
        aliases=head.aliases,
    )


def source(**exclude: tuple[str, ...]) -> Source:
    rules = {name.replace("_", " "): values for name, values in exclude.items()}
    return Source(path="clients.csv", dyad="code", role="client", exclude=rules)


@pytest.mark.parametrize(
    "names",
    [
        ["id", "submitdate", "lastpage", "seed"],
        ["id. Response ID", "submitdate. Date submitted", "lastpage. Last page", "seed. Seed"],
        ["Response ID", "Date submitted", "Last page", "Seed"],
    ],
)
def test_limesurvey_answers_without_a_date_were_not_submitted(names):
    found = table(
        names,
        *(["1", "1980-01-01 00:00:00", "3", "9"], ["2", "", "1", "9"], ["", "", "", ""]),
    )
    assert found.platform == "limesurvey"
    assert unfinished_limesurvey(found, source()).tolist() == [False, True, False]


def test_limesurvey_rule_of_the_study_keeps_them():
    found = table(["id", "submitdate", "lastpage"], ["2", "", "1"])
    assert unfinished_limesurvey(found, source(submitdate=())).tolist() == [False]


def test_no_rule_for_another_platform():
    found = table(["code", "submitdate"], ["2", ""])
    assert unfinished_limesurvey(found, source()).tolist() == [False]
    assert not unfinished_surveymonkey(found, source())[0].any()


def test_surveymonkey_status():
    words = ["completed", "Partial", "", "halb fertig"]
    found = table(MONKEY, *(["1", "2", "Ann", word] for word in words))
    unfinished, strange = unfinished_surveymonkey(found, source())
    assert unfinished.tolist() == [False, True, False, False]
    assert strange.tolist() == [False, False, False, True]
    kept = unfinished_surveymonkey(found, source(Response_Status=()))
    assert not kept[0].any()
    assert not kept[1].any()
    assert not unfinished_surveymonkey(found, source(Response_Status=("halb",)))[1].any()


def test_identities_of_every_platform():
    assert platform_identities(table(MONKEY, ["1", "2", "Ann", ""])) == ["First Name"]
    lime = table(["id", "submitdate", "lastpage", "ipaddr"], ["1", "", "1", "1.2.3.4"])
    assert platform_identities(lime) == ["ipaddr"]
    codes = [f"V{number}" for number in range(1, 11)]
    names = ["ResponseID", "ResponseSet", "Name", "x", "EmailAddress", "IPAddress", "Status"]
    head = read_header([codes, [*names, "StartDate", "EndDate", "Finished"]], name="clients")
    no = np.zeros(0, dtype=bool)
    legacy = RawTable(
        name="clients", columns=head.columns, rows=np.zeros(0, dtype=np.int64), blank=no, short=no,
        long=no, cells=((),) * 10, platform=head.platform, aliases=head.aliases,
    )  # fmt: skip
    assert platform_identities(legacy) == ["V3", "V4", "V5", "V6"]

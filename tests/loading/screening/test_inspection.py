"""What `dyadkit check` finds: planted mess, and nothing in clean data."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dyadkit.cli import app
from dyadkit.errors import StudyError
from dyadkit.loading.screening.inspection import inspect
from dyadkit.loading.screening.inspection_json import inspection_data
from dyadkit.loading.screening.listing import list_inspection, list_problems
from dyadkit.study import read_study

ITEMS = [f"q{number}" for number in range(1, 17)]
STUDY = """\
[study]
roles = ["coach", "client"]
waves = ["w1", "w2"]
orphans = "keep"

[[source]]
path = "coaches.csv"
name = "coaches"
role = "coach"
wave_column = "wave"
dyad = "pair"
person = "id"
date = "day"
duration = "seconds"
{coach}

[[source]]
path = "clients.csv"
name = "clients"
role = "client"
wave_column = "wave"
dyad = "pair"
person = "id"
date = "day"
duration = "seconds"
{client}

[scale.trust]
items = ["q1..q16"]
range = [1, 7]
{rest}
"""


def answers(role: str, n: int = 60, seed: int = 5) -> pd.DataFrame:
    """Simulate careful people in two waves."""
    rng = np.random.default_rng(seed)
    letter = role[:2].upper()
    frames = []
    for wave, day in (("w1", "2026-01-05"), ("w2", "2026-02-05")):
        person = rng.normal(0, 1, (n, 1))
        codes = np.clip(np.rint(4 + person + rng.normal(0, 1.2, (n, 16))), 1, 7).astype(int)
        frame = pd.DataFrame(codes, columns=ITEMS)
        frame.insert(0, "pair", [f"P{number:03}" for number in range(n)])
        frame.insert(1, "id", [f"{letter}{number:03}" for number in range(n)])
        frame.insert(2, "wave", wave)
        frame.insert(3, "day", day)
        frame.insert(4, "seconds", rng.integers(60, 300, n))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True).astype(object)


@pytest.fixture
def planted(tmp_path):
    """Return what writes a study after changing its exports, and inspects it."""

    def write(change=None, coach: str = "", client: str = "", rest: str = ""):
        coaches, clients = answers("coach"), answers("client", seed=6)
        if change is not None:
            change(coaches, clients)
        coaches.to_csv(tmp_path / "coaches.csv", index=False)
        clients.to_csv(tmp_path / "clients.csv", index=False)
        path = tmp_path / "study.toml"
        path.write_text(STUDY.format(coach=coach, client=client, rest=rest), encoding="utf-8")
        return path

    return write


def kinds(path) -> dict[str, int]:
    return {finding.kind: finding.count for finding in inspect(read_study(path)).findings}


def test_clean_data_raise_nothing(planted):
    found = inspect(read_study(planted()))
    assert found.problems == ()
    assert found.findings == ()
    assert found.frame is not None
    assert found.attention is not None
    assert not found.attention.flagged.any(axis=None)


def row(frame: pd.DataFrame, number: int, **cells) -> None:
    for name, value in cells.items():
        frame.loc[number, name] = value


PLANTED = {
    "a code with a small letter": (lambda a, b: row(b, 3, pair="p003"), "likely_dyads", 1),
    "a code with an O": (lambda a, b: row(b, 3, pair="PO03"), "likely_dyads", 1),
    "an id with a small letter": (lambda a, b: row(b, 63, id="cl003"), "spelt_twice", 2),
    "a client who is a coach": (lambda a, b: row(b, [3, 63], id="CO010"), "both_roles", 1),
    "another partner": (lambda a, b: row(b, 63, pair="P010", id="CL003"), "changed_partner", 1),
    "dates that run backwards": (
        lambda a, b: row(b, 63, day="2026-01-01"),
        "waves_out_of_order",
        1,
    ),
    "a twin": (lambda a, b: row(b, 8, **{i: b.loc[3, i] for i in ITEMS}), "same_respondent", 2),
    "an item turned round": (
        lambda a, b: (row(a, slice(None), q4=8 - a["q4"]), row(b, slice(None), q4=8 - b["q4"])),
        "keying",
        1,
    ),
}


@pytest.mark.parametrize("case", PLANTED)
def test_planted_mess_is_found(planted, case):
    change, kind, count = PLANTED[case]
    found = kinds(planted(change))
    assert found.get(kind) == count, found


def straight(coaches, clients) -> None:
    row(clients, 7, **dict.fromkeys(ITEMS, 4))
    row(clients, 9, seconds=5)


def test_careless_rows_are_flagged_and_stay(planted):
    found = inspect(read_study(planted(straight)))
    flagged = found.keys[found.attention.flagged.any(axis=1)]
    assert flagged[["source", "row"]].to_numpy().tolist() == [["clients", 9], ["clients", 11]]
    assert found.frame.exclusions.empty
    shown = list_inspection(found)
    assert "2 rows flagged" in shown
    assert "clients row 9: longest_run 16, within_sd 0" in shown
    assert "clients row 11: seconds_per_item 0.312" in shown


@pytest.mark.parametrize(
    ("exclude", "rows"),
    [
        ('"longest_run"', [9]),
        ('"seconds_per_item"', [11]),
        ('"within_sd", "seconds_per_item"', [9, 11]),
    ],
)
def test_careless_rows_are_left_out_where_the_study_file_says_so(planted, exclude, rows):
    path = planted(straight, rest=f"[careless]\nexclude = [{exclude}]\n")
    ledger = inspect(read_study(path)).frame.exclusions
    assert ledger["reason"].tolist() == ["careless"] * len(rows)
    assert ledger["row"].tolist() == rows


def test_a_threshold_of_the_study_file_counts(planted):
    path = planted(rest='[careless]\nexclude = ["longest_run"]\nlongest_run = 3\n')
    found = inspect(read_study(path))
    runs = found.attention.indices["longest_run"]
    assert found.frame.exclusions["reason"].eq("careless").sum() == (runs >= 3).sum() > 0


def test_a_duration_is_needed_to_exclude_fast_rows(planted, tmp_path):
    text = planted(rest='[careless]\nexclude = ["seconds_per_item"]\n').read_text("utf-8")
    path = tmp_path / "other.toml"
    path.write_text(text.replace('duration = "seconds"\n', ""), encoding="utf-8")
    with pytest.raises(StudyError, match="needs duration"):
        read_study(path)


def two_faults(coaches, clients) -> None:
    row(coaches, 2, q1="four")
    row(clients, 4, q2="five")


def test_problems_of_every_file_are_listed_at_once(planted):
    found = inspect(read_study(planted(two_faults)))
    assert [problem.text.split(":")[0] for problem in found.problems] == ["coaches", "clients"]
    assert found.frame is None
    shown = list_problems(found)
    assert shown.startswith("2 problems must be mended before anything can be estimated:\n  - coa")


def test_problems_beside_a_file_that_cannot_be_used(planted, tmp_path):
    path = planted(lambda a, b: row(a, 2, q1="four"))
    clients = tmp_path / "clients.csv"
    clients.write_text(clients.read_text("utf-8").replace("q7", "other"), encoding="utf-8")
    texts = [problem.text for problem in inspect(read_study(path)).problems]
    assert "clients lacks 1 column" in texts[0]
    assert "coaches: 1 cell in 1 column (q1) cannot be read as a number" in texts[1]


def test_nobody_without_consent_is_looked_at(planted):
    def change(coaches, clients) -> None:
        straight(coaches, clients)
        for frame in (coaches, clients):
            frame["ok"] = "yes"
        row(clients, 7, ok="no", pair="p007")

    path = planted(change, rest='[[consent]]\ncolumn = "ok"\ngranted = ["yes"]\n')
    found = inspect(read_study(path))
    shown = list_inspection(found) + json.dumps(inspection_data(found))
    assert "p007" not in shown
    assert "clients row 9" not in shown
    assert found.attention.flagged.any(axis=1).sum() == 1


def test_a_wave_before_consent_is_found(tmp_path):
    head = '[study]\nroles = ["coach", "client"]\nwaves = ["w1", "w2"]\norphans = "keep"\n'
    source = '[[source]]\npath = "{0}.csv"\nname = "{0}"\nrole = "client"\nwave = "{0}"\n'
    toml = head + "".join(source.format(w) + 'dyad = "pair"\nperson = "id"\n' for w in ("w1", "w2"))
    coaches = source.format("w1").replace("w1.csv", "c.csv").replace('name = "w1"', 'name = "c"')
    toml += coaches.replace("client", "coach") + 'dyad = "pair"\nperson = "id"\n'
    toml += '[[consent]]\ncolumn = "ok"\ngranted = ["yes"]\nsource = ["w2"]\n'
    toml += '[variable.x]\ncolumn = "x"\n'
    (tmp_path / "w1.csv").write_text("pair,id,x\nP1,K1,1\nP2,K2,1\n", encoding="utf-8")
    (tmp_path / "w2.csv").write_text("pair,id,x,ok\nP1,K1,1,yes\n", encoding="utf-8")
    (tmp_path / "c.csv").write_text("pair,id,x\nP1,C1,1\nP2,C2,1\n", encoding="utf-8")
    path = tmp_path / "study.toml"
    path.write_text(toml, encoding="utf-8")
    (finding,) = inspect(read_study(path)).findings
    assert (finding.kind, finding.places) == ("before_consent", (("w1", 2),))


def test_the_command_prints_json(planted):
    path = planted(straight)
    done = CliRunner().invoke(app, ["check", str(path), "--json"])
    assert done.exit_code == 0
    data = json.loads(done.stdout)
    assert data["schema"] == 1
    assert [s["source"] for s in data["sources"]] == ["coaches", "clients"]
    assert [flag["row"] for flag in data["careless"]["flagged"]] == [9, 11]
    assert data["dyads"][0] == {
        "wave": "w1",
        "dyads": 60,
        "complete": 60,
        "only_coach": 0,
        "only_client": 0,
    }


def test_the_command_fails_when_there_are_problems(planted):
    path = planted(two_faults)
    done = CliRunner().invoke(app, ["check", str(path)])
    assert done.exit_code == 1
    assert "coaches: 1 cell" in done.stderr
    again = CliRunner().invoke(app, ["check", str(path), "--json"])
    assert again.exit_code == 1
    assert len(json.loads(again.stdout)["problems"]) == 2


def test_what_contradicts_itself_over_files_is_listed_with_the_rest(planted):
    """A dyad-level value that two members give differently, besides a cell that is no number."""

    def change(coaches, clients) -> None:
        row(coaches, 2, q1="four")
        coaches["months"], clients["months"] = 3, 3
        row(clients, 5, months=4)

    rest = '[variable.months]\ncolumn = "months"\nlevel = "dyad"\n'
    problems = inspect(read_study(planted(change, rest=rest))).problems
    assert "cannot be read as a number" in problems[0].text
    assert "'months' is declared to belong to the dyad" in problems[1].text

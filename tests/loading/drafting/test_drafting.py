"""Drafts are read as studies, and load: every design here needs no edited line."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

import pytest

from dyadkit.errors import DataError, StudyError
from dyadkit.loading import load
from dyadkit.loading.drafting.drafting import draft_study, write_draft
from dyadkit.study import read_study
from tests.loading.making_exports import (
    answers,
    ids,
    make_export,
    spelt,
    stacked,
    write_csv,
)
from tests.loading.making_files import write_sheets

SAMPLES = Path(__file__).resolve().parents[3] / "data" / "sample"
TRUST = ["tr1", "tr2", "tr3", "tr4"]
MENTORS, MENTEES, PAIRS = ids("M"), ids("D"), ids("P")


def trust(seed=1, n=40, **columns):
    return {**columns, **answers(TRUST, n, reverse=["tr4"], seed=seed)}


@pytest.fixture
def drafted(tmp_path):
    """Return what writes exports, drafts their study file, and gives its path and its tables."""

    def draft(**files):
        paths = [
            write_csv(tmp_path / f"{name.replace('__', ' ')}.csv", columns)
            for name, columns in files.items()
        ]
        write_draft(paths, tmp_path / "study.toml")
        text = (tmp_path / "study.toml").read_text(encoding="utf-8")
        return tmp_path / "study.toml", tomllib.loads(text)

    return draft


def kept(path):
    """Load a study and count what was kept of what was read."""
    flow = load(read_study(path)).flow().groupby("step", observed=True)["n"].sum()
    return int(flow["kept"]), int(flow["read"])


def test_two_files_and_a_shared_code(drafted):
    path, study = drafted(coaches=trust(1, pair=PAIRS), clients=trust(2, pair=PAIRS))
    assert study["study"]["roles"] == ["coach", "client"]
    assert study["source"] == [
        {"path": f"{name}.csv", "role": role, "dyad": "pair", "duplicates": "first_complete"}
        for name, role in (("coaches", "coach"), ("clients", "client"))
    ]
    scale = study["scale"]["tr"]
    assert (scale["items"], scale["range"], scale["reverse"]) == (["tr1..tr4"], [1, 5], ["tr4"])
    assert [analysis["type"] for analysis in study["analysis"]] == [
        "descriptives",
        "nonindependence",
        "missingness",
    ]
    assert kept(path) == (80, 80)


def test_one_file_with_columns_for_role_and_wave(drafted):
    parts = [
        trust(10 * wave + number, pair=PAIRS, Rolle=[word] * 40, Welle=[wave] * 40)
        for wave in (1, 2)
        for number, word in enumerate(("Führungskraft", "Mitarbeiterin"))
    ]
    path, study = drafted(daten=stacked(*parts))
    (source,) = study["source"]
    assert source["role_values"] == {
        "Führungskraft": "fuehrungskraft",
        "Mitarbeiterin": "mitarbeiter",
    }
    assert source["wave_values"] == {"1": "t1", "2": "t2"}
    assert kept(path) == (160, 160)


def test_words_that_are_the_roles_need_no_table(drafted):
    both = stacked(
        trust(1, pair=PAIRS, role=["Mentor"] * 40), trust(2, pair=PAIRS, role=["mentee"] * 40)
    )
    path, study = drafted(all=both)
    assert study["source"][0]["role_column"] == "role"
    assert "role_values" not in study["source"][0]
    assert kept(path) == (80, 80)


def test_dyads_in_rows(drafted):
    patterns = [f"{{item}}_{role}_t{wave}" for role in ("coach", "client") for wave in (1, 2)]
    columns = {
        "pair": PAIRS,
        "coach_id": ids("C"),
        "client_id": ids("K"),
        "consent_coach": ["yes"] * 40,
        "consent_client": ["no", *["yes"] * 39],
        **spelt(patterns, TRUST),
        **spelt(["{item}_coach_t1"], ["rd1", "rd2", "rd3"]),
    }
    path, study = drafted(all=columns)
    (source,) = study["source"]
    assert source["layout"] == "dyad"
    assert source["columns"] == "{item}_{role}_{wave}"
    assert (source["dyad"], source["person"]) == ("pair", "{role}_id")
    assert study["consent"] == [{"column": "consent_{role}", "granted": ["yes"]}]
    rated = study["scale"]["rd"]
    assert (rated["roles"], rated["waves"]) == (["coach"], ["t1"])
    # The refusal takes two records of the client, and leaves the coach of that pair alone.
    assert kept(path) == (156, 160)


@pytest.mark.parametrize(
    ("patterns", "source"),
    [
        (
            ["{item}_w", "{item}_h"],
            {"columns": "{item}_{role}", "role_values": {"w": "wife", "h": "husband"}},
        ),
        (
            ["T1.{item}.M", "T1.{item}.F", "T2.{item}.M", "T2.{item}.F"],
            {
                "columns": "{wave}.{item}.{role}",
                "role_values": {"F": "female", "M": "male"},
                "wave_values": {"T1": "t1", "T2": "t2"},
            },
        ),
        (["{item}_1", "{item}_2"], {"columns": "{item}_{role}"}),
        (
            ["{item}_A", "{item}_B"],
            {"columns": "{item}_{role}", "role_values": {"A": "partner", "B": "partner"}},
        ),
    ],
)
def test_other_ways_to_write_dyads(drafted, patterns, source):
    path, study = drafted(couples={"couple": PAIRS, **spelt(patterns, TRUST)})
    fixed = {
        "path": "couples.csv",
        "layout": "dyad",
        "dyad": "couple",
        "duplicates": "first_complete",
    }
    assert study["source"] == [{**fixed, **source}]
    assert kept(path) == (len(patterns) * 40, len(patterns) * 40)


def test_items_whose_number_stands_apart_have_a_version(drafted):
    columns = {"couple": PAIRS, **spelt(["trust_w_{item}", "trust_h_{item}"], ["1", "2", "3"])}
    path, study = drafted(couples=columns)
    assert study["scale"]["trust"]["items"] == ["trust_1..trust_3"]
    assert study["scale"]["trust"]["version"] == [{"items": ["trust_{role}_1..trust_{role}_3"]}]
    assert kept(path) == (80, 80)


def test_partners_named_in_both_files_or_in_one(drafted):
    path, study = drafted(
        mentors=trust(1, mentor_id=MENTORS, mentee_id=MENTEES),
        mentees=trust(2, mentee_id=MENTEES),
    )
    first, second = study["source"]
    assert (first["person"], first["partner"]) == ("mentor_id", "mentee_id")
    assert second["person"] == "mentee_id"
    assert not {"dyad", "partner"} & second.keys()
    assert kept(path) == (80, 80)


def test_a_loop_a_key_file_and_a_withdrawal_list(drafted):
    slots = ("1", "2")
    loop = {
        "mentor_id": MENTORS,
        **{f"m{slot}_id": ids(f"D{slot}") for slot in slots},
        **spelt([f"{{item}}_{slot}" for slot in slots], TRUST),
        **answers(["su1", "su2", "su3"]),
    }
    mentees = [*ids("D1"), *ids("D2")]
    path, study = drafted(
        mentors=loop,
        mentees=trust(3, 80, dev_id=[code.lower() for code in mentees]),
        pairs={"pair": ids("P", 80), "mentor": MENTORS * 2, "mentee": mentees},
        withdrawn={"id": ["D1003", "D2004"]},
    )
    assert study["link"] == [
        {"path": "pairs.csv", "dyad": "pair", "mentor": "mentor", "mentee": "mentee"}
    ]
    mentors, developees = study["source"]
    assert mentors["partner"] == "m{slot}_id"
    assert mentors["slots"] == ["1", "2"]
    assert mentors["columns"] == "{item}_{slot}"
    assert developees["id_match"] == mentors["id_match"] == ["case"]
    assert study["withdrawal"] == [{"path": "withdrawn.csv", "person": "id"}]
    assert study["scale"]["tr"]["level"] == "relationship"
    assert "level" not in study["scale"]["su"]
    # Two of 80 developees withdrew, with their own records only.
    assert kept(path) == (158, 160)


def test_partners_who_are_alike_have_one_role(drafted):
    path, study = drafted(
        friends=stacked(trust(1, pair=PAIRS, id=ids("A")), trust(2, pair=PAIRS, id=ids("B")))
    )
    assert study["study"]["roles"] == ["partner"]
    assert "role" not in study["source"][0]
    assert kept(path) == (80, 80)


def test_a_diary(drafted):
    days, n = range(1, 6), 10
    parts = [
        trust(
            number,
            50,
            couple=[pair for pair in ids("P", n) for _ in days],
            role=[role] * 50,
            person=[pair for pair in ids(role, n) for _ in days],
            day=[day for _ in range(n) for day in days],
            beep_at=[f"2025-03-{day:02d} 20:{who:02d}:00" for who in range(n) for day in days],
        )
        for number, role in enumerate(("wife", "husband"))
    ]
    _, study = drafted(diary=stacked(*parts))
    (source,) = study["source"]
    assert (source["time"], source["occasion"]) == ("beep_at", "day")
    assert (source["dyad"], source["person"]) == ("couple", "person")
    assert "waves" not in study["study"]


def test_answers_in_words_and_a_code_for_none(drafted):
    words = {1: "Never", 2: "Rarely", 3: "Sometimes", 4: "Often", 5: "Always"}
    columns = {item: [words[cell] for cell in cells] for item, cells in answers(TRUST).items()}
    for item in TRUST[:2]:
        columns[item][:2] = ["n/a", "n/a"]
    path, study = drafted(coaches={"pair": PAIRS, **columns}, clients=trust(2, pair=PAIRS))
    assert study["source"][0]["missing"] == ["n/a"]
    assert study["source"][0]["values"] == {word: code for code, word in words.items()}
    assert kept(path) == (80, 80)


def test_a_workbook_with_a_sheet_for_each_role(tmp_path):
    def rows(columns):
        return [list(columns), *map(list, zip(*columns.values(), strict=True))]

    book = {"Notes": [["Hello"]], "Mentors": rows(trust(1, pair=PAIRS))}
    book["Mentees"] = rows(trust(2, pair=PAIRS))
    file = write_sheets(tmp_path / "all.xlsx", book)
    write_draft([file], tmp_path / "study.toml")
    study = tomllib.loads((tmp_path / "study.toml").read_text(encoding="utf-8"))
    assert [(s["name"], s["sheet"], s["role"]) for s in study["source"]] == [
        ("all Mentors", "Mentors", "mentor"),
        ("all Mentees", "Mentees", "mentee"),
    ]
    assert kept(tmp_path / "study.toml") == (80, 80)


def test_items_that_a_role_was_asked_in_one_wave_only_are_split(drafted):
    more = answers(["su1", "su2", "su3"])
    path, study = drafted(
        coaches_t1={**trust(1, pair=PAIRS), **more},
        coaches_t2=trust(2, pair=PAIRS),
        clients_t1={**trust(3, pair=PAIRS), **more},
        clients_t2={**trust(4, pair=PAIRS), **more},
    )
    assert "roles" not in study["scale"]["tr"]
    assert (study["scale"]["su"]["roles"], study["scale"]["su"]["waves"]) == (["coach"], ["t1"])
    assert study["scale"]["su_2"]["roles"] == ["client"]
    assert "waves" not in study["scale"]["su_2"]
    assert kept(path) == (160, 160)


def test_a_shorter_form_is_a_scale_of_its_own_with_the_same_range(drafted):
    path, study = drafted(
        coaches={"pair": PAIRS, **answers(["a1", "a2", "a3"], high=7)},
        clients={"pair": PAIRS, **answers(["a1", "a2"], high=5)},
    )
    assert study["scale"]["a"]["items"] == ["a1..a3"]
    assert study["scale"]["a_2"]["items"] == ["a1", "a2"]
    assert study["scale"]["a"]["range"] == study["scale"]["a_2"]["range"] == [1, 7]
    assert kept(path) == (80, 80)


def test_names_that_mean_something_else_are_changed(drafted):
    path, study = drafted(
        coaches={"pair": PAIRS, **answers(["time1", "time2", "Q1_1", "Q1_2", "Q1", "Q2"])},
        clients={"pair": PAIRS, **answers(["time1", "time2", "2x_1", "2x_2"])},
    )
    assert set(study["scale"]) == {"time_scale", "Q1_scale", "Q", "s2x"}
    assert kept(path)[1] == 80


def test_every_guess_says_so(drafted):
    path, _ = drafted(coaches_t1=trust(1, pair=PAIRS), clients_t1=trust(2, pair=PAIRS))
    for line in path.read_text(encoding="utf-8").splitlines():
        key = line.split(" = ")[0]
        if key in ("roles", "waves", "wave", "role", "dyad", "items", "range", "reverse"):
            assert "  # check" in line, line
        if key in ("title", "label"):
            assert line.endswith("  # fill in"), line


def test_what_nobody_can_know_is_asked_for():
    text = draft_study([make_export("a.csv", trust()), make_export("b.csv", trust())])
    assert 'roles = ["first", "second"]  # fill in: what the two are called' in text
    assert text.count('role = ""  # fill in') == 2
    assert text.count('dyad = ""  # fill in: the column that both partners share') == 2


def test_refusals_that_are_not_understood_are_asked_for():
    export = make_export("clients.csv", {"pair": PAIRS, "consent": ["A", "B"] * 20, **trust()})
    text = draft_study([export])
    assert "granted = []  # fill in: the answers that grant consent" in text


def test_files_that_are_nothing_are_named(drafted):
    path, _ = drafted(
        coaches=trust(1, pair=PAIRS),
        clients=trust(2, pair=PAIRS),
        ages={"pair": PAIRS, "age": [30 + n for n in range(40)]},
        empty={"pair": [], "tr1": []},
    )
    text = path.read_text(encoding="utf-8")
    assert "# ages.csv is left out: no items of a scale were found in it.  # check" in text
    assert "# empty.csv is left out: it has no rows.  # check" in text
    assert kept(path) == (80, 80)


def test_no_answer_of_anybody_is_in_a_draft():
    columns = trust(1, pair=["SECRET-PAIR", *PAIRS[1:]], consent=["no, SECRET", *["yes"] * 39])
    columns["tr1"][0] = "SECRET WORD"
    columns["comment1"], columns["comment2"] = [["SECRET"] * 3 + [""] * 37] * 2
    text = draft_study([make_export("clients.csv", columns)])
    assert "SECRET" not in text
    assert 'granted = ["yes"]' in text


def test_awkward_names_are_quoted():
    columns = {
        'pair "code"': PAIRS,
        **answers(['a\\"1', 'a\\"2', "é\n1", "é\n2", "日本1", "日本2"]),
    }
    export = make_export('c "x".csv', columns, questions={"é\n1": 'What\n"is" it?'})
    study = tomllib.loads(draft_study([export]))
    assert study["source"][0]["path"] == 'c "x".csv'
    assert study["source"][0]["dyad"] == 'pair "code"'
    assert {name: scale["items"] for name, scale in study["scale"].items()} == {
        "a": ['a\\"1', 'a\\"2'],
        "scale": ["é\n1", "é\n2"],
        "scale_2": ["日本1", "日本2"],
    }


NAMES = [
    *(
        "id",
        "pair",
        "mentor_id",
        "m1_id",
        "m2_id",
        "role",
        "wave",
        "time",
        "day",
        "consent",
        "date",
    ),
    *("tr1", "tr2", "tr1_1", "tr1_2", "tr2_1", "tr2_2", "q1_w", "q1_h", "q2_w", "q2_h", "x", ""),
    *("q1_coach_t1", "q1_client_t1", "q2_coach_t2", "a..1", "a..2", "{role}1", "{role}2", "a\n1"),
    *("1", "1_1", "2_1", "\u20281", "Q1[SQ001]", "Q1[SQ002]", "partner", "team", "duration"),
]
CELLS = [
    *(["1", "2", "3", "4", "5"], ["", "7", "-99", "n/a"], ["P01", "P 02", "p03"], ["yes", "no"]),
    *(["Mentor", "Mentee"], ["t1", "t2"], ["2025-01-01 10:00:00", "x"], ["Agree", "Disagree"]),
    *(["nan", "inf", "1e400", "9" * 40], ["\\", '"', "\U0001f600"], [""], ["1.5", "2,5"]),
]
FILES = ["mentors_t1.csv", "mentees.sav", "a.csv", "pairs.csv", "withdrawn.csv", "ö\n.csv", "1.csv"]


@pytest.mark.parametrize("seed", range(60))
def test_any_mixed_bag_of_exports_is_drafted(seed):
    rng = random.Random(seed)
    exports = []
    for path in rng.sample(FILES, rng.randint(1, 4)):
        rows = rng.choice([0, 1, 2, 30])
        columns = {
            name: [rng.choice(cells) for _ in range(rows)]
            for name in rng.sample(NAMES, rng.choice([0, 1, 3, 20]))
            for cells in [rng.choice(CELLS)]
        }
        exports.append(make_export(path, columns, sheet=rng.choice(["", "T1"])))
    study = tomllib.loads(draft_study(exports))
    assert len(study["source"]) + len(study.get("link", [])) <= len(exports)
    assert study["source"]
    assert study["scale"]


def test_the_draft_of_the_coaching_sample_needs_no_edit(tmp_path):
    exports = sorted((SAMPLES / "distance_coaching").glob("*.csv"))
    write_draft(exports, tmp_path / "study.toml")
    study = read_study(tmp_path / "study.toml")
    assert [source.dyad for source in study.sources] == ["pair_code"] * 4
    assert [withdrawal.person for withdrawal in study.withdrawals] == ["id"]
    assert all(source.missing == (-99,) and source.id_match == () for source in study.sources)
    # The README's table of what a loader must count, but for the withdrawal of t1 answers.
    flow = load(study).flow()
    read = flow[flow["step"] == "read"].groupby("source", observed=True)["n"].sum()
    assert dict(read) == {
        "clients_t1.csv": 265,
        "clients_t2.csv": 235,
        "coaches_t1.csv": 259,
        "coaches_t2.csv": 241,
    }


def test_the_draft_of_the_mentoring_sample_needs_no_edit(tmp_path):
    folder = SAMPLES / "workplace_mentoring"
    names = ["developees_t1.sav", "developees_t2.sav", "developees_t3.sav", "mentors.xlsx"]
    exports = [folder / name for name in [*names, "pairs.csv", "withdrawn.csv"]]
    write_draft(exports, tmp_path / "study.toml")
    ours = folder.parents[2] / "analyses/workplace_mentoring/study.toml"
    mine, theirs = read_study(tmp_path / "study.toml"), read_study(ours)
    for key in ("layout", "wave", "wave_column", "wave_values", "role", "person", "partner"):
        assert [getattr(s, key) for s in mine.sources] == [getattr(s, key) for s in theirs.sources]
    for key in ("columns", "slots", "sheet", "missing", "id_match", "duplicates"):
        assert [getattr(s, key) for s in mine.sources] == [getattr(s, key) for s in theirs.sources]
    assert [link.people for link in mine.links] == [link.people for link in theirs.links]
    assert [c.granted for c in mine.consents] == [c.granted for c in theirs.consents]
    for name, known in (
        ("q", "quality"),
        ("pe", "performance"),
        ("su", "support"),
        ("co", "courage"),
    ):
        draft = next(scale for scale in mine.scales if scale.name == name)
        scale = next(scale for scale in theirs.scales if scale.name == known)
        for key in ("items", "range", "reverse", "roles", "level"):
            assert getattr(draft, key) == getattr(scale, key), (known, key)
    dyads = load(mine)
    flow = dyads.flow()
    read = flow[flow["step"] == "read"].groupby("source", observed=True)["n"].sum()
    # The README's ledger: 379, 345 and 303 developees; 387 + 341 + 309 + 3 rows of mentors.
    assert dict(read) == {
        "developees_t1.sav": 379,
        "developees_t2.sav": 345,
        "developees_t3.sav": 303,
        "mentors.xlsx": 1040,
    }


def test_an_existing_study_file_is_never_replaced(tmp_path):
    export = write_csv(tmp_path / "clients.csv", trust())
    (tmp_path / "study.toml").write_text("mine")
    with pytest.raises(StudyError, match="exists already"):
        write_draft([export], tmp_path / "study.toml")
    assert (tmp_path / "study.toml").read_text() == "mine"


def test_what_cannot_be_read_or_written_is_said(tmp_path):
    export = write_csv(tmp_path / "clients.csv", trust())
    with pytest.raises(StudyError, match="cannot be written"):
        write_draft([export], tmp_path / "nowhere" / "study.toml")
    (tmp_path / "broken.sav").write_bytes(b"$FL2 and nothing more")
    with pytest.raises(DataError, match=r"broken\.sav"):
        write_draft([export, tmp_path / "broken.sav"], tmp_path / "study.toml")
    assert not (tmp_path / "study.toml").exists()

"""Mutated exports through ``dyadkit check``: no traceback, nothing silent, nothing of the refused.

A failure names the study and the seed; ``python -m tests.loading.mutations STUDY SEED FOLDER``
writes the same files again.
"""

from __future__ import annotations

import io
import json
import tempfile
import time
import zipfile
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dyadkit.cli import app
from dyadkit.errors import DyadKitError
from dyadkit.frame import DyadFrame
from dyadkit.loading import load
from dyadkit.study import read_study
from tests.loading.mutating.accounts import check_account, check_books, check_score, check_untouched
from tests.loading.mutating.messages import Secrets, check_secrets, check_words, rows_in, secrets_of
from tests.loading.mutating.records import Expected, UnclearError, expected_records
from tests.loading.mutating.studies import STUDIES
from tests.loading.mutations import Case, mutate, unchanged, write_case

# Seconds: what no check may take, and what they may take on average, on a busy machine too.
LONGEST, USUAL = 30.0, 3.0
# How many seeds of a study are tried each time, and in the slow run, if not the usual number:
# statistical files are read by a program of their own, and samples are large.
FEW = {"sav": 8, "dta": 8, "coaching": 8, "mentoring": 6}
MANY = {"sav": 300, "dta": 300, "coaching": 400, "mentoring": 200}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What ``dyadkit check`` came to, and what loading the same study came to, if it was tried.

    The time is that of the check.
    """

    code: int
    out: str
    err: str
    loaded: DyadFrame | DyadKitError | None
    seconds: float

    @property
    def said(self) -> str:
        """Everything that was printed."""
        return f"{self.out}\n\n{self.err}"


def check(path: Path, *, always_load: bool = True) -> Outcome:
    """Run ``dyadkit check`` in this process, and load the study that it finds to be all right."""
    start = time.perf_counter()
    ran = CliRunner().invoke(app, ["check", str(path)])
    seconds = time.perf_counter() - start
    loaded: DyadFrame | DyadKitError | None = None
    if ran.exit_code == 0 or always_load:
        try:
            loaded = load(read_study(path))
        except DyadKitError as error:
            loaded = error
    return Outcome(ran.exit_code, ran.stdout, ran.stderr, loaded, seconds)


@cache
def as_it_is(name: str) -> Outcome:
    """Return what comes of a study before anything is done to it."""
    with tempfile.TemporaryDirectory() as folder:
        outcome = check(write_case(unchanged(name), Path(folder)))
    assert outcome.code == 0, outcome.said
    return outcome


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a case: its records, and what must not be said; None where nothing is."""

    records: list[Expected] | None
    secrets: Secrets | None


def known(case: Case) -> Known:
    """Read the tables of a case on a second way; without its columns nobody can."""
    if not case.study.sources or case.toml != case.study.toml:
        return Known(None, None)
    try:
        records = expected_records(case.study, case.tables)
    except UnclearError:
        return Known(None, None)
    except KeyError:
        return Known(None if case.damage else [], None)
    damaged = {file for file, _ in case.damage}
    secrets = secrets_of(case.study, case.tables, records, damaged)
    return Known(None if damaged else records, secrets)


@cache
def known_as_it_is(name: str) -> Known:
    """Return what is known of a study before anything is done to it."""
    return known(unchanged(name))


def examine_json(path: Path, code: int, secrets: Secrets | None) -> None:
    """Hold what ``dyadkit check --json`` prints against the same promises."""
    ran = CliRunner().invoke(app, ["check", str(path), "--json"])
    assert ran.exit_code == code
    if code == 2:
        return
    data = json.loads(ran.stdout)
    assert bool(data["problems"]) == (code == 1)
    if secrets is not None:
        check_secrets(ran.stdout, secrets, rows_in(data))


def examine(case: Case, outcome: Outcome, name: str, what: Known) -> None:
    """Hold every promise of ``dyadkit check`` against what it did with a case."""
    code, dyads = outcome.code, outcome.loaded
    assert code in (0, 1, 2), f"exit code {code}: {outcome.err}"
    assert outcome.seconds < LONGEST
    # After which a line may end, where a long path follows.
    assert outcome.out.strip() or outcome.err.startswith("Error:")
    for text in (outcome.said, str(dyads) if isinstance(dyads, DyadKitError) else ""):
        check_words(text, lambda: _written(case))
        if what.secrets is not None:
            check_secrets(text, what.secrets)
    if isinstance(dyads, DyadKitError):
        # A mistake in the study file goes first, which loading may reach too late to see.
        assert code in (dyads.exit_code, 2), f"check says {code}, loading says: {dyads}"
        return
    if dyads is None:
        return
    assert code != 1, "check finds problems that loading does not"
    check_books(dyads)
    if case.study.score and case.toml == case.study.toml:
        check_score(dyads)
    if what.records is not None:
        assert what.records, "a file was loaded that lacks a column, or has it twice"
        check_account(dyads, case.study, what.records)
        check_untouched(
            dyads, case.study, what.records, as_it_is(name).loaded, known_as_it_is(name).records
        )


def _written(case: Case) -> str:
    """Return every text in the files, as far as they can be told."""
    words = [data.decode("latin-1") for data in case.files().values()]
    for table in case.tables.values():
        words += [*table.columns, *(cell for row in (*table.above, *table.records) for cell in row)]
    return "\n".join(words)


def run(name: str, seeds: range, folder: Path) -> Counter[int]:
    """Mutate a study again and again; return how often each exit code came."""
    codes: Counter[int] = Counter()
    failures: list[str] = []
    spent = 0.0
    for seed in seeds:
        case = mutate(name, seed)
        path = write_case(case, folder)
        thorough = seed % 5 == 0
        outcome = check(path, always_load=thorough)
        codes[outcome.code] += 1
        spent += outcome.seconds
        try:
            what = known(case)
            examine(case, outcome, name, what)
            if thorough:
                examine_json(path, outcome.code, what.secrets)
        except Exception as error:
            # What was done, and the first line of what is wrong with what came of it.
            wrong = str(error).strip().splitlines() or [""]
            steps = "; ".join(case.steps)
            failures.append(f"seed {seed} ({steps}): {type(error).__name__}: {wrong[0]}")
    assert not failures, f"study {name!r}, {len(failures)} failed:\n" + "\n".join(failures)
    assert spent / len(seeds) < USUAL
    return codes


@pytest.mark.parametrize("name", STUDIES)
def test_mutated_exports_are_refused_or_accounted_for(name, tmp_path):
    codes = run(name, range(FEW.get(name, 16)), tmp_path)
    assert codes[0] > 0
    assert codes[1] + codes[2] > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "start"),
    [(name, start) for name in STUDIES for start in range(1000, 1000 + MANY.get(name, 800), 100)],
)
def test_many_mutated_exports_are_refused_or_accounted_for(name, start, tmp_path):
    codes = run(name, range(start, start + 100), tmp_path)
    assert codes[0] > 10
    assert codes[1] > 10


def test_ten_thousand_exports_are_mutated():
    assert sum(MANY.get(name, 800) for name in STUDIES) >= 10_000


@pytest.mark.parametrize("name", STUDIES)
def test_a_seed_writes_the_same_files_again(name):
    one, other = mutate(name, 3), mutate(name, 3)
    assert one.steps == other.steps
    assert one.files() == other.files()


@pytest.mark.parametrize("suffix", ["xlsx", "sav", "dta"])
def test_files_do_not_tell_when_they_were_written(suffix):
    data = unchanged(suffix).files()[f"clients.{suffix}"]
    if suffix == "xlsx":
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            assert {part.date_time[0] for part in book.infolist()} == {2026}
            data = book.read("docProps/core.xml")
    now = datetime.now(UTC)
    today = {"xlsx": f"{now:%Y-%m-%d}T", "sav": f"{now:%d %b %y}", "dta": f"{now:%d %b %Y}"}
    assert today[suffix].encode() not in data


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_as_it_is_is_accounted_for(name):
    case = unchanged(name)
    examine(case, as_it_is(name), name, known(case))


# -- the checks can fail ---------------------------------------------------------------------


@pytest.fixture
def plain():
    """The study "plain" as it is: its case and what came of it."""
    return unchanged("plain"), as_it_is("plain")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows[1:], "rows read are not those written"),
        (
            lambda rows: [("P101", "0041", "no", *rows[0][3:]), *rows[1:]],
            "other rows are anonymous",
        ),
        (lambda rows: [(*rows[0][:5], "6", *rows[0][6:]), *rows[1:]], "written: .*, kept: "),
        (lambda rows: [rows[1], rows[0], *rows[2:]], ""),
        (lambda rows: [(*rows[0][:5], "kg", *rows[0][6:]), *rows[1:]], "cannot be read was kept"),
        (lambda rows: [(), *rows[1:]], "an empty line was kept"),
        (lambda rows: [*rows[:7], (), *rows[7:-1]], "that nobody wrote so"),
    ],
)
def test_a_table_that_was_not_loaded_is_found_out(plain, change, words):
    case, outcome = plain
    coaches = case.tables["coaches.csv"]
    told = replace(coaches, records=tuple(change([*coaches.records])))
    records = expected_records(case.study, {**case.tables, "coaches.csv": told})
    if not words:  # The order of rows that stay is nothing that is kept.
        check_account(outcome.loaded, case.study, records)
        return
    with pytest.raises(AssertionError, match=words):
        check_account(outcome.loaded, case.study, records)


@pytest.mark.parametrize(
    "text",
    [
        "coaches: 'Geheim02' cannot be read.",
        "coaches: the id 0991 is strange.",
        "clients: 2 rows (rows 2, 7) look alike.",
        "clients: 2 rows look alike; coaches, row 13, too.",
    ],
)
def test_words_about_refused_people_are_found(plain, text):
    case, outcome = plain
    secrets = known(case).secrets
    check_secrets(outcome.said, secrets)
    with pytest.raises(AssertionError, match="refused is shown"):
        check_secrets(text, secrets)


@pytest.mark.parametrize("text", ["mean nan", "x" * 20_000, "np.float64(3.0)", "row <NA>"])
def test_words_that_nobody_wrote_are_found(text):
    with pytest.raises(AssertionError):
        check_words(text, lambda: "pair,coach_id")

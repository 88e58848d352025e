"""A report made by hand: no data, no analysis, and two values that must never be shown."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from dyadkit.display.figures import FlowDiagram, FlowStep, HeatMap, Interval, IntervalPlot
from dyadkit.display.presented import PresentedResult, Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.report import InputFile, Provenance, Report, Section
from dyadkit.results import Convergence, Estimates, Note, Support, Total, Verdict
from dyadkit.study import parse_study

STUDY = """
[study]
title = "Trust & learning in distance coaching"
roles = ["coach", "client"]
waves = ["t1", "t2"]
time_unit = "week"
seed = 7
[wave.t2]
time = 4
[[source]]
path = "coaches.csv"
wave = "t1"
role = "coach"
dyad = "pair"
[[source]]
path = "clients.csv"
wave = "t2"
role = "client"
dyad = "pair"
[scale.trust]
label = "Trust in the coach"
items = ["tr1..tr5"]
range = [1, 7]
reverse = ["tr3"]
minimum_answered = 4
roles = ["client"]
about = "partner"
[variable.tenure]
column = "tenure_years"
"""

# No other number of the report has these digits; the supports say that both are to be hidden.
SECRET = 4.731573157
SECRET_SHARE = 0.6428642864


def _descriptives() -> PresentedResult:
    columns = (
        Column("variable", "Variable"),
        Column("n", "n", "count", "Coach"),
        Column("mean", "M", "statistic", "Coach"),
        Column("ci", "95 % CI", "interval", "Coach"),
        Column("n_client", "n", "count", "Client"),
        Column("mean_client", "M", "statistic", "Client"),
        Column("p", "p", "p_value"),
    )

    def row(label: str, mean: float, key: str) -> Row:
        return Row(
            (
                Cell(label),
                Cell(58, key),
                Cell(mean, key),
                Cell((mean - 0.25, mean + 0.25), key),
                Cell(61),
                Cell(5.5),
                Cell(0.0004),
            )
        )

    table = Table(
        "descriptives",
        "Means and standard deviations by role",
        columns,
        (
            Row((Cell("First wave"),), heading=True),
            row("Trust in the coach", 5.254321, "trust"),
            row("Satisfaction", SECRET, "few"),
            row("Age", 40.5, "many"),
            Row((Cell("Second wave"),), heading=True),
            row("Trust in the coach", 5.5, "trust"),
            row("Negative affect", -1.25, "trust"),
        ),
        ("M = mean; CI = confidence interval.", "Intervals are two-sided."),
    )
    empty = Table("empty", "Variables with nothing to tell", columns[:2], ())
    heat = HeatMap(
        "missing",
        "Share of missing answers",
        "Heat map of the share of missing answers by scale and wave",
        ("Trust", "Satisfaction"),
        ("Coach t1", "Client t1"),
        (
            (Cell(0.02, "trust"), Cell(0.031, "trust")),
            (Cell(SECRET_SHARE, "few"), Cell(0.3, "trust")),
        ),
        "percent",
        0.0,
        1.0,
        caption="Darker is more.",
    )
    return PresentedResult(
        type="descriptives",
        title="Descriptive statistics",
        estimates=Estimates(
            [
                {"term": "trust", "role": "coach", "estimate": 5.254321, "std_error": 0.11},
                {"term": "satisfaction", "role": "coach", "estimate": SECRET, "df": float("nan")},
                {"term": "share", "role": "client", "estimate": float("inf"), "p_value": 0.03},
            ],
            ["trust", "few", "many"],
        ),
        summary={"n_obs": 119, "n_dyads": 60, "n_leavers": 3, "n_items": 2, "aic": float("nan")},
        table_specs=(table, empty),
        figure_specs=(heat,),
        sentences=(
            Sentence(
                "Trust was {mean} on average.", {"mean": Cell(5.254321, "trust", "statistic")}
            ),
            Sentence("Satisfaction was {mean}.", {"mean": Cell(SECRET, "few", "statistic")}),
        ),
        methods=("Means are over persons.", "Intervals use the t distribution."),
        supports=(Support("trust", 58, 58), Support("few", 3, 3), Support("many", 60, 60)),
        notes=(
            Note("Means of items were taken when four of five were answered."),
            Note("Satisfaction was answered by very few.", "warning"),
        ),
    )


def _wide() -> PresentedResult:
    names = [f"{measure} {wave}" for wave in ("t1", "t2") for measure in "abcdef"]
    columns = (
        Column("variable", "Variable"),
        *(Column(f"r{i}", str(i), "correlation", "Correlations") for i in range(1, 13)),
        Column("alpha", "α", "correlation"),
    )
    rows = tuple(
        Row(
            (
                Cell(f"{i + 1}. {name}"),
                *(Cell(0.01 * (i * j - 30) if j < i else None) for j in range(12)),
                Cell(0.8),
            )
        )
        for i, name in enumerate(names)
    )
    intervals = tuple(
        Interval(name, 0.1 * i, 0.1 * i - 0.2, 0.1 * i + 0.2, "all", name[-2:])
        for i, name in enumerate(names[:6])
    )
    plot = IntervalPlot(
        "intervals",
        "Correlations with intervals",
        "Six correlations with their intervals",
        "Correlation",
        intervals,
        "correlation",
        reference=0.0,
        limits=(-1.0, 1.0),
    )
    flow = FlowDiagram(
        "flow",
        "Participants",
        "Sixty coaches and sixty-one clients answered; 58 dyads were complete",
        (
            (FlowStep("Coaches", ("62 rows",), ("2 without consent",)), FlowStep("Kept", ("60",))),
            (FlowStep("Clients", ("61 rows",)), FlowStep("Kept", ("61",))),
        ),
        (FlowStep("Dyads", ("58 complete",)),),
    )
    return PresentedResult(
        type="correlations",
        title="Correlations within and between partners",
        estimates=Estimates([{"term": "a × b", "estimate": 0.25}], ["all"]),
        summary={"n_dyads": 58},
        table_specs=(Table("matrix", "Correlations of all variables", columns, rows),),
        figure_specs=(plot, flow),
        methods=("Intervals use the t distribution.", "Correlations are over dyads."),
        supports=(Support("all", 58, 58), Support("part", 20, 20)),
        totals=(Total("all", ("part",)),),
        verdicts=(Verdict("trust", "scalar", False, "Scalar invariance failed for trust."),),
        convergence=Convergence(False, 200, 0.31, True),
    )


def _plain() -> PresentedResult:
    return PresentedResult(
        type="nonindependence",
        title="Non-independence",
        estimates=Estimates([], []),
        summary={},
        sentences=(Sentence("Partners resembled each other."),),
    )


def make_report(study_text: str = STUDY, *, directory: Path = Path("study")) -> Report:
    """Put the report together; nothing is read or computed."""
    return Report(
        study=parse_study(study_text, directory=directory, stem="study"),
        flow={
            "rows": [{"source": "coaches", "step": "read", "n": 62}],
            "pairing": [
                {"wave": "t1", "dyads": 60, "complete": 58},
                {"wave": "t2", "dyads": 55, "complete": 51},
            ],
        },
        notes=(Note("Two rows were read twice and counted once.", "warning"),),
        sections=(
            Section("who answered", "descriptives", "ok", None, _descriptives()),
            Section("all correlations", "correlations", "ok", None, _wide()),
            Section("alike", "nonindependence", "ok", None, _plain()),
            Section("apim", "apim", "failed", "The model did not converge after 200 iterations."),
            Section("gap", "surface", "refused", "A difference score alone would mislead."),
        ),
        provenance=Provenance(
            inputs=(
                InputFile("coaches.csv", "ab" * 32, 12_345),
                InputFile("clients.csv", "cd" * 32, 23_456),
            ),
            versions={"dyadkit": "0.1.0", "Python": "3.12.1", "numpy": "2.4.0"},
            seed=7,
            seconds={"load": 0.25, "who answered": 0.5},
        ),
    )


NASTY = (
    "<script>alert('x')</script>",
    "quotes \" and ' & ampersands &amp; <b>",
    "\x00\x08bell\x07 \x1b[31mred\x7f\x85",
    "noncharacters \ufffe\uffff",
    "\u202eoverride\u202c and \u200bzero\u200dwidth",
    "الثقة في المدرب",
    "信任與學習",
    "{{ 7 * 7 }} {% raw %} {0} %s",
    "a" * 300,
    "two\nlines\tand a tab",
    "]]> --> </style></svg>",
    '=HYPERLINK("x")',
)
NASTY_NAMES = (
    "../../x",
    "CON",
    "a/b:c*?",
    "A-B-C",
    "a-b-c",
    "",
    "信任",
    "é" * 300,
    "nul",
    ".",
    "..",
)


def make_nasty_report() -> Report:
    """A report in which every text that a user can set is hostile, and tables are long and wide."""
    columns = (
        Column("label", NASTY[0]),
        *(
            Column(f"c{i}", NASTY[i % len(NASTY)][:14], "interval", NASTY[1][: 8 * (i // 4)])
            for i in range(1, 14)
        ),
    )
    rows = tuple(
        Row((Cell(text),), heading=True)
        if heading
        else Row((Cell(text), *(Cell((-1000.5 * i, 1000.5 * i)) for i in range(1, 14))))
        for text in NASTY
        for heading in (True, False)
    )
    long = Table(
        "long",
        NASTY[0],
        (Column("a", NASTY[1]), Column("b", "b", "text"), Column("c", "c", "count")),
        tuple(Row((Cell(f"{i} {NASTY[i % 12]}"), Cell(NASTY[9]), Cell(i))) for i in range(60)),
        NASTY,
    )

    def result(title: str, number: int) -> PresentedResult:
        figure = HeatMap(
            NASTY_NAMES[number],
            title,
            NASTY[number],
            NASTY[:2],
            NASTY[2:4],
            ((Cell(0.1), Cell(0.2)), (Cell(0.3), Cell(None))),
            "percent",
            0.0,
            1.0,
            NASTY[number],
        )
        return PresentedResult(
            type="nasty",
            title=title,
            estimates=Estimates([{"term": text, "estimate": 1.0} for text in NASTY], NASTY),
            summary={"n_dyads": 40},
            table_specs=(
                *((Table("wide", title, columns, rows, NASTY[:3]), long) if not number else ()),
                *(Table(name, title, columns[:2], ()) for name in NASTY_NAMES),
            ),
            figure_specs=(figure,),
            sentences=tuple(Sentence("{x}", {"x": Cell(text)}) for text in NASTY),
            methods=NASTY,
            notes=tuple(Note(text, "warning") for text in NASTY),
        )

    made = make_report(
        STUDY.replace("Trust & learning in distance coaching", "<script>1</script> & \\u202e x")
        .replace('"week"', "'<i>'")
        .replace("Trust in the coach", "<b>&\\u0007")
    )
    return Report(
        study=made.study,
        flow={text: text for text in NASTY},
        notes=tuple(Note(text) for text in NASTY),
        sections=(
            *(
                Section(name, name, "ok", None, result(NASTY[i], i))
                for i, name in enumerate(NASTY_NAMES)
            ),
            *(Section(f"failed {text}", text, "failed", text) for text in NASTY),
            *(Section(f"refused {text}", text, "refused", text) for text in NASTY),
        ),
        provenance=Provenance(
            tuple(InputFile(text, text, 1) for text in NASTY), {text: text for text in NASTY}, 7, {}
        ),
    )


@pytest.fixture
def report() -> Report:
    return make_report()


@pytest.fixture
def make():
    """The function that makes the report, for tests that want another study."""
    return make_report


@pytest.fixture
def study_text() -> str:
    return STUDY


@pytest.fixture
def secrets() -> tuple[float, float]:
    """The two numbers that must be in no file."""
    return SECRET, SECRET_SHARE


@pytest.fixture(scope="session")
def written(tmp_path_factory) -> Path:
    """The folder of the report, written once."""
    return make_report().write(tmp_path_factory.mktemp("written") / "report")


@pytest.fixture(scope="session")
def nasty(tmp_path_factory) -> Path:
    """The folder of the hostile report, written once."""
    with warnings.catch_warnings():
        # No font has all of these characters, and the drawing says so.
        warnings.simplefilter("ignore", UserWarning)
        return make_nasty_report().write(tmp_path_factory.mktemp("nasty") / "report")


@pytest.fixture(scope="session")
def nasty_texts() -> tuple[str, ...]:
    return NASTY

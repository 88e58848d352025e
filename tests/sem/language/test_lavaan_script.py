from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dyadkit.errors import StudyError
from dyadkit.sem.language.lavaan_script import to_lavaan_model, to_lavaan_script
from dyadkit.sem.language.partable import ParTable, build_partable

ORACLE = Path(__file__).parents[2] / "oracles" / "partables.json"

MODELS: list[tuple[str, dict[str, Any]]] = [
    ('equal("t=~t2")', {"model": 't =~ t1 + t2 + equal("t=~t2")*t3 + start(0.5)*t4'}),
    (
        "automatic label",
        {"model": "y ~ x + z; y ~~ y\n d := .p1.*.p3.; .p2. > 0.1; .p1. == .p2.^2"},
    ),
    ("automatic label of a fixed one", {"model": "f =~ x1 + x2 + x3; d := .p1.*.p2."}),
    ("label of a fixed one", {"model": "y ~ 1*x + a*x + b*z; b == a*b^2; d := a + b"}),
    ("odd label", {"model": 'y ~ label("it\'s")*x + "it\'s"*z'}),
    (
        "one factor in groups",
        {"model": "f =~ x1 + c(NA,0.2)*x2 + start(c(.5,.7))*x3 + x3 + lower(0)*x4", "n_groups": 2},
    ),
    (
        "equal groups",
        {
            "model": "f =~ x1 + x2 + x3 + x4; g =~ y1 + y2 + y3; g ~ f + age",
            "n_groups": 3,
            "group_equal": ("loadings", "intercepts"),
            "group_partial": ("x2~1",),
        },
    ),
]


def tables() -> dict[str, ParTable]:
    """A table for each model above, and for every third of the oracle's."""
    made = {}
    for name, arguments in MODELS:
        options = dict(arguments)
        made[name] = build_partable(options.pop("model"), **options)
    loaded = json.loads(ORACLE.read_text("utf-8"))
    for number, case in enumerate(loaded["cases"]):
        if number % 3 == 0:
            made[f"{number} {case['model']}"] = build_partable(
                loaded["models"][case["model"]], **case["options"]
            )
    return made


def pattern(rows: list[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """Free parameters numbered anew by what they are, whatever the order of the rows."""
    # A covariance is one whichever variable stands first, which depends on the order of the rows.
    rows = [(*sorted([r[0], r[2]]), *r[1:2], *r[3:]) if r[1] == "~~" else r for r in rows]
    ordered = sorted(rows, key=lambda row: row[:4])
    numbers: dict[int, int] = {}
    return {
        (*row[:4], numbers.setdefault(row[4], len(numbers) + 1) if row[4] else 0, *row[5:])
        for row in ordered
    }


R_SCRIPT = """
suppressPackageStartupMessages({library(jsonlite); library(lavaan)})
models <- fromJSON(commandArgs(TRUE)[1], simplifyDataFrame = FALSE)
result <- lapply(models, function(m) {
  table <- suppressWarnings(lavaanify(
    m$model, fixed.x = m$fixed_x, meanstructure = m$meanstructure, ngroups = m$n_groups
  ))
  shared <- table[table$op == "==" & table$user == 2L, ]
  relations <- table[table$op %in% c(":=", "==", "<", ">") & table$user != 2L, ]
  rows <- table[table$op %in% c("=~", "~", "~~", "~1"), ]
  for (i in seq_len(nrow(shared))) {
    pair <- match(c(shared$lhs[i], shared$rhs[i]), rows$plabel)
    rows$free[rows$free == rows$free[pair[2]]] <- rows$free[pair[1]]
  }
  list(
    lhs = rows$lhs, op = rows$op, rhs = rows$rhs, group = rows$group, free = rows$free,
    ustart = rows$ustart, exo = rows$exo == 1L, relations = nrow(relations)
  )
})
cat(toJSON(result, digits = 15, na = "null", auto_unbox = FALSE))
"""


@pytest.fixture(scope="module")
def rscript() -> str:
    found = shutil.which("Rscript")
    if found is None:
        pytest.skip("Rscript is not on the path, so lavaan cannot read our scripts here")
    have = [found, "-e", "library(lavaan); library(jsonlite)"]
    if subprocess.run(have, capture_output=True, check=False).returncode != 0:
        pytest.skip("R has no lavaan or no jsonlite, so our scripts are not read here")
    return found


def test_lavaan_reads_the_same_model_back(rscript, tmp_path):
    """lavaan 0.6-14 and later: the same rows, fixed at the same values, free and shared alike."""
    ours = tables()
    models = [
        {
            "model": to_lavaan_model(table),
            "fixed_x": table.fixed_x,
            "meanstructure": table.meanstructure,
            "n_groups": table.n_groups,
        }
        for table in ours.values()
    ]
    (tmp_path / "models.json").write_text(json.dumps(models), encoding="utf-8")
    (tmp_path / "read.R").write_text(R_SCRIPT, encoding="utf-8")
    run = subprocess.run(
        [rscript, str(tmp_path / "read.R"), str(tmp_path / "models.json")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    for (name, table), made in zip(ours.items(), json.loads(run.stdout), strict=True):
        columns = ("lhs", "op", "rhs", "group", "free", "ustart", "exo")
        made["ustart"] = [None if v is None else _rounded(v) for v in made["ustart"]]
        theirs = pattern(list(zip(*(made[column] for column in columns), strict=True)))
        mine = pattern(
            [
                (row.lhs, row.op, row.rhs, row.group, row.free, _or_none(row), row.exo)
                for row in table.rows
            ]
        )
        assert mine == theirs, name
        count = len(table.definitions) + len(table.equalities) + len(table.inequalities)
        assert made["relations"] == [count], name


def test_the_script_runs(rscript, tmp_path):
    rng = np.random.default_rng(7)
    trust = rng.normal(size=200)
    items = trust[:, None] + rng.normal(size=(200, 3))
    rows = [
        f"{a},{b},{c},{'mentor' if i % 2 else 'developee'}" for i, (a, b, c) in enumerate(items)
    ]
    (tmp_path / "förtroende.csv").write_text("\n".join(["t1,t2,t3,role", *rows]), encoding="utf-8")
    table = build_partable(
        "trust =~ t1 + c(a, b)*t2 + t3; d := a - b",
        n_groups=2,
        group_equal=("intercepts",),
        std_lv=True,
    )
    script = to_lavaan_script(
        table,
        data_file="förtroende.csv",
        group="role",
        group_labels=("mentor", "developee"),
        options={"missing": "fiml"},
    )
    (tmp_path / "refit.R").write_text(script + '\ncat("q =", fitmeasures(fit, "npar"))\n', "utf-8")
    run = subprocess.run(
        [rscript, "--encoding=UTF-8", "refit.R"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert f"q = {table.n_free}" in run.stdout


def _or_none(row: Any) -> float | None:
    value = row.start if row.free else row.value
    return None if math.isnan(value) else _rounded(value)


def _rounded(value: float) -> float:
    """What is left of a number in R's JSON, which has 15 digits."""
    return float(f"{value:.14g}")


def test_the_model_reads_back_here_too():
    """The model written out is a model of ours, with the same free parameters under "lavaan"."""
    for name, table in tables().items():
        again = build_partable(
            to_lavaan_model(table),
            auto="lavaan",
            fixed_x=table.fixed_x,
            meanstructure=table.meanstructure,
            n_groups=table.n_groups,
        )
        kept = [(r.lhs, r.op, r.rhs, r.group, r.free, _or_none(r), r.exo) for r in table.rows]
        made = [(r.lhs, r.op, r.rhs, r.group, r.free, _or_none(r), r.exo) for r in again.rows]
        assert pattern(kept) == pattern(made), name
        assert again.n_free == table.n_free, name


def test_groups_need_the_name_of_their_column():
    table = build_partable("y ~ x", n_groups=2)
    with pytest.raises(StudyError, match="Name the column"):
        to_lavaan_script(table)
    script = to_lavaan_script(table, group="role", group_labels=("mentor", "developee"))
    assert 'group = "role"' in script
    assert 'group.label = c("mentor", "developee")' in script


def test_text_of_the_script_is_escaped():
    table = build_partable('y ~ label("it\'s")*x')
    script = to_lavaan_script(
        table, data_file='a "b"\\c.csv', options={"conf": 0.9, "verbose": True}
    )
    assert 'read.csv("a \\"b\\"\\\\c.csv"' in script
    assert "label" not in script
    assert '"it\\\'s"*x' in script
    assert "conf = 0.9" in script
    assert "verbose = TRUE" in script


def test_a_new_label_avoids_those_taken():
    table = build_partable("p2 ~ p1*x + z; d := .p2.*2")
    assert to_lavaan_model(table).splitlines()[0] == "p2 ~ p1*x + p2_*z"
    assert to_lavaan_model(table).splitlines()[-1] == "d := p2_*2"


def test_long_formulas_go_over_several_lines():
    table = build_partable("trust =~ " + " + ".join(f"trust_item_{i}" for i in range(30)))
    lines = to_lavaan_model(table).splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[1].startswith("    ")

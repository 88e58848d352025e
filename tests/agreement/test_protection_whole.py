"""What is published of too few does not depend on their answers, down to the bytes of figures."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.display.drawing import to_png
from dyadkit.display.presented import PresentedResult
from dyadkit.frame import Variable
from dyadkit.report.json_file import as_json
from dyadkit.study import Scale
from tests.agreement.test_assess_groups import ITEMS, scored
from tests.studies import STUDY, write_study

NAMES = ("online", "on site", "by letter")


def everything(result: PresentedResult) -> dict[str, object]:
    """Return all that leaves: tables and their values, figures' bytes, sentences, notes."""
    tables = result.tables().values()
    return {
        "tables": [(t.title, t.headings, t.rows, t.notes) for t in tables],
        "values": [as_json(t.to_frame().to_dict("records")) for t in tables],
        "figures": {name: to_png(figure) for name, figure in result.figures().items()},
        "text": result.text(),
        "notes": result.notes,
        "verdicts": result.verdicts,
    }


def pairs(n: int, seed: int, alike: bool) -> dk.DyadFrame:
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(rng.integers(1, 6, (2 * n, 4)).astype(float), columns=["q0", *ITEMS])
    data["pair"] = np.repeat(np.arange(n), 2)
    data["mode"] = pd.Categorical(rng.choice(NAMES, 2 * n), categories=NAMES)
    roles = ("member",) if alike else ("coach", "client")
    described = {
        "q0": Variable("q0", "Trust", roles=roles),
        "mode": Variable("mode", "Mode", "category", roles=roles),
    }
    if not alike:
        data["role"] = np.tile(roles, n)
    keys = {"dyad": "pair", "roles": roles, "variables": described}
    dyads = dk.DyadFrame.from_individual(data, **keys, **({} if alike else {"role": "role"}))
    return dk.score_scales(dyads, [Scale(name="climate", items=ITEMS, range=(1, 5))])


@pytest.mark.parametrize("alike", [False, True])
def test_of_four_dyads_the_same_is_published_whatever_they_answered(alike: bool) -> None:
    families = ["ratings", "categories", "profiles", "self_other"]
    found = [
        everything(
            dk.assess_agreement(
                pairs(4, seed, alike),
                ["climate", "q0", "mode"],
                families=families,
                permutations=19,
                draws=50,
                seed=1,
                within=1.0,
            )
        )
        for seed in (1, 2)
    ]
    assert found[0] == found[1]
    assert len(found[0]["figures"]) > 4


def test_of_four_groups_the_same_is_published_whatever_they_answered() -> None:
    found = []
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        data = pd.DataFrame(rng.integers(1, 6, (20, 3)).astype(float), columns=list(ITEMS))
        data = data.assign(team=np.repeat(list("abcd"), 5), row=np.arange(20))
        dyads = scored(data, dyad="row", group="team", roles=("member",))
        result = dk.assess_agreement(dyads, ["climate"], groups="group", draws=50, seed=1)
        found.append(everything(result))
    assert found[0] == found[1]
    assert found[0]["figures"]


def test_the_files_of_a_report_hold_no_value_of_a_dyad(tmp_path: Path) -> None:
    text = STUDY[: STUDY.index("[[analysis]]")] + (
        '[[analysis]]\ntype = "agreement"\nname = "Agreement"\npermutations = 19\n'
        'families = ["ratings", "profiles", "self_other"]\n'
    )
    report = dk.analyze(write_study(tmp_path, text, n=40))
    report.write(tmp_path / "out")
    (result,) = [s.result for s in report.sections if s.type == "agreement"]
    derived = result.derived.data
    files = [p for p in (tmp_path / "out").rglob("*") if p.suffix in (".json", ".csv", ".html")]
    assert len(files) > 5
    # Pictures within the page are letters at random.
    texts = (re.sub(r"base64,[^'\"]*", "", path.read_text("utf-8")) for path in files)
    written = " ".join(texts)
    assert not any(str(name) in written for name in derived["dyad"])
    for column in ("trust_distinctive_similarity", "trust_overall_similarity"):
        values = derived[column].dropna().to_numpy()
        inner = values[np.abs(values) < 0.999]
        assert len(inner) > 20
        assert not any(f"{value:.6f}"[:8].lstrip("-") in written for value in inner)

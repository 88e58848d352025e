"""One truth, written down in every design: the same values, and the same counts.

What must come out is worked out here from the simulated truth, in plain Python.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dyadkit.frame import DyadFrame
from tests.loading.making_designs import (
    DESIGNS,
    ROLES,
    ROWS,
    WAVES,
    Answer,
    Design,
    a_file_each,
    consent_rule,
    dyad_rows,
    key_file,
    loops,
    partners_named,
    quoted,
    read,
    simulate,
    source,
    write_parquet,
    write_sav,
    write_xlsx,
)

MODEST = settings(
    max_examples=5,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SEEDS = st.integers(0, 10**6)


@dataclass(frozen=True)
class Expected:
    """What must come out: scores by pair, and counts by wave, role and step."""

    scores: Mapping[tuple[str, str], Mapping[str, float | None]]
    steps: Counter
    strange: int


def work_out(answers: Sequence[Answer]) -> Expected:
    """Work out by hand what is left of the answers, and what became of the others."""
    steps: Counter = Counter()
    left: dict[tuple, Answer] = {}
    for answer in answers:
        spot = (answer.pair, answer.role, answer.wave)
        steps[answer.wave, answer.role, "read"] += 1
        if answer.consent != "yes":
            steps[answer.wave, answer.role, "no_consent"] += 1
        elif spot in left:
            # Of several the first of those that answer most counts.
            steps[answer.wave, answer.role, "duplicate"] += 1
            if len(answer.known) > len(left[spot].known):
                left[spot] = answer
        else:
            left[spot] = answer
    sides: dict[tuple[str, str], set[str]] = {}
    for answer in left.values():
        sides.setdefault(answer.pair, set()).add(answer.role)
    scores: dict[tuple[str, str], dict[str, float | None]] = {}
    strange = 0
    for answer in left.values():
        if len(sides[answer.pair]) < 2:
            steps[answer.wave, answer.role, "alone"] += 1
            continue
        steps[answer.wave, answer.role, "kept"] += 1
        strange += sum(bool(cell) for cell in answer.cells) - len(answer.known)
        empty = {f"trust_{role}_{wave}": None for role in ROLES for wave in WAVES}
        mine = scores.setdefault(answer.pair, empty)
        if answer.known:
            name = f"trust_{answer.role}_{answer.wave}"
            mine[name] = sum(answer.known) / len(answer.known)
    return Expected(scores, steps, strange)


def scores(dyads: DyadFrame, name: str = "trust") -> dict[tuple, dict[str, float | None]]:
    """Return the scores of each pair, known by the ids of both (and the occasion)."""
    rows = dyads.individual()
    people = rows.groupby("dyad")["person"].agg(lambda ids: tuple(sorted(set(ids.dropna()))))
    wide = dyads.wide([name])
    found = {}
    for row in wide.to_dict("records"):
        values = {k: v for k, v in row.items() if k.startswith(name)}
        key = people[row["dyad"]]
        key = key if "occasion" not in row else (*key, row["occasion"])
        assert key not in found
        found[key] = {k: None if math.isnan(v) else float(v) for k, v in values.items()}
    return found


def steps(dyads: DyadFrame) -> Counter:
    """Return the flow over all sources; who has no partner may be an orphan, or not linked."""
    counts: Counter = Counter()
    for row in dyads.flow().to_dict("records"):
        step = "alone" if row["step"] in ("orphan", "not_linked") else row["step"]
        counts[row["wave"], row["role"], step] += row["n"]
    return +counts


def check(dyads: DyadFrame, expected: Expected) -> None:
    """Compare values and counts with the truth, and the ledger with itself."""
    wanted = {tuple(sorted(pair)): values for pair, values in expected.scores.items()}
    assert scores(dyads) == wanted
    assert steps(dyads) == +expected.steps
    ledger = dyads.exclusions
    assert (ledger["reason"] == "out_of_range").sum() == expected.strange
    check_ledger(dyads)


def check_ledger(dyads: DyadFrame) -> None:
    """Every record is accounted for, source by source, and those kept are those in the frame."""
    flow, ledger = dyads.flow(), dyads.exclusions
    places = ["source", "wave", "role"]
    for _, mine in flow.groupby(places, dropna=False):
        counts = mine.set_index("step")["n"]
        assert counts["read"] == counts.drop("read").sum()
        assert (counts >= 0).all()
    assert flow.loc[flow["step"] == "kept", "n"].sum() == len(dyads.individual())
    hidden = ledger[ledger["reason"] == "no_consent"]
    assert hidden[["row", "person", "dyad", "detail"]].isna().all(axis=None)


@pytest.mark.parametrize("design", DESIGNS)
@MODEST
@given(seed=SEEDS)
def test_every_design_says_the_same(tmp_path, design, seed):
    answers = simulate(seed)
    check(read(tmp_path, design(answers)), work_out(answers))


@settings(MODEST, max_examples=10)
@given(seed=SEEDS, design=st.sampled_from(ROWS))
def test_who_answers_twice_counts_once(tmp_path, design, seed):
    answers = simulate(seed, twice=True)
    # A file for each place changes the order of places, not that within them.
    check(read(tmp_path, design(answers)), work_out(answers))


@pytest.mark.parametrize(
    ("ending", "write"), [("xlsx", write_xlsx), ("sav", write_sav), ("parquet", write_parquet)]
)
@pytest.mark.parametrize("design", [partners_named, loops, key_file])
def test_the_kind_of_file_changes_nothing(tmp_path, design, ending, write):
    answers = simulate(7)
    check(read(tmp_path, design(answers), ending=ending, write=write), work_out(answers))


def shuffled(design: Design, seed: int) -> Design:
    """Put rows, columns and sources in another order."""
    rng = random.Random(seed)
    files = {}
    for name, rows in design.files.items():
        columns = rng.sample(list(rows[0]), len(rows[0]))
        files[name] = [{column: row[column] for column in columns} for row in rows]
        rng.shuffle(files[name])
    return replace(
        design, files=files, sources=tuple(rng.sample(design.sources, len(design.sources)))
    )


@settings(MODEST, max_examples=10)
@given(seed=SEEDS, design=st.sampled_from(DESIGNS))
def test_no_order_changes_anything(tmp_path, design, seed):
    one = design(simulate(seed))
    before, after = read(tmp_path, one), read(tmp_path, shuffled(one, seed))
    pd.testing.assert_frame_equal(before.individual(), after.individual(), check_dtype=False)
    pd.testing.assert_frame_equal(before.wide(), after.wide(), check_dtype=False)
    order = ["source", "wave", "role", "step"]
    flows = [d.flow().sort_values(order).reset_index(drop=True) for d in (before, after)]
    assert flows[0].equals(flows[1])


@settings(MODEST, max_examples=10)
@given(seed=SEEDS, design=st.sampled_from([dyad_rows, loops, key_file, a_file_each]))
def test_orphans_may_be_kept(tmp_path, design, seed):
    """Nobody is lost but those who refused, and those whom only a refused row links."""
    answers = simulate(seed)
    keys = design(answers)
    kept = replace(keys, links='orphans = "keep"\n' + keys.links)
    flow = read(tmp_path, kept).flow()
    said = {a.pair for a in answers if a.role == ROLES[0] and a.consent == "yes"}
    linked = [a for a in answers if a.consent == "yes" and (design is not loops or a.pair in said)]
    assert flow.loc[flow["step"] == "kept", "n"].sum() == len(linked)


def work_out_withdrawal(
    answers: Sequence[Answer], person: str, from_wave: str, partner: str
) -> dict[tuple[str, ...], dict[str, float | None]]:
    """Work out what is left when somebody withdraws, with or without the partners' answers."""
    theirs = {a.pair for a in answers if a.own == person}
    late = WAVES[WAVES.index(from_wave) :]
    gone = [
        a.wave in late and (a.own == person or (partner == "drop_dyad" and a.pair in theirs))
        for a in answers
    ]
    left = [a for a, out in zip(answers, gone, strict=True) if not out]
    whole = work_out(left).scores
    wanted = {tuple(sorted(pair)): dict(values) for pair, values in whole.items()}
    if partner == "keep":
        for a in left:
            if a.pair in theirs and a.pair not in whole:
                empty = {f"trust_{role}_{wave}": None for role in ROLES for wave in WAVES}
                ids = {b.own for b in left if b.pair == a.pair}
                mine = wanted.setdefault(tuple(sorted(ids)), empty)
                if a.known:
                    mine[f"trust_{a.role}_{a.wave}"] = sum(a.known) / len(a.known)
    return wanted


@settings(MODEST, max_examples=10)
@given(
    seed=SEEDS,
    design=st.sampled_from(DESIGNS),
    from_wave=st.sampled_from(WAVES),
    partner=st.sampled_from(["keep", "drop_dyad"]),
)
def test_withdrawal(tmp_path, seed, design, from_wave, partner):
    answers = simulate(seed, refusals=False)
    sides = {(a.pair, a.role) for a in answers}
    # A pair of which one member only ever answered is a matter of its own.
    answers = [a for a in answers if all((a.pair, role) in sides for role in ROLES)]
    people = sorted({a.own for a in answers if a.mentor != "M0"})
    person = random.Random(seed).choice(people or ["nobody"])
    (tmp_path / "gone.txt").write_text(f"who\n{person}\n")
    made = design(answers)
    rule = f'[[withdrawal]]\npath = "gone.txt"\nperson = "who"\nfrom_wave = "{from_wave}"\n'
    rule += f'partner = "{partner}"\n'
    dyads = read(tmp_path, replace(made, sources=(*made.sources, rule)))
    assert scores(dyads) == work_out_withdrawal(answers, person, from_wave, partner)
    check_ledger(dyads)


ONCE = """\
[variable.x]
column = "x"
[[link]]
path = "pairs.csv"
mentor = "m"
developee = "d"
"""


@settings(MODEST, max_examples=3)
@given(seed=SEEDS)
def test_a_row_without_a_partner_serves_each_pair(tmp_path, seed):
    """As if its author had sent it once about each."""
    rng = random.Random(seed)
    pairs = [(f"M{m}", f"D{m}{d}") for m in range(3) for d in range(rng.randint(1, 3))]
    said = {name: str(rng.randint(1, 7)) for pair in pairs for name in pair}
    mentors = list(dict.fromkeys(m for m, _ in pairs))
    once = {
        "pairs": [{"m": m, "d": d} for m, d in pairs],
        "mentors": [{"id": m, "x": said[m]} for m in mentors],
        "developees": [{"id": d, "x": said[d]} for _, d in pairs],
    }
    each = {**once, "mentors": [{"id": m, "about": d, "x": said[m]} for m, d in pairs]}
    others = source("developees.csv", **quoted(role="developee", person="id"))
    found = [
        read(
            tmp_path,
            Design(
                files, (source("mentors.csv", **quoted(role="mentor", person="id", **more)), others)
            ),
            waves=(),
            below=ONCE,
        )
        for files, more in ((once, {}), (each, {"partner": "about"}))
    ]
    wanted = {
        pair[::-1]: {"x_mentor": float(said[pair[0]]), "x_developee": float(said[pair[1]])}
        for pair in pairs
    }
    assert scores(found[0], "x") == scores(found[1], "x") == wanted
    # Answered once, counted once, however many pairs it is used for.
    assert (
        len(found[0].answers("x", "mentor")) == len(found[1].answers("x", "mentor")) == len(mentors)
    )


PEERS = """\
[variable.x]
column = "x"
level = "relationship"
"""


@settings(MODEST, max_examples=3)
@given(seed=SEEDS)
def test_partners_who_share_a_role(tmp_path, seed):
    """Whatever the order in which a pair is written, its members go by the order of their ids."""
    rng = random.Random(seed)
    rows, wide, pairs = [], [], []
    wanted: dict[tuple, dict[str, float | None]] = {}
    for number in range(rng.randint(2, 5)):
        ids = rng.sample([f"p{number}", f"q{number}"], 2)
        pairs.append({"a": ids[0], "b": ids[1], "pair": f"C{number}"})
        values: dict[tuple[str, str], float] = {}
        one = {"pair": f"C{number}", "id_1": ids[0], "id_2": ids[1]}
        for place, me in enumerate(ids):
            for wave in WAVES:
                sure = number == 0
                there = sure or rng.random() < 0.8
                ok = "yes" if sure else rng.choice(["yes", "yes", "yes", "no"])
                x = str(rng.randint(1, 9)) if there else ""
                one |= {f"x_{place + 1}_{wave}": x, f"ok_{place + 1}_{wave}": ok if there else ""}
                if there:
                    row = {"pair": f"C{number}", "id": me, "about": ids[1 - place], "when": wave}
                    rows.append({**row, "x": x, "ok": ok})
                    if ok == "yes":
                        values[me, wave] = float(x)
        wide.append(one)
        if len({me for me, _ in values}) == 2:
            wanted[tuple(sorted(ids))] = {
                f"x_{place}_{wave}": values.get((me, wave))
                for place, me in enumerate(sorted(ids), 1)
                for wave in WAVES
            }
    rng.shuffle(rows)
    people = quoted(person="id", wave_column="when")
    dyads = quoted(layout="dyad", person="id_{role}", columns="{item}_{role}_{wave}")
    link = '[[link]]\npath = "keys.csv"\npeer = ["a", "b"]\n'
    ok, oks = consent_rule("ok"), consent_rule("ok_{role}_{wave}")
    for design in (
        Design({"all": rows}, (source("all.csv", dyad='"pair"', **people),), "", ok),
        Design({"all": rows}, (source("all.csv", partner='"about"', **people),), "", ok),
        Design({"all": rows, "keys": pairs}, (source("all.csv", **people),), link, ok),
        Design({"all": wide}, (source("all.csv", dyad='"pair"', **dyads),), "", oks),
        Design({"all": wide}, (source("all.csv", **dyads),), "", oks),
    ):
        found = read(tmp_path, design, roles=["peer"], below=PEERS)
        assert scores(found, "x") == wanted
        assert steps(found)["w1", "peer", "read"] == sum(row["when"] == "w1" for row in rows)
        check_ledger(found)


@settings(MODEST, max_examples=3)
@given(seed=SEEDS)
def test_diaries(tmp_path, seed):
    """Days by number or by date, by person or by pair, with a questionnaire before them."""
    rng = random.Random(seed)
    start = pd.Timestamp("2026-03-27")  # clocks are put forward on the 29th
    for dates in (False, True):
        rows, wide, wanted = [], [], {}
        for number in range(rng.randint(1, 3)):
            for day in range(1, rng.randint(3, 13)):
                when = str((start + pd.Timedelta(days=day)).date()) if dates else str(day)
                there = {role: day == 1 or rng.random() < 0.7 for role in ROLES}
                x = {role: str(rng.randint(1, 9)) if there[role] else "" for role in ROLES}
                ids = {"mentor": f"M{number}", "developee": f"D{number}"}
                for role, other in zip(ROLES, ROLES[::-1], strict=True):
                    if there[role]:
                        row = {"pair": f"C{number}", "who": role, "id": ids[role], "day": when}
                        rows.append({**row, "about": ids[other], "x": x[role]})
                if any(there.values()):
                    people = {f"id_{role}": name for role, name in ids.items() if there[role]}
                    answers = {f"x_{role}": text for role, text in x.items()}
                    wide.append({"pair": f"C{number}", "day": when, **people, **answers})
                    wanted[f"D{number}", f"M{number}", when if dates else day] = {
                        f"x_{role}": float(text) if text else None for role, text in x.items()
                    }
        rng.shuffle(rows)
        rng.shuffle(wide)
        files = {"all": rows, "wide": [{"id_mentor": "", "id_developee": "", **r} for r in wide]}
        people = quoted(role_column="who", person="id", occasion="day")
        columns = quoted(layout="dyad", person="id_{role}", columns="{item}_{role}", occasion="day")
        for one in (
            source("all.csv", dyad='"pair"', **people),
            source("all.csv", partner='"about"', **people),
            source("wide.csv", dyad='"pair"', **columns),
        ):
            below = '[variable.x]\ncolumn = "x"\n'
            found = read(tmp_path, Design(files, (one,)), waves=(), below=below)
            assert scores(found, "x") == wanted
            # In the order of time: the tenth day comes after the ninth.
            order = found.wide(["x"]).groupby("dyad")["occasion"]
            assert order.apply(lambda days: days.is_monotonic_increasing).all()
            check_ledger(found)

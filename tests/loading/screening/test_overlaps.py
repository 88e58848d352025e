"""The same answers twice: copies are found whatever the size of the study, chance is not."""

from __future__ import annotations

from math import comb, factorial, log2, prod

import numpy as np
import pandas as pd
import pytest

from dyadkit.loading.screening.overlaps import overlapping_sources, repeated_answers
from dyadkit.simulation.coaching_model import coaching_population
from dyadkit.simulation.mentoring_model import mentoring_population
from dyadkit.simulation.population import item_correlation


def answers_of(population, role: str, wave: str, rows: int, seed: int = 1) -> pd.DataFrame:
    """Draw the answers of careful people."""
    correlation = item_correlation(population)
    latent = np.random.default_rng(seed).multivariate_normal(
        np.zeros(len(correlation)), correlation, size=rows, method="cholesky"
    )
    columns, place = {}, 0
    for measure in population.measures:
        for number, thresholds in enumerate(measure.shifted_thresholds()):
            if (measure.role, measure.wave) == (role, wave):
                codes = np.searchsorted(thresholds, latent[:, place]) + 1.0
                columns[f"{measure.scale}{number}"] = codes
            place += 1
    return pd.DataFrame(columns)


def keys_of(rows: int, kind: str = "object", **columns) -> pd.DataFrame:
    numbers = np.arange(rows)
    frame = pd.DataFrame(
        {
            "source": "clients",
            "row": numbers + 2,
            "wave": "t1",
            "role": "client",
            "person": numbers.astype(str),
            "dyad": numbers.astype(str),
            **columns,
        }
    )
    return frame.astype({name: kind for name in frame if name != "row"})


@pytest.fixture(scope="module")
def clients():
    return answers_of(coaching_population(), "client", "t1", 200)


@pytest.fixture(params=["object", "str", "category"])
def kind(request):
    return request.param


def test_careful_answers_are_no_copies(clients):
    keys = keys_of(200)
    assert overlapping_sources(keys, clients) == repeated_answers(keys, clients) == []


@pytest.mark.parametrize("place", [("client", "t2"), ("client", "t1"), ("coach", "t1")])
def test_chance_is_no_copy_in_a_large_study(place):
    # Some of 20,000 rows agree by chance; none of them are reported.
    answers = answers_of(coaching_population(), *place, 20_000)
    answers["more"] = 1.0
    assert repeated_answers(keys_of(len(answers)), answers) == []


def test_chance_is_no_copy_among_developees():
    answers = answers_of(mentoring_population(), "developee", "t3", 20_000)
    assert answers.duplicated().sum() > 5
    assert repeated_answers(keys_of(len(answers)), answers) == []


def test_one_respondent_under_two_ids_is_found(clients, kind):
    answers = clients.copy()
    answers.iloc[150] = answers.iloc[7]
    (found,) = repeated_answers(keys_of(200, kind), answers)
    assert (found.kind, found.count) == ("same_respondent", 2)
    assert found.places == (("clients", 9), ("clients", 152))
    assert "2 ids gave exactly the same answers" in found.text
    assert "client 7 = client 150 (clients rows 9, 152)" in found.text


def test_nearly_every_copy_is_found(clients):
    # 21 items: a copy is missed only if its row hardly varies.
    copies = pd.concat([clients, clients], ignore_index=True)
    (found,) = repeated_answers(keys_of(400), copies)
    assert found.count >= 390


def test_missing_answers_must_agree_too(clients):
    answers = clients.copy()
    answers.iloc[7, [3, 5]] = np.nan
    answers.iloc[150] = answers.iloc[7]
    assert repeated_answers(keys_of(200), answers)[0].count == 2
    answers.iloc[150, 3] = 4.0
    assert repeated_answers(keys_of(200), answers) == []


def test_who_answers_everything_alike_is_nobodys_copy(clients):
    answers = clients.copy()
    answers.iloc[:50] = 4.0
    # One answer differs: only 21 orders.
    answers.iloc[50:60] = 4.0
    answers.iloc[50:60, 2] = 5.0
    assert repeated_answers(keys_of(200), answers) == []


def test_few_answers_prove_nothing(clients):
    answers = clients.copy()
    answers.iloc[7, :7] = np.nan
    answers.iloc[150] = answers.iloc[7]
    assert repeated_answers(keys_of(200), answers) == []


def test_a_list_that_all_answer_alike_proves_nothing():
    # 15 things that nearly all do and 15 that nearly nobody does: many agree by chance, although
    # there are 30! / (15! 15!) orders, 2 to the power of 27.
    assert log2(comb(30, 15)) > 27
    rng = np.random.default_rng(6)
    usual = np.repeat([1.0, 0.0], 15)
    unusual = rng.random((300, 30)) < 0.03
    answers = pd.DataFrame(np.where(unusual, 1 - usual, usual))
    assert answers.duplicated().sum() > 50
    assert repeated_answers(keys_of(300), answers) == []


def test_the_number_of_orders_decides():
    # Four codes, 4 + 4 + 4 + 3 of 15: 15,765,750 orders, which are enough for 128 times as many
    # pairs as 496 people make, and not for those of 497.
    codes = [1.0, 2, 3, 4] * 3 + [1, 2, 3]
    orders = factorial(15) // prod(factorial(codes.count(code)) for code in (1, 2, 3, 4))
    assert orders == 15_765_750
    assert 128 * comb(497, 2) > orders > 128 * comb(496, 2)
    rng = np.random.default_rng(8)
    for people, found in ((496, 1), (497, 0)):
        answers = pd.DataFrame(rng.random((people, 15)))
        answers.iloc[0] = answers.iloc[1] = codes
        assert len(repeated_answers(keys_of(people), answers)) == found


def test_a_person_in_several_dyads_is_one_respondent(clients, kind):
    answers = clients.copy()
    answers.iloc[8] = answers.iloc[7]
    keys = keys_of(200)
    keys.loc[8, "person"] = "7"
    assert repeated_answers(keys.astype({"person": kind}), answers) == []


def test_rows_without_an_id_are_told_apart_by_their_dyad(clients, kind):
    answers = clients.copy()
    answers.iloc[150] = answers.iloc[7]
    (found,) = repeated_answers(keys_of(200, kind, person=""), answers)
    assert "client without id of dyad 7 = client without id of dyad 150" in found.text
    same_dyad = keys_of(200, person="")
    same_dyad.loc[150, "dyad"] = "7"
    assert repeated_answers(same_dyad, answers) == []


def test_a_file_declared_for_two_waves_is_found(clients, kind):
    keys = pd.concat(
        [keys_of(200), keys_of(200, source="clients t2", wave="t2")], ignore_index=True
    ).astype({"source": kind, "wave": kind})
    (found,) = repeated_answers(keys, pd.concat([clients, clients], ignore_index=True))
    assert found.kind == "repeated_wave"
    assert found.count >= 195
    assert {source for source, _ in found.places} == {"clients", "clients t2"}


def test_overlapping_files_are_found(clients, kind):
    again = keys_of(200, source="clients again").iloc[50:80].assign(row=range(2, 32))
    keys = pd.concat([keys_of(200), again], ignore_index=True).astype({"source": kind})
    answers = pd.concat([clients, clients.iloc[50:80]], ignore_index=True)
    (found,) = overlapping_sources(keys, answers)
    assert (found.kind, found.count) == ("overlapping_sources", 30)
    assert found.places == (
        *(("clients", row) for row in range(52, 82)),
        *(("clients again", row) for row in range(2, 32)),
    )
    assert "clients and clients again share 30 rows" in found.text
    # They are duplicates, and no second person.
    assert repeated_answers(keys, answers) == []


def test_three_files_overlap_in_pairs(clients):
    keys = pd.concat([keys_of(3, source=name) for name in "abc"], ignore_index=True)
    answers = pd.concat([clients.iloc[:3]] * 3, ignore_index=True)
    answers.iloc[6] = 1.0
    found = overlapping_sources(keys, answers)
    assert [(one.text[:7], one.count) for one in found] == [
        *(("a and b", 3), ("a and c", 2), ("b and c", 2))
    ]


@pytest.mark.parametrize("change", ["answer", "person", "wave", "role", "empty"])
def test_other_rows_do_not_overlap(clients, change):
    keys = pd.concat([keys_of(5), keys_of(5, source="b")], ignore_index=True)
    answers = pd.concat([clients.iloc[:5]] * 2, ignore_index=True)
    if change == "answer":
        answers.iloc[5:, 0] += 1
    elif change == "empty":
        answers[:] = np.nan
    else:
        keys.loc[5:, change] += "x"
    assert overlapping_sources(keys, answers) == []


def test_second_answers_in_one_file_do_not_overlap(clients):
    keys = pd.concat([keys_of(5)] * 2, ignore_index=True)
    assert overlapping_sources(keys, pd.concat([clients.iloc[:5]] * 2, ignore_index=True)) == []


def test_no_rows_and_no_items_have_no_findings(clients):
    for keys, values in (
        (keys_of(0), clients.iloc[:0]),
        (keys_of(3), pd.DataFrame(index=range(3))),
    ):
        assert overlapping_sources(keys, values) == repeated_answers(keys, values) == []

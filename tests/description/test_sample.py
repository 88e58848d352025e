"""The sample study: what is described against the truth that it was simulated from."""

from __future__ import annotations

import numpy as np
import pytest

import dyadkit as dk


@pytest.fixture(scope="module")
def described(sample):
    """Return the descriptive statistics of the sample."""
    return dk.describe(sample, draws=200)


@pytest.fixture(scope="module")
def tidy(described):
    """Return their rows by term."""
    return described.tidy().set_index("term")


def place(score) -> str:
    return f"{score['scale']} ({score['role']}, {score['wave']})"


def test_every_n_is_that_of_the_ledger(tidy, truth):
    for score in truth["scores"]:
        available = truth["scores_available"][score["variable"]]
        assert tidy.loc[f"mean: {place(score)}", "n"] == available, score["variable"]


def test_means_lie_within_3_5_standard_errors(tidy, truth):
    for score in truth["scores"]:
        found = tidy.loc[f"mean: {place(score)}"]
        assert abs(found["estimate"] - score["mean"]) < 3.5 * found["std_error"], score["variable"]


def test_standard_deviations_lie_within_3_5_standard_errors(sample, tidy, truth):
    for score in truth["scores"]:
        values = sample.answers(score["scale"], score["role"], score["wave"])["value"].to_numpy()
        centred = values - values.mean()
        # √((m4 − m2²)/n) / (2 s): the delta method, whatever the kurtosis.
        error = np.sqrt((np.mean(centred**4) - np.mean(centred**2) ** 2) / len(values))
        error /= 2 * values.std()
        found = tidy.loc[f"sd: {place(score)}", "estimate"]
        assert abs(found - score["sd"]) < 3.5 * error, score["variable"]


@pytest.mark.parametrize("coefficient", ["alpha", "omega"])
def test_reliabilities_lie_within_3_5_standard_errors(tidy, truth, coefficient):
    for score in truth["scores"]:
        found = tidy.loc[f"{coefficient}: {place(score)}"]
        # A 95 % interval is about 2 · 1.96 standard errors wide.
        error = (found["conf_high"] - found["conf_low"]) / (2 * 1.96)
        assert 0 < error < 0.05
        assert abs(found["estimate"] - score[coefficient]) < 3.5 * error, score["variable"]


def test_correlations_lie_within_3_5_standard_errors(tidy, truth):
    names = truth["correlations"]["variables"]
    places = {score["variable"]: place(score) for score in truth["scores"]}
    checked = 0
    for i, one in enumerate(names):
        for j, other in enumerate(names[:i]):
            terms = [f"r: {places[a]} ~ {places[b]}" for a, b in ((one, other), (other, one))]
            (term,) = [term for term in terms if term in tidy.index]
            found = tidy.loc[term]
            difference = np.arctanh(found["estimate"]) - np.arctanh(
                truth["correlations"]["matrix"][i][j]
            )
            assert abs(difference) < 3.5 / np.sqrt(found["n"] - 3), term
            checked += 1
    assert checked == 36


def test_likeness_of_partners_lies_within_3_5_standard_errors(sample, truth):
    tidy = dk.assess_nonindependence(sample).tidy().set_index("term")
    for pair in truth["partners"]:
        found = tidy.loc[f"r: {pair['scale']} ({pair['wave']})"]
        difference = np.arctanh(found["estimate"]) - np.arctanh(pair["correlation"])
        assert abs(difference) < 3.5 / np.sqrt(found["n"] - 3), pair


def test_the_flow_counts_what_the_simulation_put_in(sample, truth):
    result = dk.describe_flow(sample)
    flow = result.tables()["flow"].to_frame().set_index("source")
    ledger = truth["ledger"]
    for source, reasons in ledger["excluded"].items():
        assert flow.loc[source, "read"] == ledger["rows_read"][source]
        assert flow.loc[source, "kept"] == ledger["rows_kept"][source]
        for reason, count in reasons.items():
            assert flow.loc[source].get(reason, 0) == count, (source, reason)
    assert result.glance()["n_cells_set_missing"].item() == sum(ledger["out_of_range"].values())
    dyads = result.tables()["dyads"].to_frame().set_index("wave")
    for wave in ("t1", "t2"):
        row, counts = dyads.loc[wave.upper()], truth["dyads"][wave]
        assert row["complete"] == counts["complete"]
        assert (row["only_coach"], row["only_client"]) == (
            counts["coach_only"],
            counts["client_only"],
        )
    assert dyads.loc["Every wave", "complete"] == truth["dyads"]["complete_at_every_wave"]
    assert dyads.loc["Every wave", "dyads"] == truth["dyads"]["in_any_wave"]


def test_what_is_missing_adds_up_to_the_ledger(sample, truth):
    table = dk.assess_missingness(sample).tables()["missingness"].to_frame()
    kept = truth["ledger"]["rows_kept"]
    for score in truth["scores"]:
        here = (
            (table["section"] == sample.variables[score["scale"]].label)
            & (table["role"] == score["role"].capitalize())
            & (table["wave"] == score["wave"].upper())
        )
        (row,) = table[here].to_dict("records")
        source = {"coach": "coaches", "client": "clients"}[score["role"]]
        assert row["members"] == truth["dyads"]["in_any_wave"]
        assert row["took_part"] == kept[f"{source} {score['wave']}"]
        assert row["members"] - row["missing"] == truth["scores_available"][score["variable"]]


def test_labels_are_shown_and_never_names(sample, described):
    results = [
        described,
        dk.assess_nonindependence(sample),
        dk.assess_missingness(sample),
        dk.describe_flow(sample),
    ]
    names = {"readiness_", "tenure_years", "trust_", "similarity_", "coach_id", "client_id"}
    items = {item for variable in sample.variables.values() for item in variable.items}
    for result in results:
        shown = [*result.text(), *result.methods]
        for table in result.tables().values():
            shown += [table.title, *table.headings, *table.spanners, *table.notes]
            shown += [text for row in table.rows for text in row.texts]
        words = {word.strip(".,:;()") for text in shown for word in text.split()}
        assert not words & items
        assert not any(name in text for text in shown for name in names)
        assert not any("_" in text for text in shown)


def test_equal_seeds_give_equal_intervals_whatever_else_is_described(sample, tidy):
    alone = dk.describe(sample, ["learning"], draws=200).tidy().set_index("term")
    term = "omega: learning (client, t2)"
    assert alone.loc[term, "conf_low"] == tidy.loc[term, "conf_low"]
    other = dk.describe(sample, ["learning"], draws=200, seed=2).tidy().set_index("term")
    assert other.loc[term, "conf_low"] != tidy.loc[term, "conf_low"]

from __future__ import annotations

from dyadkit.simulation.pages import bullets, correlation_table, score_table


def test_tables_of_a_page():
    score = {"variable": "trust", "n_items": 2, "mean": 1, "sd": 2, "alpha": 0.5, "omega": 0.25}
    assert score_table([{**score, "icc": 0.125}], [("icc", "ICC")]).splitlines() == [
        "| Score | Items | Mean | SD | α | ω | ICC |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| trust | 2 | 1.0000 | 2.0000 | 0.5000 | 0.2500 | 0.1250 |",
    ]
    correlations = {"variables": ["x", "y"], "matrix": [[1, 0.5], [0.5, 1]]}
    assert correlation_table(correlations).splitlines()[2:] == [
        "| (1) x | 1.000 | 0.500 |",
        "| (2) y | 0.500 | 1.000 |",
    ]
    assert bullets(["one", "two"]) == "- one\n- two"

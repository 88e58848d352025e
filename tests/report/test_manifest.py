"""manifest.json: what the report was made from, and the files it consists of."""

from __future__ import annotations

import json

from dyadkit import __version__
from dyadkit.report.manifest import manifest_json


def test_the_manifest(report):
    manifest = json.loads(manifest_json(report, ["tables/b.csv", "report.html", "figures/a.svg"]))
    assert manifest == {
        "schema": 1,
        "generator": "dyadkit",
        "version": __version__,
        "inputs": [
            {"path": "coaches.csv", "sha256": "ab" * 32, "bytes": 12_345},
            {"path": "clients.csv", "sha256": "cd" * 32, "bytes": 23_456},
        ],
        "versions": {"dyadkit": "0.1.0", "Python": "3.12.1", "numpy": "2.4.0"},
        "seed": 7,
        "study_file": report.study.text,
        "seconds": {"load": 0.25, "who answered": 0.5},
        "outputs": ["figures/a.svg", "manifest.json", "report.html", "tables/b.csv"],
    }

"""`manifest.json`: what the report was made from, with what, and the files it consists of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dyadkit import __version__
from dyadkit.report.json_file import as_json
from dyadkit.report.replacing import MANIFEST

if TYPE_CHECKING:
    from dyadkit.report.assembly import Report


def manifest_json(report: Report, files: Iterable[str]) -> bytes:
    """Write the manifest.

    Parameters
    ----------
    report : Report
    files : iterable of str
        Every other file of the folder, relative to it, with forward slashes.

    Returns
    -------
    bytes
        JSON; ``seconds`` is the only part of a report that differs from run to run.
    """
    provenance = report.provenance
    return as_json(
        {
            "schema": 1,
            "generator": "dyadkit",
            "version": __version__,
            "inputs": [
                {"path": file.path_as_declared, "sha256": file.sha256, "bytes": file.n_bytes}
                for file in provenance.inputs
            ],
            "versions": dict(provenance.versions),
            "seed": provenance.seed,
            "study_file": report.study.text,
            "seconds": dict(provenance.seconds),
            "outputs": sorted({MANIFEST, *files}),
        }
    )

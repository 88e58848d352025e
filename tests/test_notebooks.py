"""Every notebook runs from top to bottom."""

from __future__ import annotations

from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the kernel's own machinery
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(path.parents[1])}}
    )
    client.execute()
    assert all(cell.get("outputs") for cell in notebook.cells if cell.cell_type == "code")
    assert not any(cell.get("outputs") for cell in nbformat.read(path, as_version=4).cells)


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS

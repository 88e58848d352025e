"""A simulated study and the folder it fills: exports, their truth, a page to read, a study file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """A simulated study.

    Attributes
    ----------
    exports : mapping
        File name to content: the raw exports, and what belongs to them.
    truth : mapping
        Population values, the ledger a loader must arrive at, and what was planted; see the
        study's README for what each means.
    readme : str
        The page that states the truth in tables.
    indent : int
        Spaces by which truth.json is indented.
    """

    exports: Mapping[str, bytes]
    truth: Mapping[str, object]
    readme: str
    indent: int

    def files(self) -> dict[str, bytes]:
        """Return everything that belongs in the sample's folder: exports, truth and README."""
        listing = json.dumps(self.truth, indent=self.indent, ensure_ascii=False, allow_nan=False)
        return {
            **self.exports,
            "truth.json": f"{listing}\n".encode(),
            "README.md": self.readme.encode(),
        }

    def write(self, directory: Path) -> tuple[Path, ...]:
        """Write the files into a folder, over those of the same names; return their paths.

        Parameters
        ----------
        directory : pathlib.Path
            Is made when it is not there.
        """
        directory = Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        written = []
        for name, content in self.files().items():
            path = directory / name
            path.write_bytes(content)
            written.append(path)
        return tuple(written)


def study_text(template: str, data: str) -> str:
    """Return the text of a study file of this package.

    Parameters
    ----------
    template : str
        Its name here, such as ``"mentoring.toml"``.
    data : str
        Folder of the exports, as seen from where the study file will stand; empty for the same
        folder.
    """
    text = resources.files("dyadkit.simulation").joinpath(template).read_text("utf-8")
    return text.replace("{data}", f"{data.rstrip('/')}/" if data else "")

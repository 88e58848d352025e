"""The second sample study: courage and support in workplace mentoring, with known truth.

Three waves of developees' and mentors' answers, mentors with up to three developees.  The concepts
are those of the field; every answer is simulated, and nobody took part.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dyadkit.simulation.mentoring_exports import write_exports
from dyadkit.simulation.mentoring_mess import Mess
from dyadkit.simulation.mentoring_page import readme
from dyadkit.simulation.mentoring_rows import collect
from dyadkit.simulation.mentoring_truth import truth
from dyadkit.simulation.sample import Sample, study_text

TITLE = "Courage and support in workplace mentoring"
SEED = 20260202


def simulate_workplace_mentoring(seed: int = SEED, *, mess: Mess | None = None) -> Sample:
    """Simulate the study: the same seed gives the same content, and on one machine the same bytes.

    Needs pyreadstat and openpyxl to write the files.

    Parameters
    ----------
    seed : int
        Of the one random stream that everything is drawn from.
    mess : Mess, optional
        What goes wrong, and how often; the default is the committed sample's.

    Returns
    -------
    Sample

    Raises
    ------
    DataError
        When `mess` asks for more than the mentors and their relationships allow.

    Examples
    --------
    >>> sample = simulate_workplace_mentoring()
    >>> list(sample.exports)
    ['developees_t1.sav', 'developees_t2.sav', 'developees_t3.sav', 'mentors.xlsx', 'pairs.csv',
     'withdrawn.csv']
    >>> [sample.truth["dyads"][wave]["complete"] for wave in ("t1", "t2", "t3")]
    [355, 300, 260]
    """
    mess = Mess() if mess is None else mess
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    work = collect(mess, rng)
    exports = write_exports(work, mess, rng)
    values = truth(mess, work, seed, TITLE)
    return Sample(exports, values, readme(values), indent=1)


def study_file(data: str) -> str:
    """Return the text of the study file.

    Parameters
    ----------
    data : str
        Folder of the exports, as seen from where the study file will stand; empty for the same
        folder.

    Examples
    --------
    >>> 'path = "data/mentors.xlsx"' in study_file("data")
    True
    """
    return study_text("mentoring.toml", data)


def write_sample(directory: Path, seed: int = SEED) -> tuple[Path, ...]:
    """Write the exports, their truth and a README into a folder, over files of the same names.

    Parameters
    ----------
    directory : pathlib.Path
        Is made when it is not there.
    seed : int
        See `simulate_workplace_mentoring`.

    Returns
    -------
    tuple of pathlib.Path
        The files written.
    """
    return simulate_workplace_mentoring(seed).write(directory)

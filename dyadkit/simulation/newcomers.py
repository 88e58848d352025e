"""The third sample study: newcomers' courage and their mentors' support, with known truth.

The design (124 newcomers, three waves, secure-base support and courage) is that of a study by Dong
and others in the Journal of Managerial Psychology's special issue on workplace mentoring and
coaching. Every answer is simulated, every effect assumed, and nobody took part.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dyadkit.simulation.newcomers_exports import write_exports
from dyadkit.simulation.newcomers_mess import Mess
from dyadkit.simulation.newcomers_rows import collect
from dyadkit.simulation.newcomers_truth import readme, truth
from dyadkit.simulation.sample import Sample, study_text

TITLE = "Secure-base support and the courage of newcomers"
SEED = 20260303


def simulate_newcomer_support(seed: int = SEED, *, mess: Mess | None = None) -> Sample:
    """Simulate the study: the same seed gives the same bytes.

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
        When `mess` asks for more mentors than there are.

    Examples
    --------
    >>> sample = simulate_newcomer_support()
    >>> list(sample.exports)
    ['mentors.csv', 'newcomers_t1.csv', 'newcomers_t2.csv', 'newcomers_t3.csv']
    >>> [sample.truth["newcomers"][wave] for wave in ("t1", "t2", "t3")]
    [124, 107, 102]
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
    >>> 'path = "data/mentors.csv"' in study_file("data")
    True
    """
    return study_text("newcomers.toml", data)


def write_sample(directory: Path, seed: int = SEED) -> tuple[Path, ...]:
    """Write the exports, their truth and a README into a folder, over files of the same names.

    Parameters
    ----------
    directory : pathlib.Path
        Is made when it is not there.
    seed : int
        See `simulate_newcomer_support`.

    Returns
    -------
    tuple of pathlib.Path
        The files written.
    """
    return simulate_newcomer_support(seed).write(directory)

"""The sample study: trust and learning in distance coaching, as raw exports with known truth.

The design (196 matched pairs of coach and client, two times, distance coaching) follows the
abstract of Weinberg and Hausfeld's article in the Journal of Managerial Psychology's special issue
on workplace mentoring and coaching. Every answer is simulated; nobody took part.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dyadkit.simulation.coaching_exports import write_exports
from dyadkit.simulation.coaching_mess import Mess
from dyadkit.simulation.coaching_rows import collect
from dyadkit.simulation.coaching_truth import readme, truth
from dyadkit.simulation.sample import Sample, study_text

TITLE = "Trust and learning in distance coaching"


def simulate_distance_coaching(seed: int = 20260101, *, mess: Mess | None = None) -> Sample:
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
        When `mess` asks for more extra rows of complete pairs than there are complete pairs.

    Examples
    --------
    >>> sample = simulate_distance_coaching()
    >>> sorted(sample.exports)
    ['clients_t1.csv', 'clients_t2.csv', 'coaches_t1.csv', 'coaches_t2.csv', 'withdrawn.csv']
    >>> sample.truth["dyads"]["complete_at_every_wave"]
    196
    """
    mess = Mess() if mess is None else mess
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    work = collect(mess, rng)
    exports = write_exports(work, mess, rng)
    values = truth(mess, work, seed, TITLE)
    return Sample(exports, values, readme(values), indent=2)


def study_file(data: str) -> str:
    """Return the text of the study file.

    Parameters
    ----------
    data : str
        Folder of the exports, as seen from where the study file will stand; empty for the same
        folder.

    Examples
    --------
    >>> 'path = "data/clients_t1.csv"' in study_file("data")
    True
    """
    return study_text("distance_coaching.toml", data)


def write_sample(directory: Path, seed: int = 20260101) -> tuple[Path, ...]:
    """Write the exports, their truth and a README into a folder, over files of the same names.

    Parameters
    ----------
    directory : pathlib.Path
        Is made when it is not there.
    seed : int
        See `simulate_distance_coaching`.

    Returns
    -------
    tuple of pathlib.Path
        The files written.
    """
    return simulate_distance_coaching(seed).write(directory)

"""The sample study as a newcomer gets it: its exports and its study file in one folder."""

from __future__ import annotations

from pathlib import Path

from dyadkit.errors import StudyError
from dyadkit.simulation.distance_coaching import simulate_distance_coaching, study_file


def write_demo(directory: Path) -> Path:
    """Write the simulated exports and the study file.

    Parameters
    ----------
    directory : pathlib.Path
        A new or empty folder, or one that an earlier demo wrote.

    Returns
    -------
    pathlib.Path
        The study file.

    Raises
    ------
    StudyError
        When the folder holds something else, or cannot be written.
    """
    study = directory / "study.toml"
    text = study_file("data/")
    sample = simulate_distance_coaching()
    try:
        if directory.exists() and not directory.is_dir():
            raise StudyError(f"{directory} is a file; name a folder with --out.")
        if directory.is_dir() and any(directory.iterdir()):
            ours = study.is_file() and study.read_text(encoding="utf-8") == text
            if not ours:
                raise StudyError(
                    f"The folder {directory} is not empty and holds no demo. Name another one "
                    "with --out."
                )
        (directory / "data").mkdir(parents=True, exist_ok=True)
        for name, content in sample.exports.items():
            (directory / "data" / name).write_bytes(content)
        study.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StudyError(f"{directory} cannot be written: {error.strerror}.") from None
    return study

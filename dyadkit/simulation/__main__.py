"""Write the committed sample studies anew: ``python -m dyadkit.simulation --root .``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from dyadkit.simulation import distance_coaching, mentoring, newcomers

#: Each sample: where its study file stands, and how that names the sample's folder.
_STUDIES = {
    "distance_coaching": (
        distance_coaching,
        Path("analyses/distance_coaching/study.toml"),
        "../../data/sample/distance_coaching",
    ),
    "workplace_mentoring": (
        mentoring,
        Path("analyses/workplace_mentoring/study.toml"),
        "../../data/sample/workplace_mentoring",
    ),
    "newcomer_support": (
        newcomers,
        Path("analyses/dong_style/study.toml"),
        "../../data/sample/newcomer_support",
    ),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write each sample's exports and its study file below a checkout's root."""
    parser = argparse.ArgumentParser(prog="python -m dyadkit.simulation", description=__doc__)
    parser.add_argument(
        "--root", type=Path, default=Path(), help="the checkout (default: the current folder)"
    )
    root = parser.parse_args(arguments).root
    for name, (sample, place, data) in _STUDIES.items():
        study = root / place
        written = [*sample.write_sample(root / "data/sample" / name), study]
        study.parent.mkdir(parents=True, exist_ok=True)
        study.write_bytes(sample.study_file(data).encode())
        print("\n".join(str(path) for path in written))


if __name__ == "__main__":
    main()

"""Write the committed sample study anew: ``python -m dyadkit.simulation --root .``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from dyadkit.simulation.distance_coaching import study_file, write_sample

SAMPLE = Path("data/sample/distance_coaching")
STUDY = Path("analyses/distance_coaching/study.toml")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the sample's exports and its study file below a checkout's root."""
    parser = argparse.ArgumentParser(prog="python -m dyadkit.simulation", description=__doc__)
    parser.add_argument(
        "--root", type=Path, default=Path(), help="the checkout (default: the current folder)"
    )
    root = parser.parse_args(arguments).root
    written = [*write_sample(root / SAMPLE), root / STUDY]
    (root / STUDY).parent.mkdir(parents=True, exist_ok=True)
    (root / STUDY).write_bytes(study_file(f"../../{SAMPLE.as_posix()}").encode())
    print("\n".join(str(path) for path in written))


if __name__ == "__main__":
    main()

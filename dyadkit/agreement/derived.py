"""Agreement of each dyad as variables for other analyses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dyadkit.agreement.comparisons import Comparison
from dyadkit.answers.sample import Sample
from dyadkit.estimation.arrays import BoolArray
from dyadkit.results import Derived


class DerivedValues:
    """Columns made so far, each of one value a dyad (and wave)."""

    def __init__(self, sample: Sample) -> None:
        self._waves = bool(sample.dyads.waves)
        self._dyads = sample.rows["dyad"].unique()
        self._parts: dict[str, list[pd.DataFrame]] = {}
        self._labels: dict[str, str] = {}

    def add(
        self,
        name: str,
        label: str,
        wave: str,
        slots: BoolArray,
        values: np.ndarray,
    ) -> None:
        """Take in the values of the dyads in `slots`, in their order."""
        keys = {"dyad": self._dyads[slots]}
        if self._waves:
            keys["wave"] = np.full(len(values), wave, dtype=object)
        self._parts.setdefault(name, []).append(pd.DataFrame({**keys, name: values}))
        self._labels[name] = label

    def add_differences(self, comparison: Comparison) -> None:
        """Take in what the answers of each dyad differ by."""
        subject = comparison.subject
        first, second = comparison.ratings
        if subject.roles:
            one, other = (side.lower() for side in subject.sides)
            self.add(
                f"{subject.name}_difference",
                f"{subject.label}: {one} − {other}",
                comparison.wave,
                comparison.slots,
                first - second,
            )
            self.add(
                f"{subject.name}_mean",
                f"{subject.label}: mean of both",
                comparison.wave,
                comparison.slots,
                (first + second) / 2.0,
            )
        self.add(
            f"{subject.name}_absolute_difference",
            f"{subject.label}: absolute difference",
            comparison.wave,
            comparison.slots,
            np.abs(first - second),
        )

    def frame(self) -> Derived | None:
        """Return all columns side by side; None where there are none."""
        if not self._parts:
            return None
        keys = ["dyad", "wave"] if self._waves else ["dyad"]
        columns: Sequence[pd.Series] = [
            pd.concat(parts).set_index(keys)[name] for name, parts in self._parts.items()
        ]
        data = pd.concat(columns, axis=1).reset_index()
        return Derived(data, dict(self._labels))

"""Settings that must stand before anything imports numpy or matplotlib."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# No test is timed: how busy the machine is says nothing about what is tested.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

os.environ["MPLBACKEND"] = "Agg"
# Equal bytes are promised with linear algebra held to one thread; it also
# keeps parallel test processes from fighting over the cores.
for _variable in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
):
    os.environ[_variable] = "1"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests recorded for the reader with ``record_property("printed", ...)``."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "printed":
                terminalreporter.write_line(str(value))

"""Settings that must stand before anything imports numpy or matplotlib."""

from __future__ import annotations

import os

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

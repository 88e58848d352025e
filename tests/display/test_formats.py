"""How numbers are written."""

from __future__ import annotations

import numpy as np
import pytest

from dyadkit.display.formats import format_value, statistic_style


@pytest.mark.parametrize(
    ("value", "style", "written"),
    [
        (None, "statistic", "–"),
        (float("nan"), "correlation", "–"),
        (float("-inf"), "statistic", "−∞"),
        ("already a text", "count", "already a text"),
        (12345, "count", "12,345"),
        (np.int64(7), "count", "7"),
        (3.14159, "statistic", "3.14"),
        (-3.14159, "statistic", "−3.14"),
        (-0.001, "statistic", "0.00"),
        (12345.678, "statistic_0", "12,346"),
        (0.01234, "statistic_4", "0.0123"),
        (0.5, "correlation", ".50"),
        (-0.5, "correlation", "−.50"),
        (-0.004, "correlation", ".00"),
        (0.999, "correlation", "1.00"),
        (0.861, "reliability", "(.86)"),
        (-1.234, "reliability", "(−1.23)"),
        (0.00099, "p_value", "< .001"),
        (0.001, "p_value", ".001"),
        (0.0346, "p_value", ".035"),
        (0.9995, "p_value", "> .999"),
        (0.0346, "p_relation", "p = .035"),
        (0.0001, "p_relation", "p < .001"),
        (1.0, "p_relation", "p > .999"),
        (float("nan"), "p_relation", "–"),
        (30, "df", "30"),
        (30.52, "df", "30.5"),
        (0.0512, "percent", "5.1 %"),
        ((0.1, float("inf")), "interval", "[0.10, ∞]"),
        ((-0.1, 0.25), "correlation_interval", "[−.10, .25]"),
        ((float("nan"), float("nan")), "interval", "–"),
    ],
)
def test_apa_style(value, style, written):
    assert format_value(value, style) == written


@pytest.mark.parametrize(
    ("sd", "style"),
    [
        (2500.0, "statistic_0"),
        (150.0, "statistic_1"),
        (1.1, "statistic"),
        (0.1, "statistic"),
        (0.05, "statistic_3"),
        (0.002, "statistic_4"),
        (0.0, "statistic"),
        (float("nan"), "statistic"),
    ],
)
def test_decimals_follow_the_spread(sd, style):
    assert statistic_style(sd) == style

"""How numbers are written: APA style, no more digits than the reader can use."""

from __future__ import annotations

import math
from typing import Literal

Format = Literal[
    "text",
    "count",
    "statistic",
    "statistic_0",
    "statistic_1",
    "statistic_3",
    "statistic_4",
    "correlation",
    "reliability",
    "p_value",
    "p_relation",
    "df",
    "percent",
    "interval",
    "correlation_interval",
    "statistic_3_interval",
]

_ENDS: dict[Format, Format] = {
    "correlation_interval": "correlation",
    "statistic_3_interval": "statistic_3",
}

MISSING = "–"
MINUS = "−"


def format_value(value: object, style: Format) -> str:
    """Write one value the way a table shows it.

    Parameters
    ----------
    value : object
        A number, a text, a pair of numbers for the interval styles, or None.
    style : str
        One of `Format`.  ``correlation``, ``reliability`` (a correlation in brackets) and
        ``p_value`` drop the leading zero, since these numbers cannot exceed 1 (APA, 2020, 6.36);
        ``p_relation`` writes the p-value for running text; ``statistic`` and ``interval`` have two
        decimals, ``statistic_3`` and ``statistic_3_interval`` three.

    Examples
    --------
    >>> format_value(0.0004, "p_value"), format_value(0.04512, "p_value")
    ('< .001', '.045')
    >>> format_value(0.0004, "p_relation"), format_value(0.9999, "p_relation")
    ('p < .001', 'p > .999')
    >>> format_value((0.1234, 0.5), "correlation_interval")
    '[.12, .50]'
    >>> format_value((0.1234, 0.5), "statistic_3_interval")
    '[0.123, 0.500]'
    >>> format_value(float("nan"), "statistic")
    '–'
    """
    if value is None:
        return MISSING
    if isinstance(value, tuple):
        low, high = value
        inner = _ENDS.get(style, "statistic")
        if _absent(low) and _absent(high):
            return MISSING
        return f"[{format_value(low, inner)}, {format_value(high, inner)}]"
    if style == "text" or isinstance(value, str):
        return str(value)
    number = float(value)  # type: ignore[arg-type]
    if math.isnan(number):
        return MISSING
    if math.isinf(number):
        return f"{MINUS if number < 0 else ''}∞"
    match style:
        case "count":
            return _signed(f"{number:,.0f}")
        case "percent":
            return f"{_signed(f'{100 * number:.1f}')} %"
        case "p_value":
            return _p_value(number)
        case "p_relation":
            written = _p_value(number)
            return f"p {written}" if written[0] in "<>" else f"p = {written}"
        case "df":
            return f"{number:.0f}" if number == int(number) else f"{number:.1f}"
        case "correlation" | "correlation_interval":
            return _signed(f"{number:.2f}", drop_zero=True)
        case "reliability":
            return f"({_signed(f'{number:.2f}', drop_zero=True)})"
        case "statistic_0" | "statistic_1" | "statistic_3" | "statistic_4":
            return _signed(f"{number:,.{style[-1]}f}")
    return _signed(f"{number:.2f}")


def statistic_style(sd: float) -> Format:
    """Choose the decimals of a mean so that they suit the spread of what is averaged.

    Examples
    --------
    >>> [statistic_style(sd) for sd in (12_000.0, 1.1, 0.004)]
    ['statistic_0', 'statistic', 'statistic_4']
    """
    if not math.isfinite(sd) or sd <= 0:
        return "statistic"
    if sd >= 1000:
        return "statistic_0"
    if sd >= 100:
        return "statistic_1"
    if sd >= 0.1:
        return "statistic"
    return "statistic_3" if sd >= 0.01 else "statistic_4"


def _absent(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _p_value(number: float) -> str:
    if number < 0.001:
        return "< .001"
    if number > 0.999:
        return "> .999"
    return _signed(f"{number:.3f}", drop_zero=True)


def _signed(text: str, *, drop_zero: bool = False) -> str:
    """Print a true minus sign, no negative zero and, where asked, no leading zero."""
    negative = text.startswith("-") and any(digit in text for digit in "123456789")
    digits = text.lstrip("-")
    if drop_zero and digits.startswith("0."):
        digits = digits[1:]
    return f"{MINUS if negative else ''}{digits}"

"""What the steps of the ladder are called, and what they allow."""

from __future__ import annotations

from dyadkit.measurement.ladder import Step

# What may be compared once a step holds.
ALLOWS: dict[Step, str] = {
    "loadings": "covariances and paths",
    "intercepts": "means of the factor",
    "residuals": "means and variances of scores",
    "variances": "one variance for all",
    "means": "one mean for all",
}
WORDS: dict[Step, str] = {
    "thresholds": "thresholds",
    "loadings": "loadings",
    "intercepts": "intercepts",
    "residuals": "residual variances",
    "variances": "factor variances",
    "means": "factor means",
}
_EQUAL: dict[Step, str] = {
    "configural": "same items, nothing equal",
    "thresholds": "equal thresholds",
    "loadings": "equal loadings (metric)",
    "intercepts": "equal loadings and intercepts (scalar)",
    "residuals": "equal residual variances too (strict)",
    "variances": "equal factor variances too",
    "means": "equal factor means too",
}
_EQUAL_ORDERED: dict[Step, str] = _EQUAL | {
    "loadings": "equal thresholds and loadings (metric)",
    "intercepts": "equal thresholds, loadings and intercepts (scalar)",
}


def equal_at(step: Step, ordered: bool) -> str:
    """Say what is equal at a step, of continuous or of ordered answers."""
    return (_EQUAL_ORDERED if ordered else _EQUAL)[step]

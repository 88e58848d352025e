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
    "residuals": "equal loadings, intercepts and residual variances (strict)",
    "variances": "all that and equal factor variances",
    "means": "all that and equal factor variances and means",
}
_EQUAL_ORDERED: dict[Step, str] = _EQUAL | {
    "loadings": "equal thresholds and loadings (metric)",
    "intercepts": "equal thresholds, loadings and intercepts (scalar)",
    "residuals": "equal thresholds, loadings, intercepts and residual variances (strict)",
}


def equal_at(step: Step, ordered: bool) -> str:
    """Say what is equal at a step, of continuous or of ordered answers."""
    return (_EQUAL_ORDERED if ordered else _EQUAL)[step]

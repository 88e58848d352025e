"""Export files → DyadFrame: reading, consent, pairing and scoring."""

from dyadkit.loading.assembling import load
from dyadkit.loading.scoring import score_scales

__all__ = ["load", "score_scales"]

"""The study file: what the researcher declares, read from TOML, validated and frozen."""

from dyadkit.study.reading import parse_study, read_study
from dyadkit.study.types import (
    Analysis,
    Consent,
    Level,
    Part,
    Privacy,
    ReportFormats,
    Scale,
    ScaleVersion,
    SingleVariable,
    Source,
    Study,
    Withdrawal,
)

__all__ = [
    "Analysis",
    "Consent",
    "Level",
    "Part",
    "Privacy",
    "ReportFormats",
    "Scale",
    "ScaleVersion",
    "SingleVariable",
    "Source",
    "Study",
    "Withdrawal",
    "parse_study",
    "read_study",
]

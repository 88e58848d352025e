"""The study file: what the researcher declares, read from TOML, validated and frozen."""

from dyadkit.study.parts import Level, Part
from dyadkit.study.reading import parse_study, read_study
from dyadkit.study.scales import LANGUAGE, Scale, ScaleVersion, SingleVariable
from dyadkit.study.sources import IdMatch, Link, Source
from dyadkit.study.types import (
    Analysis,
    Careless,
    Consent,
    Privacy,
    ReportFormats,
    Study,
    Withdrawal,
)

__all__ = [
    "LANGUAGE",
    "Analysis",
    "Careless",
    "Consent",
    "IdMatch",
    "Level",
    "Link",
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

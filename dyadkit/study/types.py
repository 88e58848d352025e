"""What a researcher declares about a study: frozen, and ignorant of data and of analyses."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from dyadkit.study.frozen import FrozenDict
from dyadkit.study.parts import Column, Part, Value
from dyadkit.study.scales import LANGUAGE, Scale, SingleVariable
from dyadkit.study.sources import Link, Source


class Consent(Part):
    """The column that says whether an answer may be used."""

    column: Column
    granted: tuple[Value, ...] = Field(min_length=1)
    source: tuple[str, ...] = ()
    scope: Literal["wave", "person"] = "wave"


class Withdrawal(Part):
    """A list of people who withdrew, and from which wave on."""

    path: str = Field(min_length=1)
    person: Column
    from_wave: str | None = None
    partner: Literal["keep", "drop_dyad"] = "keep"


#: What careless answering is told by; see `dyadkit.loading.screening.careless`.
CarelessIndex = Literal[
    "longest_run", "within_sd", "mahalanobis_p", "seconds_per_item", "synonyms", "antonyms"
]


class Careless(Part):
    """What counts as careless answering, and whether rows are left out for it.

    Attributes
    ----------
    exclude : tuple of str
        The indices for which a flagged row is left out; by default none is.
    longest_run, within_sd, mahalanobis_p, seconds_per_item, synonyms, antonyms : optional
        From where on a row is flagged, in place of the usual thresholds.
    """

    exclude: tuple[CarelessIndex, ...] = ()
    longest_run: int | None = Field(default=None, ge=2)
    within_sd: float | None = Field(default=None, ge=0)
    mahalanobis_p: float | None = Field(default=None, gt=0, lt=1)
    seconds_per_item: float | None = Field(default=None, gt=0)
    synonyms: float | None = Field(default=None, ge=-1, le=1)
    antonyms: float | None = Field(default=None, ge=-1, le=1)


class Privacy(Part):
    """The smallest numbers of dyads and of persons that may stand behind a published cell."""

    minimum_dyads: int = Field(default=5, ge=1)
    minimum_persons: int = Field(default=5, ge=1)
    export_data: bool = False


def _as_names(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Analysis(Part):
    """One analysis: its type, its name, and options that the type itself checks.

    Attributes
    ----------
    needs : tuple of str
        The names of the analyses whose values per dyad it uses as variables; ``from`` in a study
        file, which may also give a single name.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str = Field(min_length=1)
    name: str = ""
    needs: Annotated[tuple[str, ...], BeforeValidator(_as_names)] = Field(default=(), alias="from")

    @property
    def options(self) -> dict[str, Any]:
        """The analysis' own keys: a copy."""
        return deepcopy(self.__pydantic_extra__ or {})


class ReportFormats(Part):
    """What the report is written as."""

    formats: tuple[Literal["html", "docx"], ...] = ("html", "docx")


class Study(Part):
    """A study as declared: its roles, waves, files, scales and analyses.

    Read one with `dyadkit.read_study`.

    Attributes
    ----------
    roles : tuple of str
        In the order that every table uses; a single label means exchangeable partners.
    waves : tuple of str
        In time order; empty when there is one wave.
    wave_times : mapping
        Wave to time, in `time_unit`.
    directory : pathlib.Path
        Where relative paths start.
    stem, file : str
        The name of the study file, without and with its ending.
    text : str
        The study file as it was read.
    """

    title: str
    roles: tuple[str, ...]
    waves: tuple[str, ...] = ()
    wave_times: Annotated[Mapping[str, float], AfterValidator(FrozenDict)] = FrozenDict()
    time_unit: str = ""
    seed: int = 20260101
    alpha: float = 0.05
    orphans: Literal["exclude", "keep"] = "exclude"
    sources: tuple[Source, ...]
    links: tuple[Link, ...] = ()
    scales: tuple[Scale, ...]
    variables: tuple[SingleVariable, ...] = ()
    consents: tuple[Consent, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    careless: Careless = Careless()
    privacy: Privacy = Privacy()
    analyses: tuple[Analysis, ...] = ()
    report: ReportFormats = ReportFormats()
    directory: Path
    stem: str = "study"
    file: str = ""
    text: str = ""

    @property
    def exchangeable(self) -> bool:
        """Whether the two partners share one role."""
        return len(self.roles) == 1

    @property
    def singles(self) -> tuple[SingleVariable, ...]:
        """The single variables, and the language if a source has it and no variable its name."""
        names = {single.name for single in self.variables} | {scale.name for scale in self.scales}
        if LANGUAGE.name in names or not any(source.language for source in self.sources):
            return self.variables
        return (*self.variables, LANGUAGE)

    @property
    def files(self) -> tuple[Path, ...]:
        """The study file and every file it names."""
        name = self.file or f"{self.stem}.toml"
        named = (name, *(source.path for source in self.sources))
        lists = (withdrawal.path for withdrawal in self.withdrawals)
        keys = (link.path for link in self.links)
        return tuple(self.directory / path for path in (*named, *keys, *lists))

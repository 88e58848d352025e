"""When somebody answered: the wave of a file, and columns with waves, occasions and times."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from dyadkit.loading.drafting.guess_columns import Column, holds_dates, holds_stamps
from dyadkit.loading.drafting.guess_source import SourceGuess
from dyadkit.loading.drafting.guess_words import tokens, wave_in
from dyadkit.loading.reading.raw import RawTable

# A column is what its name says only if all words of its name are among these: the duration of a
# relationship and a date of birth are none of ours.
_WAVE_NAMES = frozenset(
    {
        *("wave", "welle", "zeitpunkt", "mzp", "messzeitpunkt", "timepoint", "ola", "vague"),
        *("onda", "round", "phase", "survey", "assessment", "measurement"),
    }
)
# Words for waves in surveys, for occasions in diaries.
_EITHER_NAMES = frozenset({"t", "time", "session", "tiempo", "temps", "event", "obs", "messung"})
_OCCASION_NAMES = frozenset(
    {
        *("day", "beep", "occasion", "prompt", "signal", "entry", "diary", "week"),
        *("tag", "tagebuch", "anlass", "eintrag", "woche", "dia", "ocasion", "jour", "occasione"),
    }
)
_FILLING = frozenset({"number", "nr", "no", "num", "point", "id", "of", "in", "study", "n"})
_WHEN_NAMES = frozenset(
    {
        *("date", "datum", "datetime", "fecha", "time", "timestamp", "stamp", "zeit", "hora"),
        *("heure", "zeitstempel", "at", "on"),
    }
)
_EVENT_NAMES = frozenset(
    {
        *("start", "started", "begin", "beginn", "end", "ended", "ende", "completed", "answered"),
        *("submitted", "recorded", "sent", "response", "survey", "interview", "entry", "beep"),
        *("prompt", "signal", "created", "modified", "last", "of", "the", "wave", "t"),
    }
)
_DURATION_NAMES = frozenset({"duration", "dauer", "duracion", "duree", "seconds", "sekunden"})
_DURATION_FILLING = frozenset({"in", "total", "survey", "interview", "time", "sec", "s", "of"})
_LANGUAGE_NAMES = frozenset({"language", "lang", "sprache", "idioma", "langue", "locale"})
_LANGUAGE_FILLING = frozenset({"user", "survey", "start", "of"})
_PLATFORM_DATES = ("EndDate", "submitdate", "RecordedDate", "Date Modified")
_PLATFORM_TIMES = ("StartDate", "startdate", "Date Created", "RecordedDate", "EndDate")
_DURATIONS = ("Duration (in seconds)", "Duration__in_seconds_", "interviewtime")
_LANGUAGES = ("UserLanguage", "startlanguage")
_MOST_WAVES = 12
_MOST_OCCASIONS = 400
# Fewer rows for each person (and wave) are answers given twice.
_DIARY_ROWS = 2.5


def with_wave(source: SourceGuess) -> SourceGuess:
    """Say of which wave a file is, or which column says it."""
    if source.layout.waves:
        return source
    export = source.export
    parts = [export.sheet, export.file.rsplit(".", 1)[0], *reversed(export.path.split("/")[:-1])]
    wave = next((w for w in map(wave_in, parts) if w is not None), None)
    if wave is not None:
        return replace(source, wave=wave)
    for name, column in export.columns.items():
        values = _waves_in(column)
        if values and name not in source.layout.spelt:
            return replace(source, wave_column=name, wave_values=values)
    return source


def number_waves(sources: Sequence[SourceGuess]) -> list[SourceGuess]:
    """Take numbers at the end of file names for waves, where the names differ in nothing else."""
    names = [re.fullmatch(r"(.*\D)?([0-9]{1,2})", s.export.path.rsplit(".", 1)[0]) for s in sources]
    stems = [found[1] if found else None for found in names]
    return [
        replace(source, wave=int(found[2]))
        if found and source.wave is None and not source.waves and stems.count(found[1]) > 1
        else source
        for source, found in zip(sources, names, strict=True)
    ]


def with_moments(source: SourceGuess) -> SourceGuess:
    """Name the columns with dates, durations and languages; in a diary, times and occasions.

    Parameters
    ----------
    source : SourceGuess
        With the columns that say who answered in which wave.
    """
    table = source.export.table
    duration = _platform_column(table, _DURATIONS, _holds_seconds) or _named(
        source, _DURATION_NAMES, _DURATION_FILLING, _holds_seconds
    )
    language = _platform_column(table, _LANGUAGES, _holds_languages) or _named(
        source, _LANGUAGE_NAMES, _LANGUAGE_FILLING, _holds_languages
    )
    source = replace(source, duration=duration, language=language)
    if _is_diary(source):
        time = _platform_column(table, _PLATFORM_TIMES, holds_stamps) or _named(
            source, _WHEN_NAMES, _EVENT_NAMES, holds_stamps
        )
        return replace(source, time=time, occasion=_occasion(source))
    date = _platform_column(table, _PLATFORM_DATES, holds_dates) or _named(
        source, _WHEN_NAMES, _EVENT_NAMES, holds_dates
    )
    return replace(source, date=date)


def _waves_in(column: Column) -> dict[str, int]:
    """Return the words for waves in a column, if it has nothing else."""
    words = set(column.words) - _FILLING
    if not words or not words <= _WAVE_NAMES | _EITHER_NAMES or column.filled < 2:
        return {}
    found = {text: _wave_number(column.labels.get(text, text), text) for text in column.counts}
    known = {text: number for text, number in found.items() if number is not None}
    numbers = sorted(set(known.values()))
    strange = sum(n for text, n in column.counts.items() if text not in known)
    most = _MOST_WAVES if words & _WAVE_NAMES else _MOST_WAVES // 2
    if not 1 <= len(numbers) <= most or strange > 0.05 * column.filled:
        return {}
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))) or numbers[0] > 1:
        return {}
    return dict(sorted(known.items(), key=lambda pair: pair[1]))


def _wave_number(label: str, code: str) -> int | None:
    if re.fullmatch(r"[0-9]{1,2}([.,]0+)?", code):
        return int(re.split("[.,]", code)[0])
    return wave_in(label)


def _is_diary(source: SourceGuess) -> bool:
    """Tell whether there are many rows for each person, or each dyad and role, and wave."""
    keys = [source.person] if source.person else [source.dyad, source.role_column]
    keys = [key for key in [*keys, source.wave_column] if key in source.export.columns]
    if not keys or source.layout.kind != "person" or source.partner:
        return False
    if not (source.person or source.role or source.role_column):
        return False
    return _rows_each(source.export.table, keys) >= _DIARY_ROWS


def _rows_each(table: RawTable, keys: Sequence[str]) -> float:
    """Count the rows for each combination of texts in some columns, on average."""
    frame = {key: table.column(key).astype("object") for key in keys}
    first = frame[keys[0]]
    filled = first.ne("")
    together = first[filled]
    for key in keys[1:]:
        together = together + "\n" + frame[key][filled]
    return len(together) / max(together.nunique(), 1)


def _occasion(source: SourceGuess) -> str:
    """Choose the column that numbers the rows of a person best."""
    who = [source.person] if source.person else [source.dyad, source.role_column]
    keys = [key for key in [*who, source.wave_column] if key in source.export.columns]
    best, fewest = "", float("inf")
    known = _OCCASION_NAMES | _EITHER_NAMES | _WAVE_NAMES
    for name, column in source.export.columns.items():
        words, numbers = set(column.words), column.numbers()
        if not words & known or not words <= known | _FILLING or name in keys:
            continue
        if len(numbers) < len(column.counts) or not 2 < len(numbers) < _MOST_OCCASIONS:
            continue
        repeated = _rows_each(source.export.table, [*keys, name])
        if repeated < fewest:
            best, fewest = name, repeated
    return best


def _platform_column(table: RawTable, names: Sequence[str], fits: Callable[[Column], bool]) -> str:
    """Return the first of a platform's own columns that a file has."""
    for name in names:
        own = table.own_name(name)
        if table.columns.count(own) == 1:
            texts = {str(text): 1 for text in table.column(own).unique() if text}
            if fits(Column(own, texts)):
                return own
    return ""


def _named(
    source: SourceGuess,
    names: frozenset[str],
    filling: frozenset[str],
    fits: Callable[[Column], bool],
) -> str:
    """Return the first column whose name has one of some words and whose texts fit."""
    taken = source.taken
    for name, column in source.export.columns.items():
        words = {word for word in tokens(name) if not word.isdecimal()}
        if words & names and words <= names | filling and name not in taken and fits(column):
            return name
    return ""


def _holds_seconds(column: Column) -> bool:
    return column.has(re.compile(r"[0-9]+([.,][0-9]+)?"), 0.95)


def _holds_languages(column: Column) -> bool:
    pattern = re.compile(r"[A-Za-zÀ-ÿ]{2,12}([\-_][A-Za-z0-9]{2,8}){0,2}")
    return column.has(pattern) and len(column.counts) <= 40

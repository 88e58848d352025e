"""The studies whose exports are mutated: a new one is one more entry in `STUDIES`."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.loading.mutating.designs import diary, dyad_rows, loop, partner, peers
from tests.loading.mutating.small import one_file, qualtrics, two_files
from tests.loading.mutating.study import Field, Source, Study
from tests.loading.mutating.tables import Manner, Table

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "data/sample"


def _coaching() -> Study:
    """Take the sample of coaches and clients, read by the csv module."""
    folder = SAMPLES / "distance_coaching"
    manners = {
        "coaches_t1.csv": Manner("text", ";", "cp1252", "\r\n"),
        "clients_t2.csv": Manner(encoding="utf-8-sig", quote_all=True),
        "clients_t1.csv": Manner(quote_all=True),
    }
    tables = {}
    for path in sorted(folder.glob("*.csv")):
        manner = manners.get(path.name, Manner())
        with path.open(encoding=manner.encoding, newline="") as file:
            first, *rest = map(tuple, csv.reader(file, delimiter=manner.delimiter))
        above = 2 if path.name.startswith("clients") else 0
        tables[path.name] = Table(first, tuple(rest[above:]), manner, tuple(rest[:above]))
    scales = (
        *(("tr", "ctr", 5, 7, ("coach",), ()), ("tr", "tr", 5, 7, ("client",), ())),
        *(("si", "csi", 4, 5, ("coach",), ("t1",)), ("si", "si", 4, 5, ("client",), ("t1",))),
        *(("rd", "rd", 5, 7, ("coach",), ("t1",)), ("pl", "pl", 12, 7, ("client",), ())),
    )
    fields = [
        Field(f"{stem}{n}", f"{written}{n}", "number", (1, most), roles, waves)
        for stem, written, count, most, roles, waves in scales
        for n in range(1, count + 1)
    ]
    fields.append(Field("tenure", "tenure_years", roles=("coach",), waves=("t1",)))
    fields.append(Field("format", "format", "category", roles=("coach",), waves=("t1",)))
    sources = []
    for name in ("coaches t1", "coaches t2", "clients t1", "clients t2"):
        kind, wave = name.split()
        role = {"coaches": "coach", "clients": "client"}[kind]
        asked = [f for f in fields if role in f.roles and wave in (f.waves or (wave,))]
        gates = ("Status", "Finished", "DistributionChannel", "Bearbeitung")
        sources.append(
            Source(
                *(name, f"{kind}_{wave}.csv", tuple(asked), role, wave),
                **{"dyad": "pair_code", "person": f"{role}_id", "consent": "consent"},
                gates=gates,
            )
        )
    return Study(
        *(_study_file(folder.name), tables, {}, tuple(sources)),
        *(("t1", "t2"), ("yes", "ja"), True, "withdrawn.csv", "t2"),
        score=False,
    )


def _mentoring() -> Study:
    """Take the sample of mentors and developees; its files are mutated byte by byte."""
    folder = SAMPLES / "workplace_mentoring"
    files = {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.suffix in (".csv", ".sav", ".xlsx")
    }
    return Study(_study_file(folder.name), {}, files, score=False)


def _study_file(name: str) -> str:
    """Return a sample's study file, for exports in the same folder."""
    text = (ROOT / f"analyses/{name}/study.toml").read_text(encoding="utf-8")
    return text.replace(f"../../data/sample/{name}/", "")


STUDIES: dict[str, Study] = {
    "plain": two_files("csv", Manner(), Manner()),
    "qualtrics": qualtrics(),
    "semicolon": two_files(
        "csv", Manner("text", ";", "utf-8-sig", "\r\n"), Manner("text", ";"), comma=True
    ),
    "utf-16": two_files("csv", Manner("text", "\t", "utf-16"), Manner("text", ",", "utf-16")),
    "cp1252": two_files("csv", Manner(encoding="cp1252"), Manner("text", "|", "cp1252", "\r\n")),
    "xlsx": two_files("xlsx", Manner("xlsx"), Manner("xlsx", dates=True)),
    "sav": two_files("sav", Manner("sav"), Manner("sav")),
    "dta": two_files("dta", Manner("dta"), Manner("dta")),
    "parquet": two_files("parquet", Manner("parquet"), Manner("parquet")),
    "one file": one_file(),
    "dyad rows": dyad_rows(),
    "loop": loop(),
    "partner": partner(),
    "peers": peers(),
    "diary": diary(),
    "coaching": _coaching(),
    "mentoring": _mentoring(),
}

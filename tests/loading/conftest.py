"""Small studies made by hand: files and a study file in, a frame out."""

from __future__ import annotations

import pytest

from dyadkit.loading import load
from dyadkit.study import read_study

HEAD = '[study]\nroles = ["coach", "client"]\n'
TRUST = '[scale.trust]\nitems = ["t1", "t2"]\nrange = [1, 7]\n'


@pytest.fixture
def write(tmp_path):
    """Return what writes files (text as UTF-8, or bytes) and a study file, and its path."""

    def write_files(toml: str, **files: str | bytes):
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name.replace("__", ".")).write_bytes(data)
        path = tmp_path / "study.toml"
        path.write_text(toml, encoding="utf-8")
        return path

    return write_files


@pytest.fixture
def loaded(write):
    """Return what writes a study and loads it."""

    def load_files(toml: str, **files: str | bytes):
        return load(read_study(write(toml, **files)))

    return load_files


@pytest.fixture
def two_files(loaded):
    """Return what loads a coaches' and a clients' file, with lines for [[source]] and below."""

    def load_two(coaches, clients, source: str = "", rest: str = "", scales: str = TRUST, **files):
        toml = HEAD + "".join(
            f'[[source]]\npath = "{name}.csv"\nname = "{name}"\nrole = "{role}"\n'
            f'dyad = "pair"\n{source}\n'
            for role, name in (("coach", "coaches"), ("client", "clients"))
        )
        return loaded(
            f"{toml}{rest}\n{scales}", coaches__csv=coaches, clients__csv=clients, **files
        )

    return load_two


@pytest.fixture
def one_file(loaded):
    """Return what loads a single file that says role (and wave) in columns."""

    def load_one(text, source: str = "", rest: str = "", scales: str = TRUST, waves=(), **files):
        head = HEAD + (f"waves = [{', '.join(repr(wave) for wave in waves)}]\n" if waves else "")
        toml = (
            f'{head}[[source]]\npath = "all.csv"\nname = "all"\nrole_column = "role"\n'
            + ('wave_column = "wave"\n' if waves else "")
            + f'dyad = "pair"\n{source}\n{rest}\n{scales}'
        )
        return loaded(toml, all__csv=text, **files)

    return load_one


@pytest.fixture
def steps():
    """Return what gives the flow as {(source, wave, role): {step: n}}; no wave is "-"."""

    def count(dyads):
        flow = dyads.flow()
        places = flow[["source", "wave", "role"]].astype(object).fillna("-")
        counts: dict = {}
        for place, step, n in zip(
            places.itertuples(index=False, name=None), flow["step"], flow["n"], strict=True
        ):
            counts.setdefault(place, {})[step] = n
        return counts

    return count


@pytest.fixture
def entries():
    """Return what gives the ledger as tuples (source, row, reason, detail), NA as None."""

    def ledger(dyads, *columns: str):
        chosen = list(columns or ("source", "row", "reason"))
        table = dyads.exclusions[chosen].astype(object)
        table = table.where(table.notna(), None)
        return list(table.itertuples(index=False, name=None))

    return ledger


@pytest.fixture
def values():
    """Return what gives one variable as {(dyad, role[, wave]): value}, NA as None."""

    def answers(dyads, name: str):
        rows = dyads.individual([name])
        keys = ["dyad", "member" if "member" in rows else "role"]
        keys += ["wave"] if "wave" in rows else []
        column = rows[name].astype(object)
        column = column.where(column.notna(), None)
        return dict(zip(rows[keys].itertuples(index=False, name=None), column, strict=True))

    return answers

"""The walls between the rooms of dyadkit, read from its source.

The house is a one-way street: what is declared, observed, estimated, reported.
`ROOMS` says who may import whom.  Every import counts: at the top of a module,
inside a function, under ``TYPE_CHECKING``, through ``import_module``, and as a
lazy target written as a string (``"dyadkit.room.module:name"``).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "dyadkit"
LONGEST_FILE = 400

ANALYSES = (
    "description",
    "agreement",
    "measurement",
    "multilevel",
    "panel",
    "congruence",
    "regression",
)
_FOR_ANALYSES = ("answers", "frame", "sem", "mixed", "models", "display", "estimation")

# Room: the rooms it may import, and through them whatever those may import.
ROOMS: Mapping[str, tuple[str, ...]] = {
    "errors": (),
    "study": ("errors",),
    "results": ("errors",),
    "estimation": ("errors",),
    "frame": ("study",),
    "loading": ("frame",),
    "simulation": ("frame",),
    "display": ("results",),
    "answers": ("frame", "display", "estimation"),
    "sem": ("results", "estimation"),
    "mixed": ("results", "estimation"),
    "models": ("frame", "sem", "mixed", "display"),
    **dict.fromkeys(ANALYSES, _FOR_ANALYSES),
    "report": ("study", "results", "display"),
    "pipeline": ("loading", "simulation", "models", "report", *ANALYSES),
    # The package itself gives the public names lazily, so importing it opens
    # every door; only the command line may.
    "dyadkit": ("pipeline",),
    "cli": ("pipeline", "dyadkit"),
    "__main__": ("cli",),
}
ARRAY_ROOMS = ("estimation", "sem", "mixed")
# Their import targets are computed from a table of strings, which is read too.
COMPUTED_IMPORTS = ("dyadkit", "pipeline", "cli")

_TARGET = re.compile(r"dyadkit(\.[A-Za-z_]\w*)+(:[A-Za-z_][\w.]*)?")


@dataclass(frozen=True, slots=True)
class Source:
    """One module of the package: where it is, what it is called, its syntax tree."""

    path: Path
    name: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The top-level module or folder that the module lies in."""
        return self.name.split(".")[1] if "." in self.name else self.name

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    def at(self, node: ast.AST) -> str:
        return f"{self.name}, line {getattr(node, 'lineno', 1)}"


@dataclass(frozen=True, slots=True)
class Import:
    """A dotted name that some module imports, and where it says so."""

    target: str
    node: ast.AST


def reachable(rooms: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    """Close the table transitively: everything each room may import, itself included."""

    def visit(room: str, seen: frozenset[str]) -> frozenset[str]:
        if room in seen:
            return seen
        seen |= {room}
        for door in rooms[room]:
            seen = visit(door, seen)
        return seen

    return {room: visit(room, frozenset()) for room in rooms}


def read_package(root: Path) -> list[Source]:
    """Parse every module below a package folder, which may have any name."""
    sources = []
    for path in sorted(root.rglob("*.py")):
        parts = ["dyadkit", *path.relative_to(root).with_suffix("").parts]
        if parts[-1] == "__init__":
            parts.pop()
        sources.append(Source(path, ".".join(parts), ast.parse(path.read_text("utf-8"))))
    return sources


def imports(source: Source) -> Iterator[Import]:
    """Yield every import of a module, with relative ones made absolute."""
    said = set(_standing_alone(source.tree))
    for node in ast.walk(source.tree):
        match node:
            case ast.Import(names=names):
                yield from (Import(alias.name, node) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = _absolute(source, module or "", level)
                yield from (Import(f"{base}.{alias.name}", node) for alias in names)
            case ast.Call(args=[ast.Constant(value=str(name)) as argument, *_]) if _imports_by_name(
                node
            ):
                said.add(argument)
                level = len(name) - len(name.lstrip("."))
                yield Import(_absolute(source, name[level:], level), node)
            case ast.Constant(value=str(text)) if node not in said and _TARGET.fullmatch(text):
                yield Import(text.replace(":", "."), node)


def computed_imports(source: Source) -> Iterator[ast.Call]:
    """Yield the calls that import a name which cannot be read from the source."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and _imports_by_name(node):
            match node.args:
                case [ast.Constant(value=str()), *_]:
                    continue
            yield node


def _imports_by_name(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id="import_module" | "__import__"):
            return True
        case ast.Attribute(attr="import_module"):
            return True
    return False


def _absolute(source: Source, module: str, level: int) -> str:
    if level == 0:
        return module
    parts = source.name.split(".")
    climb = level - 1 if source.is_package else level
    base = parts[: len(parts) - climb]
    return ".".join([*base, module] if module else base)


def _standing_alone(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def _room_of(target: str) -> str | None:
    """The room an import leads to; None for other packages and for the version."""
    parts = target.split(".")
    if parts[0] != "dyadkit" or parts[1:2] == ["__version__"]:
        return None
    return parts[1] if parts[1:2] and parts[1] in ROOMS else "dyadkit"


def broken_walls(sources: list[Source]) -> list[str]:
    """Say which imports lead into a room that the importing one may not enter."""
    allowed = reachable(ROOMS)
    complaints = []
    for source in sources:
        if source.room not in ROOMS:
            complaints.append(f"{source.name} is in no room of the house: give it one in ROOMS")
            continue
        for found in imports(source):
            room = _room_of(found.target)
            if room is not None and room not in allowed[source.room]:
                complaints.append(
                    f"{source.at(found.node)}: {source.room} may not import {room} ({found.target})"
                )
        if source.room not in COMPUTED_IMPORTS:
            complaints += [
                f"{source.at(call)}: an import whose target cannot be read from the source"
                for call in computed_imports(source)
            ]
    return complaints


def dataframes_in_array_rooms(sources: list[Source]) -> list[str]:
    """Say where a room of arrays imports pandas."""
    return [
        f"{source.at(found.node)}: {source.room} takes and returns arrays, not pandas objects"
        for source in sources
        if source.room in ARRAY_ROOMS
        for found in imports(source)
        if found.target.split(".")[0] == "pandas"
    ]


def modules_named_as_functions(sources: list[Source]) -> list[str]:
    """Say which modules define, list or (a package) pass on a name that is a module's."""
    modules = {source.name for source in sources}
    complaints = []
    for source in sources:
        names = _exported(source)
        own = source.name.rpartition(".")[2]
        if own in names:
            complaints.append(f"{source.name} exports a function of its own name")
        if source.is_package:
            complaints += [
                f"{source.name} exports {name}, which is also a module of it"
                for name in sorted(names)
                if f"{source.name}.{name}" in modules
            ]
    return complaints


def _exported(source: Source) -> set[str]:
    names: set[str] = set()
    for node in source.tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.ImportFrom(names=aliases) if source.is_package:
                names |= {alias.asname or alias.name for alias in aliases}
            case (
                ast.Assign(targets=[ast.Name(id="__all__")], value=value)
                | ast.AnnAssign(target=ast.Name(id="__all__"), value=value)
            ) if value is not None:
                names |= {
                    leaf.value
                    for leaf in ast.walk(value)
                    if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)
                }
    return names


def assertions(sources: list[Source]) -> list[str]:
    """Say where code checks with ``assert``, which ``python -O`` takes away."""
    return [
        f"{source.at(node)}: raise an error of dyadkit.errors instead of asserting"
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assert)
    ]


def long_files(sources: list[Source]) -> list[str]:
    """Say which files are longer than a file should be."""
    lengths = {s.name: len(s.path.read_text("utf-8").splitlines()) for s in sources}
    return [
        f"{name} has {length} lines; past {LONGEST_FILE} it is usually two rooms"
        for name, length in lengths.items()
        if length > LONGEST_FILE
    ]


CHECKS = (
    broken_walls,
    dataframes_in_array_rooms,
    modules_named_as_functions,
    assertions,
    long_files,
)


@pytest.fixture(scope="module")
def house() -> list[Source]:
    return read_package(PACKAGE)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_house_stands(check, house):
    complaints = check(house)
    assert not complaints, "\n".join(complaints)


def test_the_house_is_read(house):
    names = {source.name for source in house}
    assert {"dyadkit.errors", "dyadkit.study", "dyadkit.pipeline", "dyadkit.cli"} <= names
    found = {target.target for source in house for target in imports(source)}
    assert any(target.startswith("dyadkit.errors.") for target in found)


# The table itself


def test_no_room_reaches_itself_round_a_corner():
    allowed = reachable(ROOMS)
    for room, doors in ROOMS.items():
        for door in doors:
            assert room not in allowed[door], f"{room} and {door} reach each other"


def test_no_analysis_reaches_another():
    allowed = reachable(ROOMS)
    for room in ANALYSES:
        assert allowed[room] & set(ANALYSES) == {room}


def test_doors_open_transitively():
    allowed = reachable({"a": (), "b": ("a",), "c": ("b",)})
    assert allowed == {"a": {"a"}, "b": {"a", "b"}, "c": {"a", "b", "c"}}


# The checks fail when they should: a violation planted in a small package each


def plant(root: Path, files: dict[str, str]) -> list[Source]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_package(root)


@pytest.mark.parametrize(
    ("module", "code", "room"),
    [
        ("frame.py", "import dyadkit.loading", "loading"),
        ("frame.py", "import dyadkit.loading.csv as reader", "loading"),
        ("study.py", "from dyadkit import frame", "frame"),
        ("study.py", "from .frame import DyadFrame", "frame"),
        ("loading/pairing.py", "from ..simulation import truth", "simulation"),
        ("loading/__init__.py", "from ..report import html", "report"),
        ("loading/pairing/keys.py", "from ... import report", "report"),
        ("estimation/moments.py", "def f():\n    from dyadkit.results import Result", "results"),
        (
            "report/html.py",
            "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from dyadkit.frame import DyadFrame",
            "frame",
        ),
        ("sem/fit.py", "import importlib\nimportlib.import_module('dyadkit.mixed')", "mixed"),
        ("sem/fit.py", "x = import_module('..mixed.fit', __package__)", "mixed"),
        ("sem/fit.py", "__import__('dyadkit.frame')", "frame"),
        ("panel/growth.py", "TARGET = 'dyadkit.multilevel.apim:fit_apim'", "multilevel"),
        ("panel/growth.py", "from dyadkit.agreement.rwg import rwg", "agreement"),
        ("display/tables.py", "import dyadkit as dk", "dyadkit"),
        ("display/tables.py", "from dyadkit import fit_apim", "dyadkit"),
        ("pipeline.py", "from dyadkit.cli import app", "cli"),
    ],
)
def test_a_broken_wall_is_found(tmp_path, module, code, room):
    (complaint,) = broken_walls(plant(tmp_path, {module: code}))
    assert f"may not import {room} (" in complaint


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("loading/pairing.py", "from dyadkit.errors import DataError"),
        ("loading/pairing.py", "from .keys import join\nfrom . import keys"),
        ("panel/growth.py", "from dyadkit.estimation.moments import mean"),
        ("panel/growth.py", "from dyadkit.study import Study\nimport pandas"),
        ("report/html.py", "from dyadkit import __version__"),
        ("report/html.py", '"""Shown by\n\n    dyadkit.cli\n"""'),
        ("report/html.py", '"dyadkit.cli"'),
        ("report/html.py", "NAMES = 'dyadkit demo', 'dyadkit'"),
        ("pipeline.py", "REGISTRY = {'apim': 'dyadkit.multilevel.apim:fit_apim'}"),
        ("__init__.py", "import importlib\nimportlib.import_module(f'dyadkit.{x}')"),
        ("cli.py", "from dyadkit.pipeline import analyze\nimport dyadkit"),
    ],
)
def test_an_open_door_is_no_broken_wall(tmp_path, module, code):
    assert broken_walls(plant(tmp_path, {module: code})) == []


def test_an_unreadable_import_is_found(tmp_path):
    code = "from importlib import import_module\nimport_module(f'dyadkit.{room}')"
    (complaint,) = broken_walls(plant(tmp_path, {"sem/fit.py": code}))
    assert complaint.startswith("dyadkit.sem.fit, line 2: an import whose target")


def test_a_module_outside_the_rooms_is_found(tmp_path):
    (complaint,) = broken_walls(plant(tmp_path, {"utils.py": ""}))
    assert complaint.startswith("dyadkit.utils is in no room")


@pytest.mark.parametrize("room", ARRAY_ROOMS)
@pytest.mark.parametrize(
    "code", ["import pandas as pd", "def f():\n    from pandas.api import types"]
)
def test_pandas_among_arrays_is_found(tmp_path, room, code):
    files = {f"{room}/moments.py": code, "frame.py": "import pandas"}
    (complaint,) = dataframes_in_array_rooms(plant(tmp_path, files))
    assert complaint.startswith(f"dyadkit.{room}.moments, line")


@pytest.mark.parametrize(
    "files",
    [
        {"agreement/rwg.py": "def rwg():\n    pass"},
        {"agreement/rwg.py": "from .index import rwg\n__all__ = ['rwg']"},
        {"agreement/rwg.py": "", "agreement/__init__.py": "from .index import rwg"},
        {"agreement/__init__.py": "def agreement():\n    pass"},
        {"frame.py": "", "__init__.py": "__all__ = ['frame']"},
    ],
)
def test_a_module_named_as_its_function_is_found(tmp_path, files):
    assert len(modules_named_as_functions(plant(tmp_path, files))) == 1


def test_using_a_function_is_not_exporting_it(tmp_path):
    files = {"panel/rwg.py": "from dyadkit.estimation.spread import rwg\n\ndef fit():\n    pass"}
    assert modules_named_as_functions(plant(tmp_path, files)) == []


def test_an_assertion_is_found(tmp_path):
    code = "def f(x):\n    assert x > 0\n    return x"
    (complaint,) = assertions(plant(tmp_path, {"frame.py": code}))
    assert complaint.startswith("dyadkit.frame, line 2:")


@pytest.mark.parametrize(("lines", "complaints"), [(LONGEST_FILE, 0), (LONGEST_FILE + 1, 1)])
def test_a_long_file_is_found(tmp_path, lines, complaints):
    assert len(long_files(plant(tmp_path, {"frame.py": "x = 1\n" * lines}))) == complaints

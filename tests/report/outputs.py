"""Outputs to write in tests, from here or from a process of their own, and what is there after."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dyadkit.report import folder
from dyadkit.report.folder import write_folder

# Writes an output full of one word; stops, or waits for a line, before a step.
CHILD = """
import json, os, signal, sys, types
from pathlib import Path
sys.path.insert(0, sys.argv[1])
# Without what the whole package imports, a child starts ten times as fast.
package = types.ModuleType("dyadkit.report")
package.__path__ = [os.path.join(sys.argv[1], "dyadkit", "report")]
sys.modules["dyadkit.report"] = package
from dyadkit.report import swapping
from dyadkit.report.folder import write_folder
target, word, path, stop, times = sys.argv[2:]
if path == "two":
    swapping.exchange = lambda one, other: False
def on_step(step):
    if stop == "kill:" + step:
        os.kill(os.getpid(), signal.SIGKILL)
    if stop == "wait:" + step:
        print("waiting", flush=True)
        sys.stdin.readline()
names = [f"{kind}/{word}_{number}.csv" for kind in ("tables", "figures") for number in range(5)]
files = {name: word.encode() * 1000 for name in [*names, "report.html"]}
files["manifest.json"] = json.dumps({"generator": "dyadkit", "outputs": [*files]}).encode()
for _ in range(int(times)):
    write_folder(Path(target), files, overwrite=True, sources=[], on_step=on_step)
"""
ROOT = str(Path(folder.__file__).parents[2])


def output(word: str) -> dict[str, bytes]:
    names = [f"{kind}/{word}_{number}.csv" for kind in ("tables", "figures") for number in range(5)]
    files = {name: word.encode() * 1000 for name in [*names, "report.html"]}
    files["manifest.json"] = json.dumps({"generator": "dyadkit", "outputs": [*files]}).encode()
    return files


def write(target: Path, word: str = "new", *, overwrite: bool = True) -> list[str]:
    steps: list[str] = []
    files = output(word)
    write_folder(target, files, overwrite=overwrite, sources=[], on_step=steps.append)
    return steps


def child(target: Path, word: str, path: str, stop: str = "", times: int = 1) -> list[str]:
    arguments = [ROOT, str(target), word, path, stop, str(times)]
    return [sys.executable, "-c", CHILD, *arguments]


def held(target: Path) -> dict[str, bytes]:
    return {
        path.relative_to(target).as_posix(): path.read_bytes()
        for path in target.rglob("*")
        if path.is_file()
    }


def beside(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir() if path != target)

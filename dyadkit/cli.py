"""The command line: parse, call, exit code."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dyadkit.errors import DyadKitError

if TYPE_CHECKING:
    from dyadkit.report.assembly import Report
    from dyadkit.study import Study

app = typer.Typer(
    help="Analyse paired survey data: from raw exports to a report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich takes longer to import than everything else together
)

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY", help="The study file (TOML).")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print problems only.")]


@app.command()
def analyze(
    study: StudyFile,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the report; default: STUDY-report beside the study file."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Run only this analysis; repeatable.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes to use; changes no number.")] = 1,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Random seed in place of the study's own.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier report in the folder.")
    ] = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Read, pair and score a study, run its analyses, and write the report."""
    with _problems(debug):
        from dyadkit.pipeline import analyze as run
        from dyadkit.report.folder import recover
        from dyadkit.report.replacing import check_target
        from dyadkit.study import read_study

        declared = read_study(study)
        target = out if out is not None else study.parent / f"{study.stem}-report"
        recover(target)
        check_target(target, overwrite=overwrite, sources=declared.files)
        show = _shown(quiet)
        with _reading(declared, quiet) as on_rows:
            report = run(
                declared, only=only or (), jobs=jobs, seed=seed, on_step=show, on_rows=on_rows
            )
        report.write(target, overwrite=overwrite, on_step=show)
        _conclude(report, target, quiet)


@app.command()
def check(
    study: StudyFile,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")] = False,
    debug: Debug = False,
) -> None:
    """Say everything that is wrong with the data; estimate nothing."""
    with _problems(debug):
        from dyadkit.loading.screening.inspection import inspect
        from dyadkit.loading.screening.listing import list_inspection, list_problems
        from dyadkit.pipeline import check_options, check_variables
        from dyadkit.study import read_study

        declared = read_study(study)
        options = check_options(declared)
        with _reading(declared) as on_rows:
            found = inspect(declared, on_rows)
        if as_json:
            import json

            from dyadkit.loading.screening.inspection_json import inspection_data

            typer.echo(json.dumps(inspection_data(found), ensure_ascii=False, indent=2))
        elif shown := list_inspection(found, _width()):
            typer.echo(shown)
        if found.frame is not None:
            check_variables(found.frame, declared.analyses, options)
    if found.problems:
        _complain(list_problems(found))
        raise typer.Exit(1)


@app.command()
def init(
    exports: Annotated[list[Path], typer.Argument(metavar="EXPORT...", help="Raw export files.")],
    out: Annotated[Path, typer.Option(help="The study file to write.")] = Path("study.toml"),
    debug: Debug = False,
) -> None:
    """Draft a study file from raw exports, for you to check and complete."""
    with _problems(debug):
        from dyadkit.loading.drafting.drafting import write_draft

        write_draft(exports, out)
        typer.echo(
            f"Draft: {out}. Read the lines that end in '# check' and fill in the rest, then run: "
            f"dyadkit check {out}"
        )


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the study and its report.")] = Path(
        "dyadkit-demo"
    ),
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Simulate a coach-client study with known truth, and analyze it."""
    with _problems(debug):
        from dyadkit.pipeline import analyze as run
        from dyadkit.simulation.demo import write_demo

        study = write_demo(out)
        show = _shown(quiet)
        report = run(study, on_step=show)
        report.write(out / "report", overwrite=True, on_step=show)
        if not quiet:
            typer.echo(f"Simulated exports: {out / 'data'}\nStudy file: {study}")
        _conclude(report, out / "report", quiet)


def main() -> None:
    """Run the command line."""
    # Looking for cycles while modules are imported takes time, and a command soon ends.
    gc.set_threshold(100_000, 20, 20)
    app()


def _conclude(report: Report, target: Path, quiet: bool) -> None:
    """Say where the report is, and leave with 1 when an analysis did not work."""
    page = "report.html" if "html" in report.study.report.formats else "report.docx"
    if not quiet:
        typer.echo(f"Report: {target / page}")
    for section in report.failed:
        _complain(f"The analysis '{section.name}' {_ENDED[section.status]}: {section.error}")
    if report.failed:
        raise typer.Exit(1)


_ENDED = {"failed": "failed", "refused": "was refused"}


def _shown(quiet: bool) -> Callable[[str], None]:
    """Return what announces a step on standard error."""

    def show(step: str) -> None:
        if not quiet and (step == "read" or step.startswith("analyze") or step == "stage"):
            said = {"read": "Reading and pairing", "stage": "Writing the report"}
            typer.echo(said.get(step, step.replace("analyze: ", "Analysing: ")), err=True)

    return show


# Files of less than this are read before a bar could be seen.
_LARGE = 20_000_000


@contextmanager
def _reading(study: Study, quiet: bool = False) -> Iterator[Callable[[str, int, int], None] | None]:
    """Show a bar for each large file that is read, on a terminal."""
    sizes = [path.stat().st_size for path in study.files if path.is_file()]
    if quiet or not sys.stderr.isatty() or sum(sizes) < _LARGE:
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bars: dict[str, TaskID] = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in bars:
                bars[name] = progress.add_task(f"Reading {name}", total=total)
            doing = "Reading" if done < total else "Working on"
            progress.update(bars[name], completed=done, description=f"{doing} {name}")

        yield show


@contextmanager
def _problems(debug: bool) -> Iterator[None]:
    """Turn errors into a paragraph on standard error and the right exit code."""
    try:
        yield
    except DyadKitError as error:
        if debug:
            raise
        _complain(str(error))
        raise typer.Exit(error.exit_code) from None
    except (typer.Exit, typer.Abort, KeyboardInterrupt):
        raise
    except Exception as error:
        if debug:
            raise
        _complain(
            f"This is a bug in dyadkit, not a problem of your data: {type(error).__name__}: "
            f"{error}. Nothing was written. Run the command again with --debug, and report what "
            "it prints."
        )
        raise typer.Exit(3) from None


def _complain(message: str) -> None:
    """Print a message to standard error, wrapped for the terminal, a paragraph each."""
    import textwrap

    width = _width()
    # A long path may stand first: no line breaks off behind "Error:".
    for line in f"Error:\0{message}".splitlines():
        indent = "    " if line.startswith("  - ") else ""
        wrapped = textwrap.fill(
            line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        ).replace("\0", " ")
        print(wrapped, file=sys.stderr)


def _width() -> int:
    """Return how many characters a line may have."""
    import shutil

    return min(shutil.get_terminal_size((100, 24)).columns, 100)


if __name__ == "__main__":
    main()

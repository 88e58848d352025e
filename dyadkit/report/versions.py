"""The versions that a report was made with."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from platform import python_version

from dyadkit import __version__

_PACKAGES = ("numpy", "scipy", "pandas", "matplotlib", "pydantic", "jinja2", "python-docx")


def used_versions() -> dict[str, str]:
    """Return the version of dyadkit, of Python and of the packages that numbers rest on."""
    found = {"dyadkit": __version__, "Python": python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found

"""The versions of everything that a report's numbers come from. Pure."""

import platform
import tomllib
from functools import cache
from importlib.metadata import version
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent / "pyproject.toml"


@cache
def versions():
    """Return version numbers by name, those a reader needs to make the same report again."""
    own = tomllib.loads(PROJECT.read_text())["project"]["version"]
    parts = {name: version(name) for name in ("numpy", "krippendorff", "openpyxl")}
    return {"rangefinder": own, "python": platform.python_version(), **parts}

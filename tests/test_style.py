"""Sizes and manners that no linter counts."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("scoring", "calibration", "tests", "benchmarks", "migrations")
MOST_LINES = 400
MOST_LINES_IN_A_FUNCTION = 60
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).glob("**/*.py"))
PRODUCT = [path for path in FILES if path.relative_to(ROOT).parts[0] in {"scoring", "calibration"}]
# Words that the glossary replaces, in what people read. Formulas and code have their own uses for some of them.
WORDS = {
    "grader": "scorer", "rater": "scorer", "marker": "scorer", "submission": "response", "final score": "score of record",
    "arbitration": "adjudication", "exemplar": "anchor paper", "criterion": "trait", "organisation": "organization",
    "colour": "color",
}  # fmt: skip


def name(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [path for path in FILES if "versions" not in path.parts], ids=name)
def test_no_file_has_two_subjects(path):
    lines = len(path.read_text().splitlines())
    assert lines <= MOST_LINES, f"{lines} lines: split it by subject"


def test_every_module_says_what_it_is_for():
    silent = [
        name(path)
        for path in FILES
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_function_is_longer_than_a_screen():
    long = []
    for path in PRODUCT:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
                if lines > MOST_LINES_IN_A_FUNCTION:
                    long.append(f"{name(path)}:{node.lineno} {node.name}: {lines} lines")
    assert long == []


def test_nothing_is_left_for_later():
    mark = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    left = [
        name(path)
        for path in PRODUCT + sorted(ROOT.glob("templates/**/*.html"))
        if mark.search(path.read_text())
    ]
    assert left == []


def test_tests_wait_for_what_a_browser_shows():
    """`is_visible()` looks once, perhaps at the page before; `expect(...).to_be_visible()` waits for it."""
    once = re.compile(r"^\s*assert .*\.is_(visible|hidden|checked|enabled|disabled)\(\)", re.MULTILINE)
    hasty = [name(path) for path in FILES if once.search(path.read_text())]
    assert hasty == []


def test_one_word_for_one_thing_on_the_pages():
    found = []
    for path in sorted(ROOT.glob("templates/**/*.html")):
        text = re.sub(r"{[%#].*?[%#]}|{{.*?}}|<[^>]*>", " ", path.read_text(), flags=re.DOTALL).lower()
        found += [
            f"{name(path)}: say {right!r}, not {wrong!r}"
            for wrong, right in WORDS.items()
            if re.search(rf"\b{wrong}s?\b", text)
        ]
    assert found == []


def test_the_project_can_live_anywhere():
    """Nothing names the machine it was written on."""
    listed = [path for pattern in ("*", "*/**/*") for path in ROOT.glob(pattern) if path.is_file()]
    skipped = {
        ".git",
        ".venv",
        "instance",
        "__pycache__",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
        "built",
    }
    texts = [path for path in listed if not skipped & set(path.relative_to(ROOT).parts)]
    home = re.compile(r"/(?:work|home|root|Users)/[a-z]")
    kinds = {".py", ".md", ".txt", ".in", ".toml", ".html", ".css", ".js", ".json", ".csv", ""}
    assert [
        name(path) for path in texts if path.suffix in kinds and home.search(path.read_text(errors="ignore"))
    ] == []

"""Templates: each is used, shares shapes by import, and holds neither style nor script."""

import ast
import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
FILES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.glob("**/*.html"))
ENVIRONMENT = Environment()  # noqa: S701  only to parse
PLAIN = ("components/", "print/")


def parsed(name):
    return ENVIRONMENT.parse((TEMPLATES / name).read_text())


def references(name):
    """The templates that this one extends, includes or imports."""
    kinds = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
    return [
        (type(node), node.template.value)
        for node in parsed(name).find_all(kinds)
        if isinstance(node.template, nodes.Const)
    ]


def named_in_python():
    """Every string in the code that ends in .html."""
    found = set()
    for path in [*ROOT.glob("scoring/**/*.py"), *ROOT.glob("calibration/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and node.value.endswith(".html")
            ):
                found.add(node.value)
    return found


def test_every_template_is_used_and_every_name_leads_to_one():
    used = named_in_python() | {target for name in FILES for _, target in references(name)}
    assert set(FILES) - used == set()
    assert used - set(FILES) == set()


@pytest.mark.parametrize("name", FILES)
def test_components_come_by_import_and_pages_by_extends(name):
    for kind, target in references(name):
        if target.startswith("components/"):
            assert kind in {nodes.FromImport, nodes.Import}, f"import {target} instead"
    is_page = not name.startswith(PLAIN) and name != "base.html"
    is_part = name.rpartition("/")[2].startswith("_")
    if is_page and not is_part:
        assert (nodes.Extends, "base.html") in references(name)
    if name.startswith("components/"):
        loose = [node for node in parsed(name).body if not _is_definition(node)]
        assert not loose, "a component file holds macros only"


def _is_definition(node):
    if isinstance(node, nodes.Output):
        return all(isinstance(each, nodes.TemplateData) and not each.data.strip() for each in node.nodes)
    return isinstance(node, (nodes.Macro, nodes.Import, nodes.FromImport, nodes.Assign, nodes.AssignBlock))


@pytest.mark.parametrize("name", FILES)
def test_no_style_and_no_script_in_a_page(name):
    text = (TEMPLATES / name).read_text()
    assert not re.search(r"<style\b", text), "styles live in static/"
    assert not re.search(r"\sstyle\s*=", re.sub(r"{[{%#].*?[}%#]}", "", text, flags=re.DOTALL)), "use a class"
    assert not re.search(r"<[a-z][^>]*\son[a-z]+\s*=", text), "scripts attach themselves"
    assert not re.search(r"<script\b(?![^>]*\bsrc=)", text), "scripts live in static/"
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", re.sub(r"<a\b[^>]*>", "", text)), (
        "nothing from elsewhere"
    )
    assert "|safe" not in re.sub(r"\s", "", text), "user text is never trusted"


def test_pages_live_in_the_folder_of_their_blueprint():
    shared = {"base.html", "error.html"}
    folders = {name.partition("/")[0] for name in FILES} - shared - {"components", "print"}
    known = {
        path.name
        for package in ("scoring", "calibration")
        for path in (ROOT / package).iterdir()
        if path.is_dir()
    }
    assert folders - {"pages"} <= known

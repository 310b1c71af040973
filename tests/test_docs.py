"""The documents name everything there is, and nothing that is not there."""

import re
from pathlib import Path

import click
import pytest

from scoring import config, create_app
from tests.conftest import settings
from tests.page_list import first_line, page_list

ROOT = Path(__file__).parent.parent
DOCS = {
    str(path.relative_to(ROOT)): path.read_text() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
}
FLASKS_OWN = {"run", "shell", "routes", "limiter"}


@pytest.fixture(scope="module")
def application(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    return create_app(settings(folder, f"sqlite:///{folder / 'none.sqlite'}"))


def commands(group, prefix=""):
    """Every command with its full name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            if command.callback is not None and command.invoke_without_command:
                yield f"{prefix}{name}", command
            yield from commands(command, f"{prefix}{name} ")
        elif prefix or name not in FLASKS_OWN:
            yield f"{prefix}{name}", command


def test_every_command_and_option_is_explained(application):
    operating = DOCS["docs/operating.md"]
    application.cli.commands.pop("limiter", None)
    missing = []
    for name, command in commands(application.cli):
        line = next((line for line in operating.splitlines() if re.match(rf"\| `{name}[ `]", line)), None)
        if line is None:
            missing.append(name)
            continue
        options = [option for option in command.params if isinstance(option, click.Option)]
        missing += [f"{name} {option.opts[0]}" for option in options if option.opts[0] not in line]
        assert command.help, f"{name} does not say what it does"
    assert missing == []


def test_every_command_in_the_documents_exists(application):
    known = {name for name, _ in commands(application.cli)} | {
        name.partition(" ")[0] for name, _ in commands(application.cli)
    }
    named = set(re.findall(r"flask --app wsgi ([a-z][a-z-]*(?: [a-z][a-z-]+)?)", "\n".join(DOCS.values())))
    assert {name for name in named if name not in known and name.partition(" ")[0] not in known} == set()


def test_every_setting_is_explained():
    constants = {name for name in vars(config) if name.isupper()} - {"WEAK_KEYS", "SHORTEST_KEY"}
    assert {name for name in constants if f"`{name}`" not in DOCS["docs/operating.md"]} == set()


def test_every_setting_in_the_documents_exists():
    table = DOCS["docs/operating.md"].partition("## Settings")[2].partition("\n## ")[0]
    named = {
        name
        for row in re.findall(r"^\| (`[A-Z][^|]*) \|", table, re.MULTILINE)
        for name in re.findall(r"`([A-Z_]+)`", row)
    }
    assert {name for name in named if not hasattr(config, name)} == set()


def test_every_endpoint_of_the_api_is_explained(application):
    described = set(re.findall(r"^## `(\w+) (/api/v1/\S+)`", DOCS["docs/api.md"], re.MULTILINE))
    there = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", rule.rule))
        for rule in application.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/")
    }
    assert described == there


def test_the_list_of_pages_is_up_to_date(application):
    assert DOCS["docs/pages.md"] == page_list(application), "run: .venv/bin/python -m tests.page_list"


def test_every_page_says_what_it_is_for(application):
    views = application.view_functions.items()
    assert [name for name, view in views if name != "static" and not first_line(view)] == []


def test_links_lead_somewhere():
    broken = []
    for name, text in DOCS.items():
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if not target.startswith(("http:", "https:")) and not ((ROOT / name).parent / target).exists():
                broken.append(f"{name}: {target}")
    assert broken == []


def test_files_named_in_the_architecture_exist():
    picture = DOCS["docs/architecture.md"].partition("```")[2].partition("```")[0]
    base, missing = "", []
    for line in picture.splitlines():
        if line and not line.startswith(" "):
            base = line.split()[0] if re.fullmatch(r"\w+/", line.strip()) else ""
        for name in re.split(r"  +", line.strip())[:1]:
            for each in name.split(", "):
                if (
                    re.fullmatch(r"[\w.]+(/|\.\w+)", each)
                    and each != base
                    and each not in {"instance/", ".txt"}
                ):
                    path = ROOT / (base if line.startswith(" ") else "") / each
                    missing += [] if path.exists() else [str(path.relative_to(ROOT))]
    assert missing == []

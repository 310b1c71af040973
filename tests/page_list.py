"""Writes docs/pages.md from the routes: `python -m tests.page_list`. A test keeps the two equal."""

import inspect
import tempfile
from pathlib import Path

from scoring import create_app
from scoring.permissions import ALLOWED, Permission

DOCUMENT = Path(__file__).parent.parent / "docs" / "pages.md"
HEAD = """# Pages

Every address outside the API, what it is for, and who may open it. What belongs to another district, or to somebody else, answers 404
even where the role fits. Written by `python -m tests.page_list`.
"""
WHO = {Permission.ANYONE: "anyone", Permission.SIGNED_IN: "everybody signed in"}


def page_list(app):
    """Return the text of docs/pages.md."""
    parts = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        if rule.endpoint == "static" or rule.rule.startswith("/api/"):
            continue
        view = inspect.unwrap(app.view_functions[rule.endpoint])
        methods = " ".join(sorted(rule.methods - {"HEAD", "OPTIONS"}))
        line = f"| `{methods} {rule.rule}` | {first_line(view)} | {who(app.view_functions[rule.endpoint].permission)} |"
        parts.setdefault(rule.endpoint.partition(".")[0], []).append(line)
    order = list(app.blueprints)
    text = HEAD
    for part in sorted(parts, key=order.index):
        text += f"\n## {part.replace('_', ' ').capitalize()}\n\n| Address | What for | Who |\n|---|---|---|\n"
        text += "\n".join(parts[part]) + "\n"
    return text


def first_line(view):
    return (inspect.getdoc(view) or "").partition("\n")[0]


def who(permission):
    """Who has a permission, in words."""
    roles = [role.replace("_", " ") for role, permissions in ALLOWED.items() if permission in permissions]
    return WHO.get(permission) or ", ".join(roles)


def main():
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({"INSTANCE_PATH": folder, "SECRET_KEY": "only to list the pages"})
        DOCUMENT.write_text(page_list(app))


if __name__ == "__main__":
    main()

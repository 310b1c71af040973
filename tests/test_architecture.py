"""The house rules of docs/architecture.md: imports point one way, and each kind of file keeps to its work."""

import ast
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
KERNEL = {"db", "errors", "audit", "permissions", "jobs", "mail"}
RANKS = [
    {"people"}, {"tasks"}, {"responses"}, {"events"}, {"reads"}, {"adjudication"}, {"oversight"}, {"papers"},
    {"discussions"}, {"rangefinding", "qualification", "sessions", "judging", "monitoring"}, {"reports"}, {"cycles"},
    {"credentials", "bundles"}, {"community"},
]  # fmt: skip
RANK = {feature: rank for rank, features in enumerate(RANKS) for feature in features}
BRIDGE = "calibration.reports.evidence"  # the only way from tables to numbers, so every part of calibration may take it
FRONT = {"views", "api", "forms", "cli"}  # what meets people and programs
WEB = {"flask", "flask_login", "flask_wtf", "flask_limiter", "limits", "wtforms", "werkzeug"}
PURE = {"resolution", "rules", "intake", "content", "allocation", "coverage"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "base", "tools"}
COMPOSE = {
    "scoring",
    "scoring.cli",
    "calibration.cli",
}  # put the parts together, so they may name any of them


@dataclass
class Module:
    """One file: its dotted name and every module it imports, with the line."""

    path: Path
    name: str
    imports: list = field(default_factory=list)
    relative: list = field(default_factory=list)

    @property
    def feature(self):
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 and parts[1] in RANK else None

    @property
    def file(self):
        return layer(self.path.stem)

    @property
    def is_pure(self):
        return self.file in PURE or self.name.startswith("calibration.measurement")


def modules(root):
    """Read every module of both packages below a root."""
    names = {}
    for path in sorted([*root.glob("scoring/**/*.py"), *root.glob("calibration/**/*.py")]):
        parts = path.relative_to(root).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    for name, path in names.items():
        module = Module(path, name)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                module.imports += [(alias.name, node.lineno) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level:
                module.relative.append(node.lineno)
            elif isinstance(node, ast.ImportFrom):
                # `from scoring.reads import services` imports scoring.reads.services
                for alias in node.names:
                    full = f"{node.module}.{alias.name}"
                    module.imports.append((full if full in names else node.module, node.lineno))
        yield module


def ours(name):
    """Split the name of a module of ours into package, feature and file."""
    package, _, rest = name.partition(".")
    first, _, last = rest.partition(".")
    return package, first if first in RANK else None, layer(last or first)


def layer(file):
    """A feature with many pages may spread them: account_views.py is a views.py."""
    last = file.rpartition("_")[2]
    return last if last in FRONT else file


def breaches(root):
    """Return every breach of a rule below a root, as `file:line: what is wrong`."""
    found = []
    for module in modules(root):
        where = module.path.relative_to(root)
        for line in module.relative:
            found.append(
                f"{where}:{line}: rule 7: write imports in full, starting with scoring or calibration"
            )
        for name, line in module.imports:
            found += [f"{where}:{line}: {words}" for words in judge(module, name)]
        found += [f"{where}: {words}" for words in judge_file(module)]
    return found


def judge(module, name):
    """Name each rule that this one import breaks."""
    package, feature, file = ours(name)
    top = name.partition(".")[0]
    if module.name.startswith("calibration.measurement"):
        if top not in sys.stdlib_module_names | {"numpy", "krippendorff"} and not name.startswith(
            "calibration.measurement"
        ):
            yield f"rule 1: measurement knows numpy, krippendorff and the standard library, not {name}"
        return
    if module.is_pure and (
        top in WEB | {"sqlalchemy"} or file in FRONT | {"services", "models", "db"} & {file}
    ):
        yield f"rule 3: {module.file}.py is pure and may not import {name}"
    if module.file in {"models", "services"} and top in WEB:
        yield f"rule 4: {module.file}.py works without the web: it may not import {name}"
    if package not in {"scoring", "calibration"} or module.name in COMPOSE:
        return
    if module.name.startswith("scoring") and package == "calibration":
        yield f"rule 2: scoring never looks at calibration ({name})"
        return
    if module.file not in FRONT and feature == module.feature and feature and file in FRONT:
        yield f"rule 3: {module.file}.py may not import {file}.py, which stands above it"
    if module.file == "models" and feature == module.feature and file == "services":
        yield "rule 3: models.py may not import services.py, which stands above it"
    if feature and module.feature and feature != module.feature:
        is_bridge = name == BRIDGE and module.name.startswith("calibration.")
        if RANK[feature] >= RANK[module.feature] and not is_bridge:
            yield f"rule 5: {module.feature} comes before {feature} and may not import it"
        if file in FRONT:
            yield f"rule 5: {file}.py of {feature} is its own affair"
    if package == "scoring" and feature and module.name.removeprefix("scoring.") in KERNEL:
        yield f"rule 6: the kernel knows no feature ({name})"


def judge_file(module):
    """Name each rule that the file breaks by its name or as an __init__."""
    body = ast.parse(module.path.read_text()).body
    if module.name == "scoring" and any(_is_about_calibration(node) for node in body):
        yield "rule 2: calibration is put in inside create_app only"
    if module.file in VAGUE:
        yield f"rule 7: {module.file}.py says nothing; name the file after its subject"
    is_bare = all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)
    if module.file == "__init__" and module.name != "scoring" and not is_bare:
        yield "rule 7: an __init__.py holds a docstring at most"


def _is_about_calibration(node):
    names = (
        [node.module or ""]
        if isinstance(node, ast.ImportFrom)
        else [each.name for each in getattr(node, "names", [])]
    )
    return any(str(name).startswith("calibration") for name in names)


def test_imports_point_one_way():
    assert breaches(ROOT) == []


PLANTED = {
    "rule 1": ("calibration/measurement/facets.py", "import pandas"),
    "rule 1, to ourselves": ("calibration/measurement/facets.py", "from scoring.db import db"),
    "rule 2": ("scoring/web.py", "from calibration.papers import services"),
    "rule 2, inside a function": (
        "scoring/reads/views.py",
        "def view():\n    import calibration.reports.evidence",
    ),
    "rule 2, at the top": ("scoring/__init__.py", "from calibration.papers import services"),
    "rule 3": ("scoring/reads/services.py", "from scoring.reads import views"),
    "rule 3, forms": ("scoring/reads/models.py", "from scoring.reads.forms import ScoreSheet"),
    "rule 3, models": ("scoring/reads/models.py", "from scoring.reads.services import take_next"),
    "rule 3, pure": ("scoring/reads/resolution.py", "from scoring.reads.models import Read"),
    "rule 3, pure and the web": ("scoring/responses/intake.py", "from werkzeug.utils import secure_filename"),
    "rule 4": ("scoring/events/services.py", "from flask_login import current_user"),
    "rule 4, models": ("scoring/events/models.py", "import wtforms"),
    "rule 5": ("scoring/tasks/services.py", "from scoring.reads.models import Read"),
    "rule 5, past the bridge": (
        "calibration/papers/services.py",
        "from calibration.reports import services, evidence",
    ),
    "rule 5, beside": ("calibration/sessions/services.py", "from calibration.monitoring import models"),
    "rule 5, views": ("scoring/reads/views.py", "from scoring.tasks.forms import TaskForm"),
    "rule 6": ("scoring/audit.py", "from scoring.people.models import Person"),
    "rule 7": ("scoring/reads/services.py", "from . import models"),
    "rule 7, vague": ("scoring/utils.py", "x = 1"),
    "rule 7, re-export": ("scoring/reads/__init__.py", "from scoring.reads.services import take_next"),
}


HOUSE = [
    "scoring/__init__.py", "scoring/web.py", "scoring/db.py", "scoring/audit.py", "scoring/people/models.py",
    "scoring/tasks/forms.py", "scoring/tasks/services.py", "scoring/responses/intake.py", "scoring/events/models.py",
    "scoring/events/services.py", "scoring/reads/__init__.py", "scoring/reads/models.py", "scoring/reads/services.py",
    "scoring/reads/views.py", "scoring/reads/forms.py", "scoring/reads/resolution.py", "calibration/papers/services.py",
    "calibration/monitoring/models.py", "calibration/sessions/services.py", "calibration/measurement/facets.py",
    "calibration/reports/evidence.py", "calibration/reports/services.py",
]  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_breach_is_found(planted, tmp_path):
    for name in HOUSE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text('"""Nothing wrong here."""\n')
    assert breaches(tmp_path) == []
    place, text = PLANTED[planted]
    (tmp_path / place).write_text(f'"""Something is wrong here."""\n\n{text}\n')
    found = breaches(tmp_path)
    assert len(found) == 1
    assert found[0].startswith(place)
    assert f"{planted.partition(',')[0]}:" in found[0]

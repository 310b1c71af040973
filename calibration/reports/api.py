"""The agreement in an event for programs: the same figures as on its page."""

from flask import current_app, request
from flask_login import current_user

from calibration.reports import services
from scoring.api import api_blueprint
from scoring.permissions import Permission, requires

bp = api_blueprint("reports")
FIGURES = (
    "exact", "adjacent", "within", "discrepant", "chance_exact", "chance_within", "qwk", "linear_kappa", "kappa",
    "alpha_nominal", "alpha_ordinal", "alpha_interval",
)  # fmt: skip


@bp.get("/events/<code>/agreement")
@requires(Permission.SEE_AGREEMENT)
def agreement(code):
    """Tell how well scorers agree on every task of an event."""
    event = services.report_event(code, current_user)
    smallest, scope = current_app.config["SMALLEST_CELL"], request.args.get("scope")
    found = [
        services.agreement(event, each.task, current_user, smallest=smallest, scope=scope)[0]
        for each in event.tasks
    ]
    return {"event": event.code, "tasks": [as_json(content) for content in found]}


def as_json(content):
    """One task; a figure that is not defined is null, with the reason beside it."""
    return {
        "task": content.subject.task_code,
        "title": content.subject.task,
        "rubric_version": content.subject.rubric_version,
        "scope": content.scope,
        "n_responses": content.n_responses,
        "n_read_twice": content.n_double,
        "n_read_once": content.n_single,
        "refusal": content.refusal or None,
        "districts": compared_as_json(content.compared),
        "traits": {trait.key: trait_as_json(trait) for trait in content.traits},
    }


def trait_as_json(trait):
    """One trait: its sentence, its counts and its figures."""
    if trait.summary is None:
        return {"name": trait.name, "trouble": trait.trouble}
    summary = trait.summary
    counts = {
        "papers": summary.n_double,
        "exact_count": summary.exact_count,
        "within_count": summary.within_count,
    }
    figures = {name: getattr(summary, name).as_dict() for name in FIGURES}
    figures["gwet_ac2"] = trait.ac2.as_dict()
    return {"name": trait.name, "sentence": trait.headline, **counts, **figures}


def compared_as_json(compared):
    """Whether scorers of different districts score alike; null where all are from one."""
    if compared is None:
        return None
    pairs = [
        {
            "first": pair.first,
            "second": pair.second,
            "verdict": found.verdict if (found := pair.comparison) else None,
            "difference": found.difference.as_dict() if found else None,
            "papers_both_read": found.n_shared if found else None,
            "papers_needed": found.responses_needed if found else None,
        }
        for pair in compared.pairs
    ]
    return {"verdict": compared.verdict or None, "margin": compared.margin, "pairs": pairs}

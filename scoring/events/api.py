"""Events for programs: how far one has come."""

from flask_login import current_user

from scoring.api import api_blueprint
from scoring.events import progress, services
from scoring.permissions import Permission, requires

bp = api_blueprint("events")
COUNTS = ("responses", "required", "reads", "waiting", "discrepant", "settled", "leased")


@bp.get("/events/<code>/progress")
@requires(Permission.RUN_EVENTS)
def show_progress(code):
    """Tell how many responses an event has and what has become of them, in all and by task."""
    event = services.event_by_code(code, current_user, Permission.RUN_EVENTS)
    parts = progress.by_task(event)
    return {
        "event": event.code,
        "status": event.status,
        **_counts(services.progress(event)),
        "by_task": [{"task": task.code, "title": task.title, **_counts(part)} for task, part in parts],
    }


def _counts(counted):
    return {name: getattr(counted, name) for name in COUNTS}

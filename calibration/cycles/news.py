"""What is new for leaders among the improvement cycles that other districts share."""

from calibration.cycles import sharing
from calibration.cycles.models import Cycle
from calibration.news import News
from scoring.db import db
from scoring.permissions import Permission


def shared_since(person, since):
    """Cycles that others have shared since then in the network in which this person calibrates, by who shared them."""
    own = person.reach(Permission.CALIBRATE)
    query = sharing.shared_query(person).where(Cycle.shared_at > since, Cycle.organization_id.not_in(own))
    found = {}
    for cycle in db.session.scalars(query):
        found.setdefault((cycle.organization.name, cycle.task.title), []).append(cycle)
    return [_news(*told, cycles) for told, cycles in found.items()]


def _news(organization, task, cycles):
    if len(cycles) == 1:
        return News(f"{organization} shared an improvement cycle for {task}.", "cycles.shared_show", {"cycle_id": cycles[0].id})  # fmt: skip
    return News(f"{organization} shared {len(cycles)} improvement cycles for {task}.", "cycles.shared")

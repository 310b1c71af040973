"""What waits for a leader in improvement cycles: a look that has come, a decision to take."""

from calibration.cycles import services
from calibration.cycles.models import Stage
from calibration.waiting import Waiting
from scoring.permissions import Permission


def waiting_for(person):
    """Return the cycles this person is asked to study or to decide on."""
    if not person.may(Permission.CALIBRATE):
        return []
    return [_waiting(cycle) for cycle in services.waiting_cycles(person)]


def _waiting(cycle):
    values = {"cycle_id": cycle.id}
    if cycle.stage is Stage.ACT:
        detail = "The study is closed. Say what follows from it: adopt, adapt or abandon."
        return Waiting(f"Decide: {cycle.name}", detail, "Decide what follows", "cycles.show", values)
    detail = "The moment of the look has come. Close the study to see whether it helped."
    return Waiting(f"Did it help? {cycle.name}", detail, "Study it", "cycles.show", values)

"""Clarifications that wait for somebody who may decide on them, named on the page Calibration."""

from calibration.waiting import Waiting
from scoring.permissions import Permission
from scoring.tasks import clarifying


def waiting_for(person):
    """Return one entry for each rubric version with proposed clarifications, the longest waiting first."""
    if not person.may(Permission.EDIT_TASKS):
        return []
    return [_entry(rubric, count) for rubric, count in clarifying.waiting_for(person)]


def _entry(rubric, count):
    title = (
        "1 clarification waits for your decision"
        if count == 1
        else f"{count} clarifications wait for your decision"
    )
    return Waiting(
        title, f"{rubric.task.title}, rubric version {rubric.version}. Scorers see what you accept.",
        "Look at the log", "tasks.rubric", {"task_id": rubric.task_id, "version": rubric.version},
    )  # fmt: skip

"""How long ago something was, and what a leader should do next, in words."""

from dataclasses import dataclass

from scoring.events.models import EventStatus
from scoring.events.wording import responses


@dataclass(frozen=True)
class Action:
    """One thing that waits for the leader; `target` names the place where it is done."""

    words: str
    target: str
    is_urgent: bool = False


def ago(moment, present):
    """Say how long ago a moment was.

    >>> from datetime import datetime, timedelta
    >>> noon = datetime(2027, 3, 2, 12)
    >>> ago(noon - timedelta(minutes=3), noon), ago(noon - timedelta(hours=30), noon)
    ('3 minutes ago', '1 day ago')
    """
    minutes = max(0, int((present - moment).total_seconds() // 60))
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            number = minutes // size
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "less than a minute ago"


def actions(event, progress, *, alerts=0, flags=0, new=0, moment=None):
    """List what waits for the leader, the most pressing first."""
    waiting = []
    if alerts:
        waiting.append(
            Action(f"{_number(alerts, 'alert')}: a student may be in danger.", "concerns", is_urgent=True)
        )
    if progress.discrepant:
        waiting.append(Action(f"{responses(progress.discrepant)} to adjudicate.", "adjudication"))
    if flags:
        waiting.append(Action(f"{_number(flags, 'flag')} from scorers.", "concerns"))
    if new and event.status is not EventStatus.CLOSED:
        waiting.append(Action(f"{responses(new)} imported since. They are not in this event yet.", "new"))
    if event.status is EventStatus.OPEN:
        waiting += _about_the_queue(event, progress, moment)
    return waiting


def _about_the_queue(event, progress, moment):
    if event.closes_at and moment and event.closes_at <= moment:
        yield Action(
            "The reading time is over, and the event is still open. Close it, or move the end.", "edit"
        )
    if progress.responses and progress.settled == progress.responses:
        yield Action("Every response has its scores of record. You can close the event.", "close")
    elif progress.waiting and not progress.to_hand_out:
        yield Action(f"The queue is empty. Scorers hold the last {responses(progress.leased)}.", "scorers")
    elif not progress.waiting:
        yield Action("The queue is empty. Scorers have nothing left to read here.", "scorers")


def _number(number, what):
    return f"1 {what}" if number == 1 else f"{number} {what}s"

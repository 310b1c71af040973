"""When a digest is due. Nothing imported but the language."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY, WEEK = timedelta(days=1), timedelta(days=7)
LATE = {
    "daily": timedelta(hours=12),
    "weekly": timedelta(days=2),
}  # later than this it waits for the next time
ZONES = {
    "America/New_York": "Eastern time", "America/Chicago": "Central time", "America/Denver": "Mountain time",
    "America/Phoenix": "Arizona time", "America/Los_Angeles": "Pacific time", "America/Anchorage": "Alaska time",
    "Pacific/Honolulu": "Hawaii time", "UTC": "UTC",
}  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def last_due(frequency, weekday, hour, zone, moment):
    """The last time at or before a moment (in UTC) at which a digest was due; None where none is wanted.

    >>> friday = datetime(2026, 11, 27, 13, 30, tzinfo=UTC)
    >>> last_due("weekly", 0, 7, "America/New_York", friday).isoformat()
    '2026-11-23T12:00:00+00:00'
    >>> last_due("daily", 0, 9, "America/New_York", friday).isoformat()
    '2026-11-26T14:00:00+00:00'
    >>> last_due("off", 0, 7, "UTC", friday) is None
    True
    """
    if frequency == "off":
        return None
    here = moment.astimezone(_zone(zone))
    day = here.date()
    if frequency == "weekly":
        day -= timedelta(days=(day.weekday() - weekday) % 7)
    due = _at(day, hour, zone)
    if due > moment:
        due = _at(day - (WEEK if frequency == "weekly" else DAY), hour, zone)
    return due


def is_due(frequency, due, moment, *, changed_at):
    """Whether a digest that was due then should go out now: not long ago, and wanted already at that time."""
    return due is not None and changed_at < due <= moment and moment - due <= LATE[frequency]


def since(frequency, due, last_told):
    """From when on a digest tells what is new: from the last one that surely arrived, four weeks back at most."""
    usual = due - (WEEK if frequency == "weekly" else DAY)
    return usual if last_told is None else max(last_told, due - 4 * WEEK)


def _zone(name):
    """The time zone of this name; UTC on a computer that has no table of time zones."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _at(day, hour, zone):
    return datetime.combine(day, time(hour), tzinfo=_zone(zone)).astimezone(UTC)

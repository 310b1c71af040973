"""Professional-learning hours: the time that people were present in calibration sessions, for themselves and their leaders.

Present counts while the page of the session is open and shows a sign of life: live, signs at most two minutes apart; in
the asynchronous form at most ten. Longer gaps count as being away. Sessions that were called off do not count.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from calibration.sessions.models import Attendance, CalibrationSession, Participant
from scoring.db import db, now
from scoring.errors import Invalid, NotFound
from scoring.people.directory import ids_with_network_above
from scoring.people.models import Membership, Organization, OrganizationKind, Person
from scoring.permissions import Permission
from scoring.tasks.models import Rubric, Task

HOW_COUNTED = (
    "Time counts while a person is present in a session: its page is open and in use. In a live session a break of more than "
    "two minutes does not count, in an asynchronous one a break of more than ten. Sessions that were called off do not count."
)
USUAL_PERIOD = timedelta(days=365)
FIRST_DAY, LAST_DAY = (
    date(1900, 1, 1),
    date(2999, 12, 31),
)  # periods reach a year and a day beyond what is typed


@dataclass(frozen=True)
class Spent:
    """One person's time in one session."""

    session_id: int
    title: str
    form: str
    task: str
    came: datetime
    seconds: int


@dataclass(frozen=True)
class Statement:
    """One person's hours in a period: each session, and all together."""

    person: Person
    sessions: tuple

    @property
    def seconds(self):
        return sum(each.seconds for each in self.sessions)


@dataclass(frozen=True)
class Period:
    """A span of whole days in UTC; the last day counts."""

    first: object
    last: object

    @property
    def bounds(self):
        """The moments from which and before which a session counts by when a person came in."""
        start = datetime.combine(self.first, time.min, UTC)
        return start, datetime.combine(self.last, time.min, UTC) + timedelta(days=1)

    @property
    def in_words(self):
        """The period as people write it."""
        return f"{day_in_words(self.first)} to {day_in_words(self.last)}"


def period(first=None, last=None):
    """Return the period between two days; without them the year up to today."""
    last = last or now().date()
    for day in (first, last):
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise _refused(f"Choose days between {day_in_words(FIRST_DAY)} and {day_in_words(LAST_DAY)}.")
    first = first or last - USUAL_PERIOD
    if first > last:
        raise _refused("The first day comes after the last one. Change one of them.")
    return Period(first, last)


def _refused(words):
    return Invalid(words, fields={"first": words})


def hours_of(person, span=None, organizations=None):
    """Return a person's statement: all sessions in which they spent time, the newest first."""
    return hours_of_each([person], span, organizations)[0]


def hours_of_each(people, span=None, organizations=None):
    """Return the statement of each of these people, in their order."""
    ids = [each.id for each in people]
    by_person = {}
    for row in db.session.execute(_spent(span, organizations).where(Participant.person_id.in_(ids))):
        by_person.setdefault(row.person_id, []).append(_told(row))
    return [Statement(each, tuple(by_person.get(each.id, ()))) for each in people]


def hours_of_people(leader, span, district=None):
    """Return a statement for everybody in a leader's reach who spent time in the period, by name.

    Only sessions of the leader's own organizations and of the network above them count here.
    """
    found = hours_of_each(people_within(leader, district), span, sessions_within(leader))
    return [each for each in found if each.sessions]


def statement_for(leader, person_id, span):
    """Return the statement of somebody in a leader's reach."""
    person = next((each for each in people_within(leader) if each.id == person_id), None)
    if person is None:
        raise NotFound("There is no such person, or they belong to another district.")
    return hours_of(person, span, sessions_within(leader))


def districts_within(leader):
    """The districts whose people a leader may look at, by name."""
    reach = leader.reach(Permission.SEE_AGREEMENT)
    query = sa.select(Organization).where(
        Organization.id.in_(reach), Organization.kind == OrganizationKind.DISTRICT
    )
    return db.session.scalars(query.order_by(Organization.name, Organization.id)).all()


def people_within(leader, district=None):
    """Everybody who belongs to the organizations of a leader, or to one district among them, by name."""
    places = leader.reach(Permission.SEE_AGREEMENT)
    if district is not None:
        places &= {each.id for each in district.below}
    query = sa.select(Person).where(Person.memberships.any(Membership.organization_id.in_(places)))
    return db.session.scalars(query.order_by(sa.func.lower(Person.name), Person.id)).all()


def sessions_within(leader):
    """Ids of the organizations whose sessions a leader may know of: those in reach, and the network above."""
    return set(db.session.scalars(ids_with_network_above(leader, Permission.SEE_AGREEMENT)))


def _spent(span, organizations):
    seconds = sa.func.sum(Attendance.seconds)
    query = (
        sa.select(
            Participant.person_id, CalibrationSession.id, CalibrationSession.title, CalibrationSession.form,
            Task.title.label("task"), Participant.joined_at, seconds.label("seconds"),
        )
        .join(Attendance, Attendance.participant_id == Participant.id)
        .join(CalibrationSession, CalibrationSession.id == Participant.session_id)
        .join(Rubric, Rubric.id == CalibrationSession.rubric_id)
        .join(Task, Task.id == Rubric.task_id)
        .where(CalibrationSession.cancelled_at.is_(None), Participant.joined_at.is_not(None))
        .group_by(Participant.person_id, Participant.id, CalibrationSession.id, Task.id)
        .having(seconds > 0)
        .order_by(Participant.joined_at.desc(), Participant.id)
    )  # fmt: skip
    if span is not None:
        start, end = span.bounds
        query = query.where(Participant.joined_at >= start, Participant.joined_at < end)
    if organizations is not None:
        query = query.where(CalibrationSession.organization_id.in_(organizations))
    return query


def _told(row):
    return Spent(row.id, row.title, str(row.form), row.task, row.joined_at, int(row.seconds))


def day_in_words(day):
    """A day as people write it.

    >>> from datetime import date
    >>> day_in_words(date(2026, 11, 3))
    'November 3, 2026'
    """
    return f"{day:%B} {day.day}, {day.year}"

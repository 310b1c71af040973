"""Where evidence comes from beyond the reads: each feature that has some is named in a tuple here, and nowhere else.

A credential takes what there is. Where a tuple is empty nothing is claimed, and no rule can ask for it.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from calibration.sessions.hours import hours_of_each
from scoring.db import db, now
from scoring.reads.models import Qualification


@dataclass(frozen=True)
class Hours:
    """Calibration sessions in which somebody took part, and how long they were."""

    sessions: int
    minutes: int


@dataclass(frozen=True)
class Qualified:
    """A qualification that holds at present, and until when."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class OnValidityPapers:
    """How somebody's scores of validity papers lie beside the consensus scores; of live sets and closed events only."""

    papers: int
    scores: int
    exact: int


def _in_sessions(people):
    """Time spent in calibration sessions, as the statement of hours counts it."""
    return {
        told.person.id: Hours(len(told.sessions), told.seconds // 60)
        for told in hours_of_each(people) if told.sessions
    }  # fmt: skip


def _in_force(people, rubric):
    """The qualifications for a rubric version that hold at this moment."""
    query = sa.select(Qualification).where(
        Qualification.person_id.in_([each.id for each in people]), Qualification.rubric_id == rubric.id,
        Qualification.revoked_at.is_(None),
        sa.or_(Qualification.expires_at.is_(None), Qualification.expires_at > now()),
    )  # fmt: skip
    return {each.person_id: Qualified(each.granted_at, each.expires_at) for each in db.session.scalars(query)}


# Each asks for many people at once, and leaves out of its answer whom it knows nothing of
HOURS = (_in_sessions,)  # functions: people -> Hours by person's id
QUALIFICATION = (_in_force,)  # functions: (people, rubric) -> Qualified by person's id
VALIDITY = ()  # functions: (people, rubric) -> OnValidityPapers by person's id


def hours(people):
    """Add up the hours of these people, by id; nobody is in it of whom nobody counts any."""
    found = {}
    for source in HOURS:
        for person_id, more in source(people).items():
            so_far = found.get(person_id, Hours(0, 0))
            found[person_id] = Hours(so_far.sessions + more.sessions, so_far.minutes + more.minutes)
    return found


def qualified(people, rubric):
    """Return the qualifications of these people for a rubric version, by id."""
    return _first(QUALIFICATION, people, rubric)


def on_validity_papers(people, rubric):
    """Return how these people do on validity papers of a rubric version, by id."""
    return _first(VALIDITY, people, rubric)


def _first(sources, people, rubric):
    found = {}
    for source in sources:
        found = source(people, rubric) | found
    return found

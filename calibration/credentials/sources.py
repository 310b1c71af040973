"""Where evidence comes from beyond the reads: each feature that has some is named in a tuple here, and nowhere else.

A credential takes what there is. Where a tuple is empty nothing is claimed, and no rule can ask for it.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from calibration.sessions.hours import hours_of
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


def _in_sessions(person):
    """Time spent in calibration sessions, as the statement of hours counts it."""
    told = hours_of(person)
    return Hours(len(told.sessions), told.seconds // 60) if told.sessions else None


def _in_force(person, rubric):
    """The qualification for a rubric version that holds at this moment."""
    found = db.session.scalar(
        sa.select(Qualification).where(
            Qualification.person_id == person.id, Qualification.rubric_id == rubric.id,
            Qualification.revoked_at.is_(None),
            sa.or_(Qualification.expires_at.is_(None), Qualification.expires_at > now()),
        )
    )  # fmt: skip
    return Qualified(found.granted_at, found.expires_at) if found is not None else None


HOURS = (_in_sessions,)  # functions: a person -> Hours or None
QUALIFICATION = (_in_force,)  # functions: (person, rubric) -> Qualified or None
VALIDITY = ()  # functions: (person, rubric) -> OnValidityPapers or None


def hours(person):
    """Add up the hours of a person; None where nobody counts any."""
    found = [each for source in HOURS if (each := source(person)) is not None]
    return Hours(sum(each.sessions for each in found), sum(each.minutes for each in found)) if found else None


def qualified(person, rubric):
    """Return the qualification of a person for a rubric version, or None."""
    return next((each for source in QUALIFICATION if (each := source(person, rubric)) is not None), None)


def on_validity_papers(person, rubric):
    """Return how a person does on validity papers of a rubric version, or None."""
    return next((each for source in VALIDITY if (each := source(person, rubric)) is not None), None)

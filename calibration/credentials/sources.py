"""Where evidence comes from beyond the reads: each feature that has some is named in a tuple here, and nowhere else.

A credential takes what there is. Where a tuple is empty nothing is claimed, and no rule can ask for it.
"""

from dataclasses import dataclass
from datetime import datetime


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


HOURS = ()  # functions: a person -> Hours or None
QUALIFICATION = ()  # functions: (person, rubric) -> Qualified or None
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

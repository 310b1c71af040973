"""Published rubrics as plain values, read once and kept: they are frozen, so what was read stays true.

Their clarifications do change. A number at the task counts the changes, so a sheet is kept for each number.
"""

from dataclasses import dataclass, field

import sqlalchemy as sa

from scoring.db import db
from scoring.errors import NotFound
from scoring.events.models import EventResponse
from scoring.reads.models import Assignment, Purpose
from scoring.tasks.clarifying import words_by_place
from scoring.tasks.models import Rubric, Task

MOST_KEPT = 200
_kept = {}


@dataclass(frozen=True)
class ScorePoint:
    """One level of a trait."""

    value: int
    label: str
    descriptor: str


@dataclass(frozen=True)
class Trait:
    """One dimension of a rubric with its score points."""

    id: int
    key: str
    name: str
    description: str
    points: tuple

    @property
    def values(self):
        return [point.value for point in self.points]


@dataclass(frozen=True)
class ConditionCode:
    """Why a response has no score."""

    id: int
    code: str
    name: str
    description: str


@dataclass(frozen=True)
class Sheet:
    """A rubric version as scorers and services use it."""

    rubric_id: int
    task_id: int
    version: int
    title: str
    is_single_point: bool
    traits: tuple
    condition_codes: tuple
    clarified: dict = field(default_factory=dict)  # words by (trait key, score); None stands for the whole
    changes: int = 0  # how often the clarifications have changed

    def code_named(self, code):
        """The condition code with this letter or id, or None."""
        return next((each for each in self.condition_codes if code in {each.code, each.id}), None)


def sheet_of(rubric_id, published_at, changes=None):
    """Return the sheet of a published rubric. The moment of publication tells rubrics of one id apart for good.

    `changes` is the task's number of changes to clarifications; whoever has not read it along has it looked up here.
    """
    if changes is None:
        changes = db.session.scalar(CHANGES, {"rubric": rubric_id})
    key = (rubric_id, published_at, changes)
    sheet = _kept.get(key)
    if sheet is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        sheet = _read(rubric_id, changes)
        if published_at is not None:
            _kept[key] = sheet
    return sheet


CHANGES = (
    sa.select(Task.clarified)
    .join(Rubric, Rubric.task_id == Task.id)
    .where(Rubric.id == sa.bindparam("rubric"))
)
SHEET_OF_LEASE = (
    sa.select(Rubric.__table__.c.id, Rubric.__table__.c.published_at, Task.__table__.c.clarified)
    .join(Task.__table__, Task.__table__.c.id == Rubric.__table__.c.task_id)
    .join(EventResponse.__table__, EventResponse.__table__.c.rubric_id == Rubric.__table__.c.id)
    .join(Assignment.__table__, Assignment.__table__.c.event_response_id == EventResponse.__table__.c.id)
    .where(
        Assignment.__table__.c.id == sa.bindparam("lease"),
        Assignment.__table__.c.scorer_id == sa.bindparam("scorer"),
        Assignment.__table__.c.purpose == Purpose.OPERATIONAL,
    )
)


def sheet_for(assignment_id, scorer):
    """Return the sheet of a scorer's own lease; another's is not found, so that nobody learns what others have."""
    values = {"lease": assignment_id, "scorer": scorer.id}
    row = db.session.connection().execute(SHEET_OF_LEASE, values).one_or_none()
    if row is None:
        raise NotFound("There is no such response in your work. Go back to My work.")
    return sheet_of(row.id, row.published_at, row.clarified)


def _read(rubric_id, changes):
    rubric = db.session.scalars(sa.select(Rubric).where(Rubric.id == rubric_id)).one()
    traits = tuple(
        Trait(
            trait.id, trait.key, trait.name, trait.description,
            tuple(ScorePoint(point.value, point.label, point.descriptor) for point in trait.points),
        )
        for trait in rubric.traits
    )  # fmt: skip
    codes = tuple(
        ConditionCode(each.id, each.code, each.name, each.description) for each in rubric.condition_codes
    )
    clarified = words_by_place(rubric_id) if changes else {}
    return Sheet(
        rubric.id, rubric.task_id, rubric.version, rubric.title, rubric.is_single_point, traits, codes,
        clarified, changes,
    )  # fmt: skip

"""The network library: what districts share, from several sources, in one list with filters.

A source is a function from a person to what they find of it. Another kind of thing joins by one more line in SOURCES.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from calibration.community import sharing
from calibration.community.models import SharedPaper
from calibration.cycles import sharing as cycles
from calibration.cycles.models import Cycle
from calibration.discussions.seeing import name_of
from calibration.papers.models import ConsensusScore, Paper
from calibration.papers.showing import used_in
from scoring.db import db
from scoring.events.models import EventResponse
from scoring.paging import ListPage
from scoring.people.models import Organization, OrganizationKind
from scoring.reads.services import reads_of
from scoring.tasks.models import Clarification, Rubric, Task
from scoring.tasks.services import task_query
from scoring.tasks.settling import ACCEPTED

SHELF_SIZE = 20


@dataclass(frozen=True)
class Entry:
    """One thing in the library. `lines` are the lines of the rubric it is about: (trait, score point or None)."""

    kind: str
    title: str
    detail: str
    task_id: int
    task: str
    version: int | None
    lines: tuple
    organization: str
    shared_at: datetime
    endpoint: str
    values: dict
    in_use: bool = False


@dataclass(frozen=True)
class Source:
    """One kind of thing that is shared, and who finds what of it."""

    kind: str
    label: str
    entries: Callable


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to."""

    kind: str = ""
    task_id: int | None = None
    trait: str = ""
    point: int | None = None

    def fits(self, entry):
        """Whether an entry has all of this."""
        lines = [(trait, point) for trait, point in entry.lines if self.trait in {"", trait}]
        has_line = self.trait == "" or lines
        has_point = self.point is None or any(point == self.point for _, point in lines)
        return (
            self.kind in {"", entry.kind}
            and self.task_id in {None, entry.task_id}
            and bool(has_line and has_point)
        )


class Shelf(ListPage):
    """One page of the library; `all` is what it has without the filters."""

    def __init__(self, found, filters, page=1):
        self.all, self.filters = found, filters
        super().__init__([entry for entry in found if filters.fits(entry)], page, SHELF_SIZE)

    @property
    def tasks(self):
        """Tasks to narrow by: (id, title)."""
        return sorted({(each.task_id, each.task) for each in self.all}, key=lambda pair: pair[1])

    @property
    def traits(self):
        """Traits of the chosen task, or of all."""
        chosen = [each for each in self.all if self.filters.task_id in {None, each.task_id}]
        return sorted({trait for each in chosen for trait, _ in each.lines})

    @property
    def points(self):
        """Score points that something stands for."""
        return sorted({point for each in self.all for _, point in each.lines if point is not None})


def shelf_for(person, filters, page=1):
    """Return a page of everything shared that this person finds, the newest first."""
    found = [entry for source in SOURCES for entry in source.entries(person)]
    return Shelf(sorted(found, key=lambda entry: entry.shared_at, reverse=True), filters, page)


def shared_anchors(person):
    """Anchor papers that were shared."""
    of_paper = joinedload(SharedPaper.paper)
    query = sharing.shared_papers(person).options(
        of_paper.joinedload(Paper.task), of_paper.joinedload(Paper.rubric),
        of_paper.selectinload(Paper.scores).joinedload(ConsensusScore.trait), joinedload(SharedPaper.organization),
    )  # fmt: skip
    used = used_in({each.id for each in person.districts})
    return [_anchor(shared, shared.paper_id in used) for shared in db.session.scalars(query)]


def _anchor(shared, in_use):
    paper = shared.paper
    return Entry(
        "anchor", name_of(None, None, paper), shared.note, paper.task_id, paper.task.title, paper.rubric.version,
        tuple((each.trait.name, each.score) for each in paper.scores), shared.organization.name, shared.shared_at,
        "community.shared_paper", {"shared_id": shared.id}, in_use,
    )  # fmt: skip


def accepted_clarifications(person):
    """Clarifications that scorers see, on rubrics of common tasks: they hold in every district."""
    tasks = task_query(person).with_only_columns(Task.id).order_by(None)
    query = (
        sa.select(Clarification)
        .join(Rubric, Rubric.id == Clarification.rubric_id)
        .join(Task, Task.id == Rubric.task_id)
        .join(Organization, Organization.id == Task.organization_id)
        .where(ACCEPTED, Organization.kind == OrganizationKind.NETWORK, Task.id.in_(tasks))
        .order_by(Clarification.decided_at.desc(), Clarification.id.desc())
        .options(
            joinedload(Clarification.rubric).joinedload(Rubric.task).joinedload(Task.organization),
            joinedload(Clarification.trait),
        )
    )
    return [_clarification(each) for each in db.session.scalars(query)]


def _clarification(found):
    rubric = found.rubric
    line = ((found.trait.name, found.score),) if found.trait is not None else ()
    return Entry(
        "clarification", found.words, f"{found.place}.", rubric.task_id, rubric.task.title, rubric.version, line,
        rubric.task.organization.name, found.decided_at, "tasks.rubric",
        {"task_id": rubric.task_id, "version": rubric.version}, True,
    )  # fmt: skip


def shared_cycles(person):
    """Improvement cycles whose districts let others read what they tried and found."""
    query = cycles.shared_query(person).options(joinedload(Cycle.organization), joinedload(Cycle.task))
    return [_cycle(each) for each in db.session.scalars(query)]


def _cycle(found):
    return Entry(
        "cycle", found.shared_words["name"], f"Did it help? {str(found.verdict).capitalize()}.", found.task_id,
        found.task.title, None, (), found.organization.name, found.shared_at, "cycles.shared_show", {"cycle_id": found.id},
    )  # fmt: skip


SOURCES = [
    Source("anchor", "Anchor papers", shared_anchors),
    Source("clarification", "Clarifications", accepted_clarifications),
    Source("cycle", "Improvement cycles", shared_cycles),
]


@dataclass(frozen=True)
class Evidence:
    """How well a paper's consensus scores are borne out: the reads it had, and how many of their scores are the consensus."""

    reads: int
    scores: int
    same: int

    @property
    def words(self):
        if not self.reads:
            return "No blind reads of this work are known."
        times = {1: "once", 2: "twice"}.get(self.reads, f"{self.reads} times")
        if not self.scores:
            return f"Read {times} blind; no score was given."
        return f"Read {times} blind. {self.same} of {self.scores} scores given then were the consensus score."


def evidence_of(paper):
    """Count the blind reads of a paper's response in the event that brought it up."""
    place = db.session.scalar(
        sa.select(EventResponse).where(
            EventResponse.event_id == paper.event_id,
            EventResponse.response_id == paper.response_id,
            EventResponse.rubric_id == paper.rubric_id,
        )
    )
    reads = reads_of(place) if place is not None else []
    consensus = {each.trait_id: each.score for each in paper.scores}
    given = [(each.trait_id, each.score) for read in reads for each in read.scores]
    return Evidence(len(reads), len(given), sum(consensus.get(trait) == score for trait, score in given))

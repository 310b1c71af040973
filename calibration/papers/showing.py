"""What scorers see of anchor papers: the work, the consensus scores and the reasons. Nothing else leaves here.

No student, school, district, event or read is told, and no paper whose response somebody may still have to score.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from calibration.papers import blind, evidence
from calibration.papers.models import PaperUse
from calibration.papers.services import anchors_for, hidden_ids
from scoring.db import db
from scoring.errors import NotFound
from scoring.events.models import Event, EventScorer, EventStatus
from scoring.events.services import visible_events
from scoring.permissions import Permission
from scoring.reads.serializer import page_links
from scoring.responses.models import RosterEntry
from scoring.tasks.clarifying import words_by_place


@dataclass(frozen=True)
class ShownScore:
    """The consensus score of one trait, and why."""

    key: str
    trait: str
    score: int
    label: str
    commentary: str


@dataclass(frozen=True)
class Shown:
    """One anchor paper as a scorer may see it. `pages` are (key of the file, media type, width, height)."""

    number: int
    response_id: int  # not told; it says what was shown
    kind: str
    commentary: str
    text: str | None
    pages: tuple
    scores: tuple
    marked: evidence.Marked

    def score_of(self, key):
        """The consensus score of the trait with this key."""
        return next((each.score for each in self.scores if each.key == key), None)


def event_task_for(event_id, task_id, person):
    """Return the event's task whose anchor papers this person may see: as its scorer, or as one of its leaders."""
    event = db.session.get(Event, event_id)
    if event is None or not (_scores_in(event, person) or _leads(event, person)):
        raise NotFound("There are no anchor papers for you here. Go back to My work.")
    found = next((each for each in event.tasks if each.task_id == task_id), None)
    if found is None:
        raise NotFound("This task is not part of the event. Go back to My work.")
    return found


def shown(event_task, person):
    """Return the anchor papers of an event's task that this person may see, lowest scores first."""
    visible = visible_papers(event_task, person)
    return [_as_shown(number, paper, event_task.rubric) for number, paper in enumerate(visible, 1)]


def visible_papers(event_task, person):
    """The anchor papers of an event's task that this person may see at present, lowest scores first."""
    event, rubric = event_task.event, event_task.rubric
    may_show = {event.organization_id, event.organization.network.id}
    shared = used_in(may_show)
    papers = [
        paper for paper in anchors_for(rubric) if paper.organization_id in may_show or paper.id in shared
    ]
    hidden = hidden_ids(papers) | own_students(papers, person)
    owed = blind.owes(person, {paper.response_id for paper in papers})
    return [paper for paper in papers if paper.id not in hidden and paper.response_id not in owed]


def used_in(organization_ids):
    """Ids of papers that others share and one of these organizations uses."""
    query = sa.select(PaperUse.paper_id).where(
        PaperUse.organization_id.in_(organization_ids), PaperUse.ended_at.is_(None)
    )
    return set(db.session.scalars(query))


def _as_shown(number, paper, rubric):
    given = {each.trait_id: each for each in paper.scores}
    scores = []
    for trait in rubric.traits:
        mine = given[trait.id]
        label = next((point.label for point in trait.points if point.value == mine.score), "")
        scores.append(ShownScore(trait.key, trait.name, mine.score, label, mine.commentary))
    pages = tuple((page.key, page.media_type, page.width, page.height) for page in paper.response.pages)
    text = None if pages else paper.response.text
    return Shown(
        number,
        paper.response_id,
        str(paper.kind),
        paper.commentary,
        text,
        pages,
        tuple(scores),
        evidence.marked(paper),
    )


def _scores_in(event, person):
    seat = sa.select(EventScorer.id).where(
        EventScorer.event_id == event.id, EventScorer.person_id == person.id, EventScorer.removed_at.is_(None)
    )
    return event.status is not EventStatus.DRAFT and db.session.scalar(seat) is not None


def _leads(event, person):
    for permission in (Permission.CHOOSE_ANCHORS, Permission.ADJUDICATE):
        if person.may(permission) and db.session.scalar(
            visible_events(person, permission).where(Event.id == event.id)
        ):
            return True
    return False


def own_students(papers, person):
    """Papers by this person's own students: nobody judges by the work of a student they know."""
    query = sa.select(RosterEntry.student_id).where(
        RosterEntry.person_id == person.id,
        RosterEntry.student_id.in_({paper.response.student_id for paper in papers}),
    )
    own = set(db.session.scalars(query))
    return {paper.id for paper in papers if paper.response.student_id in own}


@dataclass(frozen=True)
class Work:
    """A paper's student work and nothing else: what somebody sees who has yet to score it."""

    number: int
    text: str | None
    pages: list


def blind_work(paper, number, person):
    """Return the work of a paper under its number in a set: no response code, no scores, no commentary."""
    pages = page_links(paper.response_id, person)
    return Work(number, None if pages else paper.response.text, pages)


def not_for(papers, person):
    """Return the ids of papers this person may not be given: of own students, or of work somebody may still score."""
    return hidden_ids(papers) | own_students(papers, person)


class Shelf:
    """The anchor papers for a trait and a score; where none has that score, the nearest ones."""

    def __init__(self, event_task, person, *, trait="", score=None):
        self.task, self.rubric = event_task.task, event_task.rubric
        self.trait = next((each for each in self.rubric.traits if each.key == trait), None)
        self.score = score if self.trait is not None and score in self.trait.values else None
        self.all, self._words = shown(event_task, person), words_by_place(self.rubric.id)
        self.papers, self.is_nearest = self.all, False
        if self.score is not None:
            self.papers = [each for each in self.all if each.score_of(self.trait.key) == self.score]
            if not self.papers and self.all:
                self.papers, self.is_nearest = self._nearest(), True
        elif self.trait is not None:
            self.papers = sorted(self.all, key=lambda each: (each.score_of(self.trait.key), each.number))

    def _nearest(self):
        def distance(paper):
            return abs(paper.score_of(self.trait.key) - self.score)

        least = min(distance(paper) for paper in self.all)
        return [paper for paper in self.all if distance(paper) == least]

    @property
    def clarified(self):
        """Accepted clarifications of what is asked for, as (what they are about, words)."""
        found = [("The whole rubric", words) for words in self._words.get((None, None), ())]
        for trait in self.rubric.traits if self.trait is None else [self.trait]:
            found += [(trait.name, words) for words in self._words.get((trait.key, None), ())]
            for value in trait.values if self.score is None else [self.score]:
                found += [
                    (f"{trait.name} {value}", words) for words in self._words.get((trait.key, value), ())
                ]
        return found

    @property
    def heading(self):
        """What the papers below are, in words."""
        if not self.all:
            return "There are no anchor papers for this task yet."
        if self.is_nearest:
            return f"No anchor paper has a {self.score} in {self.trait.name}. These are the nearest."
        if self.score is not None:
            return f"Anchor papers with a {self.score} in {self.trait.name}"
        if self.trait is not None:
            return f"Anchor papers from low to high in {self.trait.name}"
        return "All anchor papers, from low to high"

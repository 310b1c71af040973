"""A room for tests of sessions: papers from a season that is over, and people who meet on them."""

from datetime import timedelta

from calibration.papers import services as papers
from calibration.sessions import attendance, protocols, running, services, sheets
from calibration.sessions.models import Form
from scoring.db import db, now, transaction
from scoring.events.models import EventStatus
from tests.calibration.papers.season import Season

DAYS = timedelta(days=1)


class Room:
    """Lea leads; Ana, Ben and Ada sit with her. There are three papers of one rubric version."""

    def __init__(self, lea, *people, papers_used=("two", "three", "uneven")):
        self.lea, self.people = lea, people
        self.season = Season(*people[:2])
        self.papers = [self.season.keep(name, lea) for name in papers_used]
        self.rubric = self.season.rubric
        self.claim, self.evidence = self.rubric.traits
        self.close_event()

    def close_event(self):
        """Nobody can be asked to score the responses any more."""
        with transaction():
            self.season.event.status, self.season.event.closed_at = EventStatus.CLOSED, now()

    def open(self, form=Form.LIVE, protocol="calibration", *, papers=2, people=None, **facts):
        """Open a session on the first papers."""
        if form is Form.ASYNCHRONOUS:
            facts.setdefault("score_by", now() + 3 * DAYS)
        facts = {"title": "November session", "actor": self.lea, "people": people or self.people} | facts
        return services.open_session(
            self.season.event.organization, self.rubric, form=form, papers=self.papers[:papers],
            protocol=protocols.built_in_by_key(protocol) if isinstance(protocol, str) else protocol, **facts,
        )  # fmt: skip

    def begin(self, *people, **facts):
        """Open a live session, let people come in (all unless said otherwise), and begin it."""
        meeting = self.open(**facts)
        for person in people or (self.lea, *self.people):
            attendance.come_in(meeting, actor=person)
        return running.begin(meeting, actor=self.lea)

    def go_to(self, meeting, kind, *, in_pairs=False):
        """Move on to the next phase of a kind."""
        while True:
            running.move(meeting, 1, seen=meeting.phase, actor=self.lea)
            if meeting.present_step["kind"] == kind and meeting.present_step["in_pairs"] == in_pairs:
                return meeting

    def score(self, session_paper, person, claim=3, evidence=3, words="", **more):
        """Put a person's sheet in."""
        return sheets.submit(
            session_paper, actor=person, scores={self.claim.id: claim, self.evidence.id: evidence},
            evidence={self.claim.id: words} if words else {}, **more,
        )  # fmt: skip

    def seat(self, meeting, person):
        return next(each for each in meeting.participants if each.person_id == person.id)


def shown_as_anchor(room, paper):
    """Let scorers see a paper among the anchors."""
    with transaction():
        paper.is_kept = False
    db.session.refresh(paper)
    return papers.anchors_for(room.rubric)

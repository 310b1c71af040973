"""A small season for tests of papers: responses read twice, ready to become papers."""

from datetime import timedelta

from calibration.papers import services
from calibration.papers.models import NameCheck
from scoring.db import at, now, transaction
from scoring.reads.models import Concern, ConcernKind
from tests import build

SCORES = {  # what Ana and Ben gave for claim and evidence
    "two": ((2, 2), (2, 2)), "three": ((3, 3), (3, 3)), "line": ((2, 3), (3, 3)), "uneven": ((1, 4), (1, 4)),
    "apart": ((1, 2), (4, 2)), "worry": ((4, 4), (4, 4)),
}  # fmt: skip


def keep_back(response):
    """Let the district say that a name stands in this work."""
    with transaction() as session:
        session.add(NameCheck(response_id=response.id, asked_by_id=build.person("lea").id, is_name=True,
                              checked_by_id=build.person("dora").id, checked_at=now()))  # fmt: skip


class Season:
    """An event of an hour ago: six responses read twice, one read once."""

    def __init__(self, ana, ben, **event):
        self.task = build.a_task(title="Later start")
        self.rubric = self.task.published_rubric
        self.responses = dict(zip([*SCORES, "once"], build.responses(7, self.task), strict=True))
        self.event = build.an_event(self.task, [ana, ben], **event)
        with at(now() - timedelta(hours=1)):
            for name, given in SCORES.items():
                for scorer, (claim, evidence) in zip((ana, ben), given, strict=True):
                    build.a_read(
                        self.responses[name], scorer, {"claim": claim, "evidence": evidence}, event=self.event
                    )
            build.a_read(self.responses["once"], ana, 1, event=self.event)

    def promote(self, name, actor, score=None, verb=services.promote, **more):
        scores = {
            trait.id: score or given for trait, given in zip(self.rubric.traits, SCORES[name][1], strict=True)
        }
        return verb(self.responses[name], self.rubric, event=self.event, scores=scores, actor=actor, **more)

    def keep(self, name, actor, **more):
        return self.promote(name, actor, verb=services.keep, **more)

    def alert(self, name, scorer):
        with transaction() as session:
            session.add(Concern(event_id=self.event.id, response_id=self.responses[name].id, scorer_id=scorer.id,
                                kind=ConcernKind.ALERT, words="They write about being hurt."))  # fmt: skip

    @property
    def url(self):
        return f"/anchors/events/{self.event.code}/{self.task.id}"

"""A member's blind scores of a proposed paper: kept as a draft, sent once, or left to others."""

import json

from calibration.rangefinding import finding
from calibration.rangefinding.models import CommitteeRead, CommitteeScore
from calibration.rangefinding.standing import Standing
from scoring import audit
from scoring.db import now, transaction
from scoring.errors import Conflict, Invalid, NotFound
from scoring.reads.checking import checked, cleaned
from scoring.reads.rubrics import sheet_of

LONGEST_DRAFT, LONGEST_EVIDENCE = 40_000, 2000
SENT = "Your scores of this paper are in already. They do not change any more."


def sheet(committee):
    """The rubric version as a score sheet."""
    return sheet_of(committee.rubric_id, committee.rubric.published_at)


def save_draft(committee, proposed, draft, *, actor):
    """Keep what a member has chosen and typed so far."""
    if len(json.dumps(draft)) > LONGEST_DRAFT:
        raise Invalid("This draft is too long to keep. Shorten what you wrote.")
    with transaction() as session:
        read = _own_read(session, committee, proposed, actor)
        read.draft = draft
    return read


def send(committee, proposed, *, scores, evidence=None, reason="", actor):
    """Send a member's scores (by trait id) with what in the work shows them. They are locked from then on."""
    rubric, evidence = (
        sheet(committee),
        {key: (words or "").strip() for key, words in (evidence or {}).items()},
    )
    sent = cleaned(scores, None, reason, {})
    checked(rubric, sent)
    _check_evidence(rubric, evidence)
    with transaction() as session:
        read = _own_read(session, committee, proposed, actor, again=sent["scores"])
        if read.sent_at is not None:
            return read  # the same scores, sent twice
        read.scores = [
            CommitteeScore(
                trait_id=trait.id, score=sent["scores"][trait.id], evidence=evidence.get(trait.id, "")
            )
            for trait in rubric.traits
        ]
        read.draft, read.reason, read.sent_at = None, sent["note"], now()
        session.flush()
        audit.record("committee_read.sent", read, actor=actor, after={
            "proposed": proposed.id, "scores": {str(trait): score for trait, score in sent["scores"].items()},
        })  # fmt: skip
    return read


def _check_evidence(rubric, evidence):
    long = [trait for trait in rubric.traits if len(evidence.get(trait.id, "")) > LONGEST_EVIDENCE]
    if long:
        words = f"Evidence has room for {LONGEST_EVIDENCE:,} characters. Shorten it."
        raise Invalid(words, fields={f"evidence-{trait.key}": words for trait in long})


def pass_on(committee, proposed, *, actor):
    """Leave a paper to the others: the member knows the student."""
    with transaction() as session:
        read = _own_read(session, committee, proposed, actor)
        read.draft, read.passed_at = None, now()
        audit.record("committee_read.passed", read, actor=actor, after={"proposed": proposed.id})
    return read


def _own_read(session, committee, proposed, actor, again=None):
    """The member's read of a paper, locked with it; refused when there is nothing to score here for this person."""
    session.refresh(committee, with_for_update=True)
    session.refresh(proposed, with_for_update=True)
    place = Standing(committee, actor).of(proposed.id)
    if place is None or not place.is_asked:
        raise NotFound(finding.NO_COMMITTEE)
    if place.is_in:
        if again == place.mine.score_by_trait:
            return place.mine
        raise Conflict(SENT)
    if not place.may_score:
        raise Conflict("This paper takes no scores now. Nothing was saved. Go back to the committee to see how it stands.")  # fmt: skip
    if place.mine is not None:
        return place.mine
    made = CommitteeRead(person_id=actor.id)
    proposed.reads.append(made)
    session.flush()
    return made

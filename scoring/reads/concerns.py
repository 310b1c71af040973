"""What scorers report: a flag for the leader, or an alert that a student may be in danger."""

from scoring import audit
from scoring.db import transaction
from scoring.errors import Invalid
from scoring.reads.models import Concern, ConcernKind

LONGEST = 2000


def raise_concern(assignment, scorer, kind, words):
    """Tell the leader that somebody must look at this response. The scorer keeps it and may still score it."""
    try:
        kind = ConcernKind(kind)
    except ValueError:
        raise Invalid("Choose what it is: a flag or an alert.", fields={"kind": "Choose one."}) from None
    words = (words or "").replace("\x00", "").strip()
    if not words or len(words) > LONGEST:
        raise Invalid("Say in a sentence what you saw, so that somebody can act on it.",
                      fields={"words": f"Write 1 to {LONGEST} characters."})  # fmt: skip
    event_id, response_id, scorer_id = assignment.event_id, assignment.response_id, scorer.id
    with transaction() as session:
        concern = Concern(
            event_id=event_id, response_id=response_id, scorer_id=scorer_id, kind=kind, words=words
        )
        session.add(concern)
        session.flush()
        audit.record("concern.raised", concern, actor=scorer, after={"kind": kind, "response": response_id})
        return concern

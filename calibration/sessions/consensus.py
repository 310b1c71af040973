"""Consensus scores are written down: by whoever records, by a pair, or because everybody supports what was proposed."""

import sqlalchemy as sa

from calibration.sessions import finding
from calibration.sessions.models import Consensus, Proposal, SessionPaper
from scoring import audit
from scoring.db import db, now


def voters_of(session_paper):
    """Ids of participants who scored a paper and still have a seat: those who agree on it."""
    seats = {each.id for each in session_paper.session.participants if each.removed_at is None}
    return finding.scored_by(session_paper) & seats


def write_down(session_paper, trait_id, *, score, reason, seat, actor, pair=0):
    """Write down what was agreed on for a trait, and whose words it is. What stood before is replaced."""
    made = session_paper.agreed(trait_id, pair)
    if made is None:
        made = Consensus(session_paper_id=session_paper.id, trait_id=trait_id, pair=pair)
        session_paper.consensus.append(made)
    made.score, made.reason, made.settled_at, made.settled_by_id = score, reason, now(), seat.id
    db.session.flush()
    audit.record("session.agreed", made, actor=actor, after={
        "paper": session_paper.id, "trait": trait_id, "pair": pair, "score": score, "reason": reason,
    })  # fmt: skip
    return made


def settle_if_supported(proposal, *, actor):
    """A proposal that everybody who scored the paper supports, two at least, is the consensus."""
    voters = voters_of(proposal.session_paper)
    if len(voters) > 1 and voters <= {each.participant_id for each in proposal.supports}:
        write_down(proposal.session_paper, proposal.trait_id, score=proposal.score, reason=proposal.reason,
                   seat=proposal.author, actor=actor)  # fmt: skip


def settle_what_all_support(meeting, *, actor):
    """Settle what is only proposed so far and has everybody's support once fewer people are asked."""
    proposed = sa.select(Proposal).join(SessionPaper, SessionPaper.id == Proposal.session_paper_id).where(
        SessionPaper.session_id == meeting.id, Proposal.withdrawn_at.is_(None)
    )  # fmt: skip
    for each in db.session.scalars(proposed.order_by(Proposal.created_at, Proposal.id)).all():
        if each.session_paper.agreed(each.trait_id) is None:
            settle_if_supported(each, actor=actor)

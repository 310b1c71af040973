"""What a paper of a session is to one participant at present: what may be told of it follows from that."""

from enum import StrEnum

import sqlalchemy as sa

from calibration.papers.blind import owes
from calibration.papers.showing import not_for
from calibration.sessions import rules, sheets
from calibration.sessions.models import Observer, Sheet
from scoring.db import db


class Sight(StrEnum):
    """What a paper is to one participant at present."""

    LATER = "later"  # the session has not come to it
    READ = "read"  # to be read, not to be scored yet
    BLIND = "blind"  # to be scored: own scores are not in
    IN = "in"  # own scores are in, the others' are not shown yet
    LOOKS_ON = "looks on"  # chose not to score it; scores are not shown yet
    SHOWN = "shown"
    OUT = "out"  # own students' work, or work that somebody may still score
    MISSED = "missed"  # the session is over, and own scores never came in


def sight_of(session_paper, seat):
    """Say what a paper is to a participant at present."""
    return sights_of([session_paper], seat)[session_paper.id]


def sights_of(session_papers, seat):
    """Say what papers of a session are to a participant at present, by their ids."""
    ids = [each.id for each in session_papers]
    mine = set(db.session.scalars(sa.select(Sheet.session_paper_id).where(
        Sheet.session_paper_id.in_(ids), Sheet.participant_id == seat.id, Sheet.round == 1
    )))  # fmt: skip
    look_on = set(db.session.scalars(sa.select(Observer.session_paper_id).where(
        Observer.session_paper_id.in_(ids), Observer.participant_id == seat.id
    )))  # fmt: skip
    out = not_for([each.paper for each in session_papers if each.id not in mine], seat.person)
    owed = owes(seat.person, [each.paper.response_id for each in session_papers])
    return {
        each.id: Sight.OUT if each.id not in mine and each.paper_id in out
        else _sight(each, own_is_in=each.id in mine, observes=seat.observes or each.id in look_on,
                    is_owed=each.paper.response_id in owed)
        for each in session_papers
    }  # fmt: skip


def _sight(session_paper, *, own_is_in, observes, is_owed):
    """`is_owed`: this person is still asked to score the work blind elsewhere, so nothing is shown before that is done."""
    if not is_owed and rules.may_see_scores(is_revealed=session_paper.is_revealed, own_is_in=own_is_in, observes=observes, sits_out=False):  # fmt: skip
        return Sight.SHOWN
    if own_is_in:
        return Sight.IN
    if not session_paper.session.is_open:
        return Sight.MISSED
    if not sheets.may_score(session_paper):
        return Sight.READ if _is_present(session_paper) else Sight.LATER
    return Sight.LOOKS_ON if observes else Sight.BLIND


def _is_present(session_paper):
    meeting = session_paper.session
    if meeting.phase is None:
        return False
    return any(each.paper == session_paper.position - 1 for each in meeting.phases[: meeting.phase + 1])

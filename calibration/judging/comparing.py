"""What participants do: get the next pair, choose, take the last choice back, set a pair aside.

Whoever gets a pair holds the study's row, so that two who ask at once never break the even spread. A participant has
one pair on the desk at a time: reloading gives the same one, and sending a choice twice stores it once.
"""

import random
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from calibration.judging import rules
from calibration.judging.models import Choice, Comparison, Study, StudyParticipant, StudyStatus
from calibration.papers.secrecy import named_by
from calibration.papers.services import closed_responses
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotFound
from scoring.reads.models import Assignment
from scoring.responses.models import Response, RosterEntry

UNDO = timedelta(minutes=10)
FEWEST_OWN = 10
draw = random.SystemRandom().random
NOT_THERE = "There is nothing here for you to compare. Go back to Calibration."
ON_THE_DESK = (Comparison.choice.is_(None), Comparison.set_aside_at.is_(None))
COUNTS = Comparison.choice.is_not(None)


@dataclass(frozen=True)
class Standing:
    """How far one participant is: pairs chosen, and the fair share of all."""

    done: int
    share: int


def studies_of(person):
    """Return the open studies this person is invited to, those that end soonest first."""
    query = (
        sa.select(Study)
        .join(StudyParticipant, StudyParticipant.study_id == Study.id)
        .where(
            StudyParticipant.person_id == person.id, StudyParticipant.removed_at.is_(None),
            Study.status == StudyStatus.OPEN, sa.or_(Study.deadline_at.is_(None), Study.deadline_at > now()),
        )
        .order_by(Study.deadline_at.is_(None), Study.deadline_at, Study.id)
    )  # fmt: skip
    return db.session.scalars(query).all()


def seat_of(study_id, person):
    """Return this person's place in a study that people can compare in, or in one that is over."""
    seat = db.session.scalar(
        sa.select(StudyParticipant)
        .join(Study, Study.id == StudyParticipant.study_id)
        .where(
            Study.id == study_id, Study.status != StudyStatus.DRAFT,
            StudyParticipant.person_id == person.id, StudyParticipant.removed_at.is_(None),
        )
    )  # fmt: skip
    if seat is None:
        raise NotFound(NOT_THERE)
    return seat


def standing(seat):
    """Count a participant's choices, beside their share."""
    done = db.session.scalar(sa.select(sa.func.count()).where(Comparison.participant_id == seat.id, COUNTS))
    people = sum(each.removed_at is None for each in seat.study.participants)
    return Standing(done, rules.own_share(seat.study.planned, people))


def take_pair(seat):
    """Return the pair on this participant's desk, or put the next one there; None when there is none."""
    with transaction() as session:
        study = _held(session, seat)
        if not study.is_waiting:
            return None
        found = on_the_desk(seat)
        return found if found is not None else _put_next(session, study, seat)


def has_pair(seat):
    """Whether there is a pair for this participant now: on the desk, or to be had."""
    return on_the_desk(seat) is not None or _next_pair(seat.study, seat) is not None


def compared(study):
    """Count the choices of a study, also of those who are not in it any more."""
    return db.session.scalar(sa.select(sa.func.count()).where(Comparison.study_id == study.id, COUNTS))


def on_the_desk(seat):
    """The pair a participant has not chosen from yet, or None."""
    query = sa.select(Comparison).where(Comparison.participant_id == seat.id, *ON_THE_DESK)
    return db.session.scalar(query.execution_options(populate_existing=True))


def _put_next(session, study, seat):
    pair = _next_pair(study, seat)
    if pair is None:
        return None
    first, second = sorted(pair)
    found = Comparison(study_id=study.id, participant_id=seat.id, first_id=first, second_id=second,
                       first_is_left=pair[0] == first)  # fmt: skip
    session.add(found)
    session.flush()
    audit.record("comparison.handed_out", found, actor=seat.person, after={"pair": [first, second]})
    return found


def _next_pair(study, seat):
    """The pair (left, right) that comes next for a participant; None when all are made, or none is left for them."""
    rows = db.session.execute(
        sa.select(Comparison.participant_id, Comparison.first_id, Comparison.second_id, Comparison.first_is_left)
        .where(Comparison.study_id == study.id, Comparison.set_aside_at.is_(None)).order_by(Comparison.id)
    ).all()  # fmt: skip
    own = [row for row in rows if row.participant_id == seat.id]
    most = max(FEWEST_OWN, 2 * standing(seat).share)
    if len(rows) >= study.planned or len(own) >= most:
        return None
    made = [(a, b) if is_left else (b, a) for _, a, b, is_left in rows]
    had = {frozenset(pair) for pair in db.session.execute(
        sa.select(Comparison.first_id, Comparison.second_id).where(Comparison.participant_id == seat.id))}  # fmt: skip
    return rules.next_pair(free_responses(study, seat), made, had, draw)


def free_responses(study, seat):
    """Ids of the study's responses this participant may be given.

    Never the work of own students, work they were ever handed in an event, work they set aside, or work that
    nobody is shown now.
    """
    ids = {each.response_id: each.id for each in study.responses}
    own_students = (
        sa.select(Response.id)
        .join(RosterEntry, RosterEntry.student_id == Response.student_id)
        .where(RosterEntry.person_id == seat.person_id)
    )
    had = sa.select(Assignment.response_id).where(Assignment.scorer_id == seat.person_id)
    out = named_by(ids, own_students, had, *closed_responses())
    aside = sa.select(Comparison.first_id, Comparison.second_id).where(
        Comparison.participant_id == seat.id, Comparison.set_aside_at.is_not(None)
    )
    known = {each for pair in db.session.execute(aside) for each in pair}
    return [own for response, own in ids.items() if response not in out and own not in known]


def choose(seat, comparison_id, side):
    """Store which side of a pair was chosen: "left", "right" or "tie". The same again changes nothing."""
    with transaction() as session:
        study = _held(session, seat)
        found = _own(session, seat, comparison_id)
        choice = _choice(study, found, side)
        if found.choice is choice:
            return found
        if found.choice is not None or found.set_aside_at is not None:
            raise Conflict("You have answered this pair already. To change it, take your last choice back.")
        if not study.is_waiting:
            raise Conflict("This study is over. Your earlier choices are kept.")
        found.choice, found.chosen_at = choice, now()
        audit.record("comparison.chosen", found, actor=seat.person, after={"choice": str(choice)})
    return found


def _choice(study, comparison, side):
    if side == "tie" and study.has_ties:
        return Choice.TIE
    if side not in {"left", "right"}:
        raise Invalid("Choose one of the two.", fields={"side": "Choose one of the two."})
    return Choice.FIRST if (side == "left") == comparison.first_is_left else Choice.SECOND


def last_choice(seat):
    """The choice a participant may still take back, or None."""
    query = (
        sa.select(Comparison)
        .where(Comparison.participant_id == seat.id, COUNTS, Comparison.chosen_at > now() - UNDO)
        .order_by(Comparison.chosen_at.desc(), Comparison.id.desc())
    )
    return db.session.scalars(query.limit(1)).first()


def take_back(seat):
    """Put the participant's last pair back on the desk, for ten minutes after the choice."""
    with transaction() as session:
        study = _held(session, seat)
        found = last_choice(seat)
        if found is None or not study.is_waiting:
            raise Conflict("There is nothing to take back. A choice can be taken back for 10 minutes.")
        waiting = on_the_desk(seat)
        if waiting is not None:
            audit.record("comparison.taken_away", waiting, actor=seat.person)
            session.delete(waiting)
            session.flush()
        before, found.choice, found.chosen_at = str(found.choice), None, None
        audit.record("comparison.taken_back", found, actor=seat.person, before={"choice": before})
    return found


def set_aside(seat, comparison_id):
    """Leave out a pair because the participant knows whose work it is; neither work comes again for them."""
    with transaction() as session:
        _held(session, seat)
        found = _own(session, seat, comparison_id)
        if found.choice is not None:
            raise Conflict("You have answered this pair already. Take your choice back first.")
        if found.set_aside_at is None:
            found.set_aside_at = now()
            audit.record("comparison.set_aside", found, actor=seat.person)


def _held(session, seat):
    """Return the study, its row held until the transaction ends; NotFound when the participant is out."""
    study = session.get(Study, seat.study_id, with_for_update=True, populate_existing=True)
    session.refresh(seat)
    if seat.removed_at is not None:
        raise NotFound(NOT_THERE)
    return study


def _own(session, seat, comparison_id):
    found = session.get(Comparison, comparison_id, populate_existing=True)
    if found is None or found.participant_id != seat.id:
        raise NotFound(NOT_THERE)
    return found

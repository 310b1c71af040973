"""What leaders do for one scorer: coach, so that there is another try; grant and withdraw a qualification by hand."""

import sqlalchemy as sa

from calibration.qualification import programs, standings
from calibration.qualification.models import Coaching
from calibration.qualification.steps import State
from scoring import audit
from scoring.db import db, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.people.models import Person
from scoring.reads import services as reads

LONGEST_NOTE = 4000
IN_FORCE = {State.QUALIFIED, State.AWAY, State.EXPIRED}


def person_in(program, person_id, leader):
    """A scorer of the program whom this leader looks after."""
    found = db.session.scalar(standings.people_query(program, leader).where(Person.id == person_id))
    if found is None:
        raise NotFound("There is no such scorer in this program, or they belong to another district.")
    return found


def _other(program, person_id, actor):
    """The scorer, who is somebody else than the leader who decides."""
    person = person_in(program, person_id, actor)
    if person.id == actor.id:
        raise NotAllowed("Nobody coaches or qualifies themselves. Ask another leader to do it.")
    return person


def coach(program, person_id, *, note, actor):
    """Write down what was agreed with a scorer. With it they get another try."""
    person, note = _other(program, person_id, actor), (note or "").strip()
    if not note or len(note) > LONGEST_NOTE:
        words = f"Write what you agreed on, in at most {LONGEST_NOTE:,} characters."
        raise Invalid(words, fields={"note": words})
    with transaction() as session:
        session.execute(sa.select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
        place = standings.standing_of(program, person).place
        if place.state is not State.NEEDS_COACH:
            raise Conflict(
                f"{person.name} has no failed try to be coached on now, or has another try already. Reload the page."
            )
        made = Coaching(
            program_id=program.id, person_id=person.id, stage=place.about, note=note, coach_id=actor.id
        )
        session.add(made)
        session.flush()
        audit.record("qualification_coaching.written", made, actor=actor, after={
            "program": program.id, "person": person.id, "stage": place.about, "note": note,
        })  # fmt: skip
    return made


def grant(program, person_id, *, reason, expires_at=None, actor):
    """Give somebody the qualification by hand, with a reason. Only those who look after the program may."""
    person = _other(program, person_id, actor)
    if not programs.may_change(program, actor):
        raise NotAllowed(
            "Only those who run calibration where the program belongs may grant a qualification."
        )
    return reads.grant_qualification(
        person, program.rubric, actor=actor, expires_at=expires_at, reason=_required(reason),
        away_hours=programs.rechecks_after(program),
    )  # fmt: skip


def withdraw(program, person_id, *, reason, actor):
    """Take somebody's qualification back, with a reason that they can read."""
    person = person_in(program, person_id, actor)
    return reads.withdraw_qualification(person, program.rubric, actor=actor, reason=_required(reason))


def _required(reason):
    if not (reason or "").strip():
        words = "Give a reason. The scorer can read it."
        raise Invalid(words, fields={"reason": words})
    return reason

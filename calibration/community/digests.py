"""Digests: who wants one when, whose is due, and that nobody gets the same one twice.

A message goes out at most once: its row is committed before the message is handed over, and a worker that dies in
between leaves the row, so nobody sends it again. What it would have told is told by the next one, which goes back to the
last that surely arrived.
"""

from datetime import timedelta

import sqlalchemy as sa
from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from calibration.community import rules
from calibration.community.models import Digest, DigestChoice, DigestStatus, Frequency
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Invalid, NotFound
from scoring.people.models import Person

MOST_TRIES = 3
TRY_AGAIN_AFTER = timedelta(minutes=20)
TOLD = (DigestStatus.SENT, DigestStatus.EMPTY)


# Choosing


def choice_of(person):
    """When this person wants the digest; the usual time where they never chose."""
    return db.session.get(DigestChoice, person.id) or DigestChoice(
        person_id=person.id,
        frequency=Frequency.WEEKLY,
        weekday=0,
        hour=7,
        zone=next(iter(rules.ZONES)),
        changed_at=person.created_at,
    )


def choose(person, *, frequency, weekday, hour, zone, actor):
    """Say how often, and when, one wants the digest."""
    fields = {}
    if frequency not in set(Frequency):
        fields["frequency"] = "Choose off, daily or weekly."
    if weekday not in range(7):
        fields["weekday"] = "Choose a day."
    if hour not in range(24):
        fields["hour"] = "Choose an hour."
    if zone not in rules.ZONES:
        fields["zone"] = "Choose a time zone."
    if fields:
        raise Invalid(" ".join(fields.values()), fields=fields)
    values = {"frequency": Frequency(frequency), "weekday": weekday, "hour": hour, "zone": zone}
    with transaction() as session:
        choice = session.get(DigestChoice, person.id, with_for_update=True)
        if choice is None:
            choice = DigestChoice(person_id=person.id)
            session.add(choice)
        elif all(getattr(choice, name) == value for name, value in values.items()):
            return choice
        for name, value in values.items():
            setattr(choice, name, value)
        choice.changed_at = now()
        audit.record(
            "digest.chosen", person, actor=actor, after={**values, "frequency": str(choice.frequency)}
        )
    return choice


def stop(person, *, actor=None):
    """Send this person no digest any more."""
    present = choice_of(person)
    return choose(
        person,
        frequency=Frequency.OFF,
        weekday=present.weekday,
        hour=present.hour,
        zone=present.zone,
        actor=actor,
    )


def stop_token(person):
    """What stands in the link that ends the digest without signing in. It does nothing else, and does not run out."""
    return _signer().dumps(person.id)


def person_of_stop_token(token):
    """Return whose digest a link ends."""
    try:
        person = db.session.get(Person, _signer().loads(token))
    except BadSignature:
        person = None
    if person is None:
        raise NotFound(
            "This link is not complete. Copy the whole link from the e-mail, or sign in and turn the digest off."
        )
    return person


def _signer():
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="digest-stop")


# What is due


def due_people():
    """Ids of the people whose digest should go out now, each with the time it was due."""
    moment, found = now(), []
    columns = (
        DigestChoice.frequency,
        DigestChoice.weekday,
        DigestChoice.hour,
        DigestChoice.zone,
        DigestChoice.changed_at,
    )
    query = sa.select(Person.id, Person.created_at, *columns).outerjoin(
        DigestChoice, DigestChoice.person_id == Person.id
    )
    done = {(row.person_id, row.due_at) for row in db.session.execute(_done(moment))}
    for row in db.session.execute(query.where(Person.is_active).order_by(Person.id)):
        frequency = row.frequency or Frequency.WEEKLY
        chosen = (row.weekday, row.hour, row.zone) if row.frequency else (0, 7, next(iter(rules.ZONES)))
        due = rules.last_due(frequency, *chosen, moment)
        is_due = rules.is_due(frequency, due, moment, changed_at=row.changed_at or row.created_at)
        if is_due and (row.id, due) not in done:
            found.append((row.id, due))
    return found


def _done(moment):
    """Digests that are not to be sent again: all but those that failed for certain, a while ago, and not too often."""
    may_try = sa.and_(
        Digest.status == DigestStatus.FAILED,
        Digest.tries < MOST_TRIES,
        Digest.finished_at < moment - TRY_AGAIN_AFTER,
    )
    return sa.select(Digest.person_id, Digest.due_at).where(
        Digest.due_at > moment - max(rules.LATE.values()), ~may_try
    )


def claim(person_id, due):
    """Take a digest on, if nobody has: from here on nobody else sends it. Return its row, or None."""
    with transaction() as session:
        person = session.scalar(
            sa.select(Person).where(Person.id == person_id).with_for_update()
        )  # one after the other
        known = session.scalar(sa.select(Digest).where(Digest.person_id == person_id, Digest.due_at == due))
        if known is not None:
            is_free = known.status is DigestStatus.FAILED and known.tries < MOST_TRIES
            if not is_free or known.finished_at > now() - TRY_AGAIN_AFTER:
                return None
            known.status, known.tries, known.until = DigestStatus.CLAIMED, known.tries + 1, now()
            return known
        frequency = choice_of(person).frequency
        if frequency is Frequency.OFF:
            return None
        since = rules.since(frequency, due, _told_until(session, person_id))
        digest = Digest(
            person=person,
            due_at=due,
            since=since,
            until=now(),
            status=DigestStatus.CLAIMED,
            tries=1,
        )
        session.add(digest)
        session.flush()
    return digest


def _told_until(session, person_id):
    """Until when a person surely was told what is new; where nothing ever arrived, from when the first would have told."""
    mine = Digest.person_id == person_id
    told = session.scalar(sa.select(sa.func.max(Digest.until)).where(mine, Digest.status.in_(TOLD)))
    return told or session.scalar(sa.select(sa.func.min(Digest.since)).where(mine))


def finish(digest, status, problem=""):
    """Write down what became of a digest."""
    with transaction():
        digest.status, digest.problem, digest.finished_at = status, problem[:300], now()
    return digest

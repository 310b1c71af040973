"""From rows to ratings: the only bridge between the tables and the numbers.

Only blind operational reads cross it. An adjudicator has seen the first two scores before deciding, and a read that
its scorer took back counts no more: either would flatter or blur the agreement.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from calibration.measurement.ratings import Ratings
from scoring.db import db
from scoring.errors import NotFound
from scoring.events.models import Event, EventResponse, EventStatus, Outcome
from scoring.people.models import Membership, Organization, OrganizationKind, Person
from scoring.permissions import Role
from scoring.reads.models import Purpose, Read, ScoreOfRecord, TraitScore
from scoring.responses.models import Response, Student
from scoring.tasks.models import ConditionCode, Trait


def blind(read):
    """Which reads count: those made without knowing the other one, and not taken back."""
    return sa.and_(read.purpose == Purpose.OPERATIONAL, read.reopened_at.is_(None))


@dataclass(frozen=True)
class Scorer:
    """Somebody who read in an event, and the district they score for; None for a network's own people."""

    id: int
    name: str
    district_id: int | None


def ratings(event, task, *, districts=None):
    """Return the blind first and second reads of one task in an event, ready to be measured.

    Responses, scorers and districts are labeled by their ids, traits by their keys; a read that found the response
    not scorable carries its condition code on every trait. `district` is that of the response, `scorer_district`
    that of the scorer. Reads stand in the order in which they were submitted. `districts` holds ids: only the
    responses of these.
    """
    rubric = rubric_of(event, task)
    rows = _blind_reads(event, task, rubric.traits, districts=districts)
    response, _, scorer, district, _, codes, *scores = (
        zip(*rows, strict=True) if rows else [()] * (6 + len(rubric.traits))
    )
    homes = {person.id: person.district_id for person in scorers(event)}
    return Ratings.from_columns(
        response * len(rubric.traits),
        scorer * len(rubric.traits),
        [trait.key for trait in rubric.traits for _ in rows],
        _with_codes(scores, codes),
        points={trait.key: trait.values for trait in rubric.traits},
        condition_codes=[each.code for each in rubric.condition_codes],
        district=district * len(rubric.traits),
        scorer_district=[homes[each] for each in scorer] * len(rubric.traits),
    )


def ratings_over_time(events, task, *, districts=None, until=None):
    """Return the blind reads of one task in several events, each with its label "moment": days since 1970.

    A response counts once in each event. Only traits that every event scored on the same points are there. With
    `until`, what happened after that moment does not count: neither a read, nor that one was taken back.
    """
    rubrics = {event.id: rubric_of(event, task) for event in events}
    points = _points_in_all(rubrics.values())
    columns = {name: [] for name in ("response", "scorer", "trait", "score", "moment")}
    for event in events:
        traits = [trait for trait in rubrics[event.id].traits if trait.key in points]
        rows = _blind_reads(event, task, traits, districts=districts, until=until)
        _, place, scorer, _, at, codes, *scores = (
            zip(*rows, strict=True) if rows else [()] * (6 + len(traits))
        )
        columns["response"] += place * len(traits)
        columns["scorer"] += scorer * len(traits)
        columns["trait"] += [trait.key for trait in traits for _ in rows]
        columns["score"] += _with_codes(scores, codes)
        columns["moment"] += [each.timestamp() / 86400 for each in at] * len(traits)
    codes = sorted({each.code for rubric in rubrics.values() for each in rubric.condition_codes})
    return Ratings.from_columns(**columns, points=points, condition_codes=codes)


def _points_in_all(rubrics):
    """Score points by trait key, of those traits that all these rubric versions have with the same points."""
    first, *others = ({trait.key: trait.values for trait in rubric.traits} for rubric in rubrics)
    return {key: values for key, values in first.items() if all(other.get(key) == values for other in others)}


def _blind_reads(event, task, traits, *, districts, until=None):
    """Rows of blind reads in the order in which they were submitted.

    Each row: response, its place in the event, scorer, district, moment, condition code, then a score for each trait.
    """
    scores = [orm.aliased(TraitScore) for _ in traits]
    query = (
        sa.select(Read.response_id, EventResponse.id, Read.scorer_id, EventResponse.district_id, Read.submitted_at,
                  ConditionCode.code, *(mine.score for mine in scores))
        .join(EventResponse, EventResponse.id == Read.event_response_id)
        .outerjoin(ConditionCode, ConditionCode.id == Read.condition_code_id)
        .where(Read.event_id == event.id, EventResponse.task_id == task.id)
        .order_by(Read.submitted_at, Read.id)
    )  # fmt: skip
    query = query.where(blind(Read) if until is None else _blind_until(Read, until))
    for trait, mine in zip(traits, scores, strict=True):
        query = query.outerjoin(mine, sa.and_(mine.read_id == Read.id, mine.trait_id == trait.id))
    if districts is not None:
        query = query.where(EventResponse.district_id.in_(districts))
    return db.session.execute(query).all()


def _blind_until(read, until):
    """Which reads counted at a moment: a read that was taken back later counted then."""
    return sa.and_(
        read.purpose == Purpose.OPERATIONAL,
        read.submitted_at <= until,
        sa.or_(read.reopened_at.is_(None), read.reopened_at > until),
    )


def _with_codes(scores, codes):
    """Scores trait by trait; a read that found the response not scorable carries its condition code on every trait."""
    return [
        points if code is None else code for mine in scores for code, points in zip(codes, mine, strict=True)
    ]


def rubric_of(event, task):
    """Return the rubric version by which a task is scored in an event."""
    rubric = next((each.rubric for each in event.tasks if each.task_id == task.id), None)
    if rubric is None:
        raise NotFound("This task is not part of the event. Choose one of its tasks.")
    return rubric


def scorers(event):
    """Return everybody who has read in an event, by name.

    Whoever belongs to several districts counts for the one where they score, and among those for the one that
    takes part in the event.
    """
    has_read = sa.select(Read.scorer_id).where(Read.event_id == event.id)
    taking_part = {district.id for district in event.districts}
    district = sa.case(
        (Organization.kind == OrganizationKind.SCHOOL, Organization.parent_id),
        (Organization.kind == OrganizationKind.DISTRICT, Organization.id),
    )
    query = (
        sa.select(Person.id, Person.name, district, Membership.role)
        .outerjoin(Membership, Membership.person_id == Person.id)
        .outerjoin(Organization, Organization.id == Membership.organization_id)
        .where(Person.id.in_(has_read))
        .order_by(Person.name, Person.id, Membership.id)
    )
    people = {}
    for person_id, name, home, role in db.session.execute(query):
        rank = (home is None, role is not Role.SCORER, home not in taking_part)
        if person_id not in people or rank < people[person_id][0]:
            people[person_id] = (rank, Scorer(person_id, name, home))
    return [person for _, person in people.values()]


def fingerprint(some_ratings):
    """Return the SHA-256 of everything that figures are made from: the same reads give the same fingerprint."""
    digest = hashlib.sha256()
    parts = {"response": some_ratings.response, "scorer": some_ratings.scorer, "trait": some_ratings.trait,
             "condition": some_ratings.condition, **some_ratings.labels}  # fmt: skip
    for name, labels in parts.items():
        digest.update(json.dumps([name, labels.names]).encode())
        digest.update(labels.codes.astype("<i8").tobytes())
    digest.update(some_ratings.score.astype("<i8").tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Counts:
    """What became of the responses and reads of a task in an event: the exclusions of a report."""

    responses: int
    waiting: int
    discrepant: int
    settled: int
    blind_reads: int
    reopened_reads: int
    adjudications: int
    up_to: datetime | None  # the last thing that happened to any of them


def counts(event, task, *, districts=None):
    """Count what a report on a task is made from, and what it leaves out."""
    mine = [EventResponse.event_id == event.id, EventResponse.task_id == task.id]
    if districts is not None:
        mine.append(EventResponse.district_id.in_(districts))
    outcomes = sa.select(EventResponse.outcome, sa.func.count()).where(*mine).group_by(EventResponse.outcome)
    by_outcome = dict(db.session.execute(outcomes).all())
    reads = (
        sa.select(
            _number(blind(Read)),
            _number(Read.reopened_at.is_not(None)),
            _number(sa.and_(Read.purpose == Purpose.ADJUDICATION, Read.reopened_at.is_(None))),
            sa.func.max(Read.submitted_at),
        )
        .join(EventResponse, EventResponse.id == Read.event_response_id)
        .where(*mine)
    )
    reads_in, reopened, adjudications, last_read = db.session.execute(reads).one()
    settled_at = db.session.scalar(sa.select(sa.func.max(EventResponse.settled_at)).where(*mine))
    return Counts(
        responses=sum(by_outcome.values()),
        waiting=by_outcome.get(Outcome.WAITING, 0),
        discrepant=by_outcome.get(Outcome.DISCREPANT, 0),
        settled=by_outcome.get(Outcome.SETTLED, 0),
        blind_reads=reads_in,
        reopened_reads=reopened,
        adjudications=adjudications,
        up_to=max((each for each in (last_read, settled_at) if each), default=None),
    )


def _number(condition):
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def records(event, task, district):
    """Return the scores of record of a district's responses, one row for each trait, by response code.

    Each row: response code, pseudonym, trait name, score, condition code, method, rule.
    """
    query = (
        sa.select(Response.code, Student.pseudonym, Trait.name, ScoreOfRecord.score, ConditionCode.code,
                  ScoreOfRecord.method, ScoreOfRecord.rule)
        .join(EventResponse, EventResponse.id == ScoreOfRecord.event_response_id)
        .join(Response, Response.id == EventResponse.response_id)
        .join(Student, Student.id == Response.student_id)
        .join(Trait, Trait.id == ScoreOfRecord.trait_id)
        .outerjoin(ConditionCode, ConditionCode.id == ScoreOfRecord.condition_code_id)
        .where(EventResponse.event_id == event.id, EventResponse.task_id == task.id,
               EventResponse.district_id == district.id, ScoreOfRecord.superseded_at.is_(None))
        .order_by(Response.code, Trait.position, Trait.id)
    )  # fmt: skip
    return db.session.execute(query).all()


@dataclass(frozen=True)
class Headline:
    """An event in four numbers; every trait of a paper is a pair of scores by itself."""

    papers: int
    pairs: int
    exact: int
    within: int


def headlines(districts):
    """Count papers read twice and how their scores agree, in the database, for several events at once.

    `districts` holds the ids of the districts to count by the id of the event. Returns a headline for each event
    that has a pair of scores.
    """
    one, other = orm.aliased(Read), orm.aliased(Read)
    first, second = orm.aliased(TraitScore), orm.aliased(TraitScore)
    apart = sa.func.abs(first.score - second.score)
    chosen = [
        sa.and_(one.event_id == event_id, EventResponse.district_id.in_(ids))
        for event_id, ids in districts.items()
    ]
    query = (
        sa.select(one.event_id, sa.func.count(sa.distinct(one.event_response_id)), sa.func.count(),
                  _number(apart == 0), _number(apart <= Event.tolerance))
        .join(EventResponse, EventResponse.id == one.event_response_id)
        .join(Event, Event.id == one.event_id)
        .join(other, sa.and_(other.event_response_id == one.event_response_id, other.id > one.id))
        .join(first, first.read_id == one.id)
        .join(second, sa.and_(second.read_id == other.id, second.trait_id == first.trait_id))
        .where(blind(one), blind(other), sa.or_(sa.false(), *chosen))
        .group_by(one.event_id)
    )  # fmt: skip
    return {event_id: Headline(*numbers) for event_id, *numbers in db.session.execute(query)}


@dataclass(frozen=True)
class TraitAgreement:
    """How one scorer's scores of a trait lie beside the other scorer's, response by response."""

    trait_id: int
    responses: int
    exact: int
    within: int


@dataclass(frozen=True)
class OwnReads:
    """What one scorer read by one rubric version in events that are closed, and how it lies beside the second reads.

    `both_scored` counts the responses that two people gave scores; in the others of `read_twice` at least one of them
    gave a condition code.
    """

    reads: int
    first_at: datetime
    last_at: datetime
    read_twice: int = 0
    both_scored: int = 0
    traits: tuple = ()


def own_reads(scorer_ids, rubric_ids):
    """Return the closed-event reads of these scorers by (scorer id, rubric id); who read nothing is not in it.

    Only closed events count: there, nothing can be learned about a read that still matters.
    """
    own, other, place = orm.aliased(Read), orm.aliased(Read), EventResponse
    mine = [
        blind(own),
        own.scorer_id.in_(scorer_ids),
        place.rubric_id.in_(rubric_ids),
        Event.status == EventStatus.CLOSED,
    ]
    key = (own.scorer_id, place.rubric_id)
    closed = (
        sa.select(*key).select_from(own).join(Event, Event.id == own.event_id)
        .join(place, place.id == own.event_response_id).where(*mine)
    )  # fmt: skip
    counted = closed.add_columns(
        sa.func.count(), sa.func.min(own.submitted_at), sa.func.max(own.submitted_at)
    )
    found = {
        (scorer, rubric): OwnReads(*facts)
        for scorer, rubric, *facts in db.session.execute(counted.group_by(*key))
    }
    pairs = closed.join(
        other, sa.and_(other.event_response_id == own.event_response_id, other.id != own.id, blind(other))
    )
    is_scored = sa.and_(own.condition_code_id.is_(None), other.condition_code_id.is_(None))
    twice = pairs.add_columns(sa.func.count(), _number(is_scored)).group_by(*key)
    for scorer, rubric, read_twice, both_scored in db.session.execute(twice):
        found[scorer, rubric] = replace(found[scorer, rubric], read_twice=read_twice, both_scored=both_scored)
    first, second = orm.aliased(TraitScore), orm.aliased(TraitScore)
    apart = sa.func.abs(first.score - second.score)
    by_trait = (
        pairs.join(first, first.read_id == own.id)
        .join(second, sa.and_(second.read_id == other.id, second.trait_id == first.trait_id))
        .join(Trait, Trait.id == first.trait_id)
        .add_columns(first.trait_id, sa.func.count(), _number(apart == 0), _number(apart <= 1))
        .group_by(*key, first.trait_id, Trait.position)
        .order_by(*key, Trait.position, first.trait_id)
    )
    for scorer, rubric, *facts in db.session.execute(by_trait):
        before = found[scorer, rubric]
        found[scorer, rubric] = replace(before, traits=(*before.traits, TraitAgreement(*facts)))
    return found


def reads_in_open_events(scorer_id, rubric_ids):
    """Count a scorer's own reads in events that are not closed yet, by rubric id: how many, and nothing of what they are like."""
    query = (
        sa.select(EventResponse.rubric_id, sa.func.count())
        .join(Read, Read.event_response_id == EventResponse.id)
        .join(Event, Event.id == Read.event_id)
        .where(Read.scorer_id == scorer_id, blind(Read), EventResponse.rubric_id.in_(rubric_ids),
               Event.status != EventStatus.CLOSED)
        .group_by(EventResponse.rubric_id)
    )  # fmt: skip
    return dict(db.session.execute(query).all())

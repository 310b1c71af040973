"""Reads: what the queue promises to scorers."""

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa

from scoring.audit import AuditEntry
from scoring.db import at, db, now, transaction
from scoring.errors import Conflict, Invalid, NotAvailable, NotFound
from scoring.events.models import EventScorer, EventStatus, Outcome
from scoring.reads import services
from scoring.reads.models import Method, Purpose, Read
from scoring.reads.seen import note_seen
from scoring.responses.models import RosterEntry
from tests import build
from tests.scoring.reads.rows import change, count, places

# Taking


def test_everybody_reads_everything_once_and_then_hears_that_nothing_waits(event, ana, ben, read_next):
    for scorer in (ana, ben):
        assert len({read_next(scorer).response_id for _ in range(6)}) == 6
        assert services.take_next(scorer) is None
    assert {each.outcome for each in places(event)} == {Outcome.SETTLED}


def test_whoever_holds_a_lease_gets_it_again_and_renewed(event, ana):
    first = services.take_next(ana)
    until = first.leased_until
    with at(now() + timedelta(minutes=20)):
        again = services.take_next(ana)
    assert again.id == first.id
    assert again.leased_until - until >= timedelta(minutes=20)


@pytest.mark.parametrize(
    "columns",
    [
        {"status": EventStatus.PAUSED},
        {"status": EventStatus.DRAFT},
        {"status": EventStatus.CLOSED},
        {"opens_at": now() + timedelta(days=1)},
        {"closes_at": now() - timedelta(days=1)},
    ],
    ids=lambda columns: "-".join(map(str, columns)),
)
def test_an_event_that_is_not_open_hands_out_nothing(event, ana, columns):
    change(event, **columns)
    assert services.take_next(ana) is None
    assert services.take_next(ana, event) is None


def test_only_the_event_s_present_scorers_are_served(event, ana, eve):
    assert services.take_next(eve) is None
    seat = db.session.scalars(sa.select(EventScorer).where(EventScorer.person_id == ana.id)).one()
    assignment = services.take_next(ana)
    change(seat, removed_at=now())
    assert services.take_next(ana) is None
    with pytest.raises(NotAvailable, match="do not score in this event"):
        services.submit_read(assignment, ana, scores={})


def test_own_students_schools_and_districts_are_kept_away(app, ana, alder_middle, birch_high, read_next):
    task = build.a_task()
    own_student = build.a_student(birch_high)
    with transaction() as session:
        session.add(RosterEntry(person_id=ana.id, student_id=own_student.id))
    taught = build.a_response(task, own_student)
    own_school = build.a_response(task)  # Alder High School is Ana's
    own_district = build.a_response(task, school=alder_middle)
    other = build.a_response(task, school=birch_high)
    event = build.an_event(
        task, ["ana"], districts=("alder", "birch"), share_read_twice=0,
        exclude_own_students=True, exclude_own_school=True, exclude_own_district=True,
    )  # fmt: skip

    def readable():
        found = set()
        while services.take_next(ana) is not None:
            found.add(read_next(ana).response_id)
        return found

    assert readable() == {other.id}
    change(event, exclude_own_district=False)
    assert readable() == {own_district.id}
    change(event, exclude_own_school=False)
    assert readable() == {own_school.id}
    change(event, exclude_own_students=False)
    assert readable() == {taught.id}


@pytest.mark.parametrize("excluded", [40, 300])
def test_one_readable_response_is_found_among_many_that_are_not(app, ana, birch_high, excluded):
    task = build.a_task()
    build.responses(excluded, task)
    only = build.a_response(task, school=birch_high)
    event = build.an_event(task, ["ana"], districts=("alder", "birch"), exclude_own_district=True)
    for _ in range(3):  # whatever the random start
        lease = services.take_next(ana, event)
        assert lease.response_id == only.id
        services.release(lease, ana)


def test_partly_read_responses_go_first(event, ana, ben, read_next):
    first = read_next(ana)
    assert services.take_next(ben).response_id == first.response_id


def test_a_response_read_in_one_event_is_not_handed_out_in_another(app, ana, read_next):
    task = build.a_task()
    build.responses(1, task)
    first, second = build.an_event(task), build.an_event(task)
    assert read_next(ana, event=first)
    assert services.take_next(ana, second) is None


def test_what_somebody_has_met_with_its_scores_is_not_handed_to_them(event, ana, read_next):
    met, *others = sorted(each.response_id for each in places(event))
    note_seen([ana], [met])
    note_seen([ana], [met])  # noted twice, it is known once
    assert {read_next(ana).response_id for _ in others} == set(others)
    assert services.take_next(ana) is None


def test_nobody_reads_what_they_adjudicated(event, ana):
    for place in places(event):
        build.an_assignment(event, place.response, ana, purpose=Purpose.ADJUDICATION)
    assert services.take_next(ana) is None


# The quota


@pytest.mark.parametrize("share", [0, 20, 30, 50, 100])
def test_the_share_is_kept_for_every_scorer(app, ana, ben, share, read_next):
    task = build.a_task()
    build.responses(20, task)
    event = build.an_event(task, share_read_twice=share)
    for _ in range(10):
        read_next(ana)
        services.release(
            services.take_next(ana), ana
        )  # somebody who looks and leaves does not use up the quota
    while services.take_next(ana) is not None:
        read_next(ana)
    twice = [place for place in places(event) if place.required == 2]
    assert abs(len(twice) - 20 * share / 100) <= 1
    while services.take_next(ben) is not None:
        read_next(ben)
    assert {place.outcome for place in places(event)} == {Outcome.SETTLED}


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("seed", range(4))
def test_second_reads_link_all_scorers(app, seed, read_next):
    chance = random.Random(seed)
    task = build.a_task()
    build.responses(40, task)
    scorers = [build.a_person() for _ in range(6)]
    event = build.an_event(task, scorers, share_read_twice=25)
    free = list(scorers)
    while free:
        scorer = chance.choice(free)
        if services.take_next(scorer) is None:
            free.remove(scorer)
        else:
            read_next(scorer)
    seats = db.session.scalars(sa.select(EventScorer).where(EventScorer.event_id == event.id)).all()
    assert len({seat.component for seat in seats}) == 1
    assert islands(event, scorers) == 1


def islands(event, scorers):
    """Count the groups of scorers that share responses, from the reads themselves."""
    groups = [{scorer.id} for scorer in scorers]
    for place in places(event):
        sharing = {read.scorer_id for read in services.reads_of(place)}
        merged = set().union(*(group for group in groups if group & sharing))
        groups = [group for group in groups if not group & sharing] + ([merged] if merged else [])
    return len(groups)


# Sending


def test_two_adjacent_reads_settle_by_the_mean(event, ana, ben, read_next, records):
    first = read_next(ana, 3)
    place = first.event_response
    assert (place.outcome, place.reads, place.remaining, place.priority) == (Outcome.WAITING, 1, 1, 0)
    read_next(ben, 4, claim=3)
    assert place.outcome is Outcome.SETTLED
    assert {key: each.score for key, each in records(place).items()} == {"claim": 3.0, "evidence": 3.5}
    assert {each.method for each in records(place).values()} == {Method.TWO_READS}
    assert [read.scorer_id for read in services.reads_of(place)] == [ana.id, ben.id]


def test_discrepant_reads_wait_for_a_leader(event, ana, ben, read_next, records):
    read_next(ana, 1)
    place = read_next(ben, 3).event_response
    assert place.outcome is Outcome.DISCREPANT
    assert records(place) == {}


def test_a_condition_code_twice_is_the_record(event, ana, ben, records):
    for scorer in (ana, ben):
        lease = services.take_next(scorer)
        services.submit_read(lease, scorer, scores={}, condition_code="B")
    assert {each.condition_code.code for each in records(lease.event_response).values()} == {"B"}


def test_one_read_is_the_record_where_one_is_required(app, ana, read_next, records):
    task = build.a_task()
    build.responses(1, task)
    build.an_event(task, share_read_twice=0)
    place = read_next(ana, 2).event_response
    assert {each.score for each in records(place).values()} == {2.0}
    assert {each.method for each in records(place).values()} == {Method.ONE_READ}


@pytest.mark.parametrize(
    ("scores", "code", "field"),
    [
        ({"claim": 3}, None, "evidence"),
        ({"claim": 3, "evidence": 5}, None, "evidence"),
        ({"claim": 3, "evidence": True}, None, "evidence"),
        ({"claim": 3, "evidence": "3"}, None, "evidence"),
        ({}, None, "claim"),
        ({}, "X", "condition_code"),
        ({"claim": 3, "evidence": 3}, "B", "condition_code"),
        ({"claim": 3, "evidence": 3, "voice": 3}, None, "999999"),
    ],
)
def test_what_does_not_fit_the_rubric_is_refused_and_named(event, ana, scores, code, field):
    lease = services.take_next(ana)
    ids = {trait.key: trait.id for trait in lease.event_response.rubric.traits} | {"voice": 999_999}
    with pytest.raises(Invalid) as refused:
        services.submit_read(
            lease, ana, scores={ids[key]: score for key, score in scores.items()}, condition_code=code
        )
    assert field in refused.value.fields
    assert count(Read) == 0
    assert services.take_next(ana).id == lease.id


def test_the_same_key_replays_the_first_answer(event, ana, scores_of):
    lease = services.take_next(ana)
    sent = {"scores": scores_of(lease), "key": "one", "claim_next": True}
    first = services.submit_read(lease, ana, **sent)
    assert services.submit_read(lease, ana, **sent) == first
    assert count(Read) == 1
    with pytest.raises(Conflict, match="another request"):
        services.submit_read(lease, ana, **sent | {"scores": scores_of(lease, 1)})
    with pytest.raises(Conflict, match="another request"):
        services.submit_read(first[1], ana, scores=scores_of(first[1]), key="one")


def test_sending_twice_without_a_key_stands_once(event, ana, scores_of):
    lease = services.take_next(ana)
    services.submit_read(lease, ana, scores=scores_of(lease))
    with pytest.raises(NotAvailable, match="Those scores stand"):
        services.submit_read(lease, ana, scores=scores_of(lease, 1))
    assert count(Read) == 1


def test_another_scorer_s_lease_is_not_found(event, ana, ben, scores_of):
    lease = services.take_next(ana)
    for act in (
        lambda: services.submit_read(lease, ben, scores=scores_of(lease)),
        lambda: services.renew(lease, ben),
        lambda: services.save_draft(lease, ben, {}),
        lambda: services.release(lease, ben),
        lambda: services.know_student(lease, ben),
        lambda: services.lease_of(lease.id, ben),
        lambda: services.sheet_for(lease.id, ben),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_paused_event_takes_what_is_held_and_a_closed_one_does_not(event, ana, scores_of):
    first = services.take_next(ana)
    change(event, status=EventStatus.PAUSED)
    _, following = services.submit_read(first, ana, scores=scores_of(first), claim_next=True)
    assert following is None
    change(event, status=EventStatus.OPEN)
    second = services.take_next(ana)
    change(event, status=EventStatus.CLOSED)
    with pytest.raises(NotAvailable, match="closed"):
        services.submit_read(second, ana, scores=scores_of(second))


def test_the_audit_log_holds_what_makes_the_scores_again(event, ana, ben, read_next, records):
    read_next(ana, 3)
    second = read_next(ben, 4)
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "read.submitted", AuditEntry.subject_id == second.id)
    ).one()
    assert entry.after["scores"] == {str(trait): score for trait, score in second.score_by_trait.items()}
    kept = {str(each.trait_id): each.score for each in records(second.event_response).values()}
    assert entry.after["record"]["scores"] == kept
    assert entry.after["outcome"] == "settled"

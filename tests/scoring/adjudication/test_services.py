"""Adjudication: blind first, one leader at a time, and a decision that stands alone, with its history."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from scoring.adjudication import comparing, finding, services
from scoring.db import at, db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotAvailable, NotFound
from scoring.events.models import EventResponse, Outcome, ResolutionRule
from scoring.people.models import Person
from scoring.reads import services as reads
from scoring.reads.models import Assignment, AssignmentStatus, Method, ScoreOfRecord
from scoring.reads.rubrics import sheet_of
from scoring.reads.seen import note_seen
from scoring.responses.models import RosterEntry
from tests import build

REASON = "Two reasons are stated and only one is backed by the source."


def a_discrepant(event=None, *, first=1, second=4, **rules):
    """A response with two reads too far apart: its place in the event."""
    event = event or build.an_event(waiting=False, **rules)
    response = build.a_response(event.tasks[0].task)
    return read_twice(event, response, first, second)


def read_twice(event, response, first, second):
    with transaction() as session:
        place = EventResponse(
            event_id=event.id, response_id=response.id, task_id=response.task_id, district_id=response.district_id,
            rubric_id=event.tasks[0].rubric_id, school_id=response.school_id, random_key=0.5, required=2, remaining=2,
        )  # fmt: skip
        session.add(place)
    build.a_read(response, "ana", first, event=event, note="Ana's own note")
    build.a_read(response, "ben", second, event=event)
    return place


def scores_of(place, score):
    return {trait.id: score for trait in place.rubric.traits}


def settled(place, leader, score=2, reason=REASON):
    assignment = services.begin(place, leader)
    services.submit_blind(assignment, leader, scores=scores_of(place, score))
    return services.decide(place, leader, scores=scores_of(place, score), reason=reason)


def test_a_leaders_decision_stands_alone_with_its_reason(app, ada):
    place = a_discrepant()
    assert db.session.scalars(services.discrepant_responses([place.event_id])).all() == [place]
    assignment = services.begin(place, ada)
    assert services.begin(place, ada).id == assignment.id
    with pytest.raises(Conflict, match="Score this response yourself first"):
        services.decide(place, ada, scores=scores_of(place, 2), reason=REASON)
    services.submit_blind(assignment, ada, scores=scores_of(place, 2), note="By the descriptor.")
    with pytest.raises(NotAvailable):
        services.submit_blind(assignment, ada, scores=scores_of(place, 3))
    with pytest.raises(Invalid, match="Say in a sentence why"):
        services.decide(place, ada, scores=scores_of(place, 3), reason=" ")
    with pytest.raises(Invalid, match="Choose a score for Evidence"):
        services.decide(place, ada, scores={place.rubric.traits[0].id: 3}, reason=REASON)
    record = services.decide(place, ada, scores=scores_of(place, 3), reason=REASON)
    assert [(each.score, each.method, each.decided_by, each.reason) for each in record] == [
        (3.0, Method.ADJUDICATED, ada, REASON)
    ] * 2
    assert place.outcome is Outcome.SETTLED
    assert (place.reads, place.remaining) == (2, 0)
    assert finding.own_read(place, ada).score_by_trait == scores_of(place, 2)
    assert len(reads.reads_of(place)) == 2  # the leader's read is not one of the blind pair


def test_a_condition_code_and_the_rule_of_sums(app, ada, lea):
    coded, summed = a_discrepant(), a_discrepant(resolution_rule=ResolutionRule.SUM)
    services.submit_blind(services.begin(coded, ada), ada, scores={}, condition_code="T")
    record = services.decide(coded, ada, scores={}, condition_code="T", reason=REASON)
    assert {(each.score, each.condition_code.code) for each in record} == {(None, "T")}
    assert {each.score for each in settled(summed, lea, 3)} == {6.0}


def test_only_what_the_rule_sends_can_be_adjudicated(app, ada):
    event = build.an_event(waiting=False)
    agreed = a_discrepant(event, first=3, second=4)
    with pytest.raises(Conflict, match="not discrepant any more"):
        services.begin(agreed, ada)
    strict = a_discrepant(first=3, second=4, resolution_rule=ResolutionRule.ADJUDICATOR)
    assert settled(strict, ada)


def test_who_may_not_settle_a_response(app, ada, lea, nell, ana, eve, birch):
    event = build.an_event(waiting=False, scorers=("ana", "ben", "ada"))
    place = a_discrepant(event)
    for stranger in (nell, ana, eve, build.a_person(at=birch, role="leader")):
        with pytest.raises(NotAllowed):
            services.begin(place, stranger)
        with pytest.raises(NotFound):
            finding.place_by_id(place.id, stranger)
    response = build.a_response(event.tasks[0].task)
    with transaction() as session:
        session.add(RosterEntry(person_id=lea.id, student_id=response.student_id))
    taught = read_twice(event, response, 1, 4)
    with pytest.raises(Conflict, match="event's rules keep this response from you"):
        services.begin(taught, lea)
    assert finding.next_discrepant(lea) == place
    own = build.a_response(event.tasks[0].task)
    mine = read_twice(event, own, 1, 4)
    with transaction() as session:
        session.add(Assignment(event_id=event.id, event_response_id=mine.id, response_id=own.id, scorer_id=ada.id,
                               status=AssignmentStatus.LAPSED, leased_until=now()))  # fmt: skip
    with pytest.raises(Conflict, match="had this response before"):
        services.begin(mine, ada)


def test_nobody_settles_what_they_met_with_its_scores(app, ada, lea):
    place = a_discrepant()
    note_seen([ada], [place.response_id])
    with pytest.raises(Conflict, match="had this response before"):
        services.begin(place, ada)
    assert services.begin(place, lea)


@pytest.mark.usefixtures("app")
def test_one_leader_at_a_time(ada, lea):
    place = a_discrepant()
    adas = services.begin(place, ada)
    with pytest.raises(Conflict, match="Ada Abara is settling this response now"):
        services.begin(place, lea)
    assert finding.next_discrepant(lea) is None
    with at(now() + timedelta(minutes=46)):
        leas = services.begin(place, lea)
        services.submit_blind(leas, lea, scores=scores_of(place, 2))
        with pytest.raises(Conflict, match="Lea Lindqvist is settling"):
            services.submit_blind(adas, ada, scores=scores_of(place, 3))
    with at(now() + timedelta(minutes=100)):  # Lea went away after her own read: Ada may go on
        services.submit_blind(adas, ada, scores=scores_of(place, 3))
        services.decide(place, lea, scores=scores_of(place, 2), reason=REASON)
        with pytest.raises(Conflict, match="Lea Lindqvist has settled this response"):
            services.decide(place, ada, scores=scores_of(place, 3), reason=REASON)
    assert {each.score for each in finding.current_record(place)} == {2.0}


def test_a_reopened_decision_is_kept_and_replaced(app, ada, lea):
    place = a_discrepant()
    with pytest.raises(Conflict, match="Only a response that a leader has settled"):
        services.reopen(place, lea, reason="Look again.")
    settled(place, ada, 2)
    services.reopen(place, lea, reason="The rubric's note on sources was overlooked.")
    assert place.outcome is Outcome.DISCREPANT
    assert finding.current_record(place) == []
    services.decide(place, ada, scores=scores_of(place, 4), reason="With the note it is a 4.")
    assert [[each.score for each in decision] for decision in finding.decisions(place)] == [
        [4.0, 4.0],
        [2.0, 2.0],
    ]
    count = sa.select(sa.func.count(ScoreOfRecord.id)).where(ScoreOfRecord.superseded_at.is_(None))
    assert db.session.scalar(count) == 2


def test_a_leader_who_knows_the_student_leaves_it_to_another(app, ada, lea):
    place = a_discrepant()
    assignment = services.begin(place, ada)
    services.give_back(place, ada)
    with pytest.raises(NotAvailable):
        services.submit_blind(assignment, ada, scores=scores_of(place, 2))
    with pytest.raises(Conflict, match="had this response before"):
        services.begin(place, ada)
    assert settled(place, lea)
    with pytest.raises(Conflict, match="not yours to give back"):
        services.give_back(place, lea)


def test_a_scorer_can_not_take_a_read_back_under_the_leaders_hands(app, ada, ana):
    place = a_discrepant()
    services.begin(place, ada)
    with pytest.raises(NotAvailable):
        reads.reopen_last(ana)


def test_reads_side_by_side(app, ada):
    place = a_discrepant(first={"claim": 1, "evidence": 2}, second={"claim": 3, "evidence": 3})
    services.submit_blind(services.begin(place, ada), ada, scores=scores_of(place, 2))
    sheet = sheet_of(place.rubric_id, place.rubric.published_at)
    compared = comparing.compare(place, sheet, finding.own_read(place, ada))
    assert compared.heads == [
        ("First read", "Ana Ortiz"),
        ("Second read", "Ben Okafor"),
        ("Leader", "Ada Abara"),
    ]
    assert [(row.scores, row.is_discrepant) for row in compared.rows] == [
        ([1, 3, 2], True),
        ([2, 3, 2], False),
    ]
    assert compared.notes == [("First read", "Ana's own note")]


def test_the_longest_waiting_comes_first(app, ada):
    event = build.an_event(waiting=False)
    with at(now() - timedelta(hours=1)):
        late = a_discrepant(event)
    with at(now() - timedelta(hours=5)):
        early = a_discrepant(event)
    assert db.session.scalars(services.discrepant_responses([event.id])).all() == [early, late]
    assert finding.next_discrepant(ada, event_id=event.id) == early


def test_two_leaders_at_the_same_moment(app, ada, lea):
    """Both press Settle at once, again and again: each response is begun by exactly one of them."""
    event = build.an_event(waiting=False)
    places = [a_discrepant(event).id for _ in range(6)]
    people = [ada.id, lea.id]
    db.session.commit()
    start = threading.Barrier(2)

    def press(person_id):
        begun = []
        with app.app_context():
            leader = db.session.get(Person, person_id)
            for place_id in places:
                place = db.session.get(EventResponse, place_id)
                start.wait(timeout=30)
                try:
                    begun.append(services.begin(place, leader).event_response_id)
                except Conflict:
                    continue
        return begun

    with ThreadPoolExecutor(2) as pool:
        begun = [place for found in pool.map(press, people) for place in found]
    assert sorted(begun) == sorted(places)

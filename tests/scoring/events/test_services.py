"""Events: what they may consist of, how they open, and what happens to the queue when rules change."""

import pytest
import sqlalchemy as sa

from scoring.audit import AuditEntry
from scoring.db import db
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.events import progress, queue, services, wording
from scoring.events.models import EventResponse, EventStatus, ResolutionRule
from scoring.permissions import Permission
from scoring.reads import services as reads
from tests import build


def rows(event):
    return db.session.scalars(
        sa.select(EventResponse).where(EventResponse.event_id == event.id).order_by(EventResponse.id)
    ).all()


def a_draft(lea, alder, scorers, task=None, code="WINTER", **rules):
    pairs = [(task, task.published_rubric)] if task else []
    return services.create_event(
        alder, code=code, name="Winter", task_rubrics=pairs, scorers=scorers, actor=lea, **rules
    )


@pytest.mark.parametrize(("found", "share"), [(3, 100), (30, 25)])
def test_the_usual_share_depends_on_how_many_responses_there_are(alder, lea, ana, ben, found, share):
    task = build.a_task()
    build.responses(found, task)
    assert a_draft(lea, alder, [ana, ben], task).share_read_twice == share


def test_a_draft_says_what_it_lacks_and_opens_when_nothing_is_missing(alder, lea, ana, ben):
    task = build.a_task()
    event = a_draft(lea, alder, [], task, exclude_own_district=True)
    with pytest.raises(Invalid, match=r"no scorer.*no response to read"):
        services.open_event(event, actor=lea)
    services.add_scorers(event, [ana], actor=lea)
    assert any("one scorer" in words for words in queue.missing_before_opening(event))
    services.add_scorers(event, [ana, ben], actor=lea)
    found = build.responses(3, task)
    assert any(
        "nobody may read work of their own district" in words for words in queue.missing_before_opening(event)
    )
    services.change_rules(event, actor=lea, exclude_own_district=False)
    services.open_event(event, actor=lea)
    assert event.status is EventStatus.OPEN
    assert {row.response_id for row in rows(event)} == {response.id for response in found}
    assert {(row.required, row.remaining) for row in rows(event)} == {(2, 2)}
    build.responses(2, task)
    assert services.ready_count([task.id], event.districts) == 2
    assert services.add_new_responses(event, actor=lea) == 2
    assert services.add_new_responses(event, actor=lea) == 0


def test_work_that_is_in_an_event_goes_into_no_other(alder, lea, ana, ben):
    task = build.a_task()
    build.responses(2, task)
    services.open_event(a_draft(lea, alder, [ana, ben], task), actor=lea)
    second = a_draft(lea, alder, [ana, ben], task, code="SECOND")
    with pytest.raises(Invalid, match="no response to read"):
        services.open_event(second, actor=lea)


def test_a_district_event_takes_only_what_belongs_to_the_district(alder, birch, lea, ana, eve):
    birch_task = build.a_task(organization=birch)
    with pytest.raises(Invalid, match="Eve Eriksen can not score"):
        a_draft(lea, alder, [ana, eve])
    with pytest.raises(Invalid, match="can not be used here"):
        a_draft(lea, alder, [ana], birch_task)
    with pytest.raises(Invalid, match="Birch can not take part"):
        services.create_event(alder, code="E2", name="E", districts=[birch], actor=lea)
    with pytest.raises(NotAllowed):
        services.create_event(birch, code="E3", name="E", actor=lea)
    assert a_draft(lea, alder, [ana]).districts == [alder]
    with pytest.raises(Invalid, match="taken"):
        a_draft(lea, alder, [ana], code="winter")
    for bad in ("x", "has space", "new", "concerns", "../up"):
        with pytest.raises(Invalid):
            a_draft(lea, alder, [], code=bad)


def test_rules_outside_their_range_are_named(alder, lea, ana):
    with pytest.raises(Invalid) as caught:
        a_draft(lea, alder, [], share_read_twice=101, lease_minutes=1, alert_to=ana)
    assert set(caught.value.fields) == {"share_read_twice", "lease_minutes", "alert_to_id"}
    with pytest.raises(Invalid, match="no rule called"):
        a_draft(lea, alder, [], shade="red")


def test_raising_the_share_asks_for_second_reads_of_all_that_waits(lea, ana, ben):
    event = build.an_event(waiting=False, share_read_twice=0, alert_to=lea)
    first, second, third = build.responses(3, event.tasks[0].task)
    build.fill(event)
    build.a_read(first, "ana", event=event)  # settled by one read
    build.an_assignment(event, second, ana)  # held, not yet read
    services.change_rules(event, actor=lea, share_read_twice=100)
    by_response = {row.response_id: (row.required, row.remaining) for row in rows(event)}
    assert by_response == {first.id: (1, 0), second.id: (2, 1), third.id: (2, 2)}
    services.change_rules(event, actor=lea, share_read_twice=0)
    by_response = {row.response_id: (row.required, row.remaining) for row in rows(event)}
    assert by_response == {first.id: (1, 0), second.id: (2, 1), third.id: (1, 1)}
    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.before, entry.after) == (
        "event.rules_changed", {"share_read_twice": 100}, {"share_read_twice": 0},
    )  # fmt: skip


def test_the_first_read_fixes_how_scores_are_made(lea):
    event = build.an_event(waiting=False)
    (response,) = build.responses(1, event.tasks[0].task)
    build.fill(event)
    services.change_rules(event, actor=lea, tolerance=0)
    build.a_read(response, "ana", event=event)
    with pytest.raises(Conflict, match="first read has fixed"):
        services.change_rules(event, actor=lea, resolution_rule=ResolutionRule.HIGHER)
    with pytest.raises(Conflict, match="fixed once an event has opened"):
        services.change_set_up(event, actor=lea, task_rubrics=[])
    services.change_set_up(
        event, actor=lea, name="Spring", lease_minutes=60, tolerance=0, share_read_twice=50
    )
    assert (event.name, event.lease_minutes, event.share_read_twice) == ("Spring", 60, 50)
    services.change_rules(event, actor=lea, share_read_twice=None)  # the usual share for one response
    assert event.share_read_twice == 100
    with pytest.raises(Invalid, match="5 to 1440"):
        services.change_rules(event, actor=lea, lease_minutes=None)


def test_a_draft_can_change_everything_and_be_deleted(network, alder, birch, nell, ana, eve):
    task, other = build.a_task(), build.a_task()
    event = services.create_event(
        network, code="NET", name="Net", task_rubrics=[(task, task.published_rubric)],
        districts=[alder, birch], scorers=[ana, eve], actor=nell,
    )  # fmt: skip
    pairs = [(other, other.published_rubric), (task, task.published_rubric)]
    services.change_set_up(event, actor=nell, task_rubrics=pairs, districts=[alder])
    assert {each.task_id for each in event.tasks} == {task.id, other.id}
    assert [each.person for each in event.scorers] == [ana]  # Eve's district is no part of it any more
    services.discard_draft(event, actor=nell)
    with pytest.raises(NotFound):
        services.event_by_code("NET", nell, Permission.RUN_EVENTS)


def test_pausing_closing_and_what_a_closed_event_refuses(lea, ana):
    event = build.an_event(waiting=False, alert_to=lea)
    build.responses(2, event.tasks[0].task)
    build.fill(event)
    services.pause_event(event, actor=lea)
    assert reads.take_next(ana, event) is None
    with pytest.raises(Conflict, match="is paused now"):
        services.pause_event(event, actor=lea)
    services.open_event(event, actor=lea)
    assert reads.take_next(ana, event) is not None
    words = wording.left_at_closing(services.progress(event))
    assert "2 responses have no scores of record yet (2 unread). 1 response is with a scorer now" in words
    services.close_event(event, actor=lea)
    for forbidden in (services.open_event, services.pause_event, services.add_new_responses):
        with pytest.raises(Conflict):
            forbidden(event, actor=lea)
    with pytest.raises(Conflict, match="stays as it is"):
        services.change_rules(event, actor=lea, share_read_twice=0)


def test_who_sees_an_event(network, alder, birch, nell, lea, eve, ana, dan):
    shared = build.an_event(organization=network, districts=("alder", "birch"), scorers=("ana",))
    own = build.an_event(scorers=("ana", "ben"))
    birch_own = build.an_event(organization=birch, districts=("birch",), scorers=("eve",))

    def seen(person, permission):
        return set(db.session.scalars(services.visible_events(person, permission)))

    assert seen(lea, Permission.RUN_EVENTS) == {shared, own}
    assert seen(nell, Permission.RUN_EVENTS) == {shared, own, birch_own}
    assert seen(nell, Permission.ADJUDICATE) == set()
    assert seen(dan, Permission.SEE_AGREEMENT) == {shared, birch_own}
    assert seen(ana, Permission.SCORE) == {shared, own}
    assert seen(ana, Permission.RUN_EVENTS) == set()
    assert services.may_run(own, lea)
    assert not services.may_run(shared, lea)
    with pytest.raises(NotAllowed):
        services.close_event(shared, actor=lea)


def test_progress_adds_up(network, lea, ana, ben):
    event = build.an_event(
        organization=network, districts=("alder", "birch"), waiting=False, share_read_twice=50, tolerance=1
    )
    task = event.tasks[0].task
    found = build.responses(6, task)
    build.a_response(task, school=build.organization("birch-high"))
    build.fill(event)
    services.change_rules(event, actor=build.person("nell"), share_read_twice=100)
    build.a_read(found[0], "ana", 1, event=event)
    build.a_read(found[0], "ben", 4, event=event)
    build.a_read(found[1], "ana", 3, event=event)
    build.a_read(found[1], "ben", 3, event=event)
    build.a_read(found[2], "ana", 3, event=event)
    build.an_assignment(event, found[3], ana)
    counted = services.progress(event)
    assert (counted.responses, counted.required, counted.reads, counted.leased) == (7, 14, 5, 1)
    assert (counted.waiting, counted.discrepant, counted.settled) == (5, 1, 1)
    assert (counted.unread, counted.need_second, counted.to_hand_out) == (4, 1, 8)
    assert [part.responses for _, part in progress.by_district(event)] == [6, 1]
    assert [part for _, part in progress.by_task(event)] == [counted]
    assert wording.sentences(event, counted)[0] == "1 of 7 responses needs a second read."


def test_a_removed_scorer_comes_back_with_the_same_seat(lea, ana):
    event = build.an_event(waiting=False)
    services.remove_scorer(event, ana.id, actor=lea)
    with pytest.raises(NotFound):
        services.remove_scorer(event, ana.id, actor=lea)
    assert services.add_scorers(event, [ana], actor=lea) == 1
    assert [each.person_id for each in event.scorers].count(ana.id) == 1

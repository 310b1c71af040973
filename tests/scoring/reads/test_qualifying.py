"""Qualifications: an event may hand its responses to qualified scorers only. All others notice nothing of the rule."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from scoring.audit import AuditEntry
from scoring.db import at, db, now
from scoring.errors import Conflict, Invalid, NotAllowed
from scoring.events import services as events
from scoring.events import wording
from scoring.reads import claiming, desk, qualifying, services
from scoring.reads.models import Qualification
from scoring.reads.qualifying import Standing
from tests import build
from tests.statements import statements


@pytest.fixture
def strict(event, lea):
    """The event of six responses, for qualified scorers only."""
    return events.change_rules(event, qualified_only=True, actor=lea)


def rubric_of(event):
    return event.tasks[0].rubric


def grant(person, event, lea, **more):
    return services.grant_qualification(person, rubric_of(event), actor=lea, **more)


def test_without_the_rule_nobody_is_asked_and_no_lookup_is_made(event, ana):
    assert not event.qualified_only
    sent = statements(lambda: services.take_next(ana, event))
    assert not any("qualification" in each.replace("qualified_since", "") for each in sent)
    assert db.session.scalar(sa.select(sa.func.count(Qualification.id))) == 0


def test_with_the_rule_a_claim_costs_one_lookup_more(event, ana, lea, monkeypatch):
    monkeypatch.setattr(claiming, "draw", lambda: 0.0)  # where a search begins decides how far it looks
    task = build.a_task()
    build.responses(6, task)
    other = events.change_rules(build.an_event(task), qualified_only=True, actor=lea)
    grant(ana, other, lea, away_hours=24)

    def claim(where):
        scorer, event_id = services.as_scorer(ana), where.id
        return statements(lambda: services.take_next_id(scorer, event_id))

    plain, strict = claim(event), claim(other)
    assert len(strict) == len(plain) + 1
    assert sum("FROM qualification" in each for each in strict) == 1


def test_only_the_qualified_are_handed_anything(strict, ana, ben, lea):
    grant(ana, strict, lea)
    assert services.take_next(ana, strict) is not None
    assert services.take_next(ben, strict) is None
    assert services.take_next(ben) is None
    services.withdraw_qualification(ana, rubric_of(strict), actor=lea, reason="Scores far apart.")
    grant(ben, strict, lea)
    assert services.take_next(ben, strict) is not None


def test_a_qualification_for_another_rubric_version_does_not_count(strict, ana, lea):
    other = build.a_rubric(strict.tasks[0].task)
    services.grant_qualification(ana, other, actor=lea)
    assert services.take_next(ana, strict) is None


def test_in_an_event_of_two_tasks_each_is_handed_out_by_itself(app, ana, ben, lea):
    tasks = [build.a_task(title="First"), build.a_task(title="Second")]
    for task in tasks:
        build.responses(40, task)
    event = build.an_event(tasks)
    events.change_rules(event, qualified_only=True, actor=lea)
    services.grant_qualification(ana, tasks[1].published_rubric, actor=lea)
    seen = set()
    while (assignment := services.take_next(ana, event)) is not None:
        seen.add(assignment.event_response.task_id)
        traits = assignment.event_response.rubric.traits
        services.submit_read(assignment, ana, scores={trait.id: 3 for trait in traits})
    assert seen == {tasks[1].id}
    place = next(each for each in desk.places_of(ana) if each.event.id == event.id)
    assert (place.waits, place.blocked) == (False, "You need to qualify for First first.")


def test_what_was_taken_while_qualified_may_be_finished_and_nothing_follows(strict, ana, lea, scores_of):
    grant(ana, strict, lea)
    assignment = services.take_next(ana, strict)
    services.withdraw_qualification(ana, rubric_of(strict), actor=lea, reason="By hand.")
    assert services.take_next(ana, strict).id == assignment.id
    read, following = services.submit_read(assignment, ana, scores=scores_of(assignment), claim_next=True)
    assert (read.id is not None, following) == (True, None)
    assert services.read_ahead(ana, strict) is None


def test_expiry_ends_it_by_itself(strict, ana, lea):
    grant(ana, strict, lea, expires_at=now() + timedelta(days=1))
    with at(now() + timedelta(days=2)):
        assert services.take_next(ana, strict) is None
        assert desk.why_nothing_waits(strict, ana).startswith("Your qualification for")


def test_away_is_counted_from_the_last_response_that_was_handed_out(strict, ana, lea, scores_of):
    grant(ana, strict, lea, away_hours=24)
    present = now()
    for hours in (20, 40, 60):
        with at(present + timedelta(hours=hours)):
            assignment = services.take_next(ana, strict)
            assert assignment is not None, hours
            services.submit_read(assignment, ana, scores=scores_of(assignment))
    with at(present + timedelta(hours=85)):
        assert services.take_next(ana, strict) is None
        assert "A few papers come first" in desk.why_nothing_waits(strict, ana)
        services.confirm_qualification(ana, rubric_of(strict), actor=ana)
        assert services.take_next(ana, strict) is not None


def test_a_lease_that_was_kept_over_the_days_does_not_end_the_absence(strict, ana, lea, scores_of):
    grant(ana, strict, lea, away_hours=24)
    assignment = services.take_next(ana, strict)
    with at(now() + timedelta(hours=72)):
        services.reap()
        services.submit_read(assignment, ana, scores=scores_of(assignment))
        assert services.take_next(ana, strict) is None


def test_the_next_look_is_put_off_for_those_at_work(strict, ana, lea):
    made = grant(ana, strict, lea, away_hours=24)
    with at(now() + timedelta(hours=20)):
        services.take_next(ana, strict)
    with at(now() + timedelta(hours=30)):
        services.release_ahead(ana)
        assert services.take_next(ana, strict) is not None
        assert db.session.get(Qualification, made.id, populate_existing=True).recheck_at > now()


def test_there_is_one_fact_in_force_and_its_history_stays(event, ana, lea):
    first = grant(ana, event, lea, reason="Passed.")
    second = grant(ana, event, lea, away_hours=48, expires_at=now() + timedelta(days=3))
    assert (first.revoked_because, second.revoked_at) == ("Granted anew.", None)
    ended = services.withdraw_qualification(ana, rubric_of(event), actor=lea, reason=" Late. ")
    assert (ended.id, ended.revoked_because, ended.revoked_by_id) == (second.id, "Late.", lea.id)
    for call in (
        lambda: services.withdraw_qualification(ana, rubric_of(event), actor=lea, reason="x"),
        lambda: services.confirm_qualification(ana, rubric_of(event), actor=lea),
    ):
        with pytest.raises(Conflict, match="not qualified"):
            call()
    with pytest.raises(Invalid):
        grant(ana, event, lea, expires_at=now() - timedelta(days=1))
    with pytest.raises(Invalid, match="Shorten"):
        grant(ana, event, lea, reason="x" * 2001)
    told = db.session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.subject_kind == "qualification").order_by(AuditEntry.id)
    ).all()
    assert told == ["qualification.granted", "qualification.granted", "qualification.withdrawn"]


def test_the_rule_can_be_changed_while_scoring_goes_on(event, ana, ben, lea):
    assert services.take_next(ana, event) is not None
    events.change_rules(event, qualified_only=True, actor=lea)
    since = event.qualified_since
    assert "Only scorers who are qualified" in wording.rule_sentences(event)[-1]
    assert services.take_next(ben, event) is None
    events.change_rules(event, qualified_only=True, share_read_twice=50, actor=lea)
    assert event.qualified_since == since
    events.change_rules(event, qualified_only=False, actor=lea)
    assert services.take_next(ben, event) is not None
    with pytest.raises(NotAllowed):
        events.change_rules(event, qualified_only=True, actor=ana)


@pytest.mark.parametrize(
    ("standing", "hours", "words"),
    [(Standing.NONE, 0, "need to qualify for"), (Standing.EXPIRED, 200, "has expired"), (Standing.AWAY, 30, "were away"),
     (Standing.WITHDRAWN, 1, "qualify for")],
)  # fmt: skip
def test_blocked_tasks_say_why(strict, ana, lea, standing, hours, words):
    if standing is not Standing.NONE:
        grant(ana, strict, lea, away_hours=24, expires_at=now() + timedelta(hours=100))
    if standing is Standing.WITHDRAWN:
        services.withdraw_qualification(ana, rubric_of(strict), actor=lea, reason="x")
    with at(now() + timedelta(hours=hours)):
        found = qualifying.blocked_tasks(ana.id, strict)
        assert [(each.standing, each.rubric_id) for each in found] == [(standing, rubric_of(strict).id)]
        assert words in desk.why_unqualified(found)


def test_my_work_says_what_is_blocked_and_leads_to_the_mend(strict, ana, sign_in):
    client = sign_in(ana)
    page = client.get("/reads/").text
    assert "You need to qualify for" in page and 'href="/qualification/"' in page
    assert "Start scoring" not in page
    empty = client.get(f"/reads/next?event={strict.code}").text
    assert "You need to qualify for" in empty and 'href="/qualification/"' in empty
    assert client.post("/api/v1/reads/next", json={}).status_code == 401


def test_leaders_turn_the_rule_on_in_the_form_of_an_event(event, lea, sign_in):
    path, client = f"/events/{event.code}/edit", sign_in(lea)
    assert "Only qualified scorers" in client.get(path).text
    sent = {
        "name": event.name, "share_read_twice": "100", "tolerance": "1", "resolution_rule": "mean", "lease_minutes": "45",
        "exclude_own_students": "y", "alert_to_id": str(lea.id), "qualified_only": "y",
    }  # fmt: skip
    assert client.post(path, data=sent).status_code == 302
    assert event.qualified_only
    assert (
        client.post(
            path, data={name: value for name, value in sent.items() if name != "qualified_only"}
        ).status_code
        == 302
    )
    assert not event.qualified_only

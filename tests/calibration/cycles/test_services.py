"""Improvement cycles: a plan that stays as it was stated, one look, figures that are kept, and who sees what."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from calibration.cycles import news, services, sharing, studying
from calibration.cycles.models import Cycle, Decision, Measure, Stage, Verdict
from calibration.cycles.waiting import waiting_for
from calibration.reports import evidence
from scoring.audit import AuditEntry
from scoring.db import at, db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.events.models import EventStatus
from scoring.people.models import Organization, OrganizationKind
from scoring.permissions import Role
from scoring.reads.models import Read
from tests import build
from tests.calibration.cycles.season import Weeks

# These tests write reads straight into the tables, past the audit log.
pytestmark = pytest.mark.breaks_invariants
PLAN = {
    "aim": "See the same line.", "change": "A session.", "prediction": "More agreement.", "measure": Measure.EXACT, "hoped": 0.8,
    "planned_papers": 30,
}  # fmt: skip


def plan(weeks, actor, owner="network", **changes):
    """A draft with a plan that can be started."""
    cycle = services.draft_cycle(build.organization(owner), weeks.task, name="Talk first", actor=actor)
    facts = PLAN | {"changed_at": weeks.change, "looks_at": weeks.look} | changes
    return services.edit_plan(cycle, events=facts.pop("events", [weeks.event]), actor=actor, **facts)


def started(weeks, actor, **changes):
    with at(weeks.change - timedelta(days=1)):
        return services.start(plan(weeks, actor, **changes), actor=actor)


def studied(weeks, actor, **changes):
    return studying.close_study(started(weeks, actor, **changes), actor=actor)


def decided(weeks, actor, **changes):
    return studying.decide(
        studied(weeks, actor, **changes), Decision.ADAPT, "Once more, earlier.", actor=actor
    )


def actions(cycle):
    return [action for action, _, _ in services.history(cycle)]


def test_a_cycle_goes_from_plan_to_act(app, nell):
    weeks = Weeks({"alder": 120}, noise=(0.9, 0.1))
    with at(weeks.start + timedelta(days=5)):
        cycle = plan(weeks, nell)
        assert cycle.stage is Stage.PLAN
        services.start(cycle, actor=nell)
        assert (cycle.stage, cycle.baseline["papers"] > 20, cycle.baseline["scorers"]) == (Stage.DO, True, 5)
        assert "such cycles" in cycle.baseline["sentence"]
    with at(weeks.change + timedelta(days=1)):
        services.note_done(cycle, "We met.", done_at=weeks.change, actor=nell)
    assert cycle.stage is Stage.STUDY
    studying.close_study(cycle, actor=nell)
    assert (cycle.stage, cycle.verdict) == (Stage.ACT, Verdict.BETTER)
    assert "than planned" not in " ".join(cycle.record["cautions"])
    assert cycle.record["papers"] == {"before": 60, "after": 60, "between": 0, "unlike": 0}
    assert "more of every 100 papers" in cycle.record["sentence"]
    assert set(cycle.record["inputs"]["versions"]) >= {"numpy", "rangefinder"}
    studying.decide(cycle, "adopt", "It helped.", actor=nell)
    assert (cycle.stage, cycle.decision) == (Stage.CLOSED, Decision.ADOPT)
    assert actions(cycle) == ["cycle.drafted", "cycle.planned", "cycle.started", "cycle.done", "cycle.studied",
                              "cycle.decided"]  # fmt: skip


def test_what_is_missing_is_said_before_the_start(app, nell):
    weeks = Weeks({"alder": 4})
    cycle = services.draft_cycle(build.organization("network"), weeks.task, name="Talk first", actor=nell)
    assert len(services.lacks(cycle)) == 6
    with pytest.raises(Invalid, match="Choose the measure that decides"):
        services.start(cycle, actor=nell)
    with pytest.raises(Invalid, match="look is past"):
        services.start(plan(weeks, nell), actor=nell)
    assert cycle.started_at is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"events": []}, "events"),
        ({"traits": ["nonsense"]}, "traits"),
        ({"measure": Measure.LINE}, "line"),
        ({"measure": Measure.LINE, "line_trait": "claim", "line_place": 3}, "line"),
        ({"measure": Measure.LINE, "line_trait": "claim", "line_place": 1, "traits": ["evidence"]}, "line"),
        ({"looks_at": "early"}, "looks_at"),
        ({"reference": "https://elsewhere.example.org/"}, "reference"),
        ({"reference": "//elsewhere.example.org"}, "reference"),
        ({"planned_papers": 0}, "planned_papers"),
        ({"hoped": 1.5}, "hoped"),
        ({"aim": "x" * 4001}, "aim"),
    ],
)
def test_a_plan_with_a_mistake_is_refused_beside_its_field(app, nell, wrong, field):
    weeks = Weeks({"alder": 4})
    if wrong.get("looks_at") == "early":
        wrong = {"looks_at": weeks.change}
    with pytest.raises(Invalid) as refused:
        plan(weeks, nell, **wrong)
    assert set(refused.value.fields) == {field}


def test_after_the_start_the_plan_stays_and_before_the_change_it_can_be_opened(app, nell):
    weeks = Weeks({"alder": 4})
    cycle = started(weeks, nell)
    with pytest.raises(Conflict, match="does not change any more"):
        services.edit_plan(cycle, events=[weeks.event], actor=nell, aim="Another aim.")
    with pytest.raises(Conflict, match="does not change any more"):
        services.discard(cycle, actor=nell)
    with pytest.raises(Conflict, match="change has been made"):
        services.back_to_draft(cycle, actor=nell)
    with at(weeks.change - timedelta(hours=1)):
        services.back_to_draft(cycle, actor=nell)
        services.edit_plan(cycle, events=[weeks.event], actor=nell, aim="Another aim.")
    assert (cycle.aim, cycle.started_at, cycle.baseline) == ("Another aim.", None, None)


def test_a_draft_can_be_discarded_and_brought_back(app, nell):
    cycle = plan(Weeks({"alder": 4}), nell)
    services.discard(cycle, actor=nell)
    assert db.session.scalars(services.listed_cycles(nell)).all() == []
    with pytest.raises(Conflict, match="Bring it back first"):
        services.edit_plan(cycle, events=cycle.events, actor=nell, aim="No.")
    services.bring_back(cycle, actor=nell)
    assert db.session.scalars(services.listed_cycles(nell)).all() == [cycle]


def test_nobody_studies_before_the_look_or_twice(app, nell):
    weeks = Weeks({"alder": 60})
    cycle = started(weeks, nell)
    with at(weeks.look - timedelta(seconds=1)), pytest.raises(Conflict, match="has not come"):
        studying.close_study(cycle, actor=nell)
    with pytest.raises(Conflict, match="Close the study first"):
        studying.decide(cycle, "adopt", "It helped.", actor=nell)
    studying.close_study(cycle, actor=nell)
    with pytest.raises(Conflict, match="closed already"):
        studying.close_study(cycle, actor=nell)
    with pytest.raises(Conflict, match="between the start"):
        services.note_done(cycle, "Late words.", done_at=weeks.change, actor=nell)
    studying.decide(cycle, "abandon", "It did not help.", actor=nell)
    with pytest.raises(Conflict, match="decided already"):
        studying.decide(cycle, "adopt", "It did.", actor=nell)


def test_figures_are_those_of_the_look_whenever_they_are_worked_out(app, nell):
    weeks = Weeks({"alder": 60})
    cycle = started(weeks, nell)
    with at(weeks.look + timedelta(minutes=1)):
        studying.close_study(cycle, actor=nell)
    last = db.session.scalars(sa.select(Read).order_by(Read.submitted_at.desc())).first()
    with transaction():
        last.reopened_at = weeks.look + timedelta(minutes=5)  # taken back after the look
    assert studying.present_record(cycle) == cycle.record
    with transaction():
        last.reopened_at = weeks.look - timedelta(hours=1)
    assert studying.present_record(cycle) != cycle.record


def test_reads_after_the_look_do_not_count(app, nell):
    weeks = Weeks({"alder": 60})
    cycle = studied(weeks, nell, looks_at=weeks.change + timedelta(days=5))
    assert cycle.record["papers"]["before"] == 30
    assert 5 < cycle.record["papers"]["after"] < 25
    latest = max(point["start"] for point in cycle.record["chart"]["points"])
    assert latest < cycle.looks_at.isoformat()


@pytest.mark.parametrize(("apart", "way"), [(6, "later"), (-6, "earlier")])
def test_reads_between_the_planned_and_the_real_moment_count_on_neither_side(app, nell, apart, way):
    weeks = Weeks({"alder": 120}, noise=(0.9, 0.1))
    cycle = started(weeks, nell, changed_at=weeks.change - timedelta(days=apart))
    services.note_done(cycle, "We met.", done_at=weeks.change, actor=nell)
    studying.close_study(cycle, actor=nell)
    left, whole = ("before", "after") if apart > 0 else ("after", "before")
    assert cycle.record["papers"][whole] == 60 and 20 < cycle.record["papers"][left] < 45
    assert cycle.record["papers"]["between"] == 0
    assert any(f"made 6 days {way} than planned" in words for words in cycle.record["cautions"])
    assert studying.present_record(cycle) == cycle.record


def test_a_district_looks_at_its_own_responses_and_the_network_at_all(app, nell, lea):
    weeks = Weeks({"alder": 40, "birch": 20})
    own, all_of_it = studied(weeks, lea, owner="alder"), studied(weeks, nell)
    counts = [sum(cycle.record["papers"].values()) for cycle in (own, all_of_it)]
    assert counts == [40, 60]


def test_a_line_and_the_spread_can_decide(app, nell):
    weeks = Weeks({"alder": 60})
    line = studied(weeks, nell, measure=Measure.LINE, line_trait="claim", line_place=1, hoped=0.1)
    assert "either side of 2 and 3" in line.record["sentence"]
    tested = [each["name"] for each in line.record["lines"] if each["change"]["value"] is not None]
    assert tested == ["Claim: 2 or 3"]
    assert 0 < line.baseline["value"] < 1
    spread = studied(weeks, nell, measure=Measure.SPREAD, hoped=0.1)
    assert "as far apart in severity" in spread.record["sentence"]


def test_a_cycle_that_is_stated_late_or_over_two_events_says_so(app, nell):
    weeks, more = Weeks({"alder": 60}), Weeks({"alder": 4}, code="MORE")
    with transaction():  # the second event reads the first one's task as well
        more.event.tasks[0].task_id, more.event.tasks[0].rubric_id = weeks.task.id, weeks.rubric.id
    db.session.refresh(more.event)
    with at(weeks.change + timedelta(days=1)):
        cycle = services.start(plan(weeks, nell, events=[weeks.event, more.event]), actor=nell)
    studying.close_study(cycle, actor=nell)
    said = " ".join(cycle.record["cautions"])
    assert "stated after the change" in said
    assert "from 2 events" in said


def test_only_events_with_reads_of_the_task_can_be_chosen(app, nell, lea):
    weeks, other = Weeks({"alder": 4}), Weeks({"birch": 4}, code="OTHER", organization="birch")
    draft = build.an_event(weeks.task, code="DRAFT", status=EventStatus.DRAFT)
    alder = build.organization("alder")
    assert services.possible_events(alder, weeks.task) == [weeks.event]
    assert draft not in services.possible_events(alder, weeks.task)
    assert weeks.task in services.tasks(lea)
    assert other.task not in services.tasks(lea)
    with pytest.raises(Invalid, match="No event here"):
        services.draft_cycle(alder, other.task, name="Talk", actor=lea)
    with pytest.raises(Invalid, match="at least one event"):
        services.edit_plan(plan(weeks, lea, owner="alder"), events=[other.event], actor=lea)


def test_other_districts_and_scorers_see_no_cycle(app, nell, lea, ana):
    weeks = Weeks({"alder": 4})
    cycle = plan(weeks, lea, owner="alder")
    bo = build.a_person(Role.LEADER, build.organization("birch"))
    for stranger in (bo, ana):
        with pytest.raises(NotFound):
            services.cycle_by_id(cycle.id, stranger)
        for verb in (services.start, services.discard, studying.close_study, sharing.withdraw):
            with pytest.raises((NotAllowed, Invalid)):
                verb(cycle, actor=stranger)
    with pytest.raises(NotAllowed):
        services.draft_cycle(build.organization("alder"), weeks.task, name="Talk", actor=bo)
    assert services.cycle_by_id(cycle.id, nell) == cycle


def test_the_next_cycle_begins_where_the_last_one_ended(app, nell):
    weeks = Weeks({"alder": 60})
    first = decided(weeks, nell)
    second = services.draft_cycle(first.organization, first.task, name="Again", based_on=first, actor=nell)
    assert (second.based_on, second.aim, second.measure, second.events) == (
        first,
        first.aim,
        first.measure,
        [weeks.event],
    )
    assert (second.change, second.changed_at, second.record, second.stage) == ("", None, None, Stage.PLAN)
    assert studying.earlier_cycles(second) == 1


def test_a_look_and_a_decision_wait_for_those_who_lead_there(app, nell, lea):
    weeks = Weeks({"alder": 60})
    cycle = started(weeks, lea, owner="alder")
    assert [each.action for each in waiting_for(lea)] == ["Study it"]
    assert waiting_for(nell) == []
    studying.close_study(cycle, actor=lea)
    assert [each.action for each in waiting_for(lea)] == ["Decide what follows"]
    studying.decide(cycle, "adopt", "It helped.", actor=lea)
    assert waiting_for(lea) == []


# Sharing


def shared_with(person):
    found = db.session.scalars(sharing.shared_query(person)).all()
    return [sharing.as_others_see(each, 10) for each in found]


def test_a_cycle_is_shared_in_words_that_name_nobody_and_can_be_taken_back(app, nell, lea):
    weeks = Weeks({"alder": 60})
    cycle = studied(weeks, lea, owner="alder")
    bo = build.a_person(Role.LEADER, build.organization("birch"))
    with pytest.raises(Conflict, match="when it is decided"):
        sharing.share(cycle, sharing.own_words(cycle), actor=lea)
    studying.decide(cycle, "adopt", "Lea Lindqvist had the idea.", actor=lea)
    with pytest.raises(Invalid, match="names Lea Lindqvist") as refused:
        sharing.share(cycle, sharing.own_words(cycle), actor=lea)
    assert set(refused.value.fields) == {"decision_words"}
    assert shared_with(bo) == []
    sharing.share(cycle, sharing.own_words(cycle) | {"decision_words": "A leader had the idea."}, actor=lea)
    (seen,) = shared_with(bo)
    assert (seen.decision_words, seen.organization, seen.verdict) == (
        "A leader had the idea.",
        "Alder",
        cycle.verdict,
    )
    assert "inputs" not in seen.record
    told = "Alder shared an improvement cycle for"
    assert [each.words.startswith(told) for each in news.shared_since(bo, now() - timedelta(hours=1))] == [
        True
    ]
    assert news.shared_since(bo, now()) == news.shared_since(lea, now() - timedelta(hours=1)) == []
    assert cycle.decision_words == "Lea Lindqvist had the idea."
    assert len(shared_with(nell)) == 1
    with pytest.raises(NotAllowed):
        sharing.withdraw(cycle, actor=bo)
    sharing.withdraw(cycle, actor=lea)
    assert shared_with(bo) == []
    with pytest.raises(NotFound):
        sharing.shared_cycle_by_id(cycle.id, bo, 10)


def test_scorers_and_other_networks_see_nothing_that_is_shared(app, nell, ana):
    cycle = decided(Weeks({"alder": 60}), nell)
    sharing.share(cycle, sharing.own_words(cycle), actor=nell)
    assert shared_with(ana) == []
    stranger = build.a_person(Role.NETWORK_ADMIN, another_network())
    assert shared_with(stranger) == []
    with pytest.raises(NotFound):
        sharing.shared_cycle_by_id(cycle.id, stranger, 10)


def another_network():
    with transaction() as session:
        made = Organization(kind=OrganizationKind.NETWORK, name="Another", code="another")
        session.add(made)
    return made


def test_nothing_about_few_papers_is_shared(app, nell):
    cycle = decided(Weeks({"alder": 16}), nell)
    sharing.share(cycle, sharing.own_words(cycle), actor=nell)
    assert shared_with(nell)[0].record is None
    cycle = decided(Weeks({"alder": 60}, code="SIXTY"), nell)
    sharing.share(cycle, sharing.own_words(cycle), actor=nell)
    record = sharing.shared_cycle_by_id(cycle.id, nell, 10).record
    assert any(point["n"] < 10 for point in cycle.record["chart"]["points"])
    assert all(point["n"] >= 10 for point in record["chart"]["points"])
    for line in record["lines"]:
        for side in (line["before"], line["after"]):
            split = round(side["value"] * side["n"])
            assert split == 0 or split >= 10, line["name"]
    assert record["n_hidden_lines"] == len(cycle.record["lines"]) - len(record["lines"])


# The bridge


def test_reads_over_time_carry_their_moment_and_only_common_traits(app, ana, ben):
    task = build.a_task()
    response, second = build.responses(2, task)
    event = build.an_event(task)
    moment = now() - timedelta(days=3)
    with at(moment):
        build.a_read(response, "ana", 2, event=event)
        build.a_read(second, "ana", condition_code="B", event=event)
    with at(moment + timedelta(hours=12)):
        build.a_read(response, "ben", 3, event=event)
    found = evidence.ratings_over_time([event], task)
    moments = found.labels["moment"]
    assert sorted(set(moments.names)) == pytest.approx(
        [moment.timestamp() / 86400, moment.timestamp() / 86400 + 0.5]
    )
    assert found.of("claim").n_conditions == 1
    assert evidence.ratings_over_time([event], task, until=moment).score.size == 4
    assert evidence.ratings_over_time([event], task, districts=[]).score.size == 0
    build.a_rubric(task, {"claim": [1, 2, 3, 4], "evidence": [1, 2]})
    db.session.refresh(task)
    later = build.an_event(task, code="LATER", waiting=False)
    assert list(evidence.ratings_over_time([event, later], task).points) == ["claim"]


def test_every_change_of_a_cycle_is_on_record(app, nell):
    cycle = decided(Weeks({"alder": 60}), nell)
    sharing.share(cycle, sharing.own_words(cycle), actor=nell)
    sharing.withdraw(cycle, actor=nell)
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.subject_kind == "improvement_cycle")
    ).all()
    assert {each.actor_id for each in entries} == {nell.id}
    assert actions(cycle)[-2:] == ["cycle.shared", "cycle.withdrawn"]
    plan_entry = next(each for each in entries if each.action == "cycle.started")
    assert plan_entry.after["measure"] == "exact"
    assert db.session.scalar(sa.select(sa.func.count(Cycle.id))) == 1

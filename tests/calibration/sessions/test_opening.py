"""Opening a session: what it is made from, and who may."""

import pytest
import sqlalchemy as sa

from calibration.papers import sets
from calibration.sessions import attendance, finding, protocols, services
from calibration.sessions.models import Form, Part
from scoring.audit import AuditEntry
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.events.models import EventStatus
from scoring.people.models import Organization, OrganizationKind
from scoring.permissions import Role
from tests import build
from tests.calibration.sessions.room import DAYS
from tests.statements import watched


def told():
    return db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()


def test_a_session_keeps_the_steps_it_was_opened_with(room, lea, alder):
    mine = protocols.copy(protocols.built_in_by_key("calibration"), alder, name="Ours", actor=lea)
    meeting = room.open(protocol=mine)
    protocols.remove_step(mine, 0, actor=lea)
    assert meeting.steps[0]["kind"] == "norms"
    assert [paper.position for paper in meeting.papers] == [1, 2]
    assert [each.part for each in meeting.participants] == [Part.FACILITATOR, *[Part.MEMBER] * 3]
    assert "session.opened" in told()


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title": " "}, "title"),
        ({"papers": 0}, "papers"),
        ({"people": ["lea"]}, "people"),
        ({"starts_at": "past"}, "starts_at"),
        ({"form": Form.ASYNCHRONOUS, "score_by": None}, "score_by"),
        ({"form": Form.ASYNCHRONOUS, "score_by": "past"}, "score_by"),
        ({"form": Form.ASYNCHRONOUS, "closes_at": "past"}, "closes_at"),
        ({"form": Form.ASYNCHRONOUS, "protocol": "tuning"}, "protocol"),
        ({"form": Form.ASYNCHRONOUS, "protocol": "consensus-pairs"}, "protocol"),
    ],
)
def test_what_is_missing_is_named(room, lea, facts, field):
    moments = {"past": now() - DAYS}
    facts = {
        key: moments.get(value, value) if isinstance(value, str) else value for key, value in facts.items()
    }
    if facts.get("people"):
        facts["people"] = [lea]
    with pytest.raises(Invalid) as refused:
        room.open(**facts)
    assert field in refused.value.fields


def test_papers_that_somebody_may_still_score_are_refused(room, ana, ben, lea):
    build.an_event(room.season.task, [ana, ben])
    with transaction():
        room.season.event.status, room.season.event.closed_at = EventStatus.OPEN, None
    with pytest.raises(Conflict, match="may still have to score"):
        room.open()


def test_papers_of_a_qualification_set_in_use_are_refused(room, lea, alder):
    made = sets.create_set(alder, room.rubric, name="Q", purpose="qualification", actor=lea)
    sets.add_papers(made, room.papers[:1], actor=lea)
    sets.freeze_set(made, actor=lea)
    with pytest.raises(Conflict, match="tests nobody"):
        room.open()


def test_a_live_calibration_set_can_be_used(room, lea, alder):
    made = sets.create_set(alder, room.rubric, name="C", purpose="calibration", actor=lea)
    sets.add_papers(made, room.papers, actor=lea)
    assert finding.calibration_sets(lea) == []
    sets.freeze_set(made, actor=lea)
    assert finding.calibration_sets(lea) == [made]
    assert room.open(paper_set=made, papers=3).set_id == made.id


def test_nobody_out_of_reach_can_be_invited(room, eve, ben, lea):
    with pytest.raises(NotFound):
        room.open(people=[eve])
    meeting = room.open(people=[ben])
    with pytest.raises(NotFound):
        services.invite(meeting, [eve], actor=lea)


def test_only_leaders_of_the_place_open_and_change_sessions(room, ana, alder, birch, lea):
    with pytest.raises(NotAllowed):
        room.open(actor=ana)
    meeting = room.open()
    for deed in (
        lambda: services.invite(meeting, [ana], actor=ana),
        lambda: services.cancel(meeting, actor=ana),
        lambda: services.remove(room.seat(meeting, ana), actor=ana),
    ):
        with pytest.raises(NotAllowed):
            deed()


def test_a_seat_is_taken_away_and_given_back(room, ana, lea):
    meeting = room.open()
    services.remove(room.seat(meeting, ana), actor=lea)
    with pytest.raises(NotFound):
        finding.seat_of(meeting.id, ana)
    assert services.invite(meeting, [ana], actor=lea) == 1
    assert finding.seat_of(meeting.id, ana).id == room.seat(meeting, ana).id
    with pytest.raises(Conflict, match="keeps the seat"):
        services.remove(room.seat(meeting, lea), actor=lea)


def test_the_form_asks_as_often_for_many_districts_as_for_two(room, network, sign_in):
    client = sign_in(build.a_person(Role.LEADER, network))
    place = f"/sessions/new/details?form=live&rubric={room.rubric.id}"

    def asked():
        with watched() as seen:
            page = client.get(place)
        assert all(paper.response.code in page.text for paper in room.papers)
        return len(seen)

    asked()
    before = asked()
    for number in range(5):
        with transaction() as session:
            facts = {"name": f"District {number}", "code": f"d{number}", "parent_id": network.id}
            district = Organization(kind=OrganizationKind.DISTRICT, **facts)
            session.add(district)
        build.a_person(Role.LEADER, build.a_school(district))
    assert asked() == before


def test_another_leader_may_take_a_seat(room, lea, ana, ben, alder):
    other = build.a_person(Role.LEADER, alder)
    meeting = room.open(people=[ana])
    assert services.invite(meeting, [other], actor=other) == 1
    assert finding.seat_of(meeting.id, other).part is Part.MEMBER
    with pytest.raises(Invalid, match="Invite 1 to 200 people"):
        services.invite(meeting, [], actor=other)


def test_each_part_is_for_one_person(room, ana, ben, lea):
    meeting = room.open()
    services.give_part(room.seat(meeting, ana), "recorder", actor=lea)
    services.give_part(room.seat(meeting, ben), "recorder", actor=lea)
    assert room.seat(meeting, ana).part is Part.MEMBER
    with pytest.raises(NotAllowed):
        services.give_part(room.seat(meeting, ana), "timekeeper", actor=ana)
    services.give_part(room.seat(meeting, ana), "facilitator", actor=lea)
    services.give_part(room.seat(meeting, ben), "timekeeper", actor=ana)
    assert room.seat(meeting, lea).part is Part.MEMBER
    assert finding.controls(room.seat(meeting, lea))


def test_a_session_that_was_called_off_takes_nothing_more(room, ana, lea):
    meeting = room.begin()
    services.cancel(meeting, actor=lea)
    with pytest.raises(Conflict, match="called off"):
        attendance.come_in(meeting, actor=ana)

"""Event pages and the API: a leader sets an event up, opens it, and programs follow its progress."""

import pytest
import sqlalchemy as sa

from scoring.db import db
from scoring.events.models import Event, EventStatus
from scoring.people import services as people
from tests import build

pytestmark = pytest.mark.engines("sqlite")
RULES = {"tolerance": "1", "resolution_rule": "mean", "lease_minutes": "45", "exclude_own_students": "y"}


def test_a_leader_sets_up_an_event_and_opens_it(sign_in, lea, ana, ben):
    task = build.a_task(title="Later school start")
    build.responses(3, task)
    client = sign_in(lea)
    page = client.get("/events/new").text
    assert "100 when there are fewer than 25 responses" in page
    assert "Later school start" in page
    form = {"name": "Winter", "code": "WINTER", "tasks": task.published_rubric.id, "alert_to_id": lea.id, **RULES,
            "opens_at": "2026-01-01T08:00", "closes_at": "2099-01-01T08:00", "message": "Ten each."}  # fmt: skip
    reply = client.post("/events/new", data=form)
    assert reply.location == "/events/WINTER/scorers"
    event = db.session.scalars(sa.select(Event)).one()
    assert (event.share_read_twice, event.opens_at.hour, event.exclude_own_school) == (100, 8, False)
    assert "no scorer" in client.get("/events/WINTER").text
    assert "Alder (2)" in client.get("/events/WINTER/scorers").text
    client.post("/events/WINTER/scorers", data={"everybody_of": event.districts[0].id})
    assert {each.person for each in event.scorers} == {ana, ben}
    client.post("/events/WINTER/open")
    assert event.status is EventStatus.OPEN
    page = client.get("/events/WINTER").text
    assert "3 of 3 responses have no read yet." in page
    assert "Later school start, rubric version 1" in page
    assert "0 of 3" in client.get("/events/").text


def test_mistakes_are_named_beside_their_fields(sign_in, lea):
    build.an_event(code="TAKEN", waiting=False)
    client = sign_in(lea)
    form = {"name": "W", "code": "TAKEN", "alert_to_id": lea.id, **RULES}
    reply = client.post("/events/new", data=form)
    assert reply.status_code == 422
    assert "This code is taken." in reply.text
    reply = client.post("/events/new", data=form | {"code": "a b", "share_read_twice": "101", "name": ""})
    for words in ("Give the event a name.", "Use 2 to 40 letters", "Give a number from 0 to 100."):
        assert words in reply.text
    reply = client.post(
        "/events/new",
        data=form | {"code": "OK", "opens_at": "2027-02-01T08:00", "closes_at": "2027-01-01T08:00"},
    )
    assert "Choose an end after the start." in reply.text


def test_what_is_fixed_is_left_out_of_the_form(sign_in, lea):
    event = build.an_event(waiting=False, code="RUN", alert_to=lea)
    found = build.responses(1, event.tasks[0].task)
    build.fill(event)
    build.a_read(found[0], "ana", event=event)
    client = sign_in(lea)
    page = client.get("/events/RUN/edit").text
    assert "Some things are fixed now" in page
    assert 'name="tolerance"' not in page
    assert 'name="share_read_twice"' in page
    client.post(
        "/events/RUN/edit",
        data={"name": "Run", "share_read_twice": "20", "lease_minutes": "30", "alert_to_id": lea.id},
    )
    assert (event.name, event.share_read_twice, event.exclude_own_students) == ("Run", 20, False)
    client.post("/events/RUN/close")
    assert (
        "stays as it is"
        in client.post(
            "/events/RUN/edit", data={"name": "Run 2", "lease_minutes": "30", "alert_to_id": lea.id}
        ).text
    )


def test_a_network_admin_chooses_whose_event_it_is(sign_in, nell, network, alder, birch):
    client = sign_in(nell)
    assert "Commons Network (network)" in client.get("/events/new").text
    task = build.a_task()
    form = {"name": "Net", "code": "NET", "alert_to_id": nell.id, "tasks": task.published_rubric.id,
            "districts": [alder.id, birch.id], **RULES}  # fmt: skip
    client.post(f"/events/new?owner={network.id}", data=form)
    assert db.session.scalars(sa.select(Event)).one().districts == [alder, birch]


def test_another_districts_event_is_not_there_and_a_shared_one_can_not_be_changed(
    sign_in, lea, network, birch
):
    build.an_event(code="BIRCH", organization=birch, districts=("birch",), scorers=("eve",), waiting=False)
    build.an_event(code="SHARED", organization=network, districts=("alder", "birch"), waiting=False)
    client = sign_in(lea)
    for path in ("", "/edit", "/scorers", "/concerns"):
        assert client.get(f"/events/BIRCH{path}").status_code == 404
    for verb in ("open", "pause", "close", "add-responses", "discard"):
        assert client.post(f"/events/BIRCH/{verb}").status_code == 404
        assert client.post(f"/events/SHARED/{verb}").status_code == 403
    page = client.get("/events/SHARED").text
    assert "Commons Network runs this event." in page
    assert "Close the event" not in page
    assert client.post("/events/SHARED/scorers", data={"people": "1"}).status_code == 403


def test_programs_follow_the_progress(app, lea, ana):
    event = build.an_event(waiting=False, code="API")
    found = build.responses(2, event.tasks[0].task)
    build.fill(event)
    build.a_read(found[0], "ana", event=event)
    headers = {"Authorization": f"Bearer {people.issue_token(lea, 'tests', actor=lea)}"}
    told = app.test_client().get("/api/v1/events/API/progress", headers=headers).json
    by_task = told.pop("by_task")
    assert told == {"event": "API", "status": "open", "responses": 2, "required": 4, "reads": 1, "waiting": 2,
                    "discrepant": 0, "settled": 0, "leased": 0}  # fmt: skip
    assert [(each["task"], each["reads"]) for each in by_task] == [(event.tasks[0].task.code, 1)]
    assert app.test_client().get("/api/v1/events/NONE/progress", headers=headers).status_code == 404
    scorer = {"Authorization": f"Bearer {people.issue_token(ana, 'tests', actor=ana)}"}
    assert app.test_client().get("/api/v1/events/API/progress", headers=scorer).status_code == 403

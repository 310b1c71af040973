"""Professional-learning hours: what counts, who sees whose, and as which files."""

import csv
import io
from datetime import date, timedelta

import pytest

from calibration.sessions import attendance, hours, running, services
from scoring.db import at, now
from scoring.errors import Invalid, NotFound
from scoring.permissions import Role
from tests import build


def spend(room, minutes, *, days_ago=0, title="November session", cancelled=False):
    """A live session in which Ana is there for so many minutes, with a sign of life each minute."""
    start = now() - timedelta(days=days_ago)
    ana = room.people[0]
    with at(start):
        meeting = room.begin(title=title)
    for minute in range(1, minutes + 1):
        with at(start + timedelta(minutes=minute)):
            attendance.note_seen(room.seat(meeting, ana))
    with at(start + timedelta(minutes=minutes)):
        services.cancel(meeting, actor=room.lea) if cancelled else running.close(meeting, actor=room.lea)
    return meeting


def test_time_present_counts_and_called_off_sessions_do_not(room, ana, ben):
    spend(room, 30, days_ago=2, title="First")
    spend(room, 12, days_ago=1, title="Second")
    spend(room, 20, cancelled=True)
    found = hours.hours_of(ana)
    assert [(each.title, each.seconds) for each in found.sessions] == [("Second", 720), ("First", 1800)]
    assert found.seconds == 2520
    assert hours.hours_of(ben).sessions == ()


def test_a_period_has_whole_days_and_its_last_day_counts(room, ana):
    moment = now().replace(hour=12)
    with at(moment):
        spend(room, 5, days_ago=10, title="Old")
        spend(room, 5, days_ago=3, title="New")
        day = (moment - timedelta(days=3)).date()
        assert [each.title for each in hours.hours_of(ana, hours.period(day, day)).sessions] == ["New"]
        before = hours.period(day - timedelta(days=20), day - timedelta(days=1))
        assert [each.title for each in hours.hours_of(ana, before).sessions] == ["Old"]
    with pytest.raises(Invalid):
        hours.period(date(2026, 2, 2), date(2026, 2, 1))


def test_leaders_and_district_admins_see_their_own_people(room, ana, lea, dora, dan, nell, eve):
    spend(room, 9)
    span = hours.period()
    for person in (lea, dora, nell):
        assert [(each.person.name, each.seconds) for each in hours.hours_of_people(person, span)] == [
            ("Ana Ortiz", 540)
        ]
        assert hours.statement_for(person, ana.id, span).seconds == 540
    assert hours.hours_of_people(dan, span) == []
    with pytest.raises(NotFound):
        hours.statement_for(dan, ana.id, span)


def test_sessions_of_another_district_stay_unknown(room, ana, dan, birch):
    spend(room, 9)
    build.db.session.add(build.Membership(person_id=ana.id, role=Role.SCORER, organization_id=birch.id))
    build.db.session.commit()
    assert hours.hours_of_people(dan, hours.period()) == [], (
        "Ana scores for Birch too; what she did in Alder is Alder's"
    )


def test_the_pages_and_files(room, ana, lea, dora, dan, sign_in):
    spend(room, 61, title="=cmd()")
    mine, admin = sign_in(ana), sign_in(dora)
    page = mine.get("/sessions/hours").text
    assert "1 hour 1 minute" in page
    assert "Hours of your people" not in page
    assert mine.get("/sessions/hours/pdf").data.startswith(b"%PDF")
    rows = list(csv.reader(io.StringIO(mine.get("/sessions/hours/csv").data.decode("utf-8-sig"))))
    assert (rows[1][1], rows[1][4]) == ("'=cmd()", "1.02")
    assert "Ana Ortiz" in admin.get("/sessions/hours/people").text
    assert "ana@example.org" in admin.get("/sessions/hours/people/csv").data.decode()
    assert "1 hour 1 minute" in admin.get(f"/sessions/hours/people/{ana.id}").text
    assert admin.get(f"/sessions/hours/people/{ana.id}/pdf").data.startswith(b"%PDF")
    assert mine.get("/sessions/hours/people").status_code == 403
    for path in ("", "/pdf"):
        other, nobody = (
            sign_in(dan).get(f"/sessions/hours/people/{number}{path}") for number in (ana.id, 987654)
        )
        assert other.status_code == nobody.status_code == 404
    assert "Ana" not in sign_in(dan).get("/sessions/hours/people").text


NO_PERIODS = [
    "first=2026-02-02&last=2026-02-01", "first=yesterday", "first=2026-01-01&last=9999-12-31", "last=0001-01-01",
    "first=0001-01-01&last=2026-01-01",
]  # fmt: skip


@pytest.mark.parametrize("query", NO_PERIODS)
def test_a_period_that_makes_no_sense_is_named(room, ana, lea, sign_in, query):
    mine, leader = sign_in(ana), sign_in(lea)
    reply = mine.get(f"/sessions/hours?{query}")
    assert (reply.status_code, "The period was not changed" in reply.text) == (422, True)
    assert leader.get(f"/sessions/hours/people?{query}").status_code == 422
    assert leader.get(f"/sessions/hours/people/{ana.id}?{query}").status_code == 422
    files = ["hours/pdf", "hours/csv"]
    assert {mine.get(f"/sessions/{path}?{query}").status_code for path in files} == {422}
    files = ["hours/people/csv", f"hours/people/{ana.id}/pdf"]
    assert {leader.get(f"/sessions/{path}?{query}").status_code for path in files} == {422}

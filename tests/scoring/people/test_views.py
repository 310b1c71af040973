"""The pages of people: an admin sees and changes what is below, and nothing else is there."""

import pytest
import sqlalchemy as sa

from scoring.audit import AuditEntry
from scoring.db import db
from scoring.jobs import Job, JobStatus
from scoring.people import access, services
from scoring.people.models import Organization
from scoring.permissions import Role


def test_an_admin_sees_only_people_below(sign_in, dora, nell, ana, eve):
    page = sign_in(dora).get("/people?state=all").text
    assert "5 people" in page
    assert all(
        name in page for name in ("Ana Ortiz", "Ben Okafor", "Lea Lindqvist", "Ada Abara", "Dora Diaz")
    )
    assert all(word not in page for word in ("Eriksen", "Dube", "Novak", "Birch", "Commons"))
    assert "8 people" in sign_in(nell).get("/people").text


@pytest.mark.parametrize(
    ("query", "count"),
    [("q=ana", 1), ("q=ANA+ORTIZ", 1), ("q=example.org", 5), ("q=eve", 0), ("q=%25", 0), ("q=%00", 5),
     ("role=leader", 2), ("role=leader&q=ada", 1), ("role=nonsense", 5), ("state=deactivated", 1),
     ("state=all", 6), ("place=999999", 5), ("page=99", 5), ("page=x", 5)],
)  # fmt: skip
def test_the_list_can_be_narrowed(sign_in, dora, alder, query, count):
    gil = services.add_person(name="Gil Gray", email="gil@elsewhere.org")
    services.join(gil, alder, Role.SCORER)
    access.deactivate(gil)
    assert f"{count} {'person' if count == 1 else 'people'}<" in sign_in(dora).get(f"/people?{query}").text


def test_the_list_of_one_place_and_its_pages(sign_in, nell, birch, alder_high):
    client = sign_in(nell)
    assert "2 people<" in client.get(f"/people?place={birch.id}").text  # with its schools
    for number in range(26):
        person = services.add_person(name=f"Teacher {number}", email=f"teacher{number}@example.org")
        services.join(person, alder_high, Role.SCORER)
    page = client.get(f"/people?place={alder_high.id}&page=2").text
    assert "Page 2 of 2, 27 in all" in page
    assert f"place={alder_high.id}&amp;page=1" in page


ACTIONS = ["", "/roles", "/name", "/deactivate", "/reactivate", "/end-sessions", "/password-link"]


@pytest.mark.parametrize("action", ACTIONS)
def test_people_of_others_are_not_there(sign_in, dora, eve, nell, action):
    client = sign_in(dora)
    for stranger in (eve.id, nell.id, 999999):
        address = f"/people/{stranger}{action}"
        reply = client.post(address, data={"name": "x"}) if action else client.get(address)
        assert reply.status_code == 404
        assert "Eve" not in reply.text
    assert eve.is_active
    assert db.session.scalar(sa.select(sa.func.count(AuditEntry.id))) == 0


def test_places_of_others_are_not_there(sign_in, dora, ana, eve, birch, network):
    client = sign_in(dora)
    for place in (birch.id, network.id, 999999):
        for action in ("add", "rename"):
            assert client.get(f"/people/organizations/{place}/{action}").status_code == 404
            assert (
                client.post(f"/people/organizations/{place}/{action}", data={"name": "x"}).status_code == 404
            )
        reply = client.post(f"/people/{ana.id}/roles", data={"role": "scorer", "place": place})
        assert reply.status_code == 422
    membership = eve.memberships[0].id
    assert client.post(f"/people/{ana.id}/roles/{membership}/remove").status_code == 404
    assert len(eve.memberships) == 1


def test_an_admin_gives_and_takes_a_role(sign_in, dora, ana, alder, alder_high):
    client = sign_in(dora)
    page = client.get(f"/people/{ana.id}").text
    assert "Scorer" in page
    assert "network_admin" not in page  # not hers to give
    reply = client.post(f"/people/{ana.id}/roles", data={"role": "leader", "place": alder_high.id})
    assert (reply.status_code, "Nobody can be leader of a school" in reply.text) == (422, True)
    assert client.post(f"/people/{ana.id}/roles", data={"place": alder.id}).status_code == 422
    for forged in ("network_admin", "nonsense"):
        reply = client.post(f"/people/{ana.id}/roles", data={"role": forged, "place": alder.id})
        assert reply.status_code == 422
    reply = client.post(f"/people/{ana.id}/roles", data={"role": "leader", "place": alder.id})
    assert reply.location == f"/people/{ana.id}"
    assert "Ana Ortiz is now leader of Alder." in client.get(f"/people/{ana.id}").text
    for membership in list(ana.memberships):
        reply = client.post(f"/people/{ana.id}/roles/{membership.id}/remove")
    assert reply.location == "/people"  # without a role here she is out of sight
    assert client.get(f"/people/{ana.id}").status_code == 404


def test_an_admin_locks_out_and_lets_in(sign_in, dora, ana):
    client, other = sign_in(dora), sign_in(ana)
    for action, status in [("end-sessions", 302), ("deactivate", 302), ("reactivate", 302)]:
        assert client.post(f"/people/{ana.id}/{action}").location == f"/people/{ana.id}"
        assert other.get("/account").status_code == status
    assert ana.is_active
    page = client.get(f"/people/{dora.id}").text
    assert "This is you" in page
    assert client.post(f"/people/{dora.id}/deactivate").status_code == 403
    assert client.post(f"/people/{ana.id}/name", data={"name": "Ana O."}).status_code == 302
    assert client.post(f"/people/{ana.id}/name", data={"name": "\x07"}).status_code == 422
    assert ana.name == "Ana O."


def test_the_last_admin_is_told_why(sign_in, nell, dora):
    client = sign_in(nell)
    membership = dora.memberships[0].id
    for action in (f"roles/{membership}/remove", "deactivate"):
        reply = client.post(f"/people/{dora.id}/{action}")
        assert reply.status_code == 409
        assert "last district admin of Alder" in reply.text


def test_who_also_works_elsewhere_is_not_ours_to_lock(sign_in, dora, ana, birch_high):
    services.join(ana, birch_high, Role.SCORER)
    client = sign_in(dora)
    page = client.get(f"/people/{ana.id}").text
    assert "Birch" not in page
    assert "ask a network admin" in page
    for action in ("deactivate", "end-sessions", "password-link", "name"):
        assert client.post(f"/people/{ana.id}/{action}", data={"name": "x"}).status_code == 403


def test_the_tree_grows(sign_in, nell, dora, network, alder):
    client = sign_in(dora)
    page = client.get("/people/organizations").text
    assert "Alder Middle School" in page
    assert "Birch" not in page
    assert "Commons" not in page
    reply = client.post(f"/people/organizations/{alder.id}/add", data={"name": "Alder Elementary"})
    assert reply.location == "/people/organizations"
    assert "Alder Elementary" in client.get("/people/organizations").text
    again = client.post(f"/people/organizations/{alder.id}/add", data={"name": "ALDER elementary"})
    assert (again.status_code, "already one called" in again.text) == (422, True)
    made = db.session.scalars(sa.select(Organization).where(Organization.name == "Alder Elementary")).one()
    assert client.post(f"/people/organizations/{made.id}/add", data={"name": "Below"}).status_code == 404
    assert (
        client.post(f"/people/organizations/{made.id}/rename", data={"name": "Alder Primary"}).status_code
        == 302
    )
    assert (made.name, made.code) == ("Alder Primary", "alder-elementary")
    network_client = sign_in(nell)
    assert (
        network_client.post(f"/people/organizations/{network.id}/add", data={"name": "Cedar"}).status_code
        == 302
    )
    assert "Cedar" in network_client.get("/people/organizations").text


def test_visitors_learn_what_this_is(client, network):
    page = client.get("/").text
    assert "A 3 here is a 3 there" in page
    assert "rangefinder-demo" not in page
    network.code = "demo-network"
    db.session.commit()
    page = client.get("/").text
    assert all(f"{name}@example.org" in page for name in
               ("scorer", "scorer2", "outsider", "leader", "district", "network"))  # fmt: skip
    assert "rangefinder-demo" in page


def test_a_job_page_speaks_to_its_owner_in_words(sign_in, dora, dan):
    def job(**values):
        made = Job(kind="x", title="Import of spring.csv", created_by_id=dora.id, back="/people", **values)
        db.session.add(made)
        db.session.commit()
        return f"/jobs/{made.id}"

    client = sign_in(dora)
    page = client.get(job(status=JobStatus.RUNNING, progress=3, total=10, message="3 of 10 rows")).text
    assert "3 of 10 rows" in page
    assert "data-job=" in page
    page = client.get(job(status=JobStatus.FAILED, error="The file is not a ZIP. Choose another file.")).text
    assert "The file is not a ZIP" in page
    assert "Try again" in page
    page = client.get(
        job(status=JobStatus.FAILED, error="Traceback (most recent call last): KeyError: 'x'")
    ).text
    assert "KeyError" not in page
    assert "went wrong on our side" in page
    done = job(status=JobStatus.DONE)
    assert 'href="/people"' in client.get(done).text
    assert sign_in(dan).get(done).status_code == 404

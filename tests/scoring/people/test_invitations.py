"""Invitations: from a list in a spreadsheet to somebody who is in, without telling on other districts."""

import io
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from scoring.audit import AuditEntry
from scoring.db import db, now, transaction
from scoring.errors import Invalid, NotFound
from scoring.people import acceptance, access, invitations, invite_list, services
from scoring.people.models import Invitation, Person
from scoring.permissions import Role
from tests.cast import PASSWORD

NEW = "five words that do not match"
LINK = re.compile(r"/invitations/([\w-]{43})")


def outcomes(text, actor):
    return [
        (row.outcome, [problem.field for problem in row.problems])
        for row in invitations.preview(text, actor=actor)
    ]


def test_every_row_is_named_with_what_is_wrong_and_how_to_mend_it(dora):
    text = (
        "E-mail\tName\tRole\tSchool\n"
        "gil@example.org\tGil Gray\tScorer\talder-high\n"
        "\t\t\t\n"
        "bad\tNo Mail\tprincipal\tBirch High School\n"
        "GIL@example.org\tGil Gray\tscorer\tAlder  High School\n"
        "hal@example.org\tHal Hart\tdistrict admin\tAlder Middle School\n"
        "ana@example.org\tAna\t\tAlder High School\n"
        "ben@example.org\tBen\tleader\tAlder\n"
        "kim@example.org\tKim\t\t\n"
        "ann@example.org\tAnn\tNetwork-Admin\tAlder\n"
    )
    rows = invitations.preview(text, actor=dora)
    assert [(row.number, row.outcome) for row in rows] == [
        (2, "new"), (4, "problem"), (5, "twice"), (6, "problem"), (7, "same"), (8, "role"), (9, "new"), (10, "problem"),
    ]  # fmt: skip
    assert [(each.field, each.value) for each in rows[1].problems] == [
        ("e-mail", "bad"), ("role", "principal"), ("school or district", "Birch High School"),
    ]  # fmt: skip
    assert rows[1].problems[1].mend == "Write one of: scorer, leader, district admin."
    assert rows[6].place.name == "Alder"  # her only district
    assert db.session.scalar(sa.select(sa.func.count(AuditEntry.id))) == 0  # only looked at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gil Gray,gil@example.org", [("new", [])]),
        ("Gil Gray;gil@example.org;leader;alder", [("new", [])]),
        ('"Gray, Gil",gil@example.org,scorer,"Alder High School"', [("new", [])]),
        ("\ufeffname,email\r\nGil,gil@example.org\r\n", [("new", [])]),
        ("Gil\x00,gil@example.org", [("new", [])]),
        ("Gil", [("problem", ["e-mail"])]),
        (",gil@example.org", [("problem", ["name"])]),
        ("Gil,gil@example.org,network admin,Commons Network", [("problem", ["school or district"])]),
        ("Gil,gil@example.org,network admin,Alder", [("problem", ["role"])]),
    ],
)
def test_lists_are_read_as_people_write_them(dora, text, expected):
    assert outcomes(text, dora) == expected


def test_a_name_that_fits_two_places_needs_the_code(nell, birch):
    services.add_organization("school", name="Alder High School", parent=birch)
    (row,) = invitations.preview("Gil,gil@example.org,scorer,alder high school", actor=nell)
    assert row.problems[0].mend == "Write its code: alder-high, birch-alder-high-school."


def test_a_list_has_an_end(dora):
    with pytest.raises(Invalid, match="more than 500"):
        invitations.preview("\n".join(f"P,p{n}@example.org" for n in range(501)), actor=dora)
    with pytest.raises(Invalid, match="too long"):
        invitations.preview("x" * (invite_list.MOST_LETTERS + 1), actor=dora)


def test_known_elsewhere_and_known_nowhere_look_alike(sign_in, dora, eve):
    client = sign_in(dora)
    seen = []
    for email in (eve.email, "new@example.org"):
        text = f"Some One,{email},scorer,Alder High School"
        pages = [client.post("/people/invite", data={"text": text, "action": "preview"})]
        pages += [client.post("/people/invite", data={"rows": text, "action": "send"})]
        invitation = db.session.scalars(sa.select(Invitation).order_by(Invitation.id.desc())).first()
        assert invitation.person_id is None
        link = LINK.search(pages[-1].text)[0]
        pages += [client.get("/people"), client.get("/people/invitations"), client.get(link)]
        pages += [client.post(link, data={"name": "Some One", "password": "short"})]
        seen.append([[page.status_code, *without_what_always_differs(page.text, email)] for page in pages])
        invitations.withdraw(invitation, actor=dora)
    for known, unknown in zip(*seen, strict=True):
        assert [line for line in known if line not in unknown] == []
        assert known == unknown


def without_what_always_differs(page, email):
    """The lines of a page without the e-mail itself, links, numbers of rows, tokens and times."""
    page = re.sub(r"invitations/(\d+/|[\w-]{43})", "", page.replace(email, "E"))
    page = re.sub(r'name="csrf_token"[^>]*|datetime="[^"]*"|\d\d:\d\d UTC', "", page)
    return page.splitlines()


def test_nobody_takes_over_an_account_by_inviting_it(client, dora, eve, alder_high):
    _, (link,) = invitations.invite(f"Eve,{eve.email},scorer,alder-high", actor=dora)
    address = f"/invitations/{link.secret}"
    reply = client.post(address, data={"name": "Impostor", "password": NEW})
    assert (reply.status_code, "type the password you use" in reply.text) == (422, True)
    assert [each.organization.name for each in eve.memberships] == ["Birch High School"]
    reply = client.post(address, data={"name": "Whatever", "password": PASSWORD})  # Eve herself
    assert reply.status_code == 302
    assert eve.name == "Eve Eriksen"
    assert alder_high in eve.schools
    assert client.get(address).status_code == 404  # once


def test_an_account_without_a_password_is_not_taken_over_either(client, dora):
    services.add_person(name="Gil", email="gil@example.org")
    _, (link,) = invitations.invite("Gil,gil@example.org", actor=dora)
    assert (
        client.post(f"/invitations/{link.secret}", data={"name": "Gil", "password": NEW}).status_code == 422
    )


def test_a_new_person_comes_in_with_all_roles_of_one_inviter(client, dora, dan):
    text = "Gil Gray,gil@example.org,scorer,alder-high\nGil Gray,gil@example.org,leader,alder"
    _, links = invitations.invite(text, actor=dora)
    invitations.invite("Gil Gray,gil@example.org,scorer,birch-high", actor=dan)
    assert len(links) == 1
    assert links[0].roles == ["scorer, Alder High School", "leader, Alder"]
    page = client.get(f"/invitations/{links[0].secret}").text
    assert "Alder High School" in page
    assert "Birch" not in page
    reply = client.post(f"/invitations/{links[0].secret}", data={"name": "Gil G. Gray", "password": NEW})
    assert reply.status_code == 302
    gil = services.by_email("gil@example.org")
    assert gil.name == "Gil G. Gray"
    assert [(each.role, each.organization.code) for each in gil.memberships] == [
        (Role.SCORER, "alder-high"), (Role.LEADER, "alder"),
    ]  # fmt: skip
    assert client.get("/account").status_code == 200  # signed in
    assert db.session.scalar(invitations.waiting(dan).with_only_columns(sa.func.count()).order_by(None)) == 1


def test_somebody_signed_in_accepts_with_one_button(sign_in, dora, eve, ana):
    _, (link,) = invitations.invite(f"Eve,{eve.email},scorer,alder-high", actor=dora)
    assert "You are signed in as Ana Ortiz" in sign_in(ana).get(f"/invitations/{link.secret}").text
    client = sign_in(eve)
    assert 'type="password"' not in client.get(f"/invitations/{link.secret}").text
    assert client.post(f"/invitations/{link.secret}").status_code == 302
    assert len(eve.memberships) == 2


def test_a_link_ends(dora, dan, nell, alder):
    def offer():
        _, (link,) = invitations.invite("Gil,gil@example.org,scorer,alder-high", actor=dora)
        return link.secret

    def is_open(secret):
        try:
            return acceptance.by_token(secret) is not None
        except NotFound:
            return False

    first = offer()
    assert is_open(first)
    second = offer()  # invited again: the first link is over
    assert [is_open(first), is_open(second)] == [False, True]
    invitation = acceptance.by_token(second)
    third = invitations.renew(invitation, actor=nell).secret
    assert [is_open(second), is_open(third)] == [False, True]
    invitations.withdraw(acceptance.by_token(third), actor=dora)
    assert not is_open(third)
    late = offer()
    with transaction() as session:
        session.execute(sa.update(Invitation).values(expires_at=now() - timedelta(seconds=1)))
    assert not is_open(late)
    orphan = offer()
    helper = services.add_person(name="Hal", email="hal@example.org")
    services.join(helper, alder, Role.DISTRICT_ADMIN)
    services.set_password(helper, NEW)
    services.leave(dora.memberships[0])
    assert not is_open(orphan)  # who invited may not invite any more
    assert not is_open("nothing")


def test_two_who_use_a_link_at_once_get_one_account(dora):
    _, (link,) = invitations.invite("Gil,gil@example.org", actor=dora)
    invitation = acceptance.by_token(link.secret)
    acceptance.accept(invitation, name="Gil", password=NEW)
    with pytest.raises(NotFound):
        acceptance.accept(invitation, name="Gil", password=NEW)
    assert (
        db.session.scalar(sa.select(sa.func.count(Person.id)).where(Person.email == "gil@example.org")) == 1
    )


def test_a_forgotten_password_is_set_through_a_link(client, sign_in, dora, ana, birch_high):
    was_in = sign_in(ana)
    page = sign_in(dora).post(f"/people/{ana.id}/password-link").text
    secret = LINK.search(page)[1]
    assert "Ana Ortiz" in client.get(f"/invitations/{secret}").text
    assert client.post(f"/invitations/{secret}", data={"password": "short"}).status_code == 422
    assert client.post(f"/invitations/{secret}", data={"password": NEW}).status_code == 302
    assert client.get("/account").status_code == 200
    assert was_in.get("/account").status_code == 302
    assert client.get(f"/invitations/{secret}").status_code == 404
    link = invitations.password_link(ana, actor=dora)
    services.join(ana, birch_high, Role.SCORER)  # from now on she is not Dora's alone
    with pytest.raises(NotFound):
        acceptance.by_token(link.secret)


def test_inviting_on_the_pages(sign_in, dora, dan):
    client = sign_in(dora)
    assert client.get("/people/invite").status_code == 200
    assert "Paste a list, or choose a file." in client.post("/people/invite", data={"action": "preview"}).text
    upload = {
        "file": (io.BytesIO("name;email\nJos\u00e9;jose@example.org\nBad;bad".encode("cp1252")), "list.csv"),
        "action": "preview",
    }
    page = client.post("/people/invite", data=upload).text
    assert "José" in page
    assert "Invite the 1 good row" in page
    rows = re.search(r'name="rows" value="([^"]*)"', page)[1]
    back = client.post("/people/invite", data={"rows": rows, "action": "back"}).text
    assert "jose@example.org" in back
    assert db.session.scalar(sa.select(sa.func.count(Invitation.id))) == 0
    page = client.post("/people/invite", data={"rows": rows, "action": "send"}).text
    assert "1 row was left out" in page
    assert LINK.search(page)
    assert "jose@example.org" in client.get("/people/invitations").text
    invitation = db.session.scalars(sa.select(Invitation)).one()
    for action in ("renew", "withdraw"):
        assert sign_in(dan).post(f"/people/invitations/{invitation.id}/{action}").status_code == 404
    assert LINK.search(client.post(f"/people/invitations/{invitation.id}/renew").text)
    assert (
        client.post(f"/people/invitations/{invitation.id}/withdraw").status_code == 404
    )  # replaced by the new one
    newest = db.session.scalar(sa.select(sa.func.max(Invitation.id)))
    assert client.post(f"/people/invitations/{newest}/withdraw").location == "/people/invitations"
    binary = {"file": (io.BytesIO(b"PK\x03\x04\0\0"), "list.xlsx"), "action": "preview"}
    reply = client.post("/people/invite", data=binary)
    assert (reply.status_code, "This is no CSV file" in reply.text) == (422, True)


def test_an_invited_person_who_is_deactivated_needs_reactivation(dora, ana, alder):
    access.deactivate(ana, actor=dora)
    (row,) = invitations.preview(f"Ana,{ana.email},leader,alder", actor=dora)
    assert row.problems[0].mend == "Reactivate the person first."
    (row,) = invitations.preview(f"Dora,{dora.email},leader,alder", actor=dora)
    assert row.outcome == "role"

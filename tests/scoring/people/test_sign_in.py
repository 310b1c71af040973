"""Signing in: who comes in, who does not, and what the answers give away."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from scoring.audit import AuditEntry
from scoring.db import db, now, transaction
from scoring.people import access, passwords, services
from scoring.people.models import ApiToken, Person
from scoring.permissions import Role
from tests.cast import PASSWORD


def attempt(client, email, password=PASSWORD, **query):
    return client.post("/sign-in", query_string=query, data={"email": email, "password": password})


def test_the_right_password_opens_a_new_session(client, ana):
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    reply = attempt(client, " ANA@example.org ", next="/account?x=1")
    assert (reply.status_code, reply.location) == (302, "/account?x=1")
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.permanent
    assert "Ana Ortiz" in client.get("/account").text
    assert now() - ana.last_seen_at < timedelta(minutes=1)
    assert client.get("/sign-in").location == "/"  # already in


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/\nx"]
)
def test_signing_in_leads_to_own_pages_only(client, ana, elsewhere):
    assert attempt(client, ana.email, next=elsewhere).location == "/"


def test_the_answer_is_the_same_whoever_is_tried(client, ana, ben, monkeypatch):
    access.deactivate(ben)
    tried = []
    monkeypatch.setattr(access.passwords, "is_right", spy(tried, passwords.is_right))
    pages = [
        attempt(client, email, password)
        for email, password in [(ana.email, "wrong"), ("nobody@example.org", "wrong"), (ben.email, PASSWORD),
                                ("", ""), ("a\0b@example.org", "x" * 500)]
    ]  # fmt: skip
    bodies = {re.sub(r'(value|next)="[^"]*"', "", page.text) for page in pages}
    assert [page.status_code for page in pages] == [422] * 5
    assert len(bodies) == 1
    assert len(tried) == 5  # each costs one look at a hash, also where there is nobody


def spy(calls, function):
    def wrapper(*args):
        calls.append(args)
        return function(*args)

    return wrapper


def test_guessing_is_slowed_down_by_e_mail_and_by_address(app, ana, ben):
    for number in range(10):
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"
        assert attempt(client, ana.email, "wrong").status_code == 422
    client.environ_base["REMOTE_ADDR"] = "10.0.1.1"
    assert attempt(client, ana.email).status_code == 429  # from anywhere, even with the right password
    assert attempt(client, ben.email).status_code == 302
    other = app.test_client()
    for number in range(10):
        assert attempt(other, f"guess{number}@example.org", "wrong").status_code == 422
    assert attempt(other, "guess11@example.org").status_code == 429


def test_a_whole_school_can_sign_in_from_one_address(app, ana):
    for _ in range(15):
        assert attempt(app.test_client(), ana.email).status_code == 302


def test_pages_behind_sign_in_lead_there_and_back(client):
    reply = client.get("/account?tab=1")
    assert reply.location == "/sign-in?next=/account?tab%3D1"
    assert client.post("/account/name", data={"name": "x"}).location == "/sign-in"


def test_signing_out_forgets_everything(sign_in, ana):
    client = sign_in(ana)
    reply = client.post("/sign-out")
    assert reply.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/account").status_code == 302
    assert sign_in(ana).get("/sign-out").status_code == 405  # a link on some page can not sign people out


def test_changing_the_password_ends_other_sessions_but_not_this_one(app, sign_in, ana):
    here, there = sign_in(ana), sign_in(ana)
    new = "five words that do not match"
    for present, password, words in [
        ("wrong", new, "This is not your present password"),
        (PASSWORD, "short", "Use at least 15 characters"),
        ("", new, "Type your present password"),
    ]:
        reply = here.post("/account/password", data={"present": present, "password": password})
        assert (reply.status_code, words in reply.text) == (422, True)
    assert here.post("/account/password", data={"present": PASSWORD, "password": new}).status_code == 302
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302
    assert attempt(app.test_client(), ana.email, new).status_code == 302


def test_sign_out_everywhere_ends_all_sessions_but_no_token(sign_in, ana):
    here, there = sign_in(ana), sign_in(ana)
    services.issue_token(ana, "export")
    assert here.post("/account/sign-out-everywhere").status_code == 302
    assert [client.get("/account").status_code for client in (here, there)] == [302, 302]
    assert len(access.tokens_of(ana)) == 1


def test_a_token_is_shown_once_works_and_ends(app, sign_in, ana):
    client = sign_in(ana)
    assert client.post("/account/tokens", data={"token_name": " "}).status_code == 422
    page = client.post("/account/tokens", data={"token_name": "Nightly export"}).text
    secret = re.search(r"rf_[\w-]{43}", page)[0]
    page = client.get("/account").text
    assert secret not in page
    assert "Nightly export" in page

    def program():
        headers = {"Authorization": f"Bearer {secret}"}
        return app.test_client().get("/api/v1/events/none/progress", headers=headers).status_code

    assert program() == 403  # known, but a scorer does not run events
    token = db.session.scalars(sa.select(ApiToken)).one()
    assert now() - token.last_used_at < timedelta(minutes=1)
    assert client.post(f"/account/tokens/{token.id}/revoke").status_code == 302
    assert program() == 401


def test_a_name_can_be_corrected_but_not_emptied(sign_in, ana):
    client = sign_in(ana)
    assert client.post("/account/name", data={"name": " Ana  Maria Ortiz "}).status_code == 302
    assert ana.name == "Ana Maria Ortiz"
    for wrong in ("", "   ", "x" * 121, "a\x07b"):
        assert client.post("/account/name", data={"name": wrong}).status_code == 422
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.before, entry.after) == (
        "person.renamed", {"name": "Ana Ortiz"}, {"name": "Ana Maria Ortiz"},
    )  # fmt: skip


def test_deactivation_and_role_changes_count_from_the_next_request(sign_in, ana, dora, alder):
    client = sign_in(ana)
    assert client.get("/people").status_code == 403
    services.join(ana, alder, Role.DISTRICT_ADMIN, actor=dora)
    assert client.get("/people").status_code == 200
    services.leave(ana.memberships[-1], actor=dora)
    assert client.get("/people").status_code == 403
    access.deactivate(ana, actor=dora)
    assert client.get("/account").status_code == 302


def test_being_here_is_noted_now_and_then(sign_in, ana):
    client = sign_in(ana)
    client.get("/account")
    first = ana.last_seen_at
    client.get("/account")
    assert ana.last_seen_at == first
    with transaction() as session:
        session.execute(sa.update(Person).values(last_seen_at=now() - timedelta(hours=1)))
    client.get("/account")
    assert ana.last_seen_at > first

"""Nobody in: redirects stay here, sessions begin anew and end at once, and tokens are no sessions."""

import secrets
from urllib.parse import urljoin, urlsplit

import pytest

from scoring import create_app
from scoring.api import calls
from scoring.db import db
from scoring.errors import Misconfigured
from scoring.people import access, invitations
from scoring.people import services as people
from scoring.people.models import ApiToken
from scoring.web import limiter, own_path
from tests.cast import PASSWORD
from tests.conftest import settings

pytestmark = pytest.mark.engines("sqlite")
ELSEWHERE = [
    "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "\t//evil.example", "/\n/evil.example", "/\r/evil.example", " //evil.example", "javascript:alert(1)", "http:evil.example",
    "https:/evil.example", "data:text/html,x", "/\x00/evil.example", "/\u2028/evil.example", "evil.example", "\x1f//evil.example",
    "/ok\\..\\..//evil.example",
]  # fmt: skip
NEW = "quiet river under seven bridges"


def as_browsers_read(location):
    """Where a browser would really go: it drops tabs and line ends and takes \\ for /."""
    plain = "".join(sign for sign in location if sign not in "\t\r\n").strip().replace("\\", "/")
    return urlsplit(urljoin("http://localhost/here", plain))


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_redirect_leads_away_from_here(client, sign_in, ana, target):
    limiter.reset()
    replies = [
        sign_in(ana).get("/sign-in", query_string={"next": target}),
        client.post("/theme", data={"theme": "dark", "next": target}),
        client.post(
            "/sign-in", query_string={"next": target}, data={"email": ana.email, "password": PASSWORD}
        ),
    ]
    for reply in replies:
        assert reply.status_code == 302
        assert as_browsers_read(reply.location).netloc == "localhost", reply.location
    assert own_path("/reads/?event=E%2F1") == "/reads/?event=E%2F1"


def test_a_session_from_before_signing_in_stays_nobodys(app, ana):
    """Whoever planted a cookie, or noted it, has nothing once its owner signs in."""
    planted, owner = app.test_client(), app.test_client()
    planted.get("/sign-in")
    before = planted.get_cookie("session").value
    owner.set_cookie("session", before)
    owner.post("/sign-in", data={"email": ana.email, "password": PASSWORD})
    assert owner.get("/account").status_code == 200
    assert owner.get_cookie("session").value != before
    assert planted.get("/account").status_code == 302
    with owner.session_transaction() as now, planted.session_transaction() as then:
        assert now.get("csrf_token") != then["csrf_token"]


ENDINGS = {
    "own password changed": lambda ana, dora: access.change_password(ana, PASSWORD, NEW),
    "password set by link": lambda ana, dora: people.set_password(ana, NEW),
    "signed out everywhere": lambda ana, dora: access.end_sessions(ana, actor=ana),
    "ended by an admin": lambda ana, dora: access.end_sessions(ana, actor=dora),
    "deactivated": lambda ana, dora: access.deactivate(ana, actor=dora),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_session_ends_at_once(app, ana, ben, dora, ending):
    clients = [app.test_client() for _ in range(2)]
    for client in clients:
        client.post("/sign-in", data={"email": ana.email, "password": PASSWORD})
    other = app.test_client().sign_in(ben)
    assert [client.get("/reads/").status_code for client in (*clients, other)] == [200, 200, 200]
    ENDINGS[ending](ana, dora)
    assert [client.get("/reads/").status_code for client in (*clients, other)] == [302, 302, 200]
    assert [client.post("/reads/pause").status_code for client in clients] == [302, 302]


def test_a_role_ends_with_the_next_request(sign_in, ana, dora):
    client = sign_in(ana)
    assert client.get("/reads/").status_code == 200
    people.leave(ana.memberships[0], actor=dora)
    assert client.get("/reads/").status_code == 403


def test_a_deactivated_person_can_not_come_back_by_any_door(app, ana, dora):
    link = invitations.password_link(ana, actor=dora)
    access.deactivate(ana, actor=dora)
    client = app.test_client()
    assert client.post("/sign-in", data={"email": ana.email, "password": PASSWORD}).status_code == 422
    assert client.get(f"/invitations/{link.secret}").status_code == 404
    assert client.get("/account").status_code == 302


def by_token(app, token, **sent):
    return (
        app.test_client()
        .post("/api/v1/reads/next", headers={"Authorization": f"Bearer {token}"}, **sent)
        .status_code
    )


def test_a_token_works_only_while_it_and_its_person_stand(app, ana, ben, dora):
    first, second = (people.issue_token(ana, name) for name in ("first", "second"))
    others = people.issue_token(ben, "others")
    assert [by_token(app, token) for token in (first, second, others)] == [204, 204, 204]
    rows = db.session.query(ApiToken).filter_by(person_id=ana.id).order_by(ApiToken.id).all()
    access.revoke_token(ana, rows[0].id)
    assert [by_token(app, token) for token in (first, second, others)] == [401, 204, 204]
    access.deactivate(ana, actor=dora)
    assert [by_token(app, token) for token in (second, others)] == [401, 204]
    access.reactivate(ana, actor=dora)
    assert [by_token(app, token) for token in (first, second, rows[0].token_hash, "", "x")] == [401] * 5


def test_a_session_is_no_token_and_a_token_no_session(app, sign_in, ana):
    """The API takes no cookie, so no other site can use it through a browser; pages take no token."""
    client, token = sign_in(ana), people.issue_token(ana, "notes")
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            path = app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, "x"))
            for method in rule.methods & {"GET", "POST"}:
                assert client.open(path, method=method).status_code == 401, path
    headers = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/account", headers=headers).status_code == 302
    assert app.test_client().get("/files/x", headers=headers).status_code == 302


def test_a_forms_token_counts_only_in_its_own_session(app, sign_in, ana, ben):
    """Every form of the app refuses a token that is missing, made up, or somebody else's."""
    client, other = sign_in(ana), sign_in(ben)
    with other.session_transaction() as session:
        session["csrf_token"] = secrets.token_hex(20)
    theirs, asked = other._csrf_token(), 0
    for rule in app.url_map.iter_rules():
        if "POST" not in rule.methods or rule.rule.startswith("/api/"):
            continue
        if (
            rule.endpoint == "community.stop_digest"
        ):  # e-mail programs send it: the token in the address is the secret
            continue
        values = {
            name: 1 if converter.regex == r"\d+" else "x" for name, converter in rule._converters.items()
        }
        path = app.url_map.bind("localhost").build(rule.endpoint, values)
        for sent in ({}, {"csrf_token": "made-up"}, {"csrf_token": theirs}):
            assert client.post(path, csrf=False, data=sent).status_code == 400, path
            asked += 1
        assert client.post(path, csrf=False, json={"csrf_token": theirs}).status_code == 400, path
    assert asked > 150


def test_too_many_tries_are_told_in_words(app, client, ana, monkeypatch):
    for _ in range(10):
        client.post("/sign-in", data={"email": ana.email, "password": "wrong"})
    page = client.post("/sign-in", data={"email": ana.email, "password": PASSWORD})
    assert (page.status_code, "Wait a minute, then try again." in page.text) == (429, True)
    assert int(page.headers["Retry-After"]) > 0
    monkeypatch.setitem(app.config, "API_LIMIT", "2 per minute")
    calls.storage.reset()
    token = people.issue_token(ana, "notes")
    headers = {"Authorization": f"Bearer {token}"}
    replies = [client.post("/api/v1/reads/next", headers=headers) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [204, 204, 429]
    assert replies[-1].json["error"]["code"] == "too_many_requests"
    assert "Wait a minute" in replies[-1].json["error"]["message"]
    assert int(replies[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "key", [None, "", "short", "dev", "changeme", "a" * 64, "abcabc" * 10, "rangefinder", "secret" * 5]
)
def test_production_does_not_start_on_a_weak_secret(tmp_path, monkeypatch, key):
    for name in ("SECRET_KEY", "RANGEFINDER_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(
        Misconfigured, match=r"SECRET_KEY is (missing|too weak)\. Set it to 32 or more random"
    ):
        create_app(settings(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}", PRODUCTION=True, SECRET_KEY=key))


def test_elsewhere_a_missing_secret_is_made_and_kept_to_oneself(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    apps = [
        create_app(settings(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}", SECRET_KEY=None))
        for _ in range(2)
    ]
    keys = {app.config["SECRET_KEY"] for app in apps}
    assert len(keys) == 1 and len(keys.pop()) == 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600

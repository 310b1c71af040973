"""Nobody in: strict headers on every reply, and files that can do nothing but be looked at by their person."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from werkzeug.http import parse_options_header

from scoring import create_app, storage
from scoring.db import upgrade
from scoring.people import services as people
from scoring.tasks import materials
from scoring.web import HEADERS, limiter
from tests import build, cast
from tests.cast import PASSWORD
from tests.conftest import settings
from tests.trust.test_errors import failing

pytestmark = pytest.mark.engines("sqlite")
SANDBOX = {"sandbox", "default-src 'none'"}
HOSTILE = {
    "image/svg+xml": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "text/html": b"<script>alert(1)</script>",
    "application/xhtml+xml": b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
    "application/pdf": b"%PDF-1.4",
    "text/xml": b"<x/>",
}


def every_kind_of_reply(app, sandbox, sign_in, ana):
    """One reply of each status, way and place."""
    visitor, scorer = app.test_client(), sign_in(ana)
    link = storage.link_token(storage.put(b"picture", area="pages"), "image/webp", ana)
    for _ in range(10):
        visitor.post("/sign-in", data={"email": "a@example.org", "password": "x"})
    with failing(sandbox.engine):
        away = [scorer.get("/reads/"), visitor.get("/"), visitor.get("/healthz")]
    return [
        *away,
        visitor.get("/"), visitor.get("/sign-in"), visitor.get("/account"), visitor.get("/nothing"), visitor.post("/healthz"),
        visitor.head("/"),  visitor.get("/healthz"), visitor.get("/people"),
        visitor.get("/static/app.css", buffered=True), visitor.get("/static/nothing.css"), visitor.get("/static/../wsgi.py"),
        visitor.post("/sign-in", data={"email": "a@example.org", "password": "x"}), visitor.post("/theme", data={"theme": "dark"}),
        visitor.post("/api/v1/reads/next"), visitor.get("/api/v1/nothing"), visitor.get("/invitations/none"),
        scorer.get("/"), scorer.get("/reads/"), scorer.get("/people"), scorer.get(f"/files/{link}"), scorer.get("/files/none"),
        scorer.head(f"/files/{link}"), scorer.post("/reads/pause", csrf=False), scorer.post("/reads/pause"), scorer.get("/jobs/1"),
        scorer.get("/reads"), scorer.post("/account/name", data={"name": ""}), scorer.post("/sign-out"),
    ]  # fmt: skip


def test_every_reply_has_every_header(app, sandbox, sign_in, ana):
    replies = every_kind_of_reply(app, sandbox, sign_in, ana)
    statuses = {reply.status_code for reply in replies}
    assert statuses >= {200, 302, 303, 308, 400, 401, 403, 404, 405, 422, 429, 503}
    for reply in replies:
        where = (reply.request.method, reply.request.path, reply.status_code)
        for name, value in HEADERS.items():
            own_policy = (
                name == "Content-Security-Policy" and reply.headers[name] == "sandbox; default-src 'none'"
            )
            assert own_policy or reply.headers.get(name) == value, (where, name)
        assert len(reply.headers["X-Request-ID"]) == 16, where
        assert "Access-Control-Allow-Origin" not in reply.headers, where
        is_style = where == ("GET", "/static/app.css", 200)
        assert ("no-store" in reply.headers["Cache-Control"]) != is_style, where
        assert "Werkzeug" not in reply.headers.get("Server", ""), where


def test_a_secure_installation_says_so(tmp_path):
    app = create_app(settings(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}", PRODUCTION=True))
    with app.app_context():
        upgrade()
        cast.assemble()
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://scoring.example.org")
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    form = {"email": "ana@example.org", "password": PASSWORD}
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    reply = client.post("/sign-in", base_url="https://scoring.example.org", data=form | {"csrf_token": token})
    assert reply.status_code == 302
    cookie = reply.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie


def test_an_ordinary_cookie_is_out_of_reach_of_scripts(client, ana):
    reply = client.post("/sign-in", data={"email": ana.email, "password": PASSWORD})
    assert {"HttpOnly", "SameSite=Lax"} <= {part.strip() for part in reply.headers["Set-Cookie"].split(";")}


# Files


@pytest.fixture
def doors(app, sign_in):
    """Both ways to fetch a file: a page with a session, a program with a token."""

    def ask(person, token):
        headers = {"Authorization": f"Bearer {people.issue_token(person, 'files')}"}
        return [
            sign_in(person).get(f"/files/{token}"),
            app.test_client().get(f"/api/v1/files/{token}", headers=headers),
        ]

    return ask


def test_a_link_works_for_its_person_for_some_hours(doors, ana, ben, eve, monkeypatch):
    key = storage.put(b"picture", area="pages")
    token = storage.link_token(key, "image/webp", ana)
    assert [(reply.status_code, reply.data) for reply in doors(ana, token)] == [(200, b"picture")] * 2
    others = [*doors(ben, token), *doors(eve, token)]
    changed = [*doors(ana, token[:-2]), *doors(ana, "x" + token), *doors(ana, "none")]
    assert [reply.status_code for reply in (*others, *changed)] == [404] * 10
    monkeypatch.setattr(storage, "LINK_LIFE", -1)
    assert [reply.status_code for reply in doors(ana, token)] == [404] * 2


@pytest.mark.parametrize("media_type", HOSTILE)
@pytest.mark.parametrize("name", [None, "work.html"])
def test_what_a_browser_could_run_is_never_shown_in_place(doors, ana, media_type, name):
    key = storage.put(HOSTILE[media_type], area="originals")
    for reply in doors(ana, storage.link_token(key, media_type, ana, name=name)):
        policy = {part.strip() for part in reply.headers["Content-Security-Policy"].split(";")}
        assert (reply.status_code, policy, reply.headers["X-Content-Type-Options"]) == (
            200,
            SANDBOX,
            "nosniff",
        )
        assert reply.headers["Content-Disposition"].startswith("attachment")
        assert "no-store" in reply.headers["Cache-Control"]


def test_a_download_may_have_a_strange_name(doors, ana):
    key = storage.put(b"x", area="originals")
    for name in ('a"; filename="b.html', "übung ✓.pdf"):
        for reply in doors(ana, storage.link_token(key, "application/pdf", ana, name=name)):
            assert reply.headers["Content-Disposition"].startswith("attachment; ")
            assert reply.headers["Content-Disposition"].isascii()
            assert parse_options_header(reply.headers["Content-Disposition"])[1]["filename"] == name


# Uploads


def picture():
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [("x.svg", HOSTILE["image/svg+xml"]), ("x.html", HOSTILE["text/html"]), ("x.png", HOSTILE["image/svg+xml"]),
     ("x.pdf", HOSTILE["text/html"]), ("x.png.html", picture()), ("x.jpg", picture()), ("x", picture()), ("x.pdf", b"")],
)  # fmt: skip
def test_a_task_takes_no_file_that_is_not_what_it_says(sign_in, lea, alder, name, data):
    task = build.a_task(organization=alder)
    before = set(storage.listing())
    reply = sign_in(lea).post(f"/tasks/{task.id}/materials", data={"files": (io.BytesIO(data), name)})
    assert (reply.status_code, task.materials, set(storage.listing())) == (422, [], before)
    assert name.split(".")[0] in reply.text


def test_an_upload_over_the_limit_is_refused_in_words(app, sign_in, lea, dora, alder, monkeypatch):
    task = build.a_task(organization=alder)
    monkeypatch.setattr(materials, "LARGEST", 50)
    reply = sign_in(lea).post(f"/tasks/{task.id}/materials", data={"files": (io.BytesIO(picture()), "x.png")})
    assert (reply.status_code, "x.png is too large" in reply.text) == (422, True)
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 900)
    large = {"file": (io.BytesIO(b"student,text\n" * 200), "work.csv")}
    reply = sign_in(dora).post("/responses/imports/new", data=large)
    assert reply.status_code == 413
    assert "That file is too large" in reply.text
    assert "Choose a smaller file, or split it into parts." in reply.text


def test_links_are_made_for_hours_not_for_days():
    assert timedelta(seconds=storage.LINK_LIFE) <= timedelta(hours=12)
    assert limiter.enabled

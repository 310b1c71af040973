"""Pages about credentials: for scorers, for leaders, and for strangers who check one."""

import io
import json

import pypdfium2
import pytest

from calibration.credentials import services, signatures, verifying
from calibration.credentials.models import Credential, CredentialRule
from scoring.db import db
from tests import build
from tests.calibration.credentials.season import Season, a_credential, a_rule
from tests.statements import statements

pytestmark = pytest.mark.engines("sqlite")


@pytest.fixture
def season(app, ana, ben):
    return Season(ana, ben)


@pytest.fixture
def given(season, alder, lea):
    return a_credential(season, alder, lea)


def only(model):
    return db.session.query(model).one()


def test_a_leader_writes_a_rule_a_scorer_asks_and_the_leader_gives(season, alder, sign_in, ana, lea):
    leader, scorer = sign_in(lea), sign_in(ana)
    typed = {"organization": alder.id, "rubric": season.rubric.id, "fewest_reads": 10, "fewest_double": 10, "least_exact": 70,
             "measure": "value", "months": "", "giving": "leader"}  # fmt: skip
    wrong = leader.post("/credentials/rules/new", data=typed | {"fewest_double": 3})
    assert wrong.status_code == 422 and "Ask for 10 to" in wrong.text
    made = leader.post("/credentials/rules/new", data=typed)
    rule = only(CredentialRule)
    assert made.location == f"/credentials/rules/{rule.id}"
    assert leader.post("/credentials/rules/new", data=typed).status_code == 422  # there is one already
    assert "You have earned it." in scorer.get("/credentials/").text
    assert "A credential is yours" in scorer.get("/calibration/").text
    scorer.post(f"/credentials/rules/{rule.id}/ask")
    assert "You have asked for it" in scorer.get("/credentials/").text
    assert "Ana Ortiz asks for a credential" in leader.get("/calibration/").text
    assert "Asks for it" in leader.get(f"/credentials/rules/{rule.id}").text
    leader.post(f"/credentials/rules/{rule.id}/give/{ana.id}")
    found = only(Credential)
    assert (found.person_id, found.expires_at) == (ana.id, None)
    assert scorer.get(f"/credentials/own/{found.id}").status_code == 200
    assert "asks for a credential" not in leader.get("/calibration/").text


def test_the_page_of_a_rule_asks_as_much_for_few_scorers_as_for_many(season, alder, sign_in, lea, ana):
    rule = a_rule(alder, season.rubric, lea, fewest_hours=1, needs_qualification=True)
    client = sign_in(lea)

    def asked():
        client.get(f"/credentials/rules/{rule.id}")  # whatever is kept in memory is there now
        return len(statements(lambda: client.get(f"/credentials/rules/{rule.id}")))

    before = asked()
    for _ in range(12):
        Season(ana, build.a_person(), double=1, task=season.task)
    assert asked() == before


def test_a_rule_is_changed_and_retired(season, alder, sign_in, lea, dora):
    rule = a_rule(alder, season.rubric, lea)
    typed = {
        "fewest_reads": 44,
        "fewest_double": 10,
        "least_exact": 70,
        "measure": "lower_end",
        "months": 6,
        "giving": "rule",
    }
    assert b'value="10"' in sign_in(dora).get(f"/credentials/rules/{rule.id}/change").data
    sign_in(dora).post(f"/credentials/rules/{rule.id}/change", data=typed)
    assert (rule.fewest_reads, str(rule.measure), rule.is_automatic, rule.months) == (
        44,
        "lower_end",
        True,
        6,
    )
    assert (
        sign_in(dora)
        .post(f"/credentials/rules/{rule.id}/change", data=typed | {"least_exact": 0})
        .status_code
        == 422
    )
    sign_in(lea).post(f"/credentials/rules/{rule.id}/retire")
    assert rule.retired_at is not None
    assert "Retired: 1" in sign_in(lea).get("/credentials/rules").text


def test_a_leader_declines_with_a_reason(season, alder, sign_in, ana, lea):
    rule = a_rule(alder, season.rubric, lea)
    services.ask(rule, actor=ana)
    place = f"/credentials/rules/{rule.id}/decline/{ana.id}"
    assert sign_in(lea).post(place, data={"reason": ""}).status_code == 422
    sign_in(lea).post(place, data={"reason": "Join a session first."})
    assert "Join a session first." in sign_in(ana).get("/credentials/").text


def test_all_who_have_earned_it_get_it_at_once(season, alder, sign_in, ana, ben, lea):
    rule = a_rule(alder, season.rubric, lea)
    page = sign_in(lea).get(f"/credentials/rules/{rule.id}").text
    assert "Give 2 credentials" in page and "Ana Ortiz, Ben Okafor" in page
    sign_in(lea).post(f"/credentials/rules/{rule.id}/give-all")
    assert {each.person_id for each in db.session.query(Credential)} == {ana.id, ben.id}


def test_a_leader_revokes_and_gives_anew(given, sign_in, ana, lea):
    leader, place = sign_in(lea), f"/credentials/given/{given.id}"
    assert leader.post(f"{place}/revoke", data={"reason": ""}).status_code == 422
    leader.post(f"{place}/revoke", data={"reason": "Given by mistake."})
    assert given.state == "revoked"
    assert "Given by mistake." in leader.get(place).text
    own = sign_in(ana).get(f"/credentials/own/{given.id}").text
    assert "Given by mistake." in own and "certificate.pdf" not in own
    for name in ("certificate.pdf", "badge.jwt"):
        assert sign_in(ana).get(f"/credentials/own/{given.id}/{name}").status_code == 409
    leader.post(f"{place}/anew")
    assert [each.state for each in db.session.query(Credential).order_by(Credential.id)] == [
        "revoked",
        "valid",
    ]


def test_others_find_nothing_where_a_credential_is(given, sign_in, ben, eve, dan, lea):
    for person in (ben, eve, dan, lea):
        for page in ("", "/certificate.pdf", "/badge.jwt"):
            theirs = sign_in(person).get(f"/credentials/own/{given.id}{page}")
            nobodys = sign_in(person).get(f"/credentials/own/98765{page}")
            assert theirs.status_code == nobodys.status_code == 404
    assert sign_in(dan).get(f"/credentials/given/{given.id}").status_code == 404
    assert sign_in(dan).get(f"/credentials/rules/{given.rule_id}").status_code == 404
    assert sign_in(ben).get("/credentials/rules").status_code == 403


# Files


def test_the_certificate_is_one_tagged_page_with_the_code(given, sign_in, ana):
    reply = sign_in(ana).get(f"/credentials/own/{given.id}/certificate.pdf")
    assert (reply.mimetype, reply.headers["Content-Disposition"].startswith("attachment")) == (
        "application/pdf",
        True,
    )
    assert b"pdfuaid:part" in reply.data
    document = pypdfium2.PdfDocument(reply.data)
    try:
        assert len(document) == 1
        page = document[0]
        width, height = page.get_size()
        text = page.get_textpage().get_text_bounded()
    finally:
        document.close()
    assert width > height
    for words in (
        "Ana Ortiz",
        given.share_code,
        "the same score 90 times in 100",
        "Later start",
        "Lea Lindqvist",
    ):
        assert words in text


def test_a_long_name_still_fits_on_one_page(given, sign_in, ana):
    given.person.name = "Maria Magdalena Wilhelmina Konstantinopolitanska-Featherstonehaugh of the Lower Valley and the Hills beyond"
    given.rubric.task.title = (
        "An argument about the hour at which schools should begin, and what the evidence says for and against it"
        * 2
    )
    db.session.commit()
    document = pypdfium2.PdfDocument(sign_in(ana).get(f"/credentials/own/{given.id}/certificate.pdf").data)
    assert len(document) == 1
    document.close()


def test_the_badge_file_is_the_signed_badge(given, sign_in, ana):
    reply = sign_in(ana).get(f"/credentials/own/{given.id}/badge.jwt")
    assert reply.text == given.badge + "\n"
    assert reply.headers["Content-Security-Policy"].startswith("sandbox")


# Sharing


def test_nothing_is_shown_that_was_not_chosen(given, client, sign_in, ana):
    place, share = f"/credentials/{given.share_code}", f"/credentials/own/{given.id}/share"
    shown = {
        "name": ("Ana Ortiz",), "rubric": ("Later start",), "date": ("Given on", "Good until"),
        "rates": ("90 of every 100", "Same score"), "hours": (),
    }  # fmt: skip
    assert client.get(place).status_code == 404
    for chosen in ([], ["name"], ["rubric", "rates"], ["date"], ["hours"], list(shown)):
        assert sign_in(ana).post(share, data={"fields": chosen}).status_code == 302
        page = client.get(place)
        assert page.status_code == 200
        for field, words in shown.items():
            for each in words:
                assert (each in page.text) == (field in chosen), (chosen, each)
        for secret in ("ana@example.org", given.identifier, str(given.status_index), season_words(given)):
            assert secret not in page.text
    assert sign_in(ana).post(share, data={"fields": ["badge"]}).status_code == 422
    sign_in(ana).post(f"/credentials/own/{given.id}/withdraw")
    assert plain(client.get(place)) == plain(client.get("/credentials/0000-0000-0000-0000"))


def season_words(given):
    return db.session.execute(db.text("SELECT name FROM event")).scalar()


def plain(reply):
    """A reply without the request's number and the token of the form."""
    text = reply.text.replace(reply.headers["X-Request-ID"], "*")
    return reply.status_code, [
        line for line in text.splitlines() if "csrf_token" not in line and 'name="next"' not in line
    ]


def test_a_shared_credential_that_was_revoked_or_has_ended_says_so(given, client, ana, lea):
    services.share(given, ["rubric"], actor=ana)
    assert "genuine and in force" in client.get(f"/credentials/{given.share_code}").text
    services.revoke(given, "Given by mistake.", actor=lea)
    page = client.get(f"/credentials/{given.share_code}").text
    assert "was revoked" in page and "mistake" not in page and "in force" not in page


def test_the_code_of_a_certificate_leads_to_the_page(given, client, ana):
    services.share(given, ["rubric"], actor=ana)
    typed = given.share_code.lower().replace("-", " ")
    assert (
        client.get("/credentials/verify", query_string={"code": typed}).location
        == f"/credentials/{given.share_code}"
    )
    assert client.get("/credentials/verify", query_string={"code": "hello"}).status_code == 422


# Strangers


def checked(client, **sent):
    return client.post("/credentials/verify", data=sent)


def test_a_stranger_checks_a_badge_by_text_and_by_file(given, client):
    assert "This badge is genuine" in checked(client, badge=given.badge).text
    file = (io.BytesIO(given.badge.encode() + b"\n"), "badge.jwt")
    assert "This badge is genuine" in checked(client, file=file).text
    assert checked(client).status_code == 422


def test_a_stranger_is_told_what_is_wrong(given, client, lea):
    changed = given.badge[:-9] + ("A" if given.badge[-9] != "A" else "B") + given.badge[-8:]
    for text, words in (
        (changed, "was changed"),
        ("hello", "not a badge"),
        ("é" * 10, "not a badge"),
        ("a.b.c", "not a badge"),
    ):
        page = checked(client, badge=text).text
        assert words in page and "The badge says" not in page and "is genuine" not in page
    services.revoke(given, "Given by mistake.", actor=lea)
    assert "was revoked" in checked(client, badge=given.badge).text


def test_a_stranger_asks_whose_badge_it_is(given, client):
    assert "It was given to this e-mail" in checked(client, badge=given.badge, email="Ana@Example.org").text
    assert (
        "It was not given to this e-mail" in checked(client, badge=given.badge, email="ben@example.org").text
    )
    assert (
        "this e-mail" not in checked(client, badge="junk", email="ana@example.org").text.partition("<form")[0]
    )


@pytest.mark.parametrize("data", [
    b"", b"\x00" * 100, b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"<svg/>", b"{}", b"a" * 300_000, b"." * 1000,
    b"eyJ" * 5000, "e\u0301yJ".encode(),
])  # fmt: skip
def test_junk_that_somebody_uploads_is_refused_in_words(given, client, data):
    reply = checked(client, file=(io.BytesIO(data), "badge.jwt"))
    assert reply.status_code in {200, 422}
    assert "is genuine" not in reply.text


def test_nobody_may_send_more_than_a_badge(app, client):
    reply = checked(client, file=(io.BytesIO(b"a" * 400_000), "badge.jwt"))
    assert reply.status_code == 413


def test_guessing_is_slowed_down(app, client):
    replies = [client.get(f"/credentials/0000-0000-0000-{number:04}").status_code for number in range(61)]
    assert set(replies[:60]) == {404} and replies[60] == 429


def test_programs_find_what_they_need(given, client, lea):
    profile = client.get("/credentials/issuer").json
    document = client.get("/credentials/did.json").json
    (key,) = client.get("/credentials/jwks.json").json["keys"]
    assert profile["id"] == document["id"] == signatures.read(given.badge, {key["kid"]: key})[0]["iss"]
    assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}  # and never the private part
    services.revoke(given, "Given by mistake.", actor=lea)
    status = client.get("/credentials/status/1")
    assert (status.mimetype, status.headers["Access-Control-Allow-Origin"]) == ("application/vc+jwt", "*")
    assert str(verifying.elsewhere(given.badge, document, status.text).state) == "revoked"
    for missing in ("/credentials/status/2", "/credentials/status/0"):
        assert client.get(missing).status_code == 404


def test_before_the_first_credential_there_is_no_key_to_publish(app, client):
    assert client.get("/credentials/did.json").status_code == 404
    assert client.get("/credentials/jwks.json").json == {"keys": []}
    assert client.get("/credentials/status/1").status_code == 404


# The commands


@pytest.fixture
def run(app, tmp_path):
    def invoke(*arguments):
        found = app.test_cli_runner().invoke(args=["credentials", *map(str, arguments)])
        return found.exit_code, found.output

    return invoke


def test_the_command_checks_a_file_without_any_network(given, run, tmp_path, client, lea):
    file, changed = tmp_path / "badge.jwt", tmp_path / "changed.jwt"
    file.write_text(given.badge + "\n")
    changed.write_text(given.badge.replace(given.badge[300], "A" if given.badge[300] != "A" else "B", 1))
    code, output = run("verify", file)
    assert (code, output.startswith("valid: This badge is genuine.")) == (0, True)
    assert run("verify", changed)[0] == 1
    (tmp_path / "did.json").write_text(json.dumps(client.get("/credentials/did.json").json))
    (tmp_path / "list.jwt").write_text(client.get("/credentials/status/1").text)
    assert run("verify", file, "--issuer", tmp_path / "did.json")[0] == 6
    assert run("verify", file, "--issuer", tmp_path / "did.json", "--status", tmp_path / "list.jwt")[0] == 0
    assert run("verify", file, "--issuer", file)[0] == 2
    services.revoke(given, "Given by mistake.", actor=lea)
    assert run("verify", file)[0] == 3
    (tmp_path / "junk").write_bytes(bytes(range(256)))
    assert run("verify", tmp_path / "junk")[0] == 1
    assert run("verify", tmp_path / "nothing")[0] == 2


def test_the_commands_look_after_the_key(given, run, tmp_path):
    file = tmp_path / "badge.jwt"
    file.write_text(given.badge)
    assert run("key")[1].count("signs,") == 1
    assert run("rotate-key")[0] == 0
    assert run("verify", file)[0] == 0
    assert run("key")[1].count("retired,") == 1
    code, output = run("rotate-key", "--distrust")  # the key of the badge was changed before this one
    assert (code, "0 credentials are signed again" in output, run("verify", file)[0]) == (0, True, 0)
    assert "ana@example.org" in run("list")[1] and run("list", "--revoked") == (0, "")


def test_reads_of_open_events_are_counted_and_nothing_more_is_said_of_them(
    sign_in, ana, ben, alder, lea, app
):
    season = Season(ana, ben, is_closed=False)
    a_rule(alder, season.rubric, lea)
    page = sign_in(ana).get("/credentials/").text
    assert "10 reads of yours are in events that are still open" in page
    assert "You need 10 reads; you have 0." in page and "Your figures" not in page
    leaders = sign_in(lea).get(f"/credentials/rules/{only(CredentialRule).id}").text
    assert "2 without a read of a closed event" in leaders and "Ana Ortiz, Ben Okafor" in leaders

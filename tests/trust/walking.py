"""A scorer who opens everything: own work, other people's numbers, made-up numbers, on pages and through the API."""

import contextvars
import itertools
import re
from html import unescape
from types import SimpleNamespace
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask.testing import FlaskClient

from calibration.community import digests
from calibration.credentials.models import Credential, CredentialRule
from calibration.cycles.models import Cycle
from calibration.discussions.models import Post, Thread
from calibration.judging.models import Comparison, Study
from calibration.papers.models import NameCheck, Paper, PaperEvidence, PaperSet
from calibration.qualification.models import Attempt, Program, ProgramStep
from calibration.rangefinding.models import Committee, ProposedPaper, TrainingPacket
from calibration.sessions.models import (
    CalibrationSession,
    Participant,
    Proposal,
    Protocol,
    Remark,
    SessionPaper,
)
from scoring import storage
from scoring.db import db
from scoring.events.models import Event, EventResponse
from scoring.jobs import Job
from scoring.people import services as people
from scoring.people.models import Person
from scoring.permissions import Permission
from scoring.reads.models import Assignment, Concern, Read
from scoring.responses.models import ImportBatch, Page, Response, Student
from scoring.tasks.models import Task

OPEN_TO_SCORERS = {Permission.ANYONE, Permission.SIGNED_IN, Permission.SCORE}
ADDRESS = re.compile(rb'(?:href|src|action|formaction|data-[\w-]+|"address"|"url")[=:]\s?"(/[^"#]*)')
ABOUT_READS = ("/reads", "/api/v1/reads", "/anchors/for/")
NOWHERE = 987654


class Scorer:
    """A signed-in scorer with an API token; every reply goes through `search`."""

    def __init__(self, app, sign_in, person, search):
        self.app, self.client, self.person, self.search = app, sign_in(person), person, search
        self.bearer = {"Authorization": f"Bearer {people.issue_token(person, 'walk')}"}
        self.visited, self.static, self.rules = set(), set(), app.url_map.bind("localhost")

    def ask(self, method, path, **sent):
        """Send one request and search its reply."""
        if path.startswith("/api/"):
            sent["headers"] = {**sent.get("headers", {}), **self.bearer}
        reply = self._open(path, method=method, buffered=True, **sent)
        endpoint, _ = self.rules.match(urlsplit(path).path, method)
        self.visited.add((endpoint, method))
        self.search.look(reply, about_reads=path.startswith(ABOUT_READS))
        return reply

    def _open(self, path, **sent):
        if "fragment=1" in path or path.endswith("/rubric"):  # a part of a page is no page
            return contextvars.Context().run(FlaskClient.open, self.client, path, **sent)
        return self.client.open(path, **sent)

    def get(self, path, **sent):
        return self.ask("GET", path, **sent)

    def post(self, path, **sent):
        return self.ask("POST", path, **sent)


def crawl(scorer, *starts):
    """Open these pages and every address that any of them names."""
    seen, waiting = set(), list(starts)
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        if path in scorer.static:
            continue
        if path.startswith("/static/"):
            scorer.static.add(path)
        reply = scorer.get(path) if answers_get(scorer, path) else None
        if reply is not None and reply.mimetype in {"text/html", "application/json"}:
            body = unescape(reply.get_data(as_text=True)).encode()
            waiting += [found.decode() for found in ADDRESS.findall(body)]
            waiting += [reply.location] if reply.location and reply.location.startswith("/") else []
    return seen


def answers_get(scorer, path):
    return scorer.rules.test(urlsplit(path).path, "GET")


def a_day(scorer, planted, meanwhile=lambda turn: None):
    """Score everything there is: by form, script and program in turn, with every mistake and button on the way."""
    for turn in itertools.count():
        meanwhile(turn)
        reply = scorer.get(f"/reads/next?event={planted.event.code}" if turn % 2 else "/reads/next")
        if reply.status_code == 200:
            return turn
        crawl(scorer, reply.location)
        number = int(re.search(r"/reads/(\d+)", reply.location).group(1))
        (one_by_form, one_by_script, one_by_program)[turn % 3](scorer, planted, number, turn)


def one_by_form(scorer, planted, number, turn):
    place = f"/reads/{number}"
    scorer.post(place, data={"trait-claim": "9", "condition_code": "?"})
    scorer.post(place, csrf=False)
    scorer.post(f"{place}/renew")
    scorer.post(f"{place}/concern", data={"kind": "flag", "words": ""})
    if turn == 0:
        scorer.post(f"{place}/concern", data={"kind": "flag", "words": "A name stands in the work."})
        scorer.post(f"{place}/known")
        scorer.post(f"{place}/renew")
        return
    sheet = {"trait-claim": "2", "trait-evidence": "3", "note": "my own words", "key": f"key-{number}"}
    scorer.post(place, data=sheet)
    scorer.post(place, data=sheet)
    scorer.post(place, data=sheet | {"trait-claim": "1"})
    if turn == 3:
        scorer.post("/reads/undo", data={"event": planted.event.code})
        scorer.post("/reads/pause")
        scorer.get("/reads/")
        scorer.post(place, data=sheet | {"key": "another"})


def one_by_script(scorer, planted, number, turn):
    place, script = f"/reads/{number}", {"Accept": "application/json"}
    scorer.post(f"{place}/draft", json={"scores": {"claim": 2}}, headers=script)
    scorer.post(f"{place}/renew", json={}, headers=script)
    ahead = scorer.post(
        "/reads/ahead", json={"event": planted.event.code, "having": [number]}, headers=script
    )
    scorer.post(place, json={"scores": {"claim": 77}}, headers=script)
    scorer.post(place, json=[], headers=script)
    sent = {"scores": {"claim": 2, "evidence": 3}, "next": True, "having": [number]}
    for key, body in [("a", sent), ("a", sent), ("a", {**sent, "next": False}), ("b", sent)]:
        scorer.post(place, json=body, headers={**script, "Idempotency-Key": f"{key}{number}"})
    if turn == 1:
        scorer.post("/reads/undo", json={"event": planted.event.code}, headers=script)
        scorer.post(place, json=sent, headers={**script, "Idempotency-Key": f"c{number}"})
    if ahead.status_code == 200:
        scorer.post("/reads/pause", json={"keep": []}, headers=script)


def one_by_program(scorer, planted, number, turn):
    scorer.post("/api/v1/reads/next", json={"event": "NOT-THERE"})
    lease = scorer.post("/api/v1/reads/next", json={"event": planted.event.code}).json["assignment"]
    for page in lease["response"]["pages"]:
        scorer.get(page["url"])
    sent = {"assignment": lease["id"], "scores": {"claim": 2, "evidence": 3}, "note": "", "next": True}
    scorer.post("/api/v1/reads", json=sent)
    for key, body in [
        ("d", {**sent, "scores": {"claim": 9}}),
        ("d", sent),
        ("d", sent),
        ("d", {**sent, "note": "x"}),
    ]:
        scorer.post("/api/v1/reads", json=body, headers={"Idempotency-Key": f"{key}{number}"})


def every_rule(scorer, planted):
    """Ask for every address of the app, with numbers of one's own, of others, and of nobody."""
    for rule in list(scorer.app.url_map.iter_rules()):
        for values in _fillings(rule, planted, scorer.person):
            path = scorer.rules.build(rule.endpoint, values)
            for method in sorted(rule.methods & {"GET", "POST"}):
                if rule.endpoint in {"people.sign_out", "people.sign_out_everywhere"}:
                    continue
                reply = scorer.ask(method, path, **({"json": {}} if path.startswith("/api/") else {}))
                assert reply.status_code < 500, (method, path)


def _fillings(rule, planted, person):
    known = numbers(planted, person)
    choices = [known[name] for name in rule.arguments]
    return [dict(zip(rule.arguments, values, strict=True)) for values in itertools.product(*choices)]


def numbers(planted, person):
    """For every name in an address: what there is of it, of oneself and of others, and something that is not."""
    found = SimpleNamespace()
    for name, model, most in [
        ("assignment_id", Assignment, 12), ("read_id", Read, 12), ("event_id", Event, 5), ("task_id", Task, 5),
        ("job_id", Job, 9), ("response_id", Response, 4), ("student_id", Student, 4), ("batch_id", ImportBatch, 4),
        ("place_id", EventResponse, 4), ("person_id", Person, 3), ("concern_id", Concern, 3), ("paper_id", Paper, 3),
        ("set_id", PaperSet, 5), ("study_id", Study, 3), ("comparison_id", Comparison, 3), ("evidence_id", PaperEvidence, 3), ("check_id", NameCheck, 3),
        ("thread_id", Thread, 3), ("post_id", Post, 3),
        ("rule_id", CredentialRule, 3), ("credential_id", Credential, 3), ("earned_id", Credential, 3),
        ("session_id", CalibrationSession, 2), ("session_paper_id", SessionPaper, 2),
        ("participant_id", Participant, 2), ("remark_id", Remark, 1), ("proposal_id", Proposal, 1), ("protocol_id", Protocol, 1),
        ("committee_id", Committee, 2), ("proposed_id", ProposedPaper, 2), ("packet_id", TrainingPacket, 1),
        ("program_id", Program, 3), ("step_id", ProgramStep, 3), ("attempt_id", Attempt, 3),
        ("cycle_id", Cycle, 2),
    ]:  # fmt: skip
        ids = db.session.scalars(sa.select(model.id).order_by(model.id.desc()).limit(most)).all()
        setattr(found, name, [*ids, NOWHERE])
    values = vars(found)
    for name in ("organization_id", "parent_id"):
        values[name] = [planted.district.id, planted.school.id]
    for name in (
        "clarification_id",
        "export_id",
        "invitation_id",
        "list_id",
        "material_id",
        "membership_id",
        "note_id",
        "number",
        "shared_id",
        "token_id",
        "version",
    ):
        values[name] = [1, NOWHERE]
    values |= {
        "number": [1, NOWHERE],
        "code": [planted.event.code, "NOT-THERE"],
        "response_code": db.session.scalars(sa.select(Response.code).limit(1)).all(),
        "stop_token": ["no-link", digests.stop_token(planted.first)],
        "filename": ["app.css", "scoring.js", "not-there.svg"],
        "token": _links(planted, person),
        "share_code": [
            *db.session.scalars(sa.select(Credential.share_code).limit(2)).all(),
            "0000-0000-0000-0000",
        ],
    }
    return values


def _links(planted, person):
    """Links made for others, and what is no link."""
    page = db.session.scalars(sa.select(Page.key).order_by(Page.id)).first()
    links = [storage.link_token(page, "image/webp", each) for each in (planted.first, planted.leader, person)]
    original = storage.link_token("originals/x", "application/pdf", planted.admin, name="work.pdf")
    return [*links, original, "no-link"]

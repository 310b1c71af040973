"""Nobody in: every address, asked for by everybody, with what is theirs and with what is another district's."""

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from scoring import permissions
from scoring.people import models, services
from scoring.permissions import Permission, Role
from scoring.responses import listing
from scoring.responses.models import Student
from scoring.web import limiter
from tests.databases import SqliteSnapshot
from tests.trust import two_districts

# Restoring rows between two cells does not bring back files that one of them removed.
pytestmark = [pytest.mark.engines("sqlite"), pytest.mark.breaks_invariants]

ALLOWED = dict(permissions.ALLOWED)
OPEN, SIGN_IN, FORBIDDEN, NOT_THERE = "open", "sign in", "forbidden", "not there"
ANSWERS = {200: OPEN, 201: OPEN, 204: OPEN, 302: OPEN, 303: OPEN, 400: OPEN, 409: OPEN, 422: OPEN,
           401: SIGN_IN, 403: FORBIDDEN, 404: NOT_THERE}  # fmt: skip
OWN = {
    "comparison_id",
    "assignment_id",
    "earned_id",
    "job_id",
    "token_id",
    "token",
    "attempt_id",
}  # what belongs to one person; all of it to the first scorer here
MEMBERS_ONLY = {"reports.new_export", "reports.export_again"}  # a district's workbook is for its own people
FOR_PARTICIPANTS = {"judging.compare", "judging.undo", "credentials.ask"}  # both scorers of a district are
# whoever has the link or the code; and what is published
COMMON_ADDRESS = {
    "people.accept_invitation",
    "community.stop_digest",
    "credentials.shared",
    "credentials.status_list",
}
SEATED_ONLY = {"rangefinding.score", "rangefinding.keep_draft", "rangefinding.pass_on", "rangefinding.leave"}
LEFT_BY_SESSIONS = {  # also for leaders without a seat
    "sessions.show_minutes", "sessions.minutes_as_pdf", "sessions.minutes_as_workbook", "sessions.clarify", "sessions.write_note",
}  # fmt: skip
CSRF = re.compile(r'(name="csrf_token"[^>]* value|name="next" value)="[^"]*"')


@pytest.fixture
def districts(app):
    return two_districts.settle()


def expected(view, endpoint, arguments, person, side):
    """What the table of roles and the tree of places say, without asking the code that decides."""
    permission = view.permission
    if person is None:
        return OPEN if permission is Permission.ANYONE else SIGN_IN
    if permission not in {Permission.ANYONE, Permission.SIGNED_IN} and not has_role_for(person, permission):
        return FORBIDDEN
    if not arguments or endpoint in COMMON_ADDRESS or endpoint == "static":
        return OPEN
    if arguments & OWN:
        return OPEN if person.id == side.team.first.id else NOT_THERE
    if endpoint == "cycles.shared_show":  # both districts' cycles are shared in the network
        return OPEN
    if endpoint == "reads.reopen":  # says the same words about every read that is not one's own
        return OPEN
    if endpoint in FOR_PARTICIPANTS or endpoint.startswith("qualification.begin"):
        return OPEN if person.id in {side.team.first.id, side.team.second.id} else NOT_THERE
    if endpoint == "papers.anchors":
        if person.id in {side.team.first.id, side.team.second.id}:
            return OPEN
        return OPEN if has(person, Permission.CHOOSE_ANCHORS, side) else NOT_THERE
    if endpoint.startswith("discussions."):
        return in_discussions(endpoint, person, side)
    if "shared_id" in arguments:  # the whole network finds it; here nobody else's district has the task
        is_own = endpoint == "community.take_back" and has(person, permission, side)
        return OPEN if endpoint == "community.shared_paper" or is_own else FORBIDDEN
    if endpoint.startswith("sessions.") and permission is Permission.SIGNED_IN:
        return _in_session(endpoint, person, side)
    if endpoint.startswith("rangefinding.") and permission is Permission.SIGNED_IN:
        if person.id in {side.team.first.id, side.team.second.id}:
            return OPEN
        return OPEN if endpoint not in SEATED_ONLY and has(person, Permission.CALIBRATE, side) else NOT_THERE
    only_here = endpoint in MEMBERS_ONLY
    return OPEN if has(person, permission, side, only_here=only_here) else NOT_THERE


def in_discussions(endpoint, person, side):
    """The thread is the first scorer's, on a task that both scorers of the district score; leaders look after it."""
    leads, is_first = has(person, Permission.CALIBRATE, side), person.id == side.team.first.id
    if not (leads or is_first or person.id == side.team.second.id):
        return NOT_THERE
    deed = endpoint.partition(".")[2]
    if deed in {"edit_post", "remove_post"}:
        return OPEN if is_first else FORBIDDEN
    if deed in {"hide_post", "show_post_again"}:
        return OPEN if leads else FORBIDDEN
    if deed in {"resolve", "reopen", "mark_answer"}:
        return OPEN if leads or is_first else FORBIDDEN
    return OPEN


def _in_session(endpoint, person, side):
    """A session is for those with a seat. Its remark and its proposal are the first scorer's."""
    if endpoint in {"sessions.withdraw_remark", "sessions.withdraw_proposal"}:
        return OPEN if person.id == side.team.first.id else NOT_THERE
    seats = {side.team.first.id, side.team.second.id, side.team.leader.id}
    if endpoint in LEFT_BY_SESSIONS and has(person, Permission.CALIBRATE, side):
        return OPEN
    if person.id not in seats:
        return NOT_THERE
    needs = {"sessions.note_away", "sessions.give_part", "sessions.close", "sessions.show_leader"}
    is_own = (
        endpoint == "sessions.note_away" and person.id == side.team.second.id
    )  # one may always leave oneself
    return OPEN if endpoint not in needs or is_own or person.id == side.team.leader.id else FORBIDDEN


def has_role_for(person, permission):
    return any(permission in ALLOWED[each.role] for each in person.memberships)


def has(person, permission, side, *, only_here=False):
    """Whether one of the roles gives the permission in this district: held there, or in the network above it."""
    places = {side.district.id} if only_here else {side.district.id, side.district.parent_id}
    return any(
        permission in ALLOWED[each.role] and each.organization_id in places for each in person.memberships
    )


def answered(reply):
    """How a reply lets somebody in or not."""
    went_out = "Clear-Site-Data" in reply.headers
    if reply.status_code == 302 and urlsplit(reply.location).path == "/sign-in" and not went_out:
        return SIGN_IN
    return ANSWERS.get(reply.status_code, str(reply.status_code))


def cells(app, side):
    """Yield (endpoint, method, path, the same with a made-up object, arguments) for every address of the app."""
    rules = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        values = {name: side.values.get(name) for name in rule.arguments}
        if rule.endpoint == "static":
            values = {"filename": "app.css"}
        elif rule.endpoint == "people.accept_invitation":
            values = {"token": side.values["invitation_token"]}
        assert None not in values.values(), f"{rule}: two_districts.py has none of these"
        made_up = {name: 98765 if isinstance(value, int) else "NOWHERE" for name, value in values.items()}
        for method in sorted(rule.methods & {"GET", "POST"}):
            yield (rule.endpoint, method, rules.build(rule.endpoint, values), rules.build(rule.endpoint, made_up),
                   set(values))  # fmt: skip


class Matrix:
    """Asks every cell on the same rows, and keeps what came out differently."""

    def __init__(self, sandbox, cast):
        self.sandbox, self.wrong, self.count = sandbox, [], Counter()
        self.people = {"visitor": None, **cast}
        self.bearer = {name: services.issue_token(person, "matrix") for name, person in cast.items()}
        two_districts.was_here_just_now()
        self.rows = SqliteSnapshot(sandbox.engine)

    def walk(self, sides, only=None):
        """Let everybody ask for everything each district has."""
        app = self.sandbox.app
        for side in sides:
            for endpoint, method, path, made_up, arguments in cells(app, side):
                if only is not None and endpoint not in only:
                    continue
                for name, person in self.people.items():
                    wanted = expected(app.view_functions[endpoint], endpoint, arguments, person, side)
                    # Refusals are alike; as JSON they take half the time.
                    accept = "application/json" if wanted == FORBIDDEN else "text/html"
                    reply = self.hold((name, method, path), self.ask(name, method, path, accept), wanted)
                    is_known_anyway = "token" in arguments or endpoint in MEMBERS_ONLY
                    if wanted == NOT_THERE and not is_known_anyway:
                        self.compare((name, method, path), reply, self.ask(name, method, made_up))

    def ask(self, name, method, path, accept="text/html"):
        """Send one request as this person, with a fresh session or with a token."""
        sent, client = {"headers": {"Accept": accept}}, self.sandbox.app.test_client()
        if path.startswith("/api/"):
            headers = {"Authorization": f"Bearer {self.bearer[name]}"} if name in self.bearer else {}
            sent = {"json": {}, "headers": headers}
        elif self.people[name] is not None:
            client.sign_in(self.people[name])
        self.sandbox.was_written = False
        return client.open(path, method=method, buffered=True, **sent)

    def hold(self, cell, reply, wanted):
        """Compare one cell; where nobody was let in, nothing was written either."""
        found = answered(reply)
        self.count[wanted] += 1
        if found != wanted:
            self.wrong.append((*cell, f"{found} ({reply.status_code}) instead of {wanted}"))
        elif wanted != OPEN and self.sandbox.was_written:
            self.wrong.append((*cell, f"wrote, though the answer was {found}"))
        if self.sandbox.was_written:
            self.rows.restore()
        return reply

    def compare(self, cell, theirs, nobodys):
        """What belongs to others looks like what does not exist, or one could count what they have."""
        if plain(theirs) != plain(nobodys):
            self.wrong.append((*cell, "another answer than for what is not there"))


def plain(reply):
    """The reply without what is different each time: the request's number, and the address repeated in words."""
    asked = [part for part in reply.request.path.split("/") if part and not part.isdigit()]
    told = {reply.request.path, reply.headers["X-Request-ID"], *asked}
    text = CSRF.sub("", reply.get_data(as_text=True))  # first: "name" is a word of some addresses
    for words in sorted(told, key=len, reverse=True):
        text = text.replace(words, "*")
    return reply.status_code, text


@pytest.fixture
def matrix(sandbox, districts, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", False)
    monkeypatch.setitem(sandbox.app.config, "API_LIMIT", "1000000 per minute")
    made = Matrix(sandbox, districts[0])
    yield made
    made.rows.close()
    sandbox.was_written = True


def test_everybody_gets_what_is_theirs_and_nothing_else(districts, matrix):
    matrix.walk(districts[1:])
    assert matrix.wrong == [], matrix.wrong
    assert sum(matrix.count.values()) > 2000, matrix.count
    assert min(matrix.count[each] for each in (OPEN, SIGN_IN, FORBIDDEN, NOT_THERE)) > 150, matrix.count


def test_a_planted_hole_between_districts_is_found(districts, matrix, monkeypatch):
    monkeypatch.setattr(listing, "visible_students", lambda _person: sa.select(Student))
    matrix.walk(districts[1:], only={"responses.student"})
    assert {(name, found) for name, _, _, found in matrix.wrong if "instead" in found} == {
        ("dora", "open (200) instead of not there"), ("dan", "open (200) instead of not there"),
    }  # fmt: skip


def test_a_planted_permission_for_the_wrong_role_is_found(districts, matrix, monkeypatch):
    more = permissions.ALLOWED | {Role.SCORER: {Permission.SCORE, Permission.OPEN_IDENTITY}}
    monkeypatch.setattr(models, "ALLOWED", more)
    matrix.walk(districts[2:], only={"responses.students"})
    assert {name for name, *_ in matrix.wrong} == {"ana", "ben", "eve"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_that_names_no_permission_is_closed_to_everybody(
    app, districts, matrix, monkeypatch, method
):
    monkeypatch.setitem(app.view_functions, "pages.home", lambda: "planted")
    monkeypatch.setitem(app.view_functions, "pages.theme", lambda: "planted")
    for name in matrix.people:
        reply = matrix.ask(name, method, "/" if method == "GET" else "/theme")
        assert (reply.status_code, b"planted" in reply.data) == (403, False), name

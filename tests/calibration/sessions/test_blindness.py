"""Nobody learns a score before the own one is in: canaries in every reply of every phase, and two worlds that look alike."""

import contextvars
import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from calibration.sessions import attendance, discussing, running, services, sheets
from calibration.sessions.models import Form, Sheet, SheetScore
from scoring import db as database
from scoring.db import db, now, transaction
from scoring.reads.models import SeenWork
from scoring.responses.models import RosterEntry
from tests.calibration.sessions.room import DAYS

pytestmark = pytest.mark.engines(
    "sqlite"
)  # what is told does not depend on the database, and there is much to ask
CANARY = "canary"
LEADERS = "leaders-canary"
CSRF = re.compile(rb'name="csrf_token" value="[^"]*"')


class StandingClock:
    """Time stands still for the whole process, so that two replies differ only in what they tell."""

    def __init__(self):
        self.moment = database.datetime.now(database.UTC)

    def get(self):
        return self.moment

    def set(self, moment):
        self.moment, before = moment, self.moment
        return before

    def reset(self, token):
        self.moment = token


@pytest.fixture
def clock(monkeypatch):
    made = StandingClock()
    monkeypatch.setattr(database, "_clock", made)
    return made


class Reader:
    """Somebody who asks for everything a session has, and tries every button that tells something."""

    def __init__(self, client, meeting):
        self.client, self.place = client, f"/sessions/{meeting.id}"
        self.papers = [paper.id for paper in meeting.papers]
        self.trait = meeting.rubric.traits[0].id

    def replies(self):
        """Every reply as status, headers that could tell something, and body without the token of the form."""
        asked = [
            ("GET", path, {})
            for path in (
                "/sessions/",
                "/calibration/",
                self.place,
                f"{self.place}?fragment=1",
                f"{self.place}/state",
            )
        ]
        asked.append(("GET", f"{self.place}/state", {"headers": {"If-None-Match": '"1-1"'}}))
        for paper in self.papers:
            place = f"{self.place}/papers/{paper}"
            asked += [
                ("GET", place, {}),
                ("POST", place, {"data": {"trait-claim": "99"}}),
                ("POST", f"{place}/revise", {"data": {"trait-claim": "99"}}),
                ("POST", f"{place}/remarks", {"data": {"text": "", "trait": self.trait}}),
                ("POST", f"{place}/consensus", {"data": self._agreed(99, "x")}),
                (
                    "POST",
                    f"{place}/consensus",
                    {"data": self._agreed(3, "") | {"pair": 1}},
                ),
                ("POST", f"{place}/proposals", {"data": {"trait": self.trait, "score": 99, "reason": "x"}}),
                ("POST", f"{place}/show-leader", {}),
            ]
        return [self._ask(*each) for each in asked]

    def _agreed(self, score, reason):
        return {f"score-{self.trait}": score, f"reason-{self.trait}": reason}

    def _ask(self, method, path, sent):
        if "fragment" in path:
            reply = contextvars.Context().run(FlaskClient.open, self.client, path, method=method)
        else:
            reply = self.client.open(path, method=method, **sent)
        headers = {name: reply.headers.get(name) for name in ("ETag", "Location", "Content-Length")}
        body = CSRF.sub(b"", reply.data).replace(reply.headers["X-Request-ID"].encode(), b"")
        headers["Content-Length"] = len(body)
        return method, path, reply.status_code, headers, body

    def learns(self, words=CANARY):
        """Addresses whose reply holds these words."""
        return [
            (method, path)
            for method, path, _, headers, body in self.replies()
            if words.encode() in body + str(headers).encode()
        ]


def change_scores_of(*people, to=4, words="other words"):
    """Let these people have scored differently, and said something else."""
    with transaction() as session:
        theirs = sa.or_(*(Sheet.participant.has(person_id=each.id) for each in people))
        ids = session.scalars(sa.select(Sheet.id).where(theirs)).all()
        session.execute(
            sa.update(SheetScore).where(SheetScore.sheet_id.in_(ids)).values(score=to, evidence=words)
        )
        session.execute(sa.update(Sheet).where(Sheet.id.in_(ids)).values(reason=words))
    db.session.expire_all()


def all_alike(reader, *people, to=4):
    """Whether no reply is another one in a world where these people scored differently."""
    here = reader.replies()
    change_scores_of(*people, to=to, words="a much longer canary " * 9)
    return reader.replies() == here


def put_in(room, paper, *people, claim=1):
    for person in people:
        room.score(paper, person, claim, 2, words=f"{CANARY} of {person.name}", reason=f"{CANARY} reason")


PHASES = ["score", "reveal", "discuss", "agree"]


@pytest.mark.parametrize("kind", PHASES)
def test_whoever_is_not_in_learns_nothing_in_any_phase(room, ana, ben, ada, lea, sign_in, clock, kind):
    meeting = room.go_to(room.begin(papers=1), "score")
    paper = meeting.papers[0]
    put_in(room, paper, ana, ada, lea)
    if kind != "score":
        room.go_to(meeting, kind)
        running.show_leader(paper, actor=lea)
        discussing.say(meeting, f"{CANARY} remark", session_paper=paper, trait_id=room.claim.id, actor=ana)
        discussing.settle(paper, room.claim.id, score=2, reason=f"{CANARY} agreed", actor=lea)
    reader = Reader(sign_in(ben), meeting)
    assert reader.learns() == []
    assert all_alike(reader, ana, ada, lea)
    if kind != "score":  # the same words are there for those who may see them: the search can find something
        assert len(Reader(sign_in(ada), meeting).learns()) > 3


def test_whoever_is_in_learns_nothing_before_the_reveal(room, ana, ben, ada, lea, sign_in, clock):
    meeting = room.go_to(room.begin(papers=1), "score")
    put_in(room, meeting.papers[0], ana, ada, lea)
    room.score(meeting.papers[0], ben)
    reader = Reader(sign_in(ben), meeting)
    assert reader.learns() == [] and all_alike(reader, ana, ada, lea)
    leading = Reader(sign_in(lea), meeting)
    assert all_alike(leading, ana, ada)


def test_whoever_looks_on_learns_nothing_before_the_reveal(room, ana, ben, ada, lea, sign_in, clock):
    meeting = room.go_to(room.begin(papers=1), "score")
    put_in(room, meeting.papers[0], ana, ada)
    sheets.observe(meeting.papers[0], actor=ben)
    reader = Reader(sign_in(ben), meeting)
    assert reader.learns() == [] and all_alike(reader, ana, ada)
    room.go_to(meeting, "reveal")
    assert reader.learns() != []


@pytest.mark.parametrize("kind", ["reveal", "discuss", "agree"])
def test_the_leaders_scores_are_not_told_before_they_are_shown(
    room, ana, ben, ada, lea, sign_in, clock, kind
):
    """Neither by the marks, nor by the order of the traits, nor by how far scores lie apart."""
    meeting = room.go_to(room.begin(papers=1), "score")
    paper = meeting.papers[0]
    for person in (ana, ben):
        room.score(paper, person, 2, 3)
    room.score(paper, lea, 1, 4, words=LEADERS, reason=LEADERS)
    room.go_to(meeting, kind)
    reader = Reader(sign_in(ben), meeting)
    assert reader.learns(LEADERS) == [] and all_alike(reader, lea)
    running.show_leader(paper, actor=lea)
    assert not all_alike(reader, lea, to=3)


@pytest.mark.breaks_invariants
def test_whoever_sits_a_paper_out_learns_nothing_of_it(room, ana, ben, ada, lea, sign_in, clock):
    meeting = room.go_to(room.begin(papers=1), "score")
    paper = meeting.papers[0]
    with transaction() as session:
        session.add(RosterEntry(person_id=ben.id, student_id=paper.paper.response.student_id))
    put_in(room, paper, ana, ada, lea)
    reader = Reader(sign_in(ben), meeting)
    assert reader.learns("This is essay number") == []
    room.go_to(meeting, "agree")
    running.show_leader(paper, actor=lea)
    assert (
        reader.learns() == []
        and reader.learns("This is essay number") == []
        and all_alike(reader, ana, ada, lea)
    )
    assert reader.learns("You sit this one out") != []


def test_pairs_learn_of_each_other_only_when_both_are_in(room, ana, ben, ada, lea, sign_in, clock):
    meeting = room.begin(ana, ben, lea, papers=1, protocol="consensus-pairs")
    room.go_to(meeting, "score")
    paper = meeting.papers[0]
    put_in(room, paper, ana)
    room.go_to(meeting, "agree", in_pairs=True)
    discussing.settle(paper, room.claim.id, score=1, reason=f"{CANARY} of the pair", actor=ana, pair=1)
    reader = Reader(sign_in(ben), meeting)
    assert reader.learns() == [] and all_alike(reader, ana)
    room.score(paper, ben, 3, 3)
    assert b"you gave 3 and 4" in reader.replies()[2][-1]


def test_in_the_asynchronous_form_nobody_learns_anything_before_the_deadline(
    room, ana, ben, ada, lea, sign_in, clock
):
    meeting = room.open(Form.ASYNCHRONOUS)
    first, second = meeting.papers
    put_in(room, first, ana, ada, lea)
    put_in(room, second, ana, ada)
    room.score(first, ben)
    reader = Reader(sign_in(ben), meeting)
    assert reader.learns() == [] and all_alike(reader, ana, ada, lea)


def test_in_the_asynchronous_form_whoever_is_not_in_learns_nothing_after_it(
    room, ana, ben, ada, lea, sign_in, clock
):
    meeting = room.open(Form.ASYNCHRONOUS, papers=1, closes_at=now() + 9 * DAYS)
    put_in(room, meeting.papers[0], ana, ada, lea)
    clock.moment += 4 * DAYS
    discussing.say(meeting, f"{CANARY} remark", session_paper=meeting.papers[0], actor=ana)
    discussing.propose(meeting.papers[0], room.claim.id, score=4, reason=f"{CANARY} proposed", actor=ana)
    reader = Reader(sign_in(ben), meeting)
    assert reader.learns() == [] and all_alike(reader, ana, ada, lea)
    room.score(meeting.papers[0], ben)
    assert reader.learns() != []


def test_a_session_tells_nothing_of_the_student(room, ana, ben, lea, sign_in, clock):
    meeting = room.go_to(room.begin(papers=1), "score")
    response = meeting.papers[0].paper.response
    secrets = [response.code, response.student.pseudonym, response.school.name, response.sha256]
    put_in(room, meeting.papers[0], ana, lea)
    reader = Reader(sign_in(ben), meeting)
    room.score(meeting.papers[0], ben)
    before = reader.replies()
    room.go_to(meeting, "reveal")
    told = b"".join(body for *_, body in before + reader.replies())
    assert [words for words in secrets if words.encode() in told] == []


def test_order_tells_nothing_of_who_scored_what(room, ana, ben, ada, lea, sign_in, clock):
    """The same scores and words, given by other people in another order, look the same."""
    seen = []
    for order in ((ana, ben), (ben, ana)):
        with transaction() as session:
            session.execute(sa.delete(SeenWork))  # nobody remembers the first session in the second
        meeting = room.go_to(room.begin(papers=1), "score")
        for person, claim, words in zip(order, (1, 3), ("one", "three"), strict=True):
            room.score(meeting.papers[0], person, claim, 2, words=words)
        room.score(meeting.papers[0], ada, 2, 2)
        room.go_to(meeting, "reveal")
        page = sign_in(ada).get(f"/sessions/{meeting.id}/papers/{meeting.papers[0].id}").data
        seen.append(re.sub(rb"/\d+", b"", CSRF.sub(b"", page)))
    assert re.sub(rb"-\d+", b"", seen[0]) == re.sub(rb"-\d+", b"", seen[1])


def test_names_are_shown_only_when_everybody_agrees(room, ana, ben, ada, lea, sign_in):
    meeting = room.go_to(room.begin(papers=1), "score")
    put_in(room, meeting.papers[0], ana, ben, ada, lea)
    room.go_to(meeting, "reveal")
    place = f"/sessions/{meeting.id}/papers/{meeting.papers[0].id}"
    for person in (ana, ben, ada):
        attendance.show_name(meeting, True, actor=person)
    assert b"dotplot-name" not in sign_in(ana).get(place).data
    attendance.show_name(meeting, True, actor=lea)
    page = sign_in(ana).get(place).data
    assert page.count(b"dotplot-name") == 2 * 3  # the leader's is not shown yet
    attendance.show_name(meeting, False, actor=ben)
    assert b"dotplot-name" not in sign_in(ana).get(place).data


def test_whoever_lost_the_seat_is_named_only_with_their_own_consent(room, ana, ben, ada, lea, sign_in):
    meeting = room.go_to(room.begin(papers=1), "score")
    put_in(room, meeting.papers[0], ana, ben, ada, lea)
    room.go_to(meeting, "reveal")
    place = f"/sessions/{meeting.id}/papers/{meeting.papers[0].id}"
    for person in (ana, ada, lea):
        attendance.show_name(meeting, True, actor=person)
    services.remove(room.seat(meeting, ben), actor=lea)
    assert b"dotplot-name" not in sign_in(ana).get(place).data
    services.invite(meeting, [ben], actor=lea)
    attendance.show_name(meeting, True, actor=ben)
    services.remove(room.seat(meeting, ben), actor=lea)
    assert sign_in(ana).get(place).data.count(b"dotplot-name") == 2 * 3

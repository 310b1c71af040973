"""Blindness: nothing of the consensus reaches a scorer before own scores are in, and nothing of a try's papers ever."""

import dataclasses
import itertools
import re
from datetime import UTC, datetime

import pytest

from calibration.papers import showing
from calibration.qualification.steps import Stage
from scoring import db as database
from scoring.db import db
from tests import build
from tests.calibration.qualification.world import World
from tests.trust.searching import Search
from tests.trust.test_non_interference import MASKS, cookie

CANARIES = {
    name: f"zq{name}qz"
    for name in ("practicewhy", "trywhy", "recheckwhy", "secretset", "responsecode", "student")
}
BASE = "/qualification"


class Walk:
    """One scorer's requests; `look` is shown every reply."""

    def __init__(self, client, look):
        self.client, self.look = client, look

    def get(self, path):
        return self._keep(self.client.get(path))

    def post(self, path, **data):
        return self._keep(self.client.post(path, data=data))

    def _keep(self, reply):
        self.look(reply)
        return reply

    def everywhere(self, program, attempts, papers):
        """Ask for every page a scorer could know of."""
        for path in ("/", "/reads/", "/calibration/", f"{BASE}/"):
            self.get(path)
        for number in attempts:
            for tail in ("", "/result", *(f"/papers/{paper}" for paper in papers)):
                self.get(f"{BASE}/attempts/{number}{tail}")
        for tail in ("", "/scorers.csv", "/edit"):
            self.get(f"{BASE}/programs/{program}{tail}")


def a_program(lea, consensus):
    """Practice, two tries and a recalibration, whose papers carry canaries; `consensus` gives the score of each paper."""
    world, number = World(lea), itertools.count()

    def papers(how_many, canary):
        found = []
        for _ in range(how_many):
            response = build.a_response(
                world.task, build.a_student(world.school, pseudonym=f"{CANARIES['student']}{next(number)}")
            )
            found.append(
                world.a_paper(consensus(next(number)), commentary=CANARIES[canary], response=response)
            )
        return found

    practice = world.a_set(Stage.PRACTICE, papers(2, "practicewhy"))
    tries = [
        world.a_set(Stage.QUALIFICATION, papers(3, "trywhy"), name=f"{CANARIES['secretset']} {each}")
        for each in "AB"
    ]
    recheck = world.a_set(Stage.RECALIBRATION, papers(5, "recheckwhy"), name=f"{CANARIES['secretset']} R")
    return world.a_program(practice=(practice,), qualification=tries, recalibration=(recheck,))


def score(walk, desk, scores=("2", "3")):
    number = re.search(r'name="number" value="(\d+)"', walk.get(desk).text)[1]
    return walk.post(desk, number=number, **{"trait-claim": scores[0], "trait-evidence": scores[1]})


@pytest.mark.engines("sqlite")
def test_no_byte_of_the_consensus_before_own_scores_are_in(app, lea, ana, sign_in):
    program = a_program(lea, lambda _: 3)
    hidden = Search(CANARIES)
    walk = Walk(sign_in(ana), hidden.look)
    walk.everywhere(program.id, (), ())
    desk = walk.post(
        f"{BASE}/programs/{program.id}/practice/{program.steps_of(Stage.PRACTICE)[0].id}"
    ).location
    walk.everywhere(program.id, (1,), (1, 2, 3))
    walk.post(desk, number="1")
    walk.post(desk, number="2", **{"trait-claim": "2", "trait-evidence": "2"})
    score(walk, desk)
    assert hidden.leaks == []
    told = Search(CANARIES)
    told.look(walk.client.get(f"{desk}/papers/1"))
    assert {name for _, name in told.leaks} == {"practicewhy"}  # now it is said, and the search finds it
    walk.everywhere(program.id, (1,), (2, 3))
    score(walk, desk)
    desk = walk.post(f"{BASE}/programs/{program.id}/try").location
    for _ in range(3):
        walk.everywhere(program.id, (2,), (1, 2, 3))
        score(walk, desk)
    walk.everywhere(program.id, (2,), (1, 2, 3))  # not after the end either
    assert hidden.leaks == []
    assert hidden.replies > 60


class Transcript:
    """Every reply as text, without what is different each time."""

    def __init__(self):
        self.entries = []

    def look(self, reply):
        head = "\n".join(f"{name}: {value}" for name, value in sorted(reply.headers))
        text = f"{reply.request.method} {reply.request.path}\n{reply.status}\n{head}\n\n{reply.get_data(as_text=True)}"
        text = text.replace(reply.headers["X-Request-ID"], "*")
        for mask, instead in MASKS:
            text = mask.sub(instead, text)
        self.entries.append(re.sub(r"session=([\w.-]+);", lambda found: cookie(found[1]), text))


@pytest.fixture
def play(sandbox, app, monkeypatch):
    """Return a function that plays one scorer's way on the same rows, with other consensus scores."""

    def one_way(consensus):
        moment = datetime(2031, 3, 4, 15, tzinfo=UTC)
        monkeypatch.setattr(database, "_clock", type("Clock", (), {"get": lambda self: moment})())
        monkeypatch.setattr(build, "numbers", itertools.count(1))
        db.session.remove()
        sandbox.was_written = True
        sandbox.restore()
        lea, ana = build.person("lea"), build.person("ana")
        program = a_program(lea, consensus)
        transcript = Transcript()
        walk = Walk(app.test_client().sign_in(ana), transcript.look)
        step = program.steps_of(Stage.PRACTICE)[0].id
        desk = walk.post(f"{BASE}/programs/{program.id}/practice/{step}").location
        walk.everywhere(program.id, (1,), (1, 2))
        for _ in range(2):  # the pages that compare are not asked for: they tell
            score(walk, desk)
        desk = walk.post(f"{BASE}/programs/{program.id}/try").location
        for _ in range(2):
            score(walk, desk)
            walk.everywhere(program.id, (2,), (1, 2, 3))
        walk.get(desk)
        return transcript.entries

    return one_way


def test_two_worlds_that_differ_in_the_consensus_only_look_the_same_before_the_end(play):
    usual = play(lambda _: 3)
    assert len(usual) > 30
    for consensus in (lambda number: number % 4 + 1, lambda _: 1):
        other = play(consensus)
        assert [one for one, two in zip(usual, other, strict=True) if one != two] == []


TRUE_WORK = showing.blind_work


def hint(paper, number, person):
    """A planted leak: whether the paper is a strong one."""
    work = TRUE_WORK(paper, number, person)
    return dataclasses.replace(work, text=f"{work.text}{'.' if paper.mean_score > 2 else ''}")


@pytest.mark.engines("sqlite")
def test_a_planted_hint_is_found(play, monkeypatch):
    monkeypatch.setattr(showing, "blind_work", hint)
    assert play(lambda _: 3) != play(lambda _: 1)

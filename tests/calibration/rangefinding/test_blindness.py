"""Blindness in a committee: before own scores are in, nothing tells what anybody gave, in no byte of any reply."""

import re
from datetime import UTC, datetime

import pytest

from calibration.rangefinding import reading, rules, services, settling
from calibration.rangefinding.standing import Standing
from scoring import db as database
from scoring.db import db
from scoring.errors import Conflict, Invalid, NotFound
from tests import build
from tests.calibration.rangefinding.season import Season

CANARIES = {"evidence": "canary-evidence-quokka", "reason": "canary-reason-narwhal", "why": "canary-why-axolotl",
            "whole": "canary-whole-pangolin", "object": "canary-object-ocelot"}  # fmt: skip
CODE = re.compile(r'name="csrf_token" value="[^"]*"')
MASKS = [CODE, re.compile(r"/files/[\w.-]+")]


@pytest.fixture
def season(app, ana, ben):
    return Season(ana, ben)


def score_and_settle(season, first, second, *, claim=4):
    """Two members send canaries; one proposes a consensus, the other objects."""
    traits = season.rubric.traits
    for person in (first, second):
        season.send(person, claim=claim, evidence=claim, reason=CANARIES["reason"])
        read = next(each for each in season.paper().reads if each.person_id == person.id)
        for score in read.scores:
            score.evidence = CANARIES["evidence"]
    db.session.commit()
    made = settling.propose_consensus(
        season.committee, season.paper(), scores=season.scores(claim), commentaries={each.id: CANARIES["why"] for each in traits},
        commentary=CANARIES["whole"], kind="solid", actor=first,
    )  # fmt: skip
    settling.object_to(season.committee, season.paper(), made.id, words=CANARIES["object"], actor=second)
    return made


def everything(season, client):
    """Every address of the committee, opened and posted to."""
    made = season.paper().on_the_table
    form = {"consensus": made.id if made else 1, "words": "No", "reason": "So", "deed": "keep"}
    paths = [season.url, season.paper_url(), season.paper_url(part="/score"), season.paper_url(part="/consensus"),
             "/range-finding/", "/calibration/", "/reads/"]  # fmt: skip
    replies = [client.get(path) for path in paths]
    for part in ("/agree", "/object", "/settle", "/consensus", "/draft", "/score", "/take-back"):
        replies.append(client.post(season.paper_url(part=part), data=form))
    return replies


def told(replies):
    found = []
    for reply in replies:
        text = reply.get_data(as_text=True) + str(reply.headers)
        found += [(reply.request.path, name) for name, canary in CANARIES.items() if canary in text]
    return found


def plain(reply):
    text = reply.get_data(as_text=True).replace(reply.headers["X-Request-ID"], "*")
    for mask in MASKS:
        text = mask.sub("*", text)
    return f"{reply.request.method} {reply.request.path} {reply.status_code} {reply.location}\n{text}"


def unnumbered(reply):
    """The page without the address it repeats in its forms."""
    return plain(reply).partition("\n")[2].replace(reply.request.path, "*")


@pytest.mark.parametrize(
    ("leads", "is_asked", "is_in", "everybody_in", "is_closed", "sees"),
    [
        (False, True, False, False, False, False), (False, True, False, True, False, False), (False, True, True, False, False, True),
        (True, True, False, True, False, False), (True, True, True, False, False, True), (True, False, False, False, False, False),
        (True, False, False, True, False, True), (False, True, False, False, True, True), (True, False, False, False, True, True),
        (False, False, False, True, True, False), (False, False, False, False, False, False),
    ],
)  # fmt: skip
def test_the_rule_of_who_sees_scores(leads, is_asked, is_in, everybody_in, is_closed, sees):
    found = rules.sees_scores(
        leads=leads, is_asked=is_asked, is_in=is_in, everybody_in=everybody_in, is_closed=is_closed
    )
    assert found is sees


def test_a_member_learns_nothing_before_own_scores_are_in(season, sign_in, lea, ana, ben):
    third = build.a_person()
    season.open(lea, [ana, ben, third])
    score_and_settle(season, ana, ben)
    replies = everything(season, sign_in(third))
    assert told(replies) == []
    assert b"2 of 3" in replies[0].data
    assert b"Consensus proposed" not in replies[0].data
    assert replies[1].status_code == 302
    statuses = {reply.request.path.rpartition("/")[2]: reply.status_code for reply in replies[7:]}
    assert statuses == {"agree": 404, "object": 404, "settle": 403, "consensus": 404, "draft": 200, "score": 302, "take-back": 403}  # fmt: skip


def test_the_leader_learns_nothing_before_everybody_is_in(season, sign_in, lea, ada, ana, ben):
    third = build.a_person()
    season.open(lea, [ana, ben, third])
    score_and_settle(season, ana, ben)
    for leader in (lea, ada):
        assert told(everything(season, sign_in(leader))) == []
    season.send(third)
    seen = {name for _, name in told(everything(season, sign_in(lea)))}
    assert seen == set(CANARIES)


@pytest.mark.engines("sqlite")
def test_a_leader_with_a_seat_is_a_member_like_others(season, sign_in, lea, ana, ben):
    season.open(lea, [ana, ben, lea])
    score_and_settle(season, ana, ben)
    assert told(everything(season, sign_in(lea))) == []
    season.send(lea)
    assert {name for _, name in told(everything(season, sign_in(lea)))} == set(CANARIES)


@pytest.mark.engines("sqlite")
def test_closing_scoring_shows_everybody_what_was_given(season, sign_in, lea, ana, ben):
    third = build.a_person()
    season.open(lea, [ana, ben, third])
    score_and_settle(season, ana, ben)
    services.close_scoring(season.committee, actor=lea)
    for person in (lea, third):
        assert {name for _, name in told(everything(season, sign_in(person)))} == set(CANARIES)
    with pytest.raises(Conflict):
        season.send(third)


@pytest.mark.engines("sqlite")
def test_strangers_get_the_same_answer_as_for_what_is_not_there(season, sign_in, lea, ana, ben, eve):
    season.open(lea, [ana, ben])
    score_and_settle(season, ana, ben)
    for person in (eve, build.a_person()):
        client = sign_in(person)
        for path in (season.url, season.paper_url(), season.paper_url(part="/score")):
            real, made_up = client.get(path), client.get(re.sub(r"\d+", "98765", path))
            assert (real.status_code, told([real])) == (404, [])
            assert unnumbered(real) == unnumbered(made_up)


@pytest.mark.engines("sqlite")
def test_the_page_of_the_work_tells_nothing_of_the_student(season, sign_in, lea, ana, ben, alder_high):
    season.open(lea, [ana, ben])
    response = season.paper().response
    page = sign_in(ana).get(season.paper_url(part="/score")).get_data(as_text=True)
    assert response.text in page
    for secret in (response.code, response.student.pseudonym, alder_high.name):
        assert secret not in page


GIVEN = {"alike": (3, 3), "apart": (1, 4), "high": (4, 4)}


def test_replies_are_the_same_byte_for_byte_whatever_others_gave(
    sandbox, season, sign_in, lea, ana, ben, monkeypatch
):
    """Three days that differ only in what Ana and Ben gave; Cy, who is not in yet, and Lea get equal replies."""
    monkeypatch.setattr(database, "_clock", _Still())
    third = build.a_person(name="Cy")
    season.open(lea, [ana, ben, third])
    days = {}
    for name, (claim, evidence) in GIVEN.items():
        with _day(season, ana, ben, claim, evidence):
            days[name] = [
                plain(each) for person in (third, lea) for each in everything(season, sign_in(person))
            ]
    assert days["alike"] == days["apart"] == days["high"]


class _Still:
    """A clock that stands still."""

    def get(self):
        return datetime(2031, 3, 4, 15, 0, tzinfo=UTC)


class _day:
    """What Ana and Ben give, taken away afterwards."""

    def __init__(self, season, *given):
        self.season, self.given = season, given

    def __enter__(self):
        ana, ben, claim, evidence = self.given
        for person, score in ((ana, claim), (ben, evidence)):
            self.season.send(person, claim=score, reason=f"I gave a {score}.")

    def __exit__(self, *_):
        for read in list(self.season.paper().reads):
            self.season.paper().reads.remove(read)
        db.session.commit()


def test_scores_are_locked_once_they_are_sent(season, lea, ana, ben):
    season.open(lea, [ana, ben])
    sent = season.send(ana, claim=3)
    assert season.send(ana, claim=3).id == sent.id  # the same, sent twice
    with pytest.raises(Conflict, match="in already"):
        season.send(ana, claim=4)
    with pytest.raises(Conflict, match="in already"):
        reading.save_draft(season.committee, season.paper(), {"scores": {}}, actor=ana)
    with pytest.raises(Conflict, match="in already"):
        reading.pass_on(season.committee, season.paper(), actor=ana)


@pytest.mark.engines("sqlite")
def test_a_draft_is_kept_and_nobody_else_sees_it(season, sign_in, lea, ana, ben):
    season.open(lea, [ana, ben])
    client = sign_in(ana)
    client.post(
        season.paper_url(part="/draft"),
        data={"trait-claim": "2", "evidence-claim": "the second line", "note": "not sure"},
    )
    page = client.get(season.paper_url(part="/score")).get_data(as_text=True)
    assert "the second line" in page
    assert re.search(r'id="trait-claim-2"[^>]*checked', page)
    assert "Your draft" in client.get(season.url).get_data(as_text=True)
    assert "the second line" not in sign_in(ben).get(season.paper_url(part="/score")).get_data(as_text=True)
    assert season.place(ana).sent == frozenset()
    with pytest.raises(Invalid, match="too long"):
        reading.save_draft(season.committee, season.paper(), {"note": "x" * 50_000}, actor=ana)


def test_every_trait_needs_a_score_point_of_the_rubric(season, sign_in, lea, ana, ben):
    season.open(lea, [ana, ben])
    for scores in ({}, {season.rubric.traits[0].id: 3}, season.scores(9)):
        with pytest.raises(Invalid):
            reading.send(season.committee, season.paper(), scores=scores, actor=ana)
    with pytest.raises(Invalid, match="Evidence"):
        reading.send(
            season.committee, season.paper(), scores=season.scores(3),
            evidence={season.rubric.traits[0].id: "x" * 2001}, actor=ana,
        )  # fmt: skip
    reply = sign_in(ana).post(season.paper_url(part="/score"), data={"trait-claim": "3"})
    assert reply.status_code == 422
    assert b"Choose a score for Evidence." in reply.data
    assert season.place(ana).sent == frozenset()


def test_who_knows_the_student_leaves_the_paper_to_others(season, sign_in, lea, ana, ben):
    season.open(lea, [ana, ben])
    assert sign_in(ana).post(season.paper_url(part="/pass")).status_code == 302
    assert season.place(ana).asked == {ben.id}
    assert Standing(season.committee, ana).left == 3
    season.send(ben)
    assert season.place(lea).sees_scores
    assert not season.place(ana).sees_scores
    with pytest.raises(NotFound):
        season.send(ana)


@pytest.mark.engines("sqlite")
def test_two_windows_of_one_member_send_once(season, sign_in, lea, ana, ben):
    season.open(lea, [ana, ben])
    sheet = {"trait-claim": "3", "trait-evidence": "2", "note": "Short."}
    one, other = sign_in(ana), sign_in(ana)
    assert one.post(season.paper_url(part="/score"), data=sheet).location.endswith(season.paper_url())
    assert other.post(season.paper_url(part="/score"), data=sheet | {"trait-claim": "1"}).location.endswith(season.paper_url())  # fmt: skip
    db.session.expire_all()
    assert [each.score for each in season.paper().reads[0].scores] == [3, 2]

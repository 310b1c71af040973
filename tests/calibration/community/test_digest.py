"""The digest: who gets one when, what it holds and never holds, and that nobody gets the same one twice."""

import email
import email.policy
import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from calibration import digest
from calibration.community import digests, letter, sharing
from calibration.community.models import Digest, DigestStatus
from calibration.discussions import services as discussions
from calibration.waiting import Waiting
from scoring import jobs, mail
from scoring.db import at, db, now, transaction
from scoring.errors import Invalid, NotFound
from scoring.events.models import EventStatus
from scoring.people.models import Person
from scoring.tasks import clarifying
from tests import build
from tests.calibration.papers.season import Season

MONDAY = datetime(2031, 3, 3, 12, 5, tzinfo=UTC)  # five past seven in New York
TITLE, WORDS, NOTE = "zqtitleqz", "zqwordsqz", "zqnoteqz"


@pytest.fixture
def folder(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_URL", f"file://{tmp_path}")
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://rangefinder.example.org/")
    with transaction() as session:
        session.execute(sa.update(Person).values(created_at=MONDAY - timedelta(days=30)))
    return tmp_path


@pytest.fixture
def talk(app, ana, ben, lea):
    """Lea named Ana in a discussion on the day before."""
    with at(MONDAY - timedelta(days=1)):
        task = build.a_task(title="Later start")
        build.an_event(task, [ana, ben])
        trait = task.published_rubric.traits[0]
        return discussions.start("trait", trait.id, title=TITLE, words=f"{WORDS} @Ana Ortiz", actor=lea)


def messages(folder):
    """The messages that went out, by whom they went to."""
    found = {}
    for path in sorted(folder.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        found.setdefault(message["To"], []).append(message)
    return found


def run():
    jobs.run_sweeps()


def statuses():
    return db.session.scalars(sa.select(Digest.status).order_by(Digest.id)).all()


# What


def test_who_never_chose_gets_it_on_monday_morning(folder, talk, ana):
    with at(MONDAY - timedelta(minutes=10)):
        run()
        assert messages(folder) == {}
    with at(MONDAY):
        run()
    found = messages(folder)
    assert set(found) == {"ana@example.org"}
    (message,) = found["ana@example.org"]
    assert message["Subject"] == "Rangefinder: 1 thing for you"
    text = message.get_body(["plain"]).get_content()
    assert "Lea Lindqvist named you in a discussion about Later start, Claim." in text
    assert f"https://rangefinder.example.org/discussions/{talk.id}" in text
    html = message.get_body(["html"]).get_content()
    assert f'href="https://rangefinder.example.org/discussions/{talk.id}"' in html
    assert sorted(statuses()) == ["empty"] * 7 + ["sent"]


def test_nothing_that_somebody_wrote_leaves_the_house(folder, talk, ana, ben, lea):
    """Titles, posts, notes and scores stay on the pages, where they can be taken back."""
    with at(MONDAY - timedelta(hours=5)):
        season = Season(ana, ben)
        paper = season.promote("three", lea, commentary=WORDS)
        with transaction():
            season.event.status, season.event.closed_at = EventStatus.CLOSED, now()
        sharing.share(paper, note=NOTE, actor=lea)
        about = discussions.start(
            "paper", paper.id, title=TITLE, words=f"{WORDS} @Ana Ortiz @Ada Abara", actor=lea
        )
        discussions.reply(about, words=f"{WORDS} again", actor=lea)
    with at(MONDAY):
        run()
    raw = b"".join(path.read_bytes() for path in folder.glob("*.eml")).decode()
    bodies = "".join(
        part.get_content() for each in messages(folder).values() for one in each for part in one.iter_parts()
    )
    assert "ana@example.org" in raw
    assert "Alder shared an anchor paper" in bodies
    for canary in (
        TITLE,
        WORDS,
        NOTE,
        "Evidence 3",
        "Claim 3",
        paper.response.code,
        paper.response.student.pseudonym,
        "High School",
    ):
        assert canary not in raw + bodies, canary


def test_nothing_of_a_closed_thread_is_told(folder, talk, ana, ben, lea):
    with at(MONDAY - timedelta(hours=5)):
        season = Season(ana, ben)
        paper = season.promote("three", lea)
        thread = discussions.start("paper", paper.id, title=TITLE, words="@Ben Okafor", actor=lea)
        season.alert("three", ana)
    with at(MONDAY):
        written = digest.letter_for(ben, MONDAY - timedelta(days=7))
        assert f"/discussions/{thread.id}" not in letter.as_text(written)
        assert written.is_empty
        run()
    assert "ben@example.org" not in messages(folder)


def test_new_clarifications_are_counted_for_the_tasks_one_scores(folder, ana, ben, nell):
    with at(MONDAY - timedelta(hours=5)):
        season = Season(ana, ben)
        for words in (WORDS, "A title is not needed."):
            clarifying.add_clarification(season.rubric, words=words, actor=nell)
        clarifying.propose_clarification(season.rubric, words="Not decided yet.", actor=nell)
    with at(MONDAY):
        text = letter.as_text(digest.letter_for(ana, MONDAY - timedelta(days=7)))
        assert "2 new clarifications of the rubric for Later start." in text
        assert WORDS not in text
        told_before = digest.letter_for(ana, MONDAY - timedelta(hours=1))
        assert "clarification" not in letter.as_text(told_before)
        assert "new clarification" not in letter.as_text(digest.letter_for(nell, MONDAY - timedelta(days=7)))


def test_new_anchors_are_counted_only_while_they_may_be_seen(folder, ana, ben, lea):
    with at(MONDAY - timedelta(hours=5)):
        season = Season(ana, ben)
        season.promote("three", lea)
        season.promote("two", lea)
    with at(MONDAY):
        text = letter.as_text(digest.letter_for(ana, MONDAY - timedelta(days=7)))
        assert "2 new anchor papers for Later start." in text
        assert f"/anchors/for/{season.event.id}/{season.task.id}" in text
        season.alert("two", ben)
        assert "1 new anchor paper for Later start." in letter.as_text(
            digest.letter_for(ana, MONDAY - timedelta(days=7))
        )
        assert digest.letter_for(ana, MONDAY).is_empty


def test_what_waits_in_calibration_is_told_but_discussions_only_once(app, talk, ana, monkeypatch):
    waits = Waiting("A session begins", "Words", "Go", "calibration.index")
    monkeypatch.setattr(digest.hub, "SOURCES", (*digest.hub.SOURCES, lambda person: [waits]))
    with at(MONDAY):
        written = digest.letter_for(ana, MONDAY - timedelta(days=7))
    assert [(section.title, len(section.lines)) for section in written.sections] == [
        ("You were named", 1), ("Waiting for you in calibration", 1)]  # fmt: skip
    assert written.sections[1].lines[0].words == "A session begins."


def test_replies_and_answers_are_told_to_those_who_follow(app, talk, ana, ben, lea):
    with at(MONDAY - timedelta(hours=2)):
        post = discussions.reply(talk, words="A position.", actor=ben)
        discussions.reply(talk, words="Yes.", actor=ben)
        discussions.mark_answer(post, actor=lea)
    with at(MONDAY):
        (section,) = digest.letter_for(lea, MONDAY - timedelta(days=7)).sections
        assert [line.words for line in section.lines] == [
            "2 new posts in a discussion about Later start, Claim. One is marked as the answer."]  # fmt: skip
        discussions.note_read(talk, 3, actor=lea)
        assert digest.letter_for(lea, MONDAY - timedelta(days=7)).is_empty


# Once


def test_nothing_is_sent_twice(folder, talk):
    with at(MONDAY):
        run()
        run()
        digest.send_digests(jobs.Progress(0))
    with at(MONDAY + timedelta(hours=5)):
        run()
    assert [len(each) for each in messages(folder).values()] == [1]


def test_the_next_digest_goes_on_where_the_last_one_ended(folder, talk, ana, lea):
    with at(MONDAY):
        run()
    with at(MONDAY + timedelta(days=7)):
        run()
    assert len(messages(folder)["ana@example.org"]) == 1
    with at(MONDAY + timedelta(days=8)):
        discussions.reply(talk, words="@Ana Ortiz?", actor=lea)
    with at(MONDAY + timedelta(days=14)):
        run()
    text = messages(folder)["ana@example.org"][1].get_body(["plain"]).get_content()
    assert text.count("named you") == 1


@pytest.mark.parametrize("dies", ["before", "after"])
def test_a_worker_that_dies_never_makes_a_message_go_out_twice(folder, talk, ana, monkeypatch, dies):
    """Killed between claim and message, or between message and commit: at most one message, and the news come with the next."""

    class Killed(BaseException):
        pass

    def killed(*arguments, **named):
        if dies == "after":
            send(*arguments, **named)
        raise Killed

    send = mail.send
    monkeypatch.setattr(mail, "send", killed)
    due = MONDAY.replace(minute=0)
    with at(MONDAY), pytest.raises(Killed):
        digest.send_one(ana.id, due)
    db.session.rollback()
    monkeypatch.setattr(mail, "send", send)
    with at(MONDAY + timedelta(minutes=30)):
        run()
        assert digest.send_one(ana.id, due) is None
    assert len(messages(folder).get("ana@example.org", [])) == (1 if dies == "after" else 0)
    with at(MONDAY + timedelta(days=7)):
        run()
    assert "named you" in messages(folder)["ana@example.org"][-1].get_body(["plain"]).get_content()


def test_what_surely_did_not_go_out_is_tried_again_three_times_at_most(folder, talk, ana, monkeypatch):
    tries = []

    def refuse(to, *_, **__):
        tries.append(to)
        raise mail.NotSent("The mail server can not be used.")

    monkeypatch.setattr(mail, "send", refuse)
    for minutes in range(0, 180, 10):
        with at(MONDAY + timedelta(minutes=minutes)):
            run()
    assert tries == ["ana@example.org"] * 3
    row = db.session.scalars(sa.select(Digest).where(Digest.person_id == ana.id)).one()
    assert (row.status, row.tries, row.problem) == (
        DigestStatus.FAILED,
        3,
        "The mail server can not be used.",
    )


def test_what_may_have_arrived_is_not_sent_again(folder, talk, ana, monkeypatch):
    tries = []

    def lost(to, *_, **__):
        tries.append(to)
        raise mail.MayBeSent("The line broke.")

    monkeypatch.setattr(mail, "send", lost)
    for minutes in (0, 30, 60):
        with at(MONDAY + timedelta(minutes=minutes)):
            run()
    assert tries == ["ana@example.org"]
    assert DigestStatus.UNSURE in statuses()


def test_one_address_that_fails_does_not_keep_the_others_from_theirs(
    folder, talk, ana, ben, lea, monkeypatch
):
    send = mail.send

    def pick(to, *rest, **named):
        if to == "ana@example.org":
            raise RuntimeError("broken")
        return send(to, *rest, **named)

    monkeypatch.setattr(mail, "send", pick)
    with at(MONDAY - timedelta(hours=1)):
        discussions.reply(talk, words="@Ben Okafor", actor=lea)
    with at(MONDAY):
        run()
    assert set(messages(folder)) == {"ben@example.org"}


@pytest.mark.engines("postgresql")
def test_two_workers_at_once_send_one_message(folder, talk, app, ana):
    due, number = MONDAY.replace(minute=0), ana.id
    db.session.commit()

    def work():
        with app.app_context(), at(MONDAY):
            digest.send_one(number, due)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert len(messages(folder)["ana@example.org"]) == 1


def test_people_who_are_locked_out_get_nothing(folder, talk, ana):
    with transaction():
        ana.is_active = False
    with at(MONDAY):
        run()
    assert messages(folder) == {}


# Choosing


def test_everybody_chooses_how_often_and_when(folder, talk, ana):
    with at(MONDAY - timedelta(days=2)):
        digests.choose(ana, frequency="daily", weekday=0, hour=18, zone="America/Chicago", actor=ana)
    with at(MONDAY):
        run()
    assert messages(folder) == {}
    with at(MONDAY.replace(hour=0, minute=1)):  # six in the evening of Sunday in Chicago
        run()
    assert set(messages(folder)) == {"ana@example.org"}


@pytest.mark.parametrize("wrong", [{"frequency": "hourly"}, {"weekday": 7}, {"hour": 24}, {"zone": "Mars"}])
def test_a_choice_that_is_none_is_refused(app, ana, wrong):
    right = {"frequency": "daily", "weekday": 0, "hour": 7, "zone": "UTC"}
    with pytest.raises(Invalid):
        digests.choose(ana, **(right | wrong), actor=ana)


def test_the_page_saves_the_choice_and_shows_what_would_be_said(app, sign_in, talk, ana):
    with transaction() as session:
        session.execute(sa.update(discussions.Post).values(posted_at=now()))
    client = sign_in(ana)
    page = client.get("/community/digest").get_data(as_text=True)
    assert "Lea Lindqvist named you in a discussion" in page
    saved = client.post(
        "/community/digest", data={"frequency": "off", "weekday": "2", "hour": "16", "zone": "UTC"}
    )
    assert saved.status_code == 302
    assert (digests.choice_of(ana).frequency, digests.choice_of(ana).weekday) == ("off", 2)
    assert client.post("/community/digest", data={"frequency": "hourly"}).status_code == 422


def test_the_link_in_the_message_ends_the_digest_without_signing_in(folder, app, talk, ana, client):
    with at(MONDAY):
        run()
    (message,) = messages(folder)["ana@example.org"]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = (
        message["List-Unsubscribe"]
        .strip("<>")
        .replace("https://rangefinder.example.org", "")
        .replace("\n", "")
        .replace(" ", "")
    )
    asked = client.get(path)
    assert (asked.status_code, "Send me no digest" in asked.get_data(as_text=True)) == (200, True)
    assert digests.choice_of(ana).frequency == "weekly"
    done = client.post(path, data={"List-Unsubscribe": "One-Click"}, csrf=False)
    assert done.status_code == 200
    assert digests.choice_of(ana).frequency == "off"
    assert "ana" not in done.get_data(as_text=True).lower().replace("rangefinder", "")
    with at(MONDAY + timedelta(days=7)):
        run()
    assert len(messages(folder)["ana@example.org"]) == 1


@pytest.mark.parametrize("token", ["x", "MQ.wrong", ""])
def test_a_link_that_was_not_made_here_does_nothing(app, client, ana, token):
    with pytest.raises(NotFound):
        digests.person_of_stop_token(token)
    assert client.post(f"/community/digest/stop/{token}", csrf=False).status_code == 404
    real = digests.stop_token(ana)
    assert client.get(f"/community/digest/stop/{real[:-1]}").status_code == 404

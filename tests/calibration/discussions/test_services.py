"""Discussions: what people can do in them, and what each deed leaves behind."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from calibration.discussions import listing, seeing, services, waiting
from calibration.discussions.models import Post, Thread
from scoring.audit import AuditEntry
from scoring.db import at, db, now
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from tests import build


@pytest.fixture
def place(app, ana, ben, lea):
    """A common task that Ana and Ben score, and a thread that Ana began about its first trait."""
    task = build.a_task()
    event = build.an_event(task, [ana, ben])
    trait = task.published_rubric.traits[0]
    thread = services.start("trait", trait.id, title="What is a claim?", words="I am not sure.", actor=ana)
    return SimpleNamespace(task=task, event=event, trait=trait, thread=thread)


def titles(person, **filters):
    return [
        each.title for each in db.session.scalars(listing.found_threads(person, listing.Filters(**filters)))
    ]


def entries():
    return db.session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.action.like("thread.%")).order_by(AuditEntry.id)
    ).all()


def test_a_thread_begins_with_its_first_post_and_belongs_to_the_network(place, ana, network):
    thread = place.thread
    assert (thread.posts, thread.organization_id, thread.task_id, thread.trait_id) == (
        1,
        network.id,
        place.task.id,
        place.trait.id,
    )
    assert (thread.opening.words, thread.opening.author, thread.opening.number) == ("I am not sure.", ana, 1)
    assert services.reader_of(thread, ana).follows
    assert entries() == ["thread.started"]


@pytest.mark.parametrize(
    ("title", "words"),
    [("", "Words"), ("x" * 161, "Words"), ("Title", " "), ("Title", "x" * 4001), (None, None)],
)
def test_what_is_empty_or_too_long_is_named(place, ana, title, words):
    with pytest.raises(Invalid):
        services.start("task", place.task.id, title=title, words=words, actor=ana)
    assert db.session.scalar(sa.select(sa.func.count(Thread.id))) == 1


@pytest.mark.parametrize("kind", ["task", "trait", "score_point"])
def test_each_line_has_threads_of_its_own(place, lea, kind):
    ids = {"task": place.task.id, "trait": place.trait.id, "score_point": place.trait.points[1].id}
    made = services.start(kind, ids[kind], title=f"About the {kind}", words="Words", actor=lea)
    assert made in services.threads_on(kind, ids[kind], lea)
    others = [other for other in ids if other != kind]
    assert all(made not in services.threads_on(other, ids[other], lea) for other in others)


@pytest.mark.parametrize(
    ("kind", "number"), [("trait", 987654), ("paper", 987654), ("weather", 1), ("task", None)]
)
def test_nothing_is_started_about_what_is_not_there(place, ana, kind, number):
    with pytest.raises(NotFound):
        services.start(kind, number, title="Title", words="Words", actor=ana)


def test_a_line_of_a_draft_can_not_be_discussed(place, nell):
    draft = build.a_rubric(place.task, published=False)
    with pytest.raises(NotFound):
        services.start("trait", draft.traits[0].id, title="Title", words="Words", actor=nell)


def test_a_reply_gets_the_next_number_and_tells_who_follows(place, ana, ben):
    assert waiting.waiting_for(ana) == []
    post = services.reply(
        place.thread, words="A claim is a position.", quoted=place.thread.opening, actor=ben
    )
    assert (post.number, place.thread.posts, post.quoted.number) == (2, 2, 1)
    (row,) = listing.rows_of([place.thread], ana)
    assert (row.unread, row.subject) == (1, "Claim")
    assert waiting.waiting_for(ana)[0].title == "New in 1 discussion that you follow"
    assert waiting.waiting_for(ben) == []
    services.note_read(place.thread, 2, actor=ana)
    services.note_read(place.thread, 1, actor=ana)
    assert listing.rows_of([place.thread], ana)[0].unread == 0
    assert waiting.waiting_for(ana) == []


def test_a_double_click_posts_once(place, ana, ben):
    first = services.reply(place.thread, words="Once.", actor=ben)
    assert services.reply(place.thread, words="Once.", actor=ben).id == first.id
    again = services.start(
        "trait", place.trait.id, title="What is a claim?", words="I am not sure.", actor=ana
    )
    assert again.id == place.thread.id
    with at(now() + timedelta(minutes=2)):
        assert services.reply(place.thread, words="Once.", actor=ben).number == 3


def test_the_same_title_elsewhere_or_over_other_words_begins_another_thread(place, ana):
    first, second = place.task.published_rubric.traits
    made = [services.start(kind, subject.id, title="Why?", words=words, actor=ana)
            for kind, subject, words in (("trait", first, "Here?"), ("trait", second, "Here?"), ("trait", first, "There?"),
                                         ("score_point", first.points[0], "Here?"), ("score_point", first.points[1], "Here?"))]  # fmt: skip
    assert len({each.id for each in made}) == 5
    assert [each.opening.words for each in made] == ["Here?", "Here?", "There?", "Here?", "Here?"]
    again = services.start("score_point", first.points[1].id, title="Why?", words="Here?", actor=ana)
    assert again.id == made[-1].id


def test_a_post_of_another_thread_can_not_be_quoted(place, ana, ben):
    other = services.start("task", place.task.id, title="Other", words="Other words", actor=ben)
    with pytest.raises(Invalid):
        services.reply(place.thread, words="Words", quoted=other.opening, actor=ana)


# Mentions


def test_who_is_named_is_told_and_follows(place, ana, ben):
    post = services.reply(place.thread, words="Ask @ben okafor or @Nobody Here. Mail me@ana.org.", actor=ana)
    assert [each.person for each in post.mentions] == [ben]
    assert services.unknown_names(post) == ["Nobody Here"]
    ((thread, told),) = listing.unread_mentions(ben)
    assert (thread.id, told.id) == (place.thread.id, post.id)
    assert waiting.waiting_for(ben)[0].title == "Ana Ortiz named you in a discussion"
    assert services.reader_of(place.thread, ben).follows
    assert titles(ben, whose="mentions") == ["What is a claim?"]
    assert titles(ana, whose="mentions") == []
    services.note_read(place.thread, post.number, actor=ben)
    assert listing.unread_mentions(ben) == []


def test_who_only_read_a_thread_follows_it_once_named(place, ana, ben):
    services.note_read(place.thread, 1, actor=ben)
    services.reply(place.thread, words="More.", actor=ana)
    assert waiting.waiting_for(ben) == [], "reading alone is not following"
    services.reply(place.thread, words="@Ben Okafor?", actor=ana)
    assert services.reader_of(place.thread, ben).follows
    assert listing.count_unread(ben) == 1


def test_nobody_names_themselves_or_people_of_another_district(place, ana, eve):
    build.an_event(place.task, [eve], districts=["birch"])
    post = services.reply(place.thread, words="@Ana Ortiz @Eve Eriksen", actor=ana)
    assert post.mentions == []


def test_a_leader_of_another_district_may_be_named_in_a_thread_of_the_network(place, ana, birch):
    bo = build.a_person(build.Role.LEADER, birch, name="Bo Berg")
    post = services.reply(place.thread, words="@Bo Berg, how do you read it?", actor=ana)
    assert [each.person for each in post.mentions] == [bo]


def test_who_stopped_following_is_still_told_when_named(place, ana, ben):
    services.unfollow(place.thread, actor=ben)
    services.reply(place.thread, words="More.", actor=ana)
    assert waiting.waiting_for(ben) == []
    services.reply(place.thread, words="@Ben Okafor?", actor=ana)
    assert services.reader_of(place.thread, ben).follows is False
    assert waiting.waiting_for(ben)[0].action == "Read it"


# Own words


def test_own_words_can_be_changed_for_some_minutes(place, ana, ben):
    post = place.thread.opening
    services.edit(post, words="I wonder, @Ben Okafor.", actor=ana)
    assert (post.words, post.edited_at is not None, [each.person for each in post.mentions]) == (
        "I wonder, @Ben Okafor.",
        True,
        [ben],
    )
    with pytest.raises(NotAllowed):
        services.edit(post, words="Mine now", actor=ben)
    with at(now() + timedelta(minutes=16)), pytest.raises(Conflict):
        services.edit(post, words="Too late", actor=ana)


def test_saving_the_same_words_is_no_edit(place, ana):
    services.edit(place.thread.opening, words=" I am not sure. ", actor=ana)
    assert place.thread.opening.edited_at is None


def test_removed_words_are_gone_and_their_place_stays(place, ana, ben):
    reply = services.reply(place.thread, words="My secret reply.", actor=ben)
    services.mark_answer(reply, actor=ana)
    with pytest.raises(NotAllowed):
        services.remove(reply, actor=ana)
    services.remove(reply, actor=ben)
    services.remove(place.thread.opening, actor=ana)
    db.session.expire_all()
    assert (reply.words, reply.is_answer, place.thread.title, place.thread.shown_title) == (
        "",
        False,
        "",
        "Removed by its author",
    )
    assert (
        place.thread.posts,
        [each.number for each in db.session.scalars(listing.posts_in(place.thread))],
    ) == (2, [1, 2])
    everything = str([(each.before, each.after) for each in db.session.scalars(sa.select(AuditEntry))])
    assert "secret" not in everything
    assert "What is a claim" not in everything


# Settling and looking after


def test_who_began_it_and_leaders_resolve_reopen_and_mark_the_answer(place, ana, ben, lea):
    reply = services.reply(place.thread, words="This.", actor=ben)
    other = services.reply(place.thread, words="Or this.", actor=lea)
    for verb in (services.resolve, services.reopen):
        with pytest.raises(NotAllowed):
            verb(place.thread, actor=ben)
    with pytest.raises(NotAllowed):
        services.mark_answer(reply, actor=ben)
    services.mark_answer(reply, actor=ana)
    services.mark_answer(other, actor=lea)
    db.session.expire_all()
    assert (reply.is_answer, other.is_answer) == (False, True)
    services.resolve(place.thread, actor=ana)
    assert (titles(ben), titles(ben, state="resolved"), titles(ben, state="all")) == (
        [],
        ["What is a claim?"],
        ["What is a claim?"],
    )
    services.reopen(place.thread, actor=lea)
    services.unmark_answer(other, actor=ana)
    assert titles(ben) == ["What is a claim?"]
    assert entries()[-5:] == [
        "thread.answered",
        "thread.answered",
        "thread.resolved",
        "thread.reopened",
        "thread.answer_unmarked",
    ]


def test_a_question_is_not_its_own_answer(place, ana):
    with pytest.raises(Conflict):
        services.mark_answer(place.thread.opening, actor=ana)


def test_a_leader_hides_a_post_with_a_reason_and_shows_it_again(place, ana, ben, lea):
    reply = services.reply(place.thread, words="The student is Zoe.", actor=ben)
    with pytest.raises(NotAllowed):
        services.hide(reply, reason="Because", actor=ana)
    with pytest.raises(Invalid):
        services.hide(reply, reason=" ", actor=lea)
    services.hide(reply, reason="It names a student.", actor=lea)
    assert (reply.is_readable, reply.hidden_because) == (False, "It names a student.")
    assert titles(ana, words="Zoe") == []
    with pytest.raises(Conflict):
        services.mark_answer(reply, actor=ana)
    with pytest.raises(NotAllowed):
        services.show_again(reply, actor=ben)
    services.show_again(reply, actor=lea)
    assert titles(ana, words="zoe") == ["What is a claim?"]


def test_who_leads_elsewhere_and_scores_here_looks_after_nothing_here(place, alder, birch, ana):
    bo = build.a_person(build.Role.LEADER, birch)
    with build.transaction():
        bo.memberships.append(
            build.Membership(role=build.Role.SCORER, organization=build.organization("alder-high"))
        )
    task = build.a_task(organization=alder)
    build.an_event(task, [ana, bo])
    thread = services.start("task", task.id, title="Ours", words="Words", actor=ana)
    assert titles(bo) == ["Ours", "What is a claim?"]
    for deed in (
        lambda: services.hide(thread.opening, reason="Because", actor=bo),
        lambda: services.show_again(thread.opening, actor=bo),
        lambda: services.resolve(thread, actor=bo),
    ):
        with pytest.raises(NotAllowed):
            deed()
    assert services.resolve(place.thread, actor=bo).is_resolved, "the network's threads are every leader's"


def test_the_title_is_hidden_with_the_first_post(place, ana, lea):
    services.hide(place.thread.opening, reason="It names a student.", actor=lea)
    db.session.expire_all()
    assert place.thread.shown_title == "Hidden by a leader"
    assert titles(ana, words="claim") == []


# The list


def test_the_list_is_narrowed_by_words_task_kind_and_what_is_mine(place, ana, ben):
    services.start("task", place.task.id, title="100 % of it", words="Words about_it", actor=ben)
    assert titles(ana, words="100 %") == ["100 % of it"]
    assert titles(ana, words="%") == ["100 % of it"]
    assert titles(ana, words="t_it") == ["100 % of it"]
    assert titles(ana, words="not sure") == ["What is a claim?"]
    assert titles(ana, kind="task") == ["100 % of it"]
    assert titles(ana, kind="nonsense") == ["100 % of it", "What is a claim?"]
    assert titles(ana, task_id=place.task.id + 1) == []
    assert titles(ana, whose="mine") == titles(ana, whose="followed") == ["What is a claim?"]


def test_threads_are_counted_by_what_they_are_about(place, ana, ben, eve):
    point = place.trait.points[0]
    for kind, subject, title in (
        ("trait", place.trait, "Two"),
        ("score_point", point, "Three"),
        ("task", place.task, "Four"),
    ):
        services.start(kind, subject.id, title=title, words="Words", actor=ben)
    expected = {("trait", place.trait.id): 2, ("score_point", point.id): 1, ("task", place.task.id): 1}
    assert listing.counts_on(place.task, ana) == expected
    assert listing.counts_on(place.task, eve) == {}


# Who sees what


def test_scorers_see_threads_on_tasks_they_score_and_nobody_elses(
    place, ana, ben, eve, dora, dan, lea, nell, birch
):
    bo = build.a_person(build.Role.LEADER, birch)
    for person in (ana, ben, lea, nell, bo):
        assert titles(person) == ["What is a claim?"], person.name
    for person in (eve, dora, dan):
        assert titles(person) == []
        with pytest.raises(NotFound):
            seeing.thread_by_id(place.thread.id, person)
        with pytest.raises(NotFound):
            services.start("task", place.task.id, title="Title", words="Words", actor=person)
    build.an_event(place.task, [eve], districts=["birch"])
    assert titles(eve) == ["What is a claim?"]


def test_a_draft_event_and_a_lost_seat_open_nothing(app, ana, lea):
    task = build.a_task()
    event = build.an_event(task, [ana], status="draft")
    assert seeing.tasks_of(ana) == []
    with build.transaction():
        event.status = "open"
    assert seeing.tasks_of(ana) == [task]
    with build.transaction():
        event.scorers[0].removed_at = now()
    assert seeing.tasks_of(ana) == []


def test_a_districts_task_is_discussed_in_the_district(app, alder, birch, ana, lea, eve, nell):
    task = build.a_task(organization=alder)
    build.an_event(task, [ana])
    thread = services.start("task", task.id, title="Ours", words="Words", actor=ana)
    bo = build.a_person(build.Role.LEADER, birch)
    assert thread.organization_id == alder.id
    assert [titles(each) for each in (ana, lea, nell)] == [["Ours"]] * 3
    assert [titles(each) for each in (eve, bo)] == [[], []]


def test_a_thread_that_closed_meanwhile_takes_no_reply(place, ben):
    place.event.scorers[1].removed_at = now()
    db.session.commit()
    with pytest.raises(NotFound):
        services.reply(place.thread, words="Too late", actor=ben)
    assert db.session.scalar(sa.select(sa.func.count(Post.id))) == 1

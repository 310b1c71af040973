"""The anchor finder beyond its list: filters, whose work comes first, what is left out, and asking for more reads."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from calibration.papers import finder, name_checks, second_reads, services
from scoring.audit import AuditEntry
from scoring.db import at, db, now, transaction
from scoring.errors import Conflict, NotFound
from scoring.events.models import EventResponse, EventScorer
from scoring.oversight import concerns
from scoring.reads.models import Concern, ConcernKind
from scoring.responses.models import Page, StudentIdentity
from tests import build
from tests.browser import axe, overflow
from tests.calibration.papers.season import Season


@pytest.fixture
def season(ana, ben):
    return Season(ana, ben)


def names(season, person=None, **filters):
    """The candidates by the names of the season, all pages."""
    codes = {response.id: name for name, response in season.responses.items()}
    first = finder.Search(season.event, season.task, person, **filters)
    pages = [first] + [finder.Search(season.event, season.task, person, page=page, **filters) for page in range(2, first.pages + 1)]  # fmt: skip
    return [codes[each.response.id] for page in pages for each in page.items]


# Filters


def test_candidates_are_narrowed_by_form_and_length(season):
    two, three = season.responses["two"], season.responses["three"]
    with transaction() as session:
        session.add(Page(response_id=two.id, number=1, key="k", media_type="image/png", sha256="s", width=3, height=4))  # fmt: skip
        two.word_count, three.word_count = None, 250
    assert names(season, form="pages") == ["two"]
    assert "two" not in names(season, form="text")
    assert names(season, shortest=200) == ["three"]
    assert names(season, shortest=200, longest=240) == []
    assert {"three", "two"} & set(names(season, longest=100)) == set()
    assert names(season, form="nonsense", kind="nonsense") == names(season)


def test_papers_are_left_out_where_only_new_work_is_wanted(season, lea):
    paper = season.promote("two", lea)
    assert "two" not in names(season, unused=True)
    assert "two" in names(season)
    services.retire(paper, actor=lea)
    assert "two" in names(season, unused=True)


def test_school_and_district_are_shown_and_asked_for_where_one_may_know_them(
    season, lea, ada, nell, alder_middle
):
    work = season.responses["two"]
    with transaction() as session:
        work.school_id = alder_middle.id
        session.execute(sa.update(EventResponse).where(EventResponse.response_id == work.id).values(school_id=alder_middle.id))  # fmt: skip
    mine = finder.Search(season.event, season.task, lea)
    assert [name for _, name in mine.places[0]] == ["Alder High School", "Alder Middle School"]
    assert names(season, lea, school=alder_middle.id) == ["two"]
    assert {each.home for each in mine.items} == {
        "Alder High School, Alder",
        "Alder Middle School, Alder",
    }
    theirs = finder.Search(season.event, season.task, nell)
    assert theirs.places == ([], [])
    assert {each.home for each in theirs.items} == {""}
    assert names(season, nell, school=alder_middle.id) == []


def test_among_equals_schools_take_turns(season, lea, alder_middle):
    season.responses["far"] = far = build.a_response(season.task, school=alder_middle)
    with transaction() as session:
        session.add(EventResponse(event_id=season.event.id, response_id=far.id, task_id=season.task.id, rubric_id=season.rubric.id,
                                  district_id=far.district_id, school_id=far.school_id, random_key=0.5, required=2, remaining=2))  # fmt: skip
    with at(now() - timedelta(hours=1)):
        for scorer in ("ana", "ben"):
            build.a_read(far, scorer, 1, event=season.event)
    assert names(season, kind="solid") == ["two", "far", "three", "worry"]


def test_the_proposed_set_is_a_choice_of_its_own(season):
    proposed = names(season, kind="proposed")
    assert {"two", "three", "line"} <= set(proposed)
    assert "uneven" not in proposed


def test_discrepant_work_is_no_candidate_so_that_it_is_settled_blind(ana, ben):
    season = Season(ana, ben, tolerance=0)
    assert "line" not in names(season)


def test_what_anchors_show_already_is_not_missing(season, sign_in, lea):
    def missing():
        search = finder.Search(season.event, season.task, lea)
        return {(gap.trait, gap.point) for gap in search.gaps}

    assert "Missing here and among the anchors" in sign_in(lea).get(season.url).text
    before = missing()
    assert ("claim", 1) in before
    paper = season.promote("worry", lea, 1, kind="borderline")
    assert missing() == before
    services.retire(paper, actor=lea)
    season.promote("worry", lea, 1)
    assert missing() == before - {("claim", 1), ("evidence", 1)}
    assert "Every score point asked for has" in sign_in(lea).get(season.url).text


def test_a_score_point_that_a_trait_does_not_have_is_said(season, sign_in, lea):
    client = sign_in(lea)
    page = client.get(f"{season.url}?trait=claim&point=9").text
    assert page.count("Claim has no 9.") == 2
    assert "Every score point" not in page
    assert "No trait has a 9." in client.get(f"{season.url}?point=9").text
    assert finder.Search(season.event, season.task, lea, trait="claim").values == [1, 2, 3, 4]


def test_a_committee_begins_with_what_is_ticked_and_not_with_nothing(season, sign_in, lea):
    client, begin = sign_in(lea), f"/range-finding/new/{season.event.code}/{season.task.id}"
    button = "Begin a committee with those ticked"
    assert button in client.get(f"{season.url}?kind=solid").text
    nothing = client.get(f"{begin}?ticked=1&kind=solid&page=1")
    assert (nothing.status_code, nothing.location) == (302, f"{season.url}?kind=solid&page=1")
    assert "Nothing was ticked" in client.get(nothing.location).text
    code = season.responses["two"].code
    again = client.post(f"{begin}?ticked=1&response={code}", data={"name": "", "response": code})
    assert f"Ticked in the finder: {code}. They" in again.text
    for name in ("two", "three", "worry"):
        season.promote(name, lea)
    assert button not in client.get(f"{season.url}?kind=solid").text


# Names and flags


def flag(season, name, scorer):
    with transaction() as session:
        session.add(Concern(event_id=season.event.id, response_id=season.responses[name].id, scorer_id=scorer.id,
                            kind=ConcernKind.FLAG, words="It says who she is."))  # fmt: skip


def identify(season, name, given="Maria", family="Lopez", text="I am María and buses are late."):
    response = season.responses[name]
    with transaction() as session:
        response.text = text
        session.add(StudentIdentity(student_id=response.student_id, given_name=given, family_name=family))


def test_flagged_work_is_no_candidate_until_the_flag_is_settled(season, lea, ana):
    flag(season, "two", ana)
    assert "two" not in names(season)
    search = finder.Search(season.event, season.task, lea)
    assert search.left_out.flagged_codes() == [season.responses["two"].code]
    with pytest.raises(Conflict, match="Settle the flag"):
        season.promote("two", lea)
    concerns.settle(db.session.scalars(sa.select(Concern)).one(), "It is a street name.", actor=lea)
    assert "two" in names(season)
    season.promote("two", lea)


def test_work_with_the_student_s_own_name_waits_for_the_district(season, lea, ana, dora, dan):
    identify(season, "two")
    identify(season, "three", text="Nobody is named here.")
    assert "two" not in names(season)
    assert "three" in names(season)
    with pytest.raises(Conflict, match="A name may stand in this work"):
        season.promote("two", lea)
    assert name_checks.ask(season.event, season.task, actor=lea) == 1
    assert name_checks.ask(season.event, season.task, actor=lea) == 0
    assert db.session.scalars(name_checks.check_query(dan)).all() == []
    assert db.session.scalars(name_checks.check_query(lea)).all() == []
    [check] = db.session.scalars(name_checks.check_query(dora))
    with pytest.raises(NotFound):
        name_checks.check_by_id(check.id, dan)
    name_checks.answer(check, True, actor=dora)
    assert "two" not in names(season)
    assert finder.Search(season.event, season.task, lea).left_out.names() == (0, 0, 1)
    name_checks.answer(check, False, actor=dora)
    assert "two" in names(season)
    season.promote("two", lea)


def test_a_paper_in_which_the_district_finds_a_name_later_is_hidden(season, lea, dora):
    identify(season, "two")
    name_checks.ask(season.event, season.task, actor=lea)
    [check] = db.session.scalars(name_checks.check_query(dora))
    name_checks.answer(check, False, actor=dora)
    paper = season.promote("two", lea)
    assert services.hidden_ids([paper]) == set()
    name_checks.answer(check, True, actor=dora)
    assert services.hidden_ids([paper]) == {paper.id}


def test_looking_at_the_name_is_on_record(season, lea, dora):
    identify(season, "two")
    name_checks.ask(season.event, season.task, actor=lea)
    [check] = db.session.scalars(name_checks.check_query(dora))
    assert name_checks.places_of_name(check, actor=dora) == [(5, 10)]
    opened = sa.select(AuditEntry.actor_id).where(AuditEntry.action == "student.identity_opened")
    assert db.session.scalars(opened).all() == [dora.id]
    with pytest.raises(NotFound):
        name_checks.places_of_name(check, actor=lea)


def test_the_leader_never_learns_the_name_and_the_admin_decides(season, lea, dora, dan, sign_in):
    identify(season, "two", "Zephyrine", "Quux", "I, Zephyrine, wait for the bus.")
    client = sign_in(lea)
    for path in (season.url, f"{season.url}?kind=solid", "/anchors/", "/calibration/"):
        assert b"Zephyrine" not in client.get(path).data, path
    assert "A name may stand in 1 response." in client.get(season.url).text
    client.post(f"{season.url}/names")
    page = client.get(season.url).text
    assert "The district admin was asked." in page
    assert "Ask the district to look" not in page
    admin = sign_in(dora)
    assert "In 1 response the student" in admin.get("/calibration/").text
    listed = admin.get("/anchors/names").text
    assert season.responses["two"].code in listed
    [check] = db.session.scalars(name_checks.check_query(dora))
    url = f"/anchors/names/{check.id}"
    assert "<mark" not in admin.get(url).text
    assert ">Zephyrine</mark>" in admin.post(f"{url}/show").text
    assert sign_in(dan).get(url).status_code == sign_in(dan).post(url).status_code == 404
    assert client.get(url).status_code == client.get("/anchors/names").status_code == 403
    assert admin.post(url, data={"answer": "yes"}).location == "/anchors/names"
    assert "The district keeps 1 response from others" in client.get(season.url).text
    admin.post(url, data={"answer": "no"})
    assert "Left out for now" not in client.get(season.url).text
    assert "In 1 response" not in admin.get("/calibration/").text


# More reads


@pytest.fixture
def sparse(ana, ben):
    """An event in which one read is enough: two responses read once, one nobody has read yet."""
    made = Season.__new__(Season)
    made.task = build.a_task(title="Later start")
    made.rubric = made.task.published_rubric
    low, wild, unread = build.responses(3, made.task)
    made.responses = {"low": low, "wild": wild, "unread": unread}
    made.event = build.an_event(made.task, [ana, ben], share_read_twice=0)
    with at(now() - timedelta(hours=1)):
        build.a_read(low, ana, {"claim": 1, "evidence": 2}, event=made.event)
        build.a_read(wild, ana, {"claim": 1, "evidence": 4}, event=made.event)
    return made


def promising(made, person):
    search = finder.Search(made.event, made.task, person)
    return {each.response.id: each.fills for each in second_reads.promising(search, person)}


def test_work_read_once_that_fills_gaps_is_named_with_what_it_would_show(sparse, lea):
    assert promising(sparse, lea) == {sparse.responses["low"].id: (("Claim", "1"), ("Evidence", "2"))}


def test_a_second_read_comes_and_the_paper_is_a_candidate(sparse, lea, ben, sign_in):
    client, low = sign_in(lea), sparse.responses["low"]
    assert "Read once, and promising" in client.get(sparse.url).text
    assert client.post(f"{sparse.url}/second-read/{low.code}").status_code == 302
    assert promising(sparse, lea) == {}
    assert client.post(f"{sparse.url}/second-read/{low.code}").status_code == 409
    with at(now() - timedelta(minutes=30)):
        build.a_read(low, ben, {"claim": 1, "evidence": 2}, event=sparse.event)
    assert names(sparse) == ["low"]
    scores = dict(zip([trait.id for trait in sparse.rubric.traits], (1, 2), strict=True))
    services.promote(low, sparse.rubric, event=sparse.event, scores=scores, actor=lea)


def test_no_second_read_of_what_scorers_may_have_seen_as_a_paper(sparse, lea):
    low = sparse.responses["low"]
    paper = services.promote(low, sparse.rubric, event=sparse.event, actor=lea,
                             scores={trait.id: 1 for trait in sparse.rubric.traits})  # fmt: skip
    services.retire(paper, actor=lea)
    assert promising(sparse, lea) == {}
    with pytest.raises(Conflict, match="is or was a paper"):
        second_reads.request(sparse.event, low, actor=lea)
    with pytest.raises(NotFound):
        second_reads.request(sparse.event, build.a_response(), actor=lea)


@pytest.mark.breaks_invariants
def test_a_leader_who_scores_in_the_event_learns_nothing_of_what_they_may_be_handed(sparse, lea, sandbox):
    """Two databases that differ only in the first scorer's scores: the same bytes for who may read it second."""
    with transaction() as session:
        session.add(EventScorer(event_id=sparse.event.id, person_id=lea.id))
    client = sandbox.app.test_client().sign_in(lea)
    before = FlaskClient.open(client, sparse.url).data
    assert promising(sparse, lea) == {}
    with transaction() as session:
        session.execute(sa.text("UPDATE trait_score SET score = 4"))
    after = FlaskClient.open(client, sparse.url).data
    assert b"second read of" not in before
    for name in ("low", "unread"):
        assert client.get(f"{sparse.url}/promote/{sparse.responses[name].code}").status_code == 404
    assert _masked(before) == _masked(after)


def _masked(page):
    return re.sub(rb'(name="csrf_token" value=)"[^"]*"', rb"\1", page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_a_phone(desk, sparse, season, lea, dora, ana, scheme):
    identify(season, "two")
    flag(season, "three", ana)
    page = desk.open(lea, color_scheme=scheme, viewport={"width": 320, "height": 700})
    for path in (season.url, sparse.url, f"{season.url}?point=4&unused=1&shortest=10"):
        page.goto(path)
        axe(page)
        assert overflow(page) == 0, path
    name_checks.ask(season.event, season.task, actor=lea)
    page = desk.open(dora, color_scheme=scheme, viewport={"width": 320, "height": 700})
    page.goto("/anchors/names")
    axe(page)
    assert overflow(page) == 0
    page.get_by_role("link", name=season.responses["two"].code).click()
    axe(page)
    page.get_by_role("button", name="Highlight the words").click()
    page.locator("mark").wait_for()
    axe(page)
    assert overflow(page) == 0

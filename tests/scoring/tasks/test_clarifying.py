"""Clarifications: who proposes and decides, what scorers see of them and when, and what becomes of them later."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from scoring.audit import AuditEntry
from scoring.db import db
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.reads import services as reads
from scoring.reads.rubrics import sheet_of
from scoring.tasks import clarifying, services, specification
from scoring.tasks.models import ClarificationStatus
from tests import build
from tests.browser import axe, overflow

WORDS = "Two facts of one source count as one piece of evidence."
CANARIES = (
    "CANARY-ORIGIN",
    "CANARY-REASON",
    "Lea Lindqvist",
    "Ada Abara",
    "CANARY-DECLINED",
    "CANARY-PROPOSED",
)


@pytest.fixture
def task(alder):
    return build.a_task(organization=alder)


@pytest.fixture
def rubric(task):
    return task.published_rubric


def propose(rubric, actor, **more):
    trait = rubric.traits[1]
    return clarifying.propose_clarification(
        rubric,
        **{"trait": trait, "score": 3, "words": WORDS, "origin": "Adjudication", "actor": actor} | more,
    )


def shown(rubric):
    return sheet_of(rubric.id, rubric.published_at).clarified


def test_whoever_calibrates_proposes_and_only_leaders_of_the_task_decide(rubric, ana, lea, nell, eve):
    made = propose(rubric, ana)
    assert (made.status, made.place) == (ClarificationStatus.PROPOSED, "Evidence, score point 3")
    assert shown(rubric) == {}
    for verb in (clarifying.accept, clarifying.decline, clarifying.edit_words):
        with pytest.raises(NotAllowed):
            verb(
                made, actor=ana, **{"reason": "No."} if verb is not clarifying.edit_words else {"words": "x"}
            )
    with pytest.raises(NotFound):
        propose(rubric, eve)
    clarifying.accept(made, reason="It was read in two ways.", actor=lea)
    assert (made.decided_by_id, made.reason) == (lea.id, "It was read in two ways.")
    assert shown(rubric) == {("evidence", 3): (WORDS,)}
    with pytest.raises(Conflict):
        clarifying.accept(made, actor=nell)
    with pytest.raises(NotAllowed):
        clarifying.withdraw(made, reason="Mine.", actor=ana)
    log = [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert log == ["clarification.proposed", "clarification.accepted"]


def test_a_clarification_needs_words_a_place_and_a_published_rubric(task, rubric, lea):
    for words in ("", "  ", "x" * 601):
        with pytest.raises(Invalid) as refused:
            propose(rubric, lea, words=words)
        assert "words" in refused.value.fields
    with pytest.raises(Invalid) as refused:
        propose(rubric, lea, origin="x" * 201)
    assert "origin" in refused.value.fields
    for wrong in ({"score": 9}, {"trait": None, "score": 3}):
        with pytest.raises(Invalid):
            propose(rubric, lea, **wrong)
    with pytest.raises(NotFound):
        propose(rubric, lea, trait=build.a_task().published_rubric.traits[0], score=None)
    draft = services.new_version(rubric, actor=lea)
    with pytest.raises(Conflict, match="draft"):
        propose(draft, lea, trait=None, score=None)
    propose(rubric, lea)
    with pytest.raises(Conflict, match="same words"):
        propose(rubric, lea)
    propose(rubric, lea, score=2)


def test_declining_and_withdrawing_want_a_reason_and_stay_in_the_log(rubric, ana, lea, ada):
    declined, taken_back, seen = (propose(rubric, ana, words=words) for words in ("One.", "Two.", "Three."))
    with pytest.raises(Invalid):
        clarifying.decline(declined, reason=" ", actor=lea)
    clarifying.decline(declined, reason="The descriptor says it.", actor=lea)
    clarifying.withdraw(taken_back, actor=ana)
    clarifying.accept(seen, actor=lea)
    with pytest.raises(Invalid):
        clarifying.withdraw(seen, reason="", actor=ada)
    assert shown(rubric) == {("evidence", 3): ("Three.",)}
    clarifying.withdraw(seen, reason="It led to strict scores.", actor=ada)
    assert shown(rubric) == {}
    for gone in (declined, taken_back, seen):
        with pytest.raises(Conflict):
            clarifying.withdraw(gone, reason="Again.", actor=lea)
        with pytest.raises(Conflict):
            clarifying.edit_words(gone, words="Anew.", actor=lea)
    assert {each.words for each in clarifying.log_of(rubric, lea)} == {"One.", "Two.", "Three."}


def test_words_are_changed_before_and_after_they_are_accepted(rubric, ana, lea):
    made = propose(rubric, ana)
    clarifying.edit_words(made, words="Better.", actor=lea)
    assert (made.words, made.reworded_by_id, made.status) == ("Better.", lea.id, ClarificationStatus.PROPOSED)
    clarifying.accept(made, words="Best.", actor=lea)
    assert shown(rubric) == {("evidence", 3): ("Best.",)}
    clarifying.edit_words(made, words="Best of all.", actor=lea)
    assert shown(rubric) == {("evidence", 3): ("Best of all.",)}


def test_others_see_the_accepted_ones_and_their_own(alder, birch, network, nell, lea):
    common = build.a_task().published_rubric
    leader = build.a_person("leader", birch)
    own = propose(common, lea, words="Own.")
    accepted = propose(common, nell, words="Accepted.")
    clarifying.accept(accepted, actor=nell)
    propose(common, leader, words="Of Birch.")
    assert {each.words for each in clarifying.log_of(common, lea)} == {"Own.", "Accepted."}
    assert len(clarifying.log_of(common, nell)) == 3
    assert clarifying.clarification_by_id(common.task, own.id, lea) is own
    with pytest.raises(NotFound):
        clarifying.clarification_by_id(common.task, accepted.id, lea)


def test_proposals_wait_for_those_who_may_decide(rubric, ana, lea, nell, sign_in):
    propose(rubric, ana)
    propose(rubric, ana, score=None)
    assert clarifying.waiting_for(lea) == clarifying.waiting_for(nell) == [(rubric, 2)]
    assert clarifying.waiting_for(ana) == []
    assert "2 clarifications wait for your decision" in sign_in(lea).get("/calibration/").text
    assert "clarification" not in sign_in(ana).get("/calibration/").text


# What scorers see


@pytest.fixture
def at_work(task, rubric, ana, lea):
    """Six responses; Ana holds the first one."""
    build.responses(6, task)
    event = build.an_event(task)
    return event, reads.take_next(ana)


def test_a_scorer_sees_it_with_the_next_reply_and_the_script_fetches_the_rubric_anew(
    at_work, rubric, ana, lea, sign_in
):
    event, lease = at_work
    client = sign_in(ana)
    before = client.get(f"/reads/{lease.id}")
    card = client.post("/reads/ahead", json={"event": event.code, "having": [lease.id]}).json
    assert WORDS not in before.text
    made = propose(rubric, lea)
    assert WORDS not in client.get(f"/reads/{lease.id}").text
    clarifying.accept(made, actor=lea)
    after = client.get(f"/reads/{lease.id}")
    assert WORDS in after.text
    assert WORDS in client.get(f"/reads/{lease.id}/rubric").json["html"]
    later = client.post("/reads/ahead", json={"event": event.code, "having": [lease.id, card["id"]]}).json
    assert card["rubric"] != later["rubric"], "by this the page knows that it shows an old rubric"
    point = re.search(r'<label class="point" for="trait-evidence-3">.*?</label>', after.text, re.DOTALL)[0]
    assert WORDS in point
    assert 'aria-describedby="trait-evidence-3-text trait-evidence-3-clarified"' in point
    clarifying.withdraw(made, reason="Wrong.", actor=lea)
    assert WORDS not in client.get(f"/reads/{lease.id}").text


def test_a_turn_costs_no_further_statement(at_work, rubric, ana, lea, sign_in):
    """Rubrics are kept in memory; how often clarifications have changed is read along with the response."""
    _, lease = at_work
    client, seen = sign_in(ana), []
    sa.event.listen(
        db.engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: seen.append(statement)
    )

    def statements():
        client.get(f"/reads/{lease.id}")  # whatever is kept in memory is there now
        seen.clear()
        client.get(f"/reads/{lease.id}")
        return len([each for each in seen if each.lstrip().upper().startswith("SELECT")])

    before = statements()
    for score in (1, 2, 3):
        clarifying.add_clarification(rubric, trait=rubric.traits[0], score=score, words=WORDS, actor=lea)
    assert statements() == before > 0


def test_the_api_tells_it_beside_what_it_is_about(at_work, rubric, ana, lea, client):
    from scoring.people.services import issue_token

    for place in ({"score": 3}, {"score": None}, {"trait": None, "score": None}):
        clarifying.add_clarification(rubric, **{"trait": rubric.traits[1], "words": WORDS} | place, actor=lea)
    bearer = {"Authorization": f"Bearer {issue_token(ana, 'test')}"}
    told = client.post("/api/v1/reads/next", json={}, headers=bearer).json["assignment"]["rubric"]
    assert told["clarifications"] == told["traits"][1]["clarifications"] == [WORDS]
    assert [point["clarifications"] for point in told["traits"][1]["points"]] == [[], [], [WORDS], []]
    assert told["traits"][0]["clarifications"] == []


def test_of_a_clarification_scorers_get_the_words_and_nothing_else(
    at_work, rubric, ana, ben, lea, ada, sign_in
):
    event, lease = at_work
    made = propose(rubric, ada, origin="CANARY-ORIGIN")
    clarifying.accept(made, reason="CANARY-REASON", actor=lea)
    clarifying.decline(propose(rubric, ben, words="CANARY-DECLINED"), reason="CANARY-REASON", actor=lea)
    propose(rubric, ben, words="CANARY-PROPOSED")
    client = sign_in(ana)
    seen = [client.get(path) for path in (f"/reads/{lease.id}", f"/reads/{lease.id}/rubric", "/reads/", "/calibration/",
                                          f"/anchors/for/{event.id}/{event.tasks[0].task_id}")]  # fmt: skip
    seen.append(client.post("/reads/ahead", json={"event": event.code, "having": [lease.id]}))
    for reply in seen:
        assert [word for word in CANARIES if word in reply.text] == [], reply.request.path
    assert WORDS in seen[0].text
    assert WORDS in seen[-2].text, "anchors are read with it too"


def test_proposals_of_others_change_no_byte_of_a_scorers_page(at_work, rubric, ana, ben, lea, sign_in):
    _, lease = at_work
    client = sign_in(ana)

    def page():
        text = client.get(f"/reads/{lease.id}").text
        return re.sub(r'(?:name="(?:csrf_token|key)" value|data-card)=(?:"[^"]*"|\'[^\']*\')', "", text)

    before = page()
    clarifying.decline(propose(rubric, ben), reason="No.", actor=lea)
    propose(rubric, ben)
    assert page() == before


def test_adjudicators_see_it_on_their_sheets(rubric, task, ada, lea, sign_in):
    from tests.scoring.adjudication.test_services import a_discrepant

    place = a_discrepant()
    clarifying.add_clarification(
        place.rubric, trait=place.rubric.traits[0], words=WORDS, actor=build.person("nell")
    )
    client = sign_in(ada)
    client.post(f"/adjudication/{place.id}/begin")
    assert WORDS in client.get(f"/adjudication/{place.id}/score").text


def test_a_single_point_rubric_shows_it_too(alder, lea, sign_in):
    task = build.a_task(organization=alder, rubric=False)
    wanted = specification.blank("single_point", "Single")
    for trait in wanted["traits"]:
        trait |= {"name": trait["key"].title()}
        trait["points"][1]["descriptor"] = "It meets the standard."
    rubric = services.publish(services.draft_rubric(task, wanted, actor=lea), actor=lea)
    for score in (None, 2):
        clarifying.add_clarification(
            rubric, trait=rubric.traits[0], score=score, words=f"Said of {score}.", actor=lea
        )
    page = sign_in(lea).get(f"/tasks/{task.id}/rubrics/1").text
    assert page.count('<span class="clarified-words">Said of None.') == 1
    assert page.count('<span class="clarified-words">Said of 2.') == 1


# Pages


def test_a_leader_clarifies_decides_and_works_in_by_hand(task, rubric, lea, sign_in):
    client, url = sign_in(lea), f"/tasks/{task.id}/rubrics/1"
    empty = client.post(f"{url}/clarify", data={"words": "", "do": "add"})
    assert (empty.status_code, "Fill this in." in empty.text) == (422, True)
    typed = {"place": "evidence:3", "words": WORDS, "origin": "Session of May", "do": "propose"}
    assert client.post(f"{url}/clarify", data=typed).status_code == 302
    again = client.post(f"{url}/clarify", data=typed)
    assert (again.status_code, "The same words stand" in again.text) == (409, True)
    made = clarifying.log_of(rubric, lea)[0]
    page = client.get(url).text
    assert "Session of May" in page
    assert "Decide on it" in page
    place = f"/tasks/{task.id}/clarifications/{made.id}"
    assert client.post(place, data={"words": WORDS, "do": "decline"}).status_code == 422
    assert client.post(place, data={"words": WORDS, "do": "dance"}).status_code == 422
    assert client.post(place, data={"words": "Better words.", "do": "accept"}).status_code == 302
    assert "Better words." in client.get(url).text
    client.post(f"{url}/new-version")
    editor = client.get(f"/tasks/{task.id}/rubrics/2/edit").text
    assert "Work these in" in editor
    assert "Better words." in editor
    assert f'id="settle-{made.id}"' in editor
    assert f"#settle-{made.id}" in client.get(f"/tasks/{task.id}/rubrics/2").text
    kept = client.post(
        f"/tasks/{task.id}/rubrics/2/edit", data={"do": "traits-add", f"settle-{made.id}": "worked_in"}
    )
    assert re.search(rf'name="settle-{made.id}" value="worked_in" checked', kept.text), (
        "a button keeps what was chosen"
    )
    assert made.settlement is None
    client.post(place, data={"words": "x", "reason": "Not needed.", "do": "withdraw"})
    assert made.status is ClarificationStatus.WITHDRAWN
    assert "Work these in" not in client.get(f"/tasks/{task.id}/rubrics/2/edit").text


def test_a_leader_of_another_place_proposes_and_takes_back(lea, nell, sign_in):
    common = build.a_task()
    client = sign_in(lea)
    client.post(f"/tasks/{common.id}/rubrics/1/clarify", data={"words": WORDS, "do": "add"})
    made = clarifying.log_of(common.published_rubric, lea)[0]
    assert made.is_open, "only leaders of the task put words beside its descriptors"
    page = client.get(f"/tasks/{common.id}/clarifications/{made.id}").text
    assert "Accept" not in page
    for do in ("accept", "decline", "reword"):
        reply = client.post(
            f"/tasks/{common.id}/clarifications/{made.id}", data={"do": do, "words": "x", "reason": "x"}
        )
        assert reply.status_code == 403
    client.post(f"/tasks/{common.id}/clarifications/{made.id}", data={"do": "withdraw"})
    assert made.status is ClarificationStatus.WITHDRAWN


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible_and_fit_a_phone(desk, task, rubric, ana, lea, scheme):
    made = propose(rubric, ana, origin="Adjudication of the fall event")
    clarifying.add_clarification(rubric, words=WORDS, actor=lea)
    clarifying.add_clarification(rubric, trait=rubric.traits[0], score=2, words=WORDS, actor=lea)
    draft = services.new_version(rubric, actor=lea)
    build.a_response(task)
    event = build.an_event(task)
    page = desk.open(lea, color_scheme=scheme, viewport={"width": 320, "height": 700})
    for path in ("rubrics/1", "rubrics/1/clarify", f"clarifications/{made.id}", f"rubrics/{draft.version}", f"rubrics/{draft.version}/edit"):  # fmt: skip
        page.goto(f"/tasks/{task.id}/{path}")
        axe(page)
        assert overflow(page) == 0, path
    page.goto(f"/tasks/{task.id}/rubrics/1/clarify")
    page.get_by_role("button", name="Show it to scorers").click()
    page.get_by_role("alert").wait_for()
    axe(page)
    scorer = desk.open(ana, color_scheme=scheme)
    scorer.goto(f"/reads/next?event={event.code}")
    expect(scorer.get_by_text(WORDS).first).to_be_visible()
    axe(scorer)


def test_the_scoring_screen_shows_a_clarification_with_the_next_response_without_a_reload(
    desk, at_work, rubric, ana, lea
):
    page = desk.open(ana)
    page.goto(f"/reads/{at_work[1].id}")
    page.wait_for_load_state("networkidle")
    clarifying.add_clarification(rubric, trait=rubric.traits[0], words=WORDS, actor=lea)
    said = page.get_by_text(WORDS)
    for _ in range(4):  # two were fetched ahead, with the rubric as it was
        if said.count():
            break
        for key in ("3", "3", "Enter"):
            page.keyboard.press(key)
        page.wait_for_load_state("networkidle")
    expect(said.first).to_be_visible()

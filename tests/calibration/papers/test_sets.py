"""Paper sets: what goes in, what freezing ends, who sees them, and that a validity paper is shown nowhere else."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from calibration.papers import finder, services, sets, showing
from calibration.papers.models import PaperSet, SetPurpose
from scoring import check
from scoring.audit import AuditEntry
from scoring.db import db, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from tests import build
from tests.browser import axe, overflow
from tests.calibration.papers.season import Season
from tests.statements import statements


@pytest.fixture
def season(ana, ben):
    return Season(ana, ben)


def begin(season, actor, purpose="practice", name=None, papers=()):
    made = sets.create_set(
        season.event.organization,
        season.rubric,
        name=name or f"A {purpose} set",
        purpose=purpose,
        actor=actor,
    )
    sets.add_papers(made, papers, actor=actor)
    return made


def frozen(season, actor, *papers, purpose="validity", name=None):
    return sets.freeze_set(begin(season, actor, purpose, name, papers), actor=actor)


def names(season, paper_set):
    codes = {response.id: name for name, response in season.responses.items()}
    return [codes[item.paper.response_id] for item in sorted(paper_set.items, key=lambda each: each.position)]


@pytest.mark.parametrize("page", ["set", "session"])
def test_papers_to_choose_from_are_known_by_their_words_and_sets(season, lea, sign_in, page):
    two = season.keep("two", lea)
    season.responses[
        "two"
    ].text = "It begins with these words and goes on for much longer than a list can show."
    begin(season, lea, "practice", "Fall practice", [two])
    other = begin(season, lea, "calibration", "Winter")
    address = (
        f"/anchors/sets/{other.id}/add"
        if page == "set"
        else f"/sessions/new/details?form=live&rubric={season.rubric.id}"
    )
    shown = sign_in(lea).get(address).text
    assert "It begins with these words and goes on for much longer than ..." in shown
    assert "In Fall practice (practice, begun)." in shown
    assert f'href="/anchors/{two.id}">See the paper' in shown
    season.alert("two", season.event.scorers[0].person)
    assert "It begins with" not in sign_in(lea).get(address).text


def test_papers_stand_in_the_order_they_are_given(season, lea):
    two, three, line = (season.promote(name, lea) for name in ("two", "three", "line"))
    made = begin(season, lea, papers=[two, three, line])
    sets.move_paper(made, line.id, -1, actor=lea)
    assert names(season, made) == ["two", "line", "three"]
    sets.move_paper(made, two.id, 1, actor=lea)
    sets.move_paper(made, three.id, 1, actor=lea)
    assert names(season, made) == ["line", "two", "three"]
    sets.remove_paper(made, two.id, actor=lea)
    sets.add_paper(made, two, actor=lea)
    assert names(season, made) == ["line", "three", "two"]
    with pytest.raises(Conflict, match="in the set already"):
        sets.add_paper(made, two, actor=lea)
    with pytest.raises(NotFound):
        sets.remove_paper(made, 98765, actor=lea)
    told = db.session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.subject_kind == "paper_set").order_by(AuditEntry.id)
    ).all()
    assert told == ["paper_set.created", *["paper_set.paper_added"] * 3, *["paper_set.paper_moved"] * 2,
                    "paper_set.paper_removed", "paper_set.paper_added"]  # fmt: skip


def test_a_frozen_set_does_not_change_and_has_new_versions(season, lea):
    two, three, line = (season.promote(name, lea) for name in ("two", "three", "line"))
    made = begin(season, lea)
    with pytest.raises(Conflict, match="no papers yet"):
        sets.freeze_set(made, actor=lea)
    with pytest.raises(Conflict, match="needs no new version"):
        sets.new_version(made, actor=lea)
    sets.add_papers(made, [two, three], actor=lea)
    sets.freeze_set(made, actor=lea)
    for change in (
        lambda: sets.add_paper(made, line, actor=lea),
        lambda: sets.remove_paper(made, two.id, actor=lea),
        lambda: sets.move_paper(made, two.id, 1, actor=lea),
        lambda: sets.freeze_set(made, actor=lea),
    ):
        with pytest.raises(Conflict, match="frozen"):
            change()
    services.retire(two, actor=lea)
    newer = sets.new_version(made, actor=lea)
    assert (newer.version, newer.based_on_id, names(season, newer)) == (2, made.id, ["three"])
    assert names(season, made) == ["two", "three"]
    with pytest.raises(Conflict, match="begun already"):
        sets.new_version(made, actor=lea)
    sets.retire_set(made, actor=lea)
    sets.retire_set(made, actor=lea)
    assert not made.is_live
    sets.retire_set(newer, actor=lea)
    with pytest.raises(Conflict, match="retired"):
        sets.add_paper(newer, line, actor=lea)


def questions(call):
    """How many questions a call puts to the database; those about the audit log come with every change."""
    return len([each for each in statements(call) if each.startswith("SELECT") and "audit_chain" not in each])


def test_many_papers_cost_no_more_questions_than_few(season, lea, sign_in):
    client, kept = sign_in(lea), []

    def asked(name):
        made = begin(season, lea, "validity", name)
        place = f"/anchors/sets/{made.id}"
        counts = {
            path: questions(lambda path=path: client.get(path)) for path in ("/anchors/", f"{place}/add")
        }
        assert all(each.response.code in client.get(f"{place}/add").text for each in kept)
        fitting = [paper for paper, _ in sets.fitting_papers(made, lea)]
        counts["add"] = questions(lambda: sets.add_papers(made, fitting, actor=lea))
        counts["set"] = questions(lambda: client.get(place))
        counts["freeze"] = questions(lambda: sets.freeze_set(made, actor=lea))
        sets.retire_set(made, actor=lea)
        return list(counts.values())

    client.get("/anchors/")
    kept.append(season.keep("two", lea))
    few = asked("Few")
    kept += [season.keep(name, lea) for name in ("three", "line", "uneven")]
    assert asked("Many") == few


def test_papers_are_added_all_or_none_and_each_reason_is_told(season, lea):
    two, three, line = (season.keep(name, lea) for name in ("two", "three", "line"))
    frozen(season, lea, two, three)
    made = begin(season, lea)
    with pytest.raises(Conflict) as refused:
        sets.add_papers(made, [line, three, two], actor=lea)
    words = "can not be added. It is in a qualification or validity set that is in use, so nobody may meet it elsewhere."
    told = " ".join(f"{paper.response.code} {words}" for paper in (three, two))
    assert (refused.value.message, made.items) == (told, [])
    with pytest.raises(Conflict, match="in the set already"):
        sets.add_papers(made, [line, line], actor=lea)


def test_a_set_refuses_what_does_not_fit(season, lea, ana, eve, nell):
    two = season.promote("two", lea)
    for name, purpose, words in (
        ("", "practice", "name"),
        ("x" * 121, "practice", "name"),
        ("Set", "exam", "what the set is for"),
    ):
        with pytest.raises(Invalid, match=words):
            sets.create_set(season.event.organization, season.rubric, name=name, purpose=purpose, actor=lea)
    made = begin(season, lea, name="Set")
    with pytest.raises(Conflict, match="already"):
        begin(season, lea, name=" Set ")
    for person in (ana, eve):
        with pytest.raises(NotAllowed):
            begin(season, person)
        with pytest.raises(NotAllowed):
            sets.add_paper(made, two, actor=person)
    draft = build.a_rubric(season.task, published=False)
    with pytest.raises(NotFound):
        sets.create_set(season.event.organization, draft, name="Draft", purpose="practice", actor=lea)
    other = sets.create_set(season.event.organization, build.a_rubric(season.task), name="Newer", purpose="practice", actor=lea)  # fmt: skip
    with pytest.raises(NotFound, match="does not fit"):
        sets.add_paper(other, two, actor=lea)
    networks = sets.create_set(
        build.organization("network"), season.rubric, name="All", purpose="practice", actor=nell
    )
    with pytest.raises(NotFound, match="does not fit"):  # Alder's work stays in Alder
        sets.add_paper(networks, two, actor=nell)
    sets.add_paper(made, two, actor=lea)
    services.retire(two, actor=lea)
    with pytest.raises(Conflict, match="It is retired"):
        sets.freeze_set(made, actor=lea)


def test_a_validity_paper_is_shown_nowhere_else(season, lea, ana):
    shown, kept = season.promote("two", lea), season.keep("three", lea)
    validity = begin(season, lea, "validity")
    for purpose in ("validity", "qualification"):
        with pytest.raises(Conflict, match="among the anchors"):
            sets.add_paper(
                begin(season, lea, purpose, "Secret") if purpose != "validity" else validity, shown, actor=lea
            )
    with pytest.raises(Conflict, match="kept from scorers"):
        sets.add_paper(begin(season, lea, "anchor"), kept, actor=lea)
    practice = begin(season, lea, "practice", papers=[kept])
    with pytest.raises(Conflict, match="another purpose"):
        sets.add_paper(validity, kept, actor=lea)
    sets.remove_paper(practice, kept.id, actor=lea)
    sets.add_paper(validity, kept, actor=lea)
    sets.add_paper(practice, kept, actor=lea)  # the validity set is not live yet
    with pytest.raises(Conflict, match="another purpose"):
        sets.freeze_set(validity, actor=lea)
    sets.remove_paper(practice, kept.id, actor=lea)
    sets.freeze_set(validity, actor=lea)
    assert validity.is_live
    with pytest.raises(Conflict, match="validity set that is in use"):
        sets.add_paper(practice, kept, actor=lea)
    codes = [each.response.code for each in finder.Search(season.event, season.task).items]
    assert season.responses["two"].code in codes
    assert season.responses["three"].code not in codes
    place = showing.event_task_for(season.event.id, season.task.id, ana)
    assert [each.text for each in showing.shown(place, ana)] == [shown.response.text]
    services.retire(kept, actor=lea)  # a retired paper stays in the frozen set
    with pytest.raises(Conflict, match="qualification or validity set. Scorers may not see it"):
        season.promote("three", lea)
    sets.retire_set(validity, actor=lea)
    season.promote("three", lea)


def test_the_next_version_leaves_out_what_became_a_validity_paper(season, lea):
    two, three = season.keep("two", lea), season.keep("three", lea)
    old = frozen(season, lea, two, three, purpose="practice")
    sets.retire_set(old, actor=lea)
    frozen(season, lea, three)
    assert names(season, sets.new_version(old, actor=lea)) == ["two"]


def test_who_agreed_and_what_was_said_before_stays_known(season, lea, ada, ana):
    claim, evidence = season.rubric.traits
    paper = season.promote("two", lea, commentaries={claim.id: "It repeats."})
    services.agree(paper, actor=ada)
    services.agree(paper, actor=ada)
    assert [each.person for each in paper.agreements] == [lea, ada]
    sent = {"commentary": " Whole ", "commentaries": {claim.id: "It names one reason.", evidence.id: ""}}
    services.edit_commentary(paper, **sent, actor=ada)
    services.edit_commentary(paper, **sent, actor=ada)
    (entry,) = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "paper.commentary_edited"))
    assert entry.before == {"whole": "", str(claim.id): "It repeats.", str(evidence.id): ""}
    assert entry.after == {"whole": "Whole", str(claim.id): "It names one reason.", str(evidence.id): ""}
    with pytest.raises(Invalid, match="room for"):
        services.edit_commentary(paper, commentary="x" * 4001, commentaries={}, actor=lea)
    for act in (
        lambda: services.agree(paper, actor=ana),
        lambda: services.edit_commentary(paper, **sent, actor=ana),
    ):
        with pytest.raises(NotAllowed):
            act()
    services.retire(paper, actor=lea)
    for act in (
        lambda: services.agree(paper, actor=lea),
        lambda: services.edit_commentary(paper, **sent, actor=lea),
    ):
        with pytest.raises(Conflict, match="retired"):
            act()


def test_sets_of_a_district_are_its_own_and_sets_of_the_network_are_seen_below(season, lea, ana, dora, nell):
    made = begin(season, lea)
    common = sets.create_set(
        build.organization("network"), season.rubric, name="Common", purpose="calibration", actor=nell
    )
    bo = build.a_person("leader", build.organization("birch"))

    def seen(person):
        return set(db.session.scalars(sets.set_query(person)))

    assert (seen(lea), seen(nell), seen(bo)) == ({made, common}, {made, common}, {common})
    assert (seen(ana), seen(dora)) == (set(), set())
    assert not sets.may_change(common, lea)
    with pytest.raises(NotAllowed):
        sets.retire_set(common, actor=lea)


@pytest.mark.breaks_invariants
def test_a_frozen_set_changed_behind_the_services_is_found(season, lea):
    made = frozen(season, lea, season.keep("two", lea), season.keep("three", lea))
    assert check.problems() == []
    with transaction() as session:
        session.execute(sa.text("DELETE FROM paper_set_item WHERE position = 1"))
    assert [each for each in check.problems() if f"set_id {made.id}" in each and "frozen_count 2" in each]


def test_a_set_from_its_beginning_to_retirement_on_the_pages(season, lea, ana, sign_in):
    two, three, kept = season.promote("two", lea), season.promote("three", lea), season.keep("line", lea)
    client = sign_in(lea)
    assert "No paper sets yet" in client.get("/anchors/sets").text
    refused = client.post("/anchors/sets/new", data={"name": ""})
    assert refused.status_code == 422
    assert "Give the set a name." in refused.text
    sent = {
        "name": "Winter",
        "purpose": "practice",
        "rubric": season.rubric.id,
        "organization": season.event.organization_id,
    }
    place = client.post("/anchors/sets/new", data=sent).location
    assert "already" in client.post("/anchors/sets/new", data=sent).text
    assert "No 1, 2, 3 or 4 in Claim yet." in client.get(place).text
    assert client.post(f"{place}/add", data={}).status_code == 422
    client.post(f"{place}/add", data={"papers": [two.id, three.id, kept.id]})
    made = db.session.scalars(sa.select(PaperSet)).one()
    client.post(f"{place}/papers/{three.id}/move", data={"by": "-1"})
    client.post(f"{place}/papers/{kept.id}/remove")
    db.session.expire_all()
    assert names(season, made) == ["three", "two"]
    page = client.get(place).text
    assert "1 solid" in page
    assert f"goes on in {season.event.name}" not in page
    client.post(f"{place}/freeze")
    page = client.get(place).text
    assert f"goes on in {season.event.name}" in page
    assert client.get(f"{place}/add").status_code == 409
    assert client.post(f"{place}/papers/{two.id}/move").status_code == 409
    newer = client.post(f"{place}/new-version").location
    assert "version 2" in client.get(newer).text
    client.post(f"{place}/retire")
    assert "Retired: 1" in client.get("/anchors/sets").text
    assert "Winter, version 1" in client.get(f"/anchors/{two.id}").text
    client.post(f"{newer}/papers/{three.id}/remove")
    client.post(f"{newer}/papers/{two.id}/remove")
    client.post(f"{newer}/freeze")
    assert "The set has no papers yet." in client.get(newer).text
    for path in ("/anchors/sets", place, newer):
        assert sign_in(ana).get(path).status_code == 403


def test_a_kept_paper_and_its_commentary_on_the_pages(season, lea, ada, sign_in):
    form = f"{season.url}/promote/{season.responses['two'].code}"
    sent = {"kind": "solid", "showing": "kept", "score-claim": "2", "score-evidence": "2"}
    assert sign_in(lea).post(form, data=sent).status_code == 302
    assert services.anchors_for(season.rubric) == []
    paper = db.session.scalars(services.paper_query(lea)).one()
    assert paper.is_kept
    client = sign_in(ada)
    assert "Kept for sets, not shown among the anchors: 1" in client.get("/anchors/").text
    client.post(f"/anchors/{paper.id}/agree")
    client.post(
        f"/anchors/{paper.id}/commentary", data={"why-claim": "It names one reason.", "commentary": ""}
    )
    page = client.get(f"/anchors/{paper.id}").text
    assert "It names one reason." in page
    assert "Lea Lindqvist" in page
    assert "I agree with these scores" not in page
    too_long = client.post(f"/anchors/{paper.id}/commentary", data={"commentary": "x" * 4001})
    assert (too_long.status_code, "Shorten it" in too_long.text) == (422, True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_sets_are_accessible_and_fit_a_phone(desk, season, lea, scheme):
    two, kept = season.promote("two", lea), season.keep("three", lea)
    page = desk.open(lea, color_scheme=scheme, viewport={"width": 320, "height": 700})
    page.goto("/anchors/sets")
    axe(page)
    begun = begin(season, lea, papers=[two, kept])
    done = frozen(season, lea, kept, purpose="calibration")
    secret = begin(season, lea, SetPurpose.VALIDITY, "Secret")
    paths = [
        "/anchors/sets",
        "/anchors/sets/new",
        f"/anchors/{kept.id}",
        f"/anchors/{two.id}/commentary",
        f"/anchors/sets/{secret.id}/add",
    ]
    paths += [f"/anchors/sets/{each.id}" for each in (begun, done, secret)]
    for path in paths:
        page.goto(path)
        for fold in page.locator("details.confirm:not([open]) > summary").all()[:1]:
            fold.click()
        axe(page)
        assert overflow(page) == 0, path
    page.goto("/anchors/sets/new")
    page.get_by_role("button", name="Begin the set").click()
    expect(page.get_by_role("alert")).to_be_visible()
    axe(page)

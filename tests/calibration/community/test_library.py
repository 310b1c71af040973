"""The library: what may be shared, what others see of it, and that it can be taken back everywhere."""

import pytest
import sqlalchemy as sa

from calibration.community import library, sharing
from calibration.papers import evidence, showing
from calibration.papers.models import Agreement, ConsensusScore, Paper
from scoring.audit import AuditEntry
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.events.models import EventStatus
from scoring.permissions import Role
from scoring.reads.models import Concern, ConcernKind
from scoring.responses.models import RosterEntry, StudentIdentity
from scoring.tasks import clarifying
from tests import build
from tests.calibration.papers.season import Season, keep_back
from tests.statements import statements


@pytest.fixture
def bo(app, birch):
    return build.a_person(Role.LEADER, birch, name="Bo Berg")


@pytest.fixture
def season(ana, ben, alder):
    """An event of Alder's own on a common task, over by now."""
    made = Season(ana, ben, organization=alder)
    with transaction():
        made.event.status, made.event.closed_at = EventStatus.CLOSED, now()
    return made


@pytest.fixture
def paper(season, lea):
    return season.promote("three", lea, commentary="A clear position.")


@pytest.fixture
def there(season, eve, birch):
    """An event of Birch's own on the same task, in which Eve scores."""
    return build.an_event(season.task, [eve], districts=[birch], organization=birch)


def found_by(person, **filters):
    return [
        entry.values["shared_id"] for entry in library.shelf_for(person, library.Filters(**filters)).items
    ]


def seen_by(person, event):
    return [each.id for each in showing.visible_papers(event.tasks[0], person)]


def test_a_shared_paper_is_found_by_leaders_of_the_network(paper, lea, bo, nell):
    shared = sharing.share(paper, note=" Clear. ", actor=lea)
    assert (shared.note, shared.organization.name) == ("Clear.", "Alder")
    for person in (lea, bo, nell):
        assert found_by(person) == [shared.id]
    (entry,) = library.shelf_for(bo, library.Filters()).items
    assert (entry.title, entry.task, entry.organization, entry.in_use) == (
        "Anchor paper: Claim 3, Evidence 3",
        "Later start",
        "Alder",
        False,
    )
    assert (
        db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()[-1] == "paper.shared"
    )


def test_the_evidence_is_said_in_words(paper, season, lea):
    assert (
        library.evidence_of(paper).words
        == "Read twice blind. 4 of 4 scores given then were the consensus score."
    )
    line = season.promote("line", lea, score=3)
    assert (
        library.evidence_of(line).words
        == "Read twice blind. 3 of 4 scores given then were the consensus score."
    )
    assert library.Evidence(0, 0, 0).words == "No blind reads of this work are known."
    assert library.Evidence(1, 0, 0).words == "Read once blind; no score was given."


def test_only_those_who_choose_anchors_there_share(paper, bo, ana, nell):
    for person in (bo, ana):
        with pytest.raises(NotAllowed):
            sharing.share(paper, actor=person)
    assert sharing.share(paper, actor=nell).organization.name == "Alder"


def test_a_paper_is_shared_once_and_a_long_note_refused(paper, lea):
    with pytest.raises(Invalid):
        sharing.share(paper, note="x" * 501, actor=lea)
    sharing.share(paper, actor=lea)
    with pytest.raises(Conflict):
        sharing.share(paper, actor=lea)


def concern(kind):
    def raise_it(paper, season, ana):
        with transaction() as session:
            session.add(
                Concern(
                    event_id=season.event.id,
                    response_id=paper.response_id,
                    scorer_id=ana.id,
                    kind=kind,
                    words="Look.",
                )
            )

    return raise_it


def name(paper, season, ana):
    with transaction() as session:
        session.add(
            StudentIdentity(student_id=paper.response.student_id, given_name="Zoë-Marie", family_name="Start")
        )
        paper.response.text = "I am ZOË and schools should open late."


def kept_back(paper, season, ana):
    keep_back(paper.response)


def again(paper, season, ana):
    build.an_event(season.task, ["eve"])


def retired(paper, season, ana):
    with transaction():
        paper.retired_at = now()


def kept(paper, season, ana):
    with transaction():
        paper.is_kept = True


OBSTACLES = {
    "alert": concern(ConcernKind.ALERT),
    "flag": concern(ConcernKind.FLAG),
    "name": name,
    "kept back": kept_back,
    "again": again,
    "retired": retired,
    "kept": kept,
}


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_what_may_not_be_shared_is_refused_in_words(paper, season, lea, ana, bo, obstacle):
    OBSTACLES[obstacle](paper, season, ana)
    with pytest.raises(Conflict, match="Nothing was shared"):
        sharing.share(paper, actor=lea)
    assert found_by(bo) == []


def test_the_words_about_a_name_do_not_tell_the_name(paper, season, lea, ana):
    name(paper, season, ana)
    assert sharing.why_not(paper) == "A name may stand in this work. The district admin can look."


@pytest.mark.parametrize("obstacle", ["alert", "kept back", "again", "retired", "kept"])
def test_what_is_hidden_later_leaves_the_library_and_every_district(
    paper, season, lea, ana, bo, there, eve, birch, obstacle
):
    shared = sharing.share(paper, actor=lea)
    with transaction():
        there.status = EventStatus.CLOSED  # or its own queue would hold the response
    sharing.use(shared, birch, actor=bo)
    assert seen_by(eve, there) == [paper.id]
    OBSTACLES[obstacle](paper, season, ana)
    assert found_by(bo) == []
    with pytest.raises(NotFound):
        sharing.shared_by_id(shared.id, bo)
    assert seen_by(eve, there) == []


def test_another_district_uses_it_in_its_own_events(paper, season, lea, bo, there, eve, ana, birch):
    shared = sharing.share(paper, actor=lea)
    assert seen_by(eve, there) == []
    assert [place.name for place in sharing.places_for(shared, bo)] == ["Birch"]
    assert sharing.places_for(shared, lea) == []
    sharing.use(shared, birch, actor=bo)
    sharing.use(shared, birch, actor=bo)
    assert seen_by(eve, there) == [paper.id]
    assert library.shelf_for(bo, library.Filters()).items[0].in_use
    sharing.stop_using(shared, birch, actor=bo)
    assert seen_by(eve, there) == []


def test_nobody_is_shown_the_work_of_own_students(paper, season, lea, bo, there, eve, birch):
    shared = sharing.share(paper, actor=lea)
    sharing.use(shared, birch, actor=bo)
    with transaction() as session:
        for person in (eve, bo):
            session.add(
                RosterEntry(person_id=person.id, student_id=paper.response.student_id, source="roster")
            )
    assert seen_by(eve, there) == []
    assert found_by(bo) == []


def test_taking_it_back_ends_every_use_at_once(paper, lea, bo, there, eve, birch):
    shared = sharing.share(paper, actor=lea)
    sharing.use(shared, birch, actor=bo)
    with pytest.raises(NotAllowed):
        sharing.withdraw(shared, actor=bo)
    sharing.withdraw(shared, actor=lea)
    assert seen_by(eve, there) == []
    assert found_by(bo) == []
    with pytest.raises(NotFound):
        sharing.use(shared, birch, actor=bo)
    again = sharing.share(paper, actor=lea)
    assert seen_by(eve, there) == []
    assert found_by(bo) == [again.id]


def test_a_local_task_can_not_be_used_elsewhere_and_the_networks_own_is_seen_anyway(
    ana, ben, lea, nell, bo, alder, birch
):
    task = build.a_task(organization=alder)
    work = build.a_response(task)
    event = build.an_event(task, [ana, ben], organization=alder)
    for scorer in (ana, ben):
        build.a_read(work, scorer, 3, event=event)
    with transaction():
        event.status = EventStatus.CLOSED
    scores = {trait.id: 3 for trait in task.published_rubric.traits}
    from calibration.papers import services

    shared = sharing.share(
        services.promote(work, task.published_rubric, event=event, scores=scores, actor=lea), actor=lea
    )
    assert found_by(bo) == [shared.id]
    with pytest.raises(NotAllowed):
        sharing.use(shared, birch, actor=bo)


def test_the_list_is_narrowed_by_task_trait_and_point(paper, season, lea, bo):
    three = sharing.share(paper, actor=lea).id
    two = sharing.share(season.promote("two", lea), actor=lea).id
    assert found_by(bo) == [two, three]
    assert found_by(bo, trait="Claim", point=3) == [three]
    assert found_by(bo, point=2) == [two]
    assert (
        found_by(bo, trait="Weather")
        == found_by(bo, task_id=season.task.id + 1)
        == found_by(bo, kind="song")
        == []
    )
    shelf = library.shelf_for(bo, library.Filters())
    assert (shelf.traits, shelf.points, shelf.tasks) == (
        ["Claim", "Evidence"],
        [2, 3],
        [(season.task.id, "Later start")],
    )


def test_a_long_library_takes_no_more_statements_than_a_short_one(season, lea, bo, nell, birch, sign_in):
    client, rubric = sign_in(bo), season.task.published_rubric

    def add(number):
        with transaction() as session:
            for _ in range(number):
                paper = Paper(task_id=season.task.id, rubric=rubric, response=build.a_response(season.task), organization_id=season.event.organization_id,
                              commentary="", promoted_by_id=lea.id, agreements=[Agreement(person_id=lea.id)],
                              scores=[ConsensusScore(trait_id=each.id, score=3, commentary="") for each in rubric.traits])  # fmt: skip
                session.add(paper)
                session.flush()
                sharing.use(sharing.share(paper, actor=lea), birch, actor=bo)
                clarifying.add_clarification(
                    rubric, trait=rubric.traits[number % 2], score=3, words=f"Case {paper.id}", actor=nell
                )

    def asked():
        db.session.expire_all()
        return len(statements(lambda: client.get("/community/library")))

    add(2)
    asked()  # whatever is kept in memory is there now
    before = asked()
    add(8)
    assert asked() == before


# Pages


def test_a_leader_shares_and_another_uses_it(paper, season, lea, bo, sign_in, there, eve):
    marked = paper.response.text.split()[0]
    evidence.mark_words(paper, marked, words="Here it begins.", near=0, actor=lea)
    client = sign_in(lea)
    assert f">{marked}</mark>" in client.get(f"/community/share/{paper.id}").get_data(as_text=True)
    assert "Share with the network" in client.get(f"/anchors/{paper.id}").get_data(as_text=True)
    assert client.post(f"/community/share/{paper.id}", data={"note": "Clear."}).status_code == 422
    reply = client.post(f"/community/share/{paper.id}", data={"note": "Clear.", "looked": "y"})
    assert reply.status_code == 302
    other = sign_in(bo)
    page = other.get(reply.location).get_data(as_text=True)
    for words in (
        "A clear position.",
        f">{marked}</mark>",
        "Here it begins.",
        "Read twice blind",
        "Lea Lindqvist",
        "Shared by Alder",
        "Use it in events of Birch",
    ):
        assert words in page
    for canary in (
        paper.response.code,
        paper.response.student.pseudonym,
        "Alder High School",
        season.event.code,
        season.event.name,
    ):
        assert canary not in page
        assert canary not in other.get("/community/library").get_data(as_text=True)
    other.post(f"{reply.location}/use")
    assert seen_by(eve, there) == [paper.id]
    other.post(f"{reply.location}/use", data={"use": "0"})
    assert seen_by(eve, there) == []
    assert other.post(f"{reply.location}/take-back").status_code == 403
    assert client.post(f"{reply.location}/take-back").status_code == 302
    assert other.get(reply.location).status_code == 404


def test_a_leader_elsewhere_does_not_find_the_page_of_the_paper_itself(paper, lea, bo, sign_in):
    sharing.share(paper, actor=lea)
    assert sign_in(bo).get(f"/anchors/{paper.id}").status_code == 404
    assert sign_in(bo).get(f"/community/share/{paper.id}").status_code == 404

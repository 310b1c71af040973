"""Rubrics: drafts that keep what was typed, published versions that never change."""

import pytest
import sqlalchemy as sa

from scoring.db import db, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.tasks import services, specification
from scoring.tasks.models import ConditionCode, Rubric, ScorePoint, Trait
from tests import build

ESSAY = {
    "kind": "analytic",
    "title": "Argument, grade 8",
    "traits": [
        {"key": "", "name": "Claim", "description": "What is argued.", "weight": "2",
         "points": [{"value": value, "label": f"Level {value}", "descriptor": f"The claim is {value}."} for value in (3, 1, 2)]},
        {"key": "evidence", "name": "Evidence", "weight": 1,
         "points": [{"value": value, "label": "", "descriptor": f"The evidence is {value}."} for value in range(5)]},
    ],
}  # fmt: skip


@pytest.fixture
def task(alder, lea):
    return services.create_task(
        alder, code="ARG-8", title="Later start", subject="English", grade_band="8", actor=lea
    )


@pytest.fixture
def published(task, lea):
    return services.publish(services.draft_rubric(task, ESSAY, actor=lea), actor=lea)


def test_a_draft_is_stored_with_keys_from_names_points_in_order_and_the_five_usual_codes(task, lea):
    rubric = services.draft_rubric(task, ESSAY, actor=lea)
    assert [trait.key for trait in rubric.traits] == ["claim", "evidence"]
    assert [trait.values for trait in rubric.traits] == [[1, 2, 3], [0, 1, 2, 3, 4]]
    assert rubric.traits[0].weight == 2.0
    assert [code.code for code in rubric.condition_codes] == ["B", "I", "L", "T", "M"]
    again = services.draft_rubric(task, ESSAY | {"title": "Second try", "condition_codes": []}, actor=lea)
    assert (again.id, again.title, again.condition_codes) == (rubric.id, "Second try", [])
    assert db.session.scalar(sa.select(sa.func.count(ScorePoint.id))) == 8


def test_publishing_names_everything_that_is_missing(task, lea):
    wanted = specification.blank("analytic")
    wanted["traits"][1]["points"] = wanted["traits"][1]["points"][:1]
    draft = services.draft_rubric(task, wanted, actor=lea)
    with pytest.raises(Invalid) as refused:
        services.publish(draft, actor=lea)
    fields = refused.value.fields
    assert fields["title"] == "The rubric needs a title."
    assert fields["traits-0-name"] == "Trait 1 needs a name."
    assert fields["traits-1-points"] == "Trait 2 needs at least two score points. Add one."
    assert fields["traits-0-points-2-descriptor"] == "Trait 1: describe the work that gets a 3."
    assert not draft.is_published


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"points": [{"value": "two"}, {"value": 1}]}, "traits-0-points-0-value"),
        ({"points": [{"value": 1}, {"value": "1 "}]}, "traits-0-points-1-value"),
        ({"points": [{"value": 2.5}, {"value": 1}]}, "traits-0-points-0-value"),
        ({"points": [{"value": 21}, {"value": 1}]}, "traits-0-points-1-value"),
        ({"points": [{"value": ""}, {"value": 1}]}, "traits-0-points-0-value"),
        ({"weight": 0}, "traits-0-weight"),
        ({"weight": "much"}, "traits-0-weight"),
        ({"key": "evidence"}, "traits-1-key"),
        ({"key": "two words"}, "traits-0-key"),
        ({"name": "x" * 121}, "traits-0-name"),
    ],
)
def test_a_draft_that_can_not_be_stored_is_refused_at_the_place(change, place):
    wanted = specification.tidy(ESSAY | {"traits": [ESSAY["traits"][0] | change, ESSAY["traits"][1]]})
    assert place in [problem.place for problem in specification.obstacles(wanted)]


def test_codes_and_names_may_not_stand_twice_and_a_holistic_rubric_has_one_trait():
    codes = [{"code": "b", "name": "Blank"}, {"code": "B", "name": "Bad"}, {"code": "", "name": ""}]
    wanted = specification.tidy(ESSAY | {"kind": "holistic", "condition_codes": codes})
    wanted["traits"][1]["name"] = "Claim"
    places = [problem.place for problem in specification.problems(wanted)]
    assert places == ["condition_codes-1-code", "traits", "traits-1-name", "condition_codes-2-code",
                      "condition_codes-2-name"]  # fmt: skip


def test_a_single_point_rubric_has_three_points_around_one_standard(task, lea):
    trait = {"name": "Reasoning", "points": [{"value": 2, "descriptor": "Compares by ratio."}]}
    wanted = {"kind": "single_point", "title": "Ratios", "traits": [trait, {"name": "Accuracy"}]}
    draft = services.draft_rubric(task, wanted, actor=lea)
    assert [(p.value, p.label, p.descriptor) for p in draft.traits[0].points] == [
        (1, "Below", ""), (2, "At", "Compares by ratio."), (3, "Above", "")]  # fmt: skip
    with pytest.raises(Invalid, match="Accuracy: describe the standard"):
        services.publish(draft, actor=lea)
    wanted["traits"] = [trait]
    assert services.publish(services.draft_rubric(task, wanted, actor=lea), actor=lea).is_published


def try_to(attempt, rubric):
    with transaction() as session:
        attempt(session, session.get(Rubric, rubric.id))


def test_nothing_changes_a_published_version(published, task, lea):
    with pytest.raises(Conflict):
        services.publish(published, actor=lea)
    with pytest.raises(Conflict):
        services.discard_draft(published, actor=lea)

    def other_title(session, rubric):
        rubric.title = "Other"

    def unpublish(session, rubric):
        rubric.published_at = None

    def other_words(session, rubric):
        rubric.traits[0].points[0].descriptor = "Other"

    def more_points(session, rubric):
        rubric.traits[0].points.append(ScorePoint(value=9))

    def fewer_traits(session, rubric):
        rubric.traits.pop()

    def another_code(session, rubric):
        session.add(ConditionCode(rubric_id=rubric.id, code="X", name="Other"))

    def remove(session, rubric):
        session.delete(rubric)

    def in_bulk(session, rubric):
        session.execute(sa.update(Trait).where(Trait.rubric_id == rubric.id).values(name="Other"))

    def remove_in_bulk(session, rubric):
        session.execute(sa.delete(ScorePoint))

    before = specification.describe(published)
    for attempt in (other_title, unpublish, other_words, more_points, fewer_traits, another_code, remove, in_bulk, remove_in_bulk):  # fmt: skip
        with pytest.raises(Conflict, match="published and can not change"):
            try_to(attempt, published)
        db.session.expire_all()
        assert specification.describe(db.session.get(Rubric, published.id)) == before, attempt.__name__


def test_a_new_version_starts_from_the_old_one_and_leaves_it_alone(published, task, lea):
    draft = services.new_version(published, actor=lea)
    assert (draft.version, draft.based_on_id) == (2, published.id)
    assert specification.describe(draft)["traits"] == specification.describe(published)["traits"]
    with pytest.raises(Conflict, match="draft already"):
        services.new_version(published, actor=lea)
    wanted = specification.describe(draft) | {"changes": "Evidence goes up to 4."}
    services.publish(services.draft_rubric(task, wanted, actor=lea), actor=lea)
    assert task.published_rubric.version == 2
    assert task.published_rubric.changes == "Evidence goes up to 4."
    assert published.version == 1


def test_a_discarded_draft_is_gone_and_its_number_free(task, lea):
    services.discard_draft(services.draft_rubric(task, ESSAY, actor=lea), actor=lea)
    assert task.rubrics == []
    assert db.session.scalar(sa.select(sa.func.count(Trait.id))) == 0
    assert services.draft_rubric(task, ESSAY, actor=lea).version == 1


def test_only_leaders_of_the_place_may_write_and_others_may_clone(
    network, alder, lea, nell, eve, published, task
):
    common = build.a_task()
    for forbidden in (lambda: services.draft_rubric(common, ESSAY, actor=lea),
                      lambda: services.change_task(common, title="Mine", actor=lea),
                      lambda: services.retire(common, actor=lea),
                      lambda: services.create_task(network, code="X", title="X", subject="X", grade_band="8", actor=lea),
                      lambda: services.publish(published, actor=eve)):  # fmt: skip
        with pytest.raises(NotAllowed):
            forbidden()
    copy = services.clone(common, alder, code="LOCAL-1", actor=lea)
    assert (copy.organization, copy.title, copy.is_common) == (alder, common.title, False)
    assert copy.draft_rubric.version == 1
    assert (
        specification.describe(copy.draft_rubric)["traits"]
        == specification.describe(common.published_rubric)["traits"]
    )
    with pytest.raises(NotFound):
        services.task_by_id(task.id, eve)
    assert services.task_by_id(task.id, nell) is task
    assert services.task_by_id(common.id, eve) is common


def test_lists_show_common_and_own_tasks_in_use(alder, birch, lea, eve, task):
    common, other = build.a_task(title="Common"), build.a_task(title="Other", organization=birch)
    retired = services.retire(build.a_task(organization=alder), actor=lea)
    assert db.session.scalars(services.visible_tasks(lea)).all() == [common, task]
    assert db.session.scalars(services.visible_tasks(eve)).all() == [common, other]
    services.reactivate(retired, actor=lea)
    assert retired in db.session.scalars(services.visible_tasks(lea)).all()


def test_a_task_needs_its_words_and_a_code_of_its_own(alder, lea, task):
    with pytest.raises(Invalid) as refused:
        services.create_task(alder, code=" ", title="", subject="x" * 81, grade_band="8", actor=lea)
    assert set(refused.value.fields) == {"code", "title", "subject"}
    with pytest.raises(Invalid, match="already has a task with the code ARG-8"):
        services.create_task(alder, code="ARG-8", title="B", subject="B", grade_band="8", actor=lea)
    services.change_task(task, standards=["W.8.1 ", "", "W.8.2"], actor=lea)
    assert task.standards == ["W.8.1", "W.8.2"]

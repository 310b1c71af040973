"""What becomes of clarifications in the next version of a rubric: worked in, carried over, or left out."""

import pytest

from scoring.errors import Invalid
from scoring.tasks import clarifying, services, settling, specification
from scoring.tasks.models import Settlement
from tests import build
from tests.scoring.tasks.test_clarifying import WORDS, propose, shown


@pytest.fixture
def task(alder):
    return build.a_task(organization=alder)


@pytest.fixture
def rubric(task):
    return task.published_rubric


def test_a_new_version_is_published_only_when_it_is_said_what_becomes_of_each(task, rubric, ana, lea):
    one, two, three = (
        clarifying.add_clarification(rubric, trait=rubric.traits[at], score=score, words=words, actor=lea)
        for at, score, words in ((1, 3, "One."), (1, None, "Two."), (0, 2, "Three."))
    )
    propose(rubric, ana, words="Still open: it hinders nothing.")
    draft = services.new_version(rubric, actor=lea)
    assert settling.to_settle(draft) == [one, two, three]
    with pytest.raises(Invalid, match="Say what becomes of"):
        services.publish(draft, actor=lea)
    with pytest.raises(Invalid):
        settling.settle(draft, {one.id: "eaten"}, actor=lea)
    services.draft_rubric(task, specification.describe(draft), actor=lea,
                          settlements={one.id: "carried_over", two.id: "worked_in", three.id: "left_out"})  # fmt: skip
    services.publish(draft, actor=lea)
    assert shown(draft) == {("evidence", 3): ("One.",)}
    assert shown(rubric) == {
        ("evidence", 3): ("One.",),
        ("evidence", None): ("Two.",),
        ("claim", 2): ("Three.",),
    }
    carried = clarifying.log_of(draft, lea)
    assert [(each.carried_from_id, each.reason) for each in carried] == [
        (one.id, "Carried over from version 1.")
    ]
    third = services.new_version(draft, actor=lea)
    assert settling.to_settle(third) == carried


def test_what_has_no_place_in_the_new_version_can_not_be_carried_over(task, rubric, lea):
    made = clarifying.add_clarification(rubric, trait=rubric.traits[1], score=4, words=WORDS, actor=lea)
    draft = services.new_version(rubric, actor=lea)
    wanted = specification.describe(draft)
    del wanted["traits"][1]["points"][3]
    services.draft_rubric(task, wanted, actor=lea, settlements={made.id: "carried_over"})
    with pytest.raises(Invalid, match="no Evidence, score point 4"):
        services.publish(draft, actor=lea)
    services.draft_rubric(task, wanted, actor=lea, settlements={made.id: ""})
    assert made.settlement is None
    services.draft_rubric(task, wanted, actor=lea, settlements={made.id: "worked_in"})
    services.publish(draft, actor=lea)
    assert made.settlement is Settlement.WORKED_IN


def test_a_discarded_draft_leaves_everything_to_be_said_anew(task, rubric, lea):
    made = clarifying.add_clarification(rubric, words=WORDS, actor=lea)
    draft = services.new_version(rubric, actor=lea)
    settling.settle(draft, {made.id: "worked_in"}, actor=lea)
    services.discard_draft(draft, actor=lea)
    assert (made.settlement, made.settled_in_id) == (None, None)

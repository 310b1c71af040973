"""What the season left for the rubric and the task: clarifications in the log, and a note to the next version."""

from datetime import timedelta

from scoring.db import at
from scoring.tasks import clarifying, noting

WORDS = (  # trait, score point, words, where it came up, accepted
    ("evidence", 3, "Two facts from the same source count as one piece of evidence.", "Fall field test, adjudication", True),
    ("organization", None, "A missing title does not lower this score. Look at how one idea leads to the next.",
     "Fall field test, questions of scorers", True),
    ("claim", 2, "“Both sides have a point” is a 2, also when the sides are described well.", "Winter moderation", False),
)  # fmt: skip
NOTE = "Students copy the second source word for word. Give them two shorter sources, and ask for their own words."


def leave(rubric, people, today):
    """Leave two accepted clarifications and a proposed one on a rubric, and a note at its task."""
    admin, leader = people.network_admin, people.districts[0].leader
    traits = {trait.key: trait for trait in rubric.traits}
    for number, (key, score, words, origin, is_accepted) in enumerate(WORDS):
        with at(today - timedelta(days=20 - number)):
            made = clarifying.propose_clarification(
                rubric, trait=traits[key], score=score, words=words, origin=origin, actor=leader
            )
        if is_accepted:
            with at(today - timedelta(days=18 - number)):
                clarifying.accept(made, reason="Scorers read the descriptor in two ways.", actor=admin)
    with at(today - timedelta(days=18)):
        noting.write_note(rubric.task, words=NOTE, origin="Fall field test", actor=leader)

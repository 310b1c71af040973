"""Discussions of the demonstration: about a line of a rubric, a trait, an anchor paper and a whole task."""

from datetime import timedelta

from calibration.discussions import seeing, services
from calibration.papers.services import anchors_for
from scoring.db import at


class Talk:
    """Lets people write one after the other, each some minutes or hours later."""

    def __init__(self, starting):
        self.moment = starting

    def start(self, kind, subject_id, actor, title, words):
        with at(self._later(minutes=90)):
            return services.start(kind, subject_id, title=title, words=words, actor=actor)

    def reply(self, thread, actor, words, quoted=None):
        with at(self._later(minutes=47)):
            return services.reply(thread, words=words, quoted=quoted, actor=actor)

    def settle(self, thread, answer, actor):
        with at(self._later(minutes=5)):
            services.mark_answer(answer, actor=actor)
            services.resolve(thread, actor=actor)

    def _later(self, **passed):
        self.moment += timedelta(**passed)
        return self.moment


def build(people, rubrics, *, starting):
    """Let the people of the season discuss what they score."""
    alder, birch, cedar = people.districts
    sam, priya = alder.scorers[:2]
    rubric, *others = rubrics.values()
    talk, trait = Talk(starting), rubric.traits[0]
    line = trait.points[-2]
    asked = talk.start("score_point", line.id, priya, "Does a counterclaim without a source reach this point?",
                       "Two of us read this line in two ways. The work I have in mind names the other side, but gives nothing for it.")  # fmt: skip
    talk.reply(asked, birch.scorers[0], "I would say no. The line asks for support on both sides.")
    answer = talk.reply(asked, alder.leader, "It does not need a source. It has to be answered: the student says why the own "
                        "side is still the stronger one. Naming the other side and moving on stays one point below.",
                        quoted=asked.opening)  # fmt: skip
    talk.reply(asked, priya, "That helps. Thank you.")
    talk.settle(asked, answer, alder.leader)
    general = talk.start("trait", trait.id, cedar.leader, "How much weight do slips in grammar have here?",
                         "Our scorers lower this trait when the grammar is weak. I think that belongs under conventions.")  # fmt: skip
    talk.reply(
        general,
        alder.leader,
        "It does. @Sam Ortega, you asked me the same last week. What did your group settle on?",
    )
    _about_an_anchor(talk, rubric, sam, alder.leader)
    if others:
        talk.start("task", others[0].task_id, birch.leader, "How long did students need for this task?",
                   "Two class periods were tight in our middle school. How was it elsewhere?")  # fmt: skip


def _about_an_anchor(talk, rubric, scorer, leader):
    """A question about the first anchor that this scorer may see."""
    shown = seeing.papers_on(rubric.task, scorer)
    paper = next((each for each in anchors_for(rubric) if each in shown), None)
    if paper is None:
        return
    thread = talk.start("paper", paper.id, scorer, "Why is the organization not one point higher?",
                        "The paragraphs follow a plan, I find. What do I not see?")  # fmt: skip
    talk.reply(thread, leader, "Look at the last two paragraphs: they repeat the first. The plan is there, the way from one "
               "thought to the next is not.", quoted=thread.opening)  # fmt: skip

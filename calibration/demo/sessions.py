"""The demonstration's calibration sessions: one that is over, one to score in, one to discuss in, and one that is planned."""

import random
from datetime import timedelta

from calibration.papers.showing import not_for
from calibration.sessions import attendance, discussing, protocols, running, services, sheets
from calibration.sessions.models import Form
from scoring.db import at

EVIDENCE = (
    "The first sentence names the side the writer takes.", "Both sources are named, and one number is quoted.",
    "The last paragraph says why the other side is not enough.", "One reason is stated twice in other words.",
    "The link from the reason to the claim is left to the reader.",
)  # fmt: skip
REASONS = (
    "The descriptor asks for evidence that is explained. Here it is named, and explained once.",
    "Everything the score point asks for is on the page. The next one would need the other side as well.",
)


def hold(paper_set, *, leader, scorers, first_day, today):
    """Hold sessions of one district on the papers of a calibration set; each happens at its own moment."""
    chance = random.Random("sessions")
    places = {
        "organization": leader.memberships[0].organization,
        "rubric": paper_set.rubric,
        "paper_set": paper_set,
        "actor": leader,
    }
    usual = protocols.built_in_by_key("calibration")
    papers = paper_set.papers
    _hold_live(first_day, papers[:2], scorers[2:7], usual, places, chance)
    _discuss(today - timedelta(days=9), papers[2:3], scorers[:4], usual, places, chance)
    with at(today - timedelta(days=2)):
        waiting = services.open_session(form=Form.ASYNCHRONOUS, title="Winter warm-up", protocol=usual, papers=papers[:3], people=scorers[:5],
                                        score_by=today + timedelta(days=4), closes_at=today + timedelta(days=11), **places)  # fmt: skip
        short = protocols.copy(usual, places["organization"], name="Short calibration", actor=leader)
        protocols.put_step(short, 4, {**short.steps[4], "minutes": 5}, actor=leader)
    with at(today - timedelta(days=1)):
        for scorer in scorers[2:5]:
            _score_all(waiting, scorer, chance)
        services.open_session(form=Form.LIVE, title="After-school calibration", protocol=short, papers=papers[-2:], people=scorers[:6],
                              starts_at=today + timedelta(days=2), **places)  # fmt: skip


def _hold_live(begins, papers, people, protocol, places, chance):
    """A live session from lobby to debrief."""
    leader, clock = places["actor"], _Clock(begins)
    with at(begins - timedelta(days=3)):
        meeting = services.open_session(form=Form.LIVE, title="First calibration together", protocol=protocol, papers=papers, people=people,
                                        starts_at=begins, **places)  # fmt: skip
    for person in (leader, *people):
        clock.do(lambda person=person: attendance.come_in(meeting, actor=person))
    clock.do(lambda: services.give_part(_seat(meeting, people[0]), "recorder", actor=leader))
    clock.do(lambda: running.begin(meeting, actor=leader))
    while meeting.phase + 1 < len(meeting.phases):
        _take_part(meeting, leader, people, clock, chance)
        clock.wait(meeting, (leader, *people))
        clock.do(lambda: running.move(meeting, 1, seen=meeting.phase, actor=leader))
    clock.do(lambda: discussing.answer_debrief(meeting, {"task": "Say in the directions that both sources must be used."}, actor=people[1]))  # fmt: skip
    clock.do(lambda: discussing.answer_debrief(meeting, {"rubric": "Tell explained and named evidence apart.", "teaching": "Practice the step from evidence to reason."}, actor=people[2]))  # fmt: skip
    clock.do(lambda: running.close(meeting, actor=leader))


def _take_part(meeting, leader, people, clock, chance):
    """What people do in the present step."""
    kind, paper = meeting.present_step["kind"], meeting.present_paper
    if kind == "score":
        for person in (*people, leader):
            clock.do(lambda person=person: _score(paper, person, chance))
    elif kind == "discuss":
        clock.do(lambda: running.show_leader(paper, actor=leader))
        trait = meeting.rubric.traits[0]
        clock.do(lambda: discussing.say(meeting, "The rubric says explained. Where do you see that?", session_paper=paper, trait_id=trait.id, actor=people[0]))  # fmt: skip
    elif kind == "agree":
        agreed = {each.trait_id: each.score for each in paper.paper.scores}
        for number, trait in enumerate(meeting.rubric.traits):
            clock.do(lambda trait=trait, number=number: discussing.settle(paper, trait.id, score=agreed[trait.id], reason=REASONS[number % 2], actor=people[0]))  # fmt: skip
        clock.do(lambda: sheets.revise(paper, scores=agreed, actor=people[1]))


def _discuss(opened, papers, people, protocol, places, chance):
    """An asynchronous session whose scoring is over: scores are shown, and the discussion goes on."""
    leader = places["actor"]
    with at(opened):
        meeting = services.open_session(form=Form.ASYNCHRONOUS, title="One paper, many readings", protocol=protocol, papers=papers, people=people,
                                        score_by=opened + timedelta(days=5), **places)  # fmt: skip
    with at(opened + timedelta(days=1)):
        for person in (*people, leader):
            _score_all(meeting, person, chance)
    paper, trait = meeting.papers[0], meeting.rubric.traits[0]
    with at(opened + timedelta(days=2)):
        scored = [each.participant.person for each in paper.sheets]
        running.show_leader(paper, actor=leader)
        first = discussing.say(meeting, "I read the second paragraph as the reason. Did you?", session_paper=paper, trait_id=trait.id, actor=scored[0])  # fmt: skip
        discussing.say(meeting, "To me it repeats the claim.", session_paper=paper, trait_id=trait.id, reply_to_id=first.id, actor=scored[1])  # fmt: skip
        discussing.propose(
            paper, trait.id, score=paper.paper.scores[0].score, reason=REASONS[0], actor=scored[1]
        )


def _score_all(meeting, person, chance):
    seat = _seat(meeting, person)
    for paper in meeting.papers:
        _score(paper, person, chance)
    attendance.note_seen(seat)


def _score(paper, person, chance):
    """Scores around the paper's consensus; whoever may not be given the paper sits it out."""
    if paper.paper_id in not_for([paper.paper], person):
        return
    scores, evidence = {}, {}
    for each in paper.paper.scores:
        values = each.trait.values
        slip = chance.choices((-1, 0, 1), (2, 5, 2))[0]
        scores[each.trait_id] = min(max(each.score + slip, values[0]), values[-1])
        evidence[each.trait_id] = chance.choice(EVIDENCE)
    sheets.submit(paper, scores=scores, evidence=evidence, actor=person)


def _seat(meeting, person):
    return next(each for each in meeting.participants if each.person_id == person.id)


class _Clock:
    """The time of a live session, which moves on a little with every deed."""

    def __init__(self, begins):
        self.moment = begins

    def do(self, deed):
        self.moment += timedelta(seconds=20)
        with at(self.moment):
            deed()

    def wait(self, meeting, people):
        """Let the rest of a step pass; everybody's page shows now and then that they are there."""
        for _ in range(2):
            self.moment += timedelta(seconds=80)
            with at(self.moment):
                for person in people:
                    attendance.note_seen(_seat(meeting, person))

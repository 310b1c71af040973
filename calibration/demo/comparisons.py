"""Comparative judgment in the demonstration: one study that is closed, and one in which pairs wait."""

import random
from datetime import timedelta

from calibration.judging import comparing
from calibration.judging import services as studies
from scoring.db import at, now

QUESTION = "Which response argues better?"


def build(event, placed, people):
    """Compare some of the first task's responses of a closed event, and ask for more."""
    source, admin, today = event.tasks[0], people.network_admin, now()
    worth = {each.pseudonym: each.work.standing(each.task.points) for each in placed}
    with at(today - timedelta(days=18)):
        closed = _study(source, "Argument writing, fall", [1, 2, 5], people, size=24, per_response=12)
    _compare(closed, worth, today - timedelta(days=17))
    with at(today - timedelta(days=15)):
        studies.close_study(closed, actor=admin)
    with at(today - timedelta(days=3)):
        _study(source, "Argument writing, once more", [0, 3], people, size=20, per_response=8, has_ties=True,
               deadline_at=today + timedelta(days=11))  # fmt: skip


def _study(source, title, places, people, **facts):
    admin = people.network_admin
    study = studies.create_study(source, title=title, question=QUESTION, actor=admin, **facts)
    invited = [each.scorers[place] for each in people.districts for place in places]
    studies.invite(study, invited, actor=admin)
    studies.open_study(study, actor=admin)
    return study


def _compare(study, worth, starting):
    """Let everybody choose in turn: mostly the better work, sometimes not."""
    chance, seats, minute = random.Random("comparisons"), list(study.participants), 0
    while seats:
        for seat in list(seats):
            with at(starting + timedelta(minutes=minute)):
                pair = comparing.take_pair(seat)
                if pair is None:
                    seats.remove(seat)
                    continue
                left, right = (worth[each.response.student.pseudonym] for each in (pair.left, pair.right))
                side = "left" if left - right + chance.gauss(0, 0.2) > 0 else "right"
                comparing.choose(seat, pair.id, side)
            minute += 1

"""Where somebody stands: every way through practice, tries, coaching and recalibration."""

from datetime import UTC, datetime, timedelta

import pytest

from calibration.qualification.steps import WORDS, Fact, Stage, State, Try, where

START = datetime(2027, 3, 1, tzinfo=UTC)


def day(number):
    return START + timedelta(days=number)


def failed(number, stage=Stage.QUALIFICATION, fact=None):
    return Try(stage, False, day(number), fact)


def open_try(stage=Stage.QUALIFICATION):
    return Try(stage, None, None)


def stand(**how):
    usual = {
        "practice_left": 0,
        "has_begun": True,
        "tries": [],
        "coachings": [],
        "fact": None,
        "allowed": 2,
        "new_sets": True,
    }
    return where(**usual | how)


COACHED = (Stage.QUALIFICATION, day(5))
WITHDRAWN = Fact(1, "withdrawn", day(3))


@pytest.mark.parametrize(
    ("how", "state", "next_", "left"),
    [
        ({"practice_left": 2, "has_begun": False}, State.NOT_BEGUN, Stage.PRACTICE, 2),
        ({"practice_left": 1}, State.PRACTICING, Stage.PRACTICE, 2),
        ({}, State.READY, Stage.QUALIFICATION, 2),
        ({"tries": [open_try()]}, State.TRYING, Stage.QUALIFICATION, 0),
        ({"tries": [failed(1)]}, State.MAY_TRY_AGAIN, Stage.QUALIFICATION, 1),
        ({"tries": [failed(1)], "new_sets": False}, State.NEEDS_COACH, None, 0),
        ({"tries": [failed(1), failed(2)]}, State.NEEDS_COACH, None, 0),
        ({"tries": [failed(1), failed(2)], "coachings": [COACHED], "new_sets": False}, State.MAY_TRY_AGAIN, Stage.QUALIFICATION, 1),
        ({"tries": [failed(1), failed(2), failed(6)], "coachings": [COACHED]}, State.NEEDS_COACH, None, 0),
        ({"tries": [failed(1), Try(Stage.QUALIFICATION, None, day(2))]}, State.MAY_TRY_AGAIN, Stage.QUALIFICATION, 1),  # void
        ({"fact": Fact(1, "qualified"), "tries": [failed(1)]}, State.QUALIFIED, None, 0),
        ({"fact": Fact(1, "expired", day(3), True), "tries": [failed(1), failed(2)]}, State.EXPIRED, Stage.QUALIFICATION, 2),
        ({"fact": Fact(1, "expired", day(3), True), "tries": [failed(1), failed(4)]}, State.MAY_TRY_AGAIN, Stage.QUALIFICATION, 1),
        ({"fact": Fact(1, "expired", day(3), True), "practice_left": 1}, State.EXPIRED, Stage.QUALIFICATION, 2),
        ({"fact": WITHDRAWN}, State.WITHDRAWN, Stage.QUALIFICATION, 2),
        ({"fact": Fact(1, "away")}, State.AWAY, Stage.RECALIBRATION, 2),
        ({"fact": Fact(1, "away"), "tries": [open_try(Stage.RECALIBRATION)]}, State.AWAY, Stage.RECALIBRATION, 2),
        ({"fact": WITHDRAWN, "tries": [failed(3, Stage.RECALIBRATION, 1)]}, State.HELD_BACK, Stage.RECALIBRATION, 1),
        ({"fact": WITHDRAWN, "tries": [failed(3, Stage.RECALIBRATION, 1)] * 2}, State.NEEDS_COACH, None, 0),
        ({"fact": WITHDRAWN, "tries": [failed(3, Stage.RECALIBRATION, 1)] * 2, "coachings": [(Stage.RECALIBRATION, day(5))]},
         State.HELD_BACK, Stage.RECALIBRATION, 1),
        ({"fact": WITHDRAWN, "tries": [failed(3, Stage.RECALIBRATION, 9)]}, State.WITHDRAWN, Stage.QUALIFICATION, 2),
        ({"fact": Fact(1, "withdrawn", day(3), True), "tries": [failed(3, Stage.RECALIBRATION, 1)]}, State.WITHDRAWN, Stage.QUALIFICATION, 2),
    ],
)  # fmt: skip
def test_where_somebody_stands(how, state, next_, left):
    place = stand(**how)
    assert (place.state, place.next, place.tries_left) == (state, next_, left)


def test_a_coach_for_a_recalibration_gives_another_recalibration():
    place = stand(fact=WITHDRAWN, tries=[failed(3, Stage.RECALIBRATION, 1)] * 2)
    assert place.about is Stage.RECALIBRATION
    assert stand(tries=[failed(1), failed(2)]).about is Stage.QUALIFICATION


def test_every_state_has_words():
    assert set(WORDS) == set(State)

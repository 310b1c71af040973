"""Where somebody stands on the way to a qualification, and what comes next. Plain values in, a standing out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """What papers are scored for."""

    PRACTICE = "practice"
    QUALIFICATION = "qualification"
    RECALIBRATION = "recalibration"


class State(StrEnum):
    """Where somebody stands in a program."""

    NOT_BEGUN = "not_begun"
    PRACTICING = "practicing"
    READY = "ready"  # practice is done
    TRYING = "trying"  # in the middle of a try
    MAY_TRY_AGAIN = "may_try_again"
    NEEDS_COACH = "needs_coach"
    QUALIFIED = "qualified"
    AWAY = "away"  # a recalibration is due
    HELD_BACK = "held_back"  # a recalibration was not passed; another may be
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


WORDS = {
    State.NOT_BEGUN: "Not begun", State.PRACTICING: "Practicing", State.READY: "Ready to qualify", State.TRYING: "In a try",
    State.MAY_TRY_AGAIN: "May try again", State.NEEDS_COACH: "Needs a coach", State.QUALIFIED: "Qualified",
    State.AWAY: "Recalibration due", State.HELD_BACK: "Recalibration not passed", State.EXPIRED: "Expired",
    State.WITHDRAWN: "Withdrawn",
}  # fmt: skip


@dataclass(frozen=True)
class Try:
    """One try: at what, with what result (None while it lasts), when it ended, and which fact it was about."""

    stage: Stage
    passed: bool | None
    ended_at: datetime | None  # None while it lasts; one that ended without a result is void
    fact_id: int | None = None


@dataclass(frozen=True)
class Fact:
    """What the queue knows: the newest qualification, how it stands ("qualified", "away", ...), and when it ended."""

    id: int
    standing: str
    ended_at: datetime | None = None
    is_expired: bool = False


@dataclass(frozen=True)
class Place:
    """Where somebody stands: the state, what is next (None when nothing is), and how many tries are left."""

    state: State
    next: Stage | None
    tries_left: int = 0
    about: Stage = Stage.QUALIFICATION  # what a further try would be for

    @property
    def words(self):
        return WORDS[self.state]


def where(*, practice_left, has_begun, tries, coachings, fact, allowed, new_sets):
    """Work out where somebody stands.

    `practice_left` counts practice sets not done yet, `coachings` are pairs of stage and moment, `allowed` is how many
    tries there are before a coach, `new_sets` says whether sets enough for a try are left that this person never saw.

    >>> where(practice_left=2, has_begun=False, tries=[], coachings=[], fact=None, allowed=2, new_sets=True).state
    <State.NOT_BEGUN: 'not_begun'>
    """
    standing = fact.standing if fact is not None else "none"
    if standing == "qualified":
        return Place(State.QUALIFIED, None)
    failed_checks = [
        each for each in tries
        if fact is not None and each.stage is Stage.RECALIBRATION and each.passed is False and each.fact_id == fact.id
    ]  # fmt: skip
    if standing == "away" or (standing == "withdrawn" and failed_checks and not fact.is_expired):
        return _recalibrating(tries, failed_checks, coachings, fact, allowed)
    return _qualifying(practice_left, has_begun, tries, coachings, fact, allowed, new_sets)


def _recalibrating(tries, failed, coachings, fact, allowed):
    first = min((each.ended_at for each in failed), default=None)
    more = sum(
        stage is Stage.RECALIBRATION and first is not None and moment >= first for stage, moment in coachings
    )
    left = allowed + more - len(failed)
    is_open = any(each.stage is Stage.RECALIBRATION and each.ended_at is None for each in tries)
    if left <= 0 and not is_open:
        return Place(State.NEEDS_COACH, None, about=Stage.RECALIBRATION)
    return Place(State.HELD_BACK if failed else State.AWAY, Stage.RECALIBRATION, left, Stage.RECALIBRATION)


def _qualifying(practice_left, has_begun, tries, coachings, fact, allowed, new_sets):
    if any(each.stage is Stage.QUALIFICATION and each.ended_at is None for each in tries):
        return Place(State.TRYING, Stage.QUALIFICATION)
    since = fact.ended_at if fact is not None else None

    def counts(moment):
        return since is None or moment >= since

    failed = [
        each for each in tries
        if each.stage is Stage.QUALIFICATION and each.passed is False and counts(each.ended_at)
    ]  # fmt: skip
    coached = [moment for stage, moment in coachings if stage is Stage.QUALIFICATION and counts(moment)]
    left = allowed + len(coached) - len(failed)
    last = max((each.ended_at for each in failed), default=None)
    is_coached = any(last is None or moment >= last for moment in coached)
    if left <= 0 or (
        not new_sets and not is_coached and any(each.stage is Stage.QUALIFICATION for each in tries)
    ):
        return Place(State.NEEDS_COACH, None)
    if failed:
        return Place(State.MAY_TRY_AGAIN, Stage.QUALIFICATION, left)
    if practice_left and fact is None:
        return Place(State.PRACTICING if has_begun else State.NOT_BEGUN, Stage.PRACTICE, left)
    state = {"expired": State.EXPIRED, "withdrawn": State.WITHDRAWN}.get(
        fact.standing if fact else "", State.READY
    )
    return Place(state, Stage.QUALIFICATION, left)

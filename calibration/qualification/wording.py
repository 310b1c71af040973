"""What scorers are told of where they stand, one idea a sentence."""

from calibration.qualification.steps import Stage, State

CLOSED = "This program is closed. Ask your leader whether another one takes its place."


def next_words(standing):
    """Say where somebody stands in a program and what comes next."""
    place, program = standing.place, standing.program
    if program.closed_at is not None and place.state is not State.QUALIFIED:
        return CLOSED
    return {
        State.NOT_BEGUN: _practice_first,
        State.PRACTICING: _practice_first,
        State.READY: lambda each: f"You can qualify now. {_tries(place)} {_try_is(program)}",
        State.TRYING: lambda each: "You are in the middle of a try. Go on where you left.",
        State.MAY_TRY_AGAIN: lambda each: f"Not passed yet. {_tries(place)} {_try_is(program)}",
        State.NEEDS_COACH: _coach,
        State.QUALIFIED: lambda each: "You are qualified. You can score its responses.",
        State.AWAY: lambda each: f"You were away for a while. Score {_papers(program.recalibration_papers)}, then the queue goes on.",
        State.HELD_BACK: lambda each: f"The recalibration was not passed, so the queue waits. {_tries(place)}",
        State.EXPIRED: lambda each: f"Your qualification has expired. {_tries(place)} {_try_is(program)}",
        State.WITHDRAWN: lambda each: f"Your qualification was withdrawn. {_tries(place)} {_try_is(program)}",
    }[place.state](standing)  # fmt: skip


def first_undone(standing):
    """The practice set that comes next; None when all are done."""
    return next((each for each in standing.practice if not each.is_done), None)


def _practice_first(standing):
    undone = first_undone(standing)
    if undone.open:
        return f"Practice set {undone.number} first. You have done {undone.open.done} of {_papers(undone.open.total)}."
    return f"Practice set {undone.number} first. After practice you can qualify."


def _coach(standing):
    what = "The queue waits until then. " if standing.place.about is Stage.RECALIBRATION else ""
    return f"A coach comes next. {what}Your leader sees your results and speaks with you. Then you get another try."


def _tries(place):
    if place.tries_left == 1:
        return "You have 1 try."
    return f"You have {place.tries_left} tries."


def _try_is(program):
    number = program.rule.sets_to_see
    return "A try is one set of papers, without answers until the end." if number == 1 else (
        f"A try is {number} sets of papers, without answers until the end."
    )  # fmt: skip


def _papers(number):
    return "1 paper" if number == 1 else f"{number} papers"

"""What waits for a person in practice and qualification."""

from calibration.qualification import programs, standings, wording
from calibration.qualification.steps import Stage, State
from calibration.waiting import Waiting
from scoring.db import db
from scoring.permissions import Permission

BUTTONS = {Stage.PRACTICE: "Practice", Stage.QUALIFICATION: "Qualify", Stage.RECALIBRATION: "Recalibrate"}
URGENT = {State.AWAY: 0, State.HELD_BACK: 0, State.TRYING: 1, State.EXPIRED: 1, State.WITHDRAWN: 1}


def waiting_for(person):
    """List the programs in which something is next for this scorer, and the scorers who wait for this leader."""
    found = []
    if person.may(Permission.SCORE):
        mine = [standings.standing_of(program, person) for program in programs.open_programs(person)]
        mine = [(each, place) for each in mine if (place := each.place).next is not None]
        for standing, place in sorted(mine, key=lambda pair: URGENT.get(pair[1].state, 2)):
            title = f"{standing.program.rubric.task.title}: {_what(place)}"
            found.append(
                Waiting(title, wording.next_words(standing), BUTTONS[place.next], "qualification.mine")
            )
    if person.may(Permission.CALIBRATE):
        found += _to_coach(person)
    return found


def _what(place):
    return {Stage.PRACTICE: "practice", Stage.QUALIFICATION: "qualification"}.get(place.next, "recalibration")


def _to_coach(leader):
    for program in db.session.scalars(programs.program_query(leader)):
        if program.is_open and (people := standings.needing_coach(program, leader)):
            who = f"{people[0].person.name} needs" if len(people) == 1 else f"{len(people)} scorers need"
            yield Waiting(f"{program.rubric.task.title}: {who} a coach",
                          "Look at the results, speak with them, and write down what you agreed on. Then they get another try.",
                          "Look", "qualification.show", {"program_id": program.id, "state": State.NEEDS_COACH.value})  # fmt: skip

"""What a committee asks of a person, for the page Calibration."""

from calibration.rangefinding.services import led_and_open, open_seats
from calibration.rangefinding.standing import Standing
from calibration.waiting import Waiting
from scoring.db import db
from scoring.permissions import Permission


def waiting_for(person):
    """Return the committees in which this person has papers to score, a consensus to answer, or papers to settle."""
    committees = db.session.scalars(open_seats(person)).all()
    found = db.session.scalars(led_and_open(person)) if person.may(Permission.CALIBRATE) else ()
    led = [each for each in found if each not in committees]
    return [said for each in (*committees, *led) if (said := _of(each, Standing(each, person)))]


def _of(committee, standing):
    """The most urgent thing in one committee, or None."""
    task = f'"{committee.rubric.task.title}"'
    if standing.left:
        papers = (
            f"1 paper of {task} waits" if standing.left == 1 else f"{standing.left} papers of {task} wait"
        )
        due = (
            f" They are asked for by {committee.due_at:%B} {committee.due_at.day}, {committee.due_at.year}."
            if committee.due_at
            else ""
        )
        words, action = (
            f"{papers} for your scores. Nobody sees your scores before their own are in.{due}",
            "Score the papers",
        )
    elif asked := sum(map(_asks, standing.mine)):
        papers = f"1 paper of {task} has" if asked == 1 else f"{asked} papers of {task} have"
        words, action = f"{papers} a proposed consensus that you have not answered yet.", "Read the consensus"
    elif standing.leads and (ready := sum(each.can_settle and each.is_undecided for each in standing.places)):
        papers = f"1 paper of {task}" if ready == 1 else f"{ready} papers of {task}"
        words, action = (
            f"All scores of {papers} are in. Find a consensus, and settle it.",
            "Go to the committee",
        )
    else:
        return None
    title = f"Range-finding: {committee.name}"
    return Waiting(
        title,
        words,
        action,
        "rangefinding.show",
        {"committee_id": committee.id},
    )


def _asks(place):
    """Whether a consensus is on the table that this person may see and has said nothing about."""
    consensus = place.proposed.on_the_table
    if consensus is None or place.proposed.is_settled or not place.sees_scores:
        return False
    return place.mine is None or all(each.person_id != place.mine.person_id for each in consensus.opinions)

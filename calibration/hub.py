"""The page "Calibration": what waits for this person, and every part of calibration that is open to them."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask_login import current_user

from calibration import clarifying
from calibration.credentials import waiting as credentials
from calibration.cycles import waiting as cycles
from calibration.discussions import waiting as discussions
from calibration.judging import waiting as judging
from calibration.papers import waiting as papers
from calibration.qualification import waiting as qualification
from calibration.rangefinding import waiting as rangefinding
from calibration.sessions import waiting as sessions
from scoring.permissions import Permission, requires

bp = Blueprint("calibration", __name__, url_prefix="/calibration")
SOURCES = (  # each takes a person and returns a list of Waiting; what others wait for comes first
    qualification.waiting_for,
    sessions.waiting_for,
    rangefinding.waiting_for,
    judging.waiting_for,
    discussions.waiting_for,
    credentials.waiting_for,
    cycles.waiting_for,
    papers.waiting_for,
    clarifying.waiting_for,
)


@dataclass(frozen=True)
class Part:
    """One part of calibration, as the page introduces it."""

    title: str
    words: str
    endpoint: str
    permission: Permission


GROUPS = {  # heading: the parts below it
    "Learn the scale": (
        Part("Practice and qualification", "Score practice papers, see the consensus, and qualify for a task.",
             "qualification.mine", Permission.SCORE),
        Part("Calibration sessions", "Score the same papers, see all scores at once, talk, and agree.",
             "sessions.index", Permission.SIGNED_IN),
        Part("Discussions", "Questions about tasks, rubric lines and papers, and what came of them.",
             "discussions.index", Permission.SIGNED_IN),
        Part("Your credentials", "What you have earned, and what is still missing.", "credentials.index",
             Permission.SCORE),
        Part("Digest", "What is new for you, by e-mail: when it comes, or not at all.", "community.digest",
             Permission.SIGNED_IN),
        Part("Your hours", "Time in calibration sessions, with a statement to hand in.", "sessions.own_hours",
             Permission.SIGNED_IN),
    ),
    "Fix the scale": (
        Part("Anchor papers", "Papers that show what each score point means, and the gaps.", "papers.index",
             Permission.CHOOSE_ANCHORS),
        Part("Paper sets", "Anchor, practice, qualification, validity and calibration sets.", "papers.sets_index",
             Permission.CHOOSE_ANCHORS),
        Part("Range-finding", "Committees that score papers blind and agree on what fixes the scale.",
             "rangefinding.index", Permission.CALIBRATE),
        Part("Training packets", "Anchors with reasons, practice papers with their key, and score sheets, to print.",
             "rangefinding.packet_list", Permission.CALIBRATE),
        Part("Library", "Anchors, clarifications and improvement cycles that the network shares.",
             "community.library", Permission.CHOOSE_ANCHORS),
        Part("Names in student work", "Work that leaders want to show, in which a student's own name may stand.",
             "papers.name_index", Permission.OPEN_IDENTITY),
    ),
    "Check the scale": (
        Part("Qualification programs", "Who stands where, by which rule scorers qualify, and who needs a coach.",
             "qualification.index", Permission.CALIBRATE),
        Part("Did it help?", "Improvement cycles: what you try, and what the scores say of it.", "cycles.index",
             Permission.CALIBRATE),
        Part("Comparisons", "Work set in order by comparing two at a time, beside its rubric scores.",
             "judging.index", Permission.CALIBRATE),
        Part("Credentials of scorers", "Who has earned one, by which rule, and who asks for it.",
             "credentials.rules", Permission.GIVE_CREDENTIALS),
        Part("Check a credential", "Find out whether a badge or a certificate is genuine.", "credentials.verify",
             Permission.SIGNED_IN),
    ),
}  # fmt: skip


def init_app(app):
    """Let pages of scoring say what waits here, without scoring knowing of calibration."""
    app.context_processor(lambda: {"waiting_in_calibration": waiting})


def waiting():
    """Return what waits for the person who is signed in."""
    return waiting_for(current_user)


def waiting_for(person, leave_out=()):
    """Return what waits for a person in all parts of calibration, but for some sources."""
    return [each for source in SOURCES if source not in leave_out for each in source(person)]


@bp.get("/")
@requires(Permission.SIGNED_IN)
def index():
    """Show what waits for this person in calibration, and the parts that are open to them."""
    groups = {
        heading: [part for part in parts if current_user.may(part.permission)]
        for heading, parts in GROUPS.items()
    }
    return render_template("pages/calibration.html", waiting=waiting(), groups=groups)

"""The page "Calibration": what waits for this person, and every part of calibration that is open to them."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask_login import current_user

from calibration.discussions import waiting as discussions
from scoring.permissions import Permission, requires

bp = Blueprint("calibration", __name__, url_prefix="/calibration")
SOURCES = (
    discussions.waiting_for,
)  # each takes a person and returns a list of Waiting, the most urgent first


@dataclass(frozen=True)
class Part:
    """One part of calibration, as the page introduces it."""

    title: str
    words: str
    endpoint: str
    permission: Permission


PARTS = (
    Part("Anchor papers", "Papers that show what each score point means, and the gaps.", "papers.index",
         Permission.CHOOSE_ANCHORS),
    Part("Paper sets", "Anchor, practice, qualification, validity and calibration sets.", "papers.sets_index",
         Permission.CHOOSE_ANCHORS),
    Part("Discussions", "Questions about tasks, rubric lines and papers, and what came of them.", "discussions.index",
         Permission.SIGNED_IN),
    Part("Library", "Anchor papers that districts of the network share.", "community.library", Permission.CHOOSE_ANCHORS),
    Part("Digest", "What is new for you, by e-mail: when it comes, or not at all.", "community.digest", Permission.SIGNED_IN),
)  # fmt: skip


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
    parts = [part for part in PARTS if current_user.may(part.permission)]
    return render_template("pages/calibration.html", waiting=waiting(), parts=parts)

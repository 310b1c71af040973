"""The page "Calibration": what waits for this person, and every part of calibration that is open to them."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask_login import current_user

from calibration.credentials.waiting import waiting_for as waiting_for_credentials
from scoring.permissions import Permission, requires

bp = Blueprint("calibration", __name__, url_prefix="/calibration")
SOURCES = (
    waiting_for_credentials,
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
    Part("Your credentials", "What you have earned, and what is still missing.", "credentials.index", Permission.SCORE),
    Part("Credentials of scorers", "Who has earned one, by which rule, and who asks for it.", "credentials.rules",
         Permission.GIVE_CREDENTIALS),
    Part("Check a credential", "Find out whether a badge or a certificate is genuine.", "credentials.verify",
         Permission.SIGNED_IN),
)  # fmt: skip


def init_app(app):
    """Let pages of scoring say what waits here, without scoring knowing of calibration."""
    app.context_processor(lambda: {"waiting_in_calibration": waiting})


def waiting():
    """Return what waits for the person who is signed in."""
    return [each for source in SOURCES for each in source(current_user)]


@bp.get("/")
@requires(Permission.SIGNED_IN)
def index():
    """Show what waits for this person in calibration, and the parts that are open to them."""
    parts = [part for part in PARTS if current_user.may(part.permission)]
    return render_template("pages/calibration.html", waiting=waiting(), parts=parts)

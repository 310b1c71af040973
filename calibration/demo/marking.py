"""Evidence in the season's papers: what their commentary quotes is marked in the work; and a name to look at."""

import re

import sqlalchemy as sa

from calibration.papers import evidence, marking, name_checks
from calibration.papers.models import Paper
from scoring.db import db
from scoring.events.models import Event

QUOTED = re.compile(r'"([^"]{8,}?)[,.]?"')
SENTENCES = re.compile(r"(?<=[.!?])\s+|(?<=[.!?]\")\s+")
THE_SUM = (120, 320, 360, 80)  # where the scanned paper works out its answer, in thousandths of the page


def mark_all(event: Event, actor):
    """Mark what each trait's commentary quotes, in every paper of an event."""
    for paper in db.session.scalars(
        sa.select(Paper).where(Paper.event_id == event.id).order_by(Paper.id)
    ).all():
        for score in paper.scores:
            if paper.response.pages:
                _mark_page(paper, score, actor)
            else:
                _mark_words(paper, score, actor)


def _mark_words(paper, score, actor):
    for sentence in SENTENCES.split(score.commentary):
        for quote in QUOTED.findall(sentence):
            if len(marking.places(paper.response.text or "", quote)) == 1:
                evidence.mark_words(paper, quote, trait_id=score.trait_id, words=sentence, actor=actor)


def _mark_page(paper, score, actor):
    if QUOTED.search(score.commentary) and "=" in score.commentary:
        evidence.mark_region(paper, 1, THE_SUM, trait_id=score.trait_id, words=score.commentary, actor=actor)


def ask_about_names(event, actor):
    """Ask the districts about work that its student signed."""
    for each in event.tasks:
        name_checks.ask(event, each.task, actor=actor)

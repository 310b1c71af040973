"""Which responses scorers may not meet with their scores: a validity paper must be new to all.

What counts is the response, not the paper: the same work under another rubric version is the same work.
"""

import sqlalchemy as sa

from calibration.papers.models import Paper, PaperPurpose, PaperSet, PaperSetItem, SetPurpose
from scoring.db import db

SECRET = [each for each in SetPurpose if each.is_secret]
LIVE = (PaperSet.frozen_at.is_not(None), PaperSet.retired_at.is_(None))


def named_by(response_ids, *queries):
    """Return those of these responses that a query names; each query is of response ids.

    Each is asked about these responses only: those that wait in an event, for example, may be many.
    """
    asked = list(response_ids)
    if not asked:
        return set()
    narrowed = (query.where(query.selected_columns[0].in_(asked)) for query in queries)
    return set(db.session.scalars(sa.union(*narrowed)))


def live_validity_responses():
    """Ids of responses in validity sets that are frozen and not retired."""
    return _responses_in_sets(PaperSet.purpose == SetPurpose.VALIDITY, *LIVE)


def _responses_in_sets(*conditions):
    return (
        sa.select(Paper.response_id)
        .join(PaperSetItem, PaperSetItem.paper_id == Paper.id)
        .join(PaperSet, PaperSet.id == PaperSetItem.set_id)
        .where(*conditions)
    )


def shown_responses():
    """Ids of responses that scorers may look at as anchor papers, or could: who saw a retired one knows its scores."""
    return sa.select(Paper.response_id).where(Paper.purpose == PaperPurpose.ANCHOR, Paper.is_kept.is_(False))


def secret_responses():
    """Ids of responses in qualification and validity sets that are not retired: nobody may meet them elsewhere."""
    return _responses_in_sets(PaperSet.purpose.in_(SECRET), PaperSet.retired_at.is_(None))


def placed_responses():
    """Ids of responses that some people may know with their scores: shown as anchors, or in a set that is not retired."""
    return sa.union(shown_responses(), _responses_in_sets(PaperSet.retired_at.is_(None)))


def why_not(paper, purpose):
    """Say in words why a paper may not stand in a set of this purpose at present; None when it may."""
    return problems([paper], purpose).get(paper.id)


def problems(papers, purpose):
    """Say of those papers that may not stand in a set of this purpose at present why not, by paper id."""
    asked = {paper.response_id for paper in papers}
    shown = named_by(asked, shown_responses()) if purpose.is_secret else set()
    if purpose.is_secret:
        others = (PaperSet.purpose != purpose, PaperSet.retired_at.is_(None))
        taken = named_by(asked, _responses_in_sets(*others))
        words = (
            f"It is in a set of another purpose. A {purpose} paper must be new to everybody who scores it."
        )
    else:
        taken = named_by(asked, _responses_in_sets(PaperSet.purpose.in_(SECRET), *LIVE))
        words = "It is in a qualification or validity set that is in use, so nobody may meet it elsewhere."
    found = {paper.id: words for paper in papers if paper.response_id in taken}
    for paper in papers:
        if purpose is SetPurpose.ANCHOR and paper.is_kept:
            found[paper.id] = "It is kept from scorers, and an anchor set is for papers that scorers see."
        if paper.response_id in shown:
            found[paper.id] = (
                f"Scorers see it among the anchors with its scores, or did. A {purpose} set needs papers kept for sets."
            )
    return found

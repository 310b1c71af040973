"""A retired paper comes back into use, where everything that holds for a new paper holds for it."""

from calibration.papers import services
from scoring import audit
from scoring.db import db, transaction
from scoring.errors import Conflict
from scoring.events.models import Event


def put_back(paper, *, actor):
    """Put a retired paper back into use as it was: among the anchors, or kept for sets."""
    services.require_choice(paper, actor)
    with transaction() as session:
        session.refresh(paper.response, with_for_update=True)  # nobody makes another paper of it meanwhile
        session.refresh(paper, with_for_update=True)
        if paper.retired_at is None:
            return paper
        event = db.session.get(Event, paper.event_id) if paper.event_id else None
        if event is None:
            raise Conflict("This paper comes from no event that is on record. Promote the response anew.")
        services.require_fitting(paper.response, paper.rubric, event, actor)
        if not paper.is_kept:
            services.require_open(paper.response)
        before = {"retired_at": paper.retired_at.isoformat(), "by": paper.retired_by_id}
        paper.retired_at, paper.retired_by_id = None, None
        audit.record("paper.put_back", paper, actor=actor, before=before)
    return paper

"""Sharing anchor papers with the network, and using those of others.

A shared paper stays one paper: it is not copied. So its district can take it back, and it is gone everywhere at once.
"""

import sqlalchemy as sa

from calibration.community.models import SharedPaper
from calibration.discussions.seeing import is_hidden
from calibration.papers.blind import owed_by
from calibration.papers.models import Paper, PaperUse
from calibration.papers.name_checks import is_named
from calibration.papers.secrecy import named_by
from calibration.papers.services import SHOWN, hidden_ids, worrying_responses
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.people.models import Organization, OrganizationKind
from scoring.permissions import Permission
from scoring.reads.models import Concern
from scoring.responses.models import Response, RosterEntry

LONGEST = 500


# Who sees what


def shared_papers(person):
    """Papers that this person finds in the library: shared in their network, open to scorers, not of own students."""
    networks = {each.organization.network.id for each in person.memberships
                if each.organization_id in person.reach(Permission.CHOOSE_ANCHORS)}  # fmt: skip
    taught = (
        sa.select(RosterEntry.id)
        .join(Response, Response.student_id == RosterEntry.student_id)
        .where(Response.id == Paper.response_id, RosterEntry.person_id == person.id)
        .correlate(Paper)
        .exists()
    )
    return (
        sa.select(SharedPaper)
        .join(Paper, Paper.id == SharedPaper.paper_id)
        .where(
            SharedPaper.withdrawn_at.is_(None),
            SharedPaper.network_id.in_(networks),
            *SHOWN,
            ~is_hidden(),
            ~taught,
            Paper.response_id.not_in(owed_by(person)),
        )
        .order_by(SharedPaper.shared_at.desc(), SharedPaper.id.desc())
    )


def shared_by_id(shared_id, person):
    """Return a shared paper that this person finds in the library."""
    found = db.session.scalar(shared_papers(person).where(SharedPaper.id == shared_id))
    if found is None:
        raise NotFound("This paper is not in the library, or was taken back.")
    return found


def sharing_of(paper):
    """How a paper is shared at present; None when it is not."""
    return db.session.scalar(
        sa.select(SharedPaper).where(SharedPaper.paper_id == paper.id, SharedPaper.withdrawn_at.is_(None))
    )


def may_share(paper, person):
    """Whether this person may share the paper or take it back: those who choose anchors where it belongs."""
    return paper.organization_id in person.reach(Permission.CHOOSE_ANCHORS)


def why_not(paper):
    """Say in words why a paper can not be shared at present; None when it can."""
    if paper.retired_at is not None:
        return "The paper is retired."
    if paper.is_kept:
        return "The paper is kept for sets. Only papers that scorers see among the anchors can be shared."
    if named_by([paper.response_id], worrying_responses()):
        return "A scorer sent an alert about this student. Such work can not be shared."
    open_words = sa.select(Concern.response_id).where(Concern.settled_at.is_(None))
    if named_by([paper.response_id], open_words):
        return "A scorer flagged this work, and nobody has settled it yet. Settle the flag first."
    if is_named(paper.response):
        return "A name may stand in this work. The district admin can look."
    if hidden_ids([paper]):
        return "Somebody may still have to score this response. Share it when that is over."
    return None


# Sharing


def share(paper, *, note="", actor):
    """Show an anchor paper to the leaders of the whole network, who may let their scorers see it."""
    note = (note or "").strip()
    if len(note) > LONGEST:
        words = f"At most {LONGEST} characters fit here. Shorten it."
        raise Invalid(words, fields={"note": words})
    with transaction() as session:
        session.refresh(paper, with_for_update=True)
        if not may_share(paper, actor):
            raise NotAllowed("Only those who choose anchor papers where it belongs may share it.")
        problem = why_not(paper)
        if problem:
            raise Conflict(f"{problem} Nothing was shared.")
        if sharing_of(paper) is not None:
            raise Conflict("This paper is shared already. Reload the page.")
        organization = session.get(Organization, paper.organization_id)
        shared = SharedPaper(paper=paper, organization=organization, network_id=organization.network.id, note=note, shared_by_id=actor.id,
                             shared_at=now())  # fmt: skip
        session.add(shared)
        session.flush()
        audit.record("paper.shared", paper, actor=actor, after={"shared": shared.id})
    return shared


def withdraw(shared, *, actor):
    """Take a paper back: it leaves the library, and scorers of other districts do not see it any more."""
    with transaction() as session:
        session.refresh(shared.paper, with_for_update=True)
        session.refresh(shared)
        if not may_share(shared.paper, actor):
            raise NotAllowed("Only those who choose anchor papers where it belongs may take it back.")
        if shared.withdrawn_at is None:
            shared.withdrawn_at, shared.withdrawn_by_id = now(), actor.id
            ended = session.execute(
                sa.update(PaperUse).where(PaperUse.paper_id == shared.paper_id, PaperUse.ended_at.is_(None))
                .values(ended_at=now(), ended_by_id=actor.id)
            ).rowcount  # fmt: skip
            audit.record(
                "paper.taken_back",
                shared.paper,
                actor=actor,
                after={"shared": shared.id, "uses_ended": ended},
            )
    return shared


# Using


def users_of(paper):
    """Organizations whose scorers see the paper though it is not theirs, by name."""
    query = (
        sa.select(Organization)
        .join(PaperUse, PaperUse.organization_id == Organization.id)
        .where(PaperUse.paper_id == paper.id, PaperUse.ended_at.is_(None))
    )
    return db.session.scalars(query.order_by(Organization.name)).all()


def places_for(shared, person):
    """Organizations of this person that could use the paper: others than its own, to which the task is open."""
    task, own = shared.paper.task, shared.organization_id
    if own == shared.network_id:
        return []  # scorers of every district see the network's own papers anyway
    reach = person.reach(Permission.CHOOSE_ANCHORS)
    inside = sa.or_(Organization.id == shared.network_id, Organization.parent_id == shared.network_id)
    fitting = sa.or_(Organization.id == task.organization_id, Organization.parent_id == task.organization_id)
    query = sa.select(Organization).where(
        Organization.id.in_(reach),
        Organization.id != own,
        inside,
        fitting,
        Organization.kind != OrganizationKind.SCHOOL,
    )
    return db.session.scalars(query.order_by(Organization.parent_id.is_not(None), Organization.name)).all()


def use(shared, organization, *, actor):
    """Let scorers of an organization's own events see a shared paper among the anchors of its task."""
    with transaction() as session:
        session.refresh(shared.paper, with_for_update=True)
        shared = shared_by_id(shared.id, actor)
        _require_place(shared, organization, actor)
        if organization not in users_of(shared.paper):
            session.add(
                PaperUse(
                    paper_id=shared.paper_id,
                    organization_id=organization.id,
                    added_by_id=actor.id,
                    added_at=now(),
                )
            )
            audit.record("paper.used", shared.paper, actor=actor, after={"organization": organization.id})
    return shared


def stop_using(shared, organization, *, actor):
    """Let those scorers not see it any more."""
    with transaction() as session:
        session.refresh(shared.paper, with_for_update=True)
        _require_place(shared, organization, actor)
        query = sa.update(PaperUse).where(
            PaperUse.paper_id == shared.paper_id,
            PaperUse.organization_id == organization.id,
            PaperUse.ended_at.is_(None),
        )
        if session.execute(query.values(ended_at=now(), ended_by_id=actor.id)).rowcount:
            audit.record("paper.not_used", shared.paper, actor=actor, after={"organization": organization.id})
    return shared


def _require_place(shared, organization, actor):
    if organization not in places_for(shared, actor):
        raise NotAllowed("You can not decide that for this organization, or the task is not open to it.")

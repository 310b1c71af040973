"""Papers: a response becomes one, is shown to scorers or kept for sets, is agreed to, and is taken out of use."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from calibration.papers import blind, name_checks, secrecy
from calibration.papers.models import (
    Agreement,
    ConsensusScore,
    Paper,
    PaperKind,
    PaperPurpose,
    PaperSet,
    PaperSetItem,
)
from scoring import audit
from scoring.audit import AuditEntry
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.events.models import Event, EventResponse, EventStatus, Outcome
from scoring.events.services import visible_events
from scoring.people.models import Person
from scoring.permissions import Permission
from scoring.reads.models import Assignment, AssignmentStatus, Concern, ConcernKind, Purpose, Read
from scoring.reads.reopening import WINDOW
from scoring.responses.models import ResponseStatus

LONGEST = 4000
WAITS = sa.or_(EventResponse.outcome != Outcome.SETTLED, EventResponse.remaining > 0)
IN_USE = (Paper.purpose == PaperPurpose.ANCHOR, Paper.retired_at.is_(None))
SHOWN = (*IN_USE, Paper.is_kept.is_(False))
LISTED = (
    selectinload(Paper.scores).joinedload(ConsensusScore.trait),
    joinedload(Paper.response),
)  # in lists of papers


# Who sees what


def anchors_for(rubric):
    """Return the anchor papers in use for a rubric version, lowest consensus scores first."""
    query = (
        sa.select(Paper)
        .where(*SHOWN, Paper.rubric_id == rubric.id)
        .options(selectinload(Paper.scores), selectinload(Paper.evidence))
    )
    return sorted(db.session.scalars(query), key=lambda paper: (paper.mean_score, paper.id))


def paper_query(person):
    """Papers, also retired ones, that this person may choose or retire, and need not score blind first: the newest first."""
    reach = person.reach(Permission.CHOOSE_ANCHORS)
    events = visible_events(person, Permission.CHOOSE_ANCHORS).with_only_columns(Event.id).order_by(None)
    return (
        sa.select(Paper)
        .where(
            sa.or_(Paper.organization_id.in_(reach), Paper.event_id.in_(events)),
            Paper.response_id.not_in(blind.owed_by(person)),
        )
        .order_by(Paper.promoted_at.desc(), Paper.id.desc())
    )


def paper_by_id(paper_id, person):
    """Return a paper this person may look after."""
    paper = db.session.scalar(paper_query(person).where(Paper.id == paper_id))
    if paper is None:
        raise NotFound(
            "There is no such paper, or it belongs to another district, or you are still asked to score it blind."
        )
    return paper


# Blindness: a paper is hidden as long as somebody could still be asked to score its response


def waiting_responses():
    """Ids of responses that an event which is not over still has to settle."""
    return _in_open_events(WAITS)


def changeable_responses():
    """Ids of responses that somebody may still be asked to score: waiting, on somebody's desk, or taken back."""
    return _in_open_events(sa.or_(WAITS, _is_held(), _can_be_taken_back()))


def _in_open_events(condition):
    return (
        sa.select(EventResponse.response_id)
        .join(Event, Event.id == EventResponse.event_id)
        .where(Event.status != EventStatus.CLOSED, condition)
    )


def _is_held():
    return sa.exists().where(
        Assignment.event_response_id == EventResponse.id, Assignment.status == AssignmentStatus.OPEN
    )


def _can_be_taken_back():
    """A scorer may undo a read for some minutes, unless an adjudicator has settled the response."""
    recent = sa.exists().where(
        Read.event_response_id == EventResponse.id, Read.purpose == Purpose.OPERATIONAL, Read.reopened_at.is_(None),
        Read.submitted_at > now() - WINDOW,
    )  # fmt: skip
    adjudicated = sa.exists().where(
        Assignment.event_response_id == EventResponse.id, Assignment.purpose == Purpose.ADJUDICATION,
        Assignment.status == AssignmentStatus.SUBMITTED,
    )  # fmt: skip
    return sa.and_(recent, ~adjudicated)


def worrying_responses():
    """Ids of responses with an alert that nobody has settled: they never become papers and are shown to nobody."""
    return sa.select(Concern.response_id).where(
        Concern.kind == ConcernKind.ALERT, Concern.settled_at.is_(None)
    )


def closed_responses():
    """Queries of the ids of responses that nobody is shown at present: changeable, worrying, or kept back by a district."""
    return changeable_responses(), worrying_responses(), name_checks.KEPT


def hidden_ids(papers):
    """Return the ids of those papers that no scorer may see at present."""
    hidden = secrecy.named_by({paper.response_id for paper in papers}, *closed_responses())
    return {paper.id for paper in papers if paper.response_id in hidden}


# What is done with papers


def promote(response, rubric, **facts):
    """Make a response an anchor paper: scorers of its task see it with its scores and reasons."""
    return _make_paper(response, rubric, is_kept=False, **facts)


def keep(response, rubric, **facts):
    """Make a response a paper for sets only: scorers do not see it among the anchors."""
    return _make_paper(response, rubric, is_kept=True, **facts)


def _make_paper(
    response,
    rubric,
    *,
    event,
    scores,
    commentaries=None,
    commentary="",
    kind=PaperKind.SOLID,
    actor,
    is_kept,
    agreed=None,
):
    """Write a paper with a consensus score and a reason for each trait (by trait id).

    `agreed` says who agreed to the scores and when (by person id); otherwise it is whoever writes the paper.
    """
    commentaries = commentaries or {}
    kind = checked(rubric, scores=scores, texts={**commentaries, None: commentary}, kind=kind)
    with transaction() as session:
        session.refresh(response, with_for_update=True)  # two leaders choose one after the other
        require_fitting(response, rubric, event, actor)
        if not is_kept:
            require_open(response)
        paper = Paper(
            task_id=rubric.task_id, rubric=rubric, response=response, event_id=event.id, organization_id=event.organization_id,
            kind=kind, is_kept=is_kept, commentary=(commentary or "").strip(), promoted_by_id=actor.id,
            agreements=agreements({actor.id: now()} if agreed is None else agreed),
            scores=[ConsensusScore(trait_id=trait.id, score=scores[trait.id], commentary=(commentaries.get(trait.id) or "").strip())
                    for trait in rubric.traits],
        )  # fmt: skip
        session.add(paper)
        session.flush()
        audit.record("paper.kept" if is_kept else "paper.promoted", paper, actor=actor, after={
            "response": response.id, "rubric": rubric.id, "event": event.id, "kind": kind,
            "scores": {str(trait): score for trait, score in scores.items()},
            **({"agreed": sorted(agreed)} if agreed is not None else {}),
        })  # fmt: skip
    return paper


def agreements(agreed):
    """Names to stand under a paper: `agreed` says who agreed and when, by person id."""
    return [Agreement(person_id=person_id, agreed_at=moment) for person_id, moment in agreed.items()]


def show(paper, *, actor):
    """Let scorers see a kept paper among the anchors from now on."""
    require_choice(paper, actor)
    with transaction() as session:
        session.refresh(paper.response, with_for_update=True)
        session.refresh(paper)
        if paper.retired_at is not None:
            raise Conflict("This paper is retired. Scorers can not see it any more.")
        require_open(paper.response)
        if paper.is_kept:
            paper.is_kept = False
            audit.record("paper.shown", paper, actor=actor)
    return paper


def edit_commentary(paper, *, commentary, commentaries, actor):
    """Say anew why a paper has its scores: for the whole paper, and for each trait (by trait id)."""
    require_choice(paper, actor)
    texts = {None: commentary, **commentaries}
    if any(len(text or "") > LONGEST for text in texts.values()):
        words = f"A commentary has room for {LONGEST:,} characters. Shorten it."
        raise Invalid(words, fields={"commentary": words})
    with transaction():
        if paper.retired_at is not None:
            raise Conflict("This paper is retired. What it says stays as it was.")
        before = _texts(paper)
        paper.commentary = (commentary or "").strip()
        for score in paper.scores:
            score.commentary = (commentaries.get(score.trait_id, score.commentary) or "").strip()
        if _texts(paper) != before:
            audit.record("paper.commentary_edited", paper, actor=actor, before=before, after=_texts(paper))
    return paper


def _texts(paper):
    return {"whole": paper.commentary, **{str(each.trait_id): each.commentary for each in paper.scores}}


def agree(paper, *, actor):
    """Put one's name to the consensus scores of a paper."""
    require_choice(paper, actor)
    with transaction() as session:
        session.refresh(paper, with_for_update=True)
        if paper.retired_at is not None:
            raise Conflict("This paper is retired. There is nothing to agree to any more.")
        if actor.id not in {each.person_id for each in paper.agreements}:
            paper.agreements.append(Agreement(person_id=actor.id))
            audit.record("paper.agreed", paper, actor=actor)
    return paper


def withdraw(paper, *, actor):
    """Take one's name back from the consensus scores of a paper, as long as no frozen set rests on them."""
    require_choice(paper, actor)
    with transaction() as session:
        # Whoever freezes a set holds the responses of its papers.
        session.refresh(paper.response, with_for_update=True)
        session.refresh(paper, with_for_update=True)
        own = next((each for each in paper.agreements if each.person_id == actor.id), None)
        if own is None:
            raise Conflict("Your name does not stand under these scores. Reload the page to see who agreed.")
        if paper.retired_at is not None:
            raise Conflict("This paper is retired. Who agreed to it stays on record.")
        if stands_in_frozen_set(paper):
            raise Conflict("This paper stands in a frozen set, and others rely on its scores. "
                           "Retire the paper, or begin a new version of the set without it.")  # fmt: skip
        since = own.agreed_at.isoformat()
        paper.agreements.remove(own)
        audit.record("paper.agreement_withdrawn", paper, actor=actor, before={"agreed_at": since})
    return paper


def stands_in_frozen_set(paper):
    """Whether a set that is frozen holds the paper, also a retired set: its results stay on record."""
    query = (
        sa.select(PaperSetItem.id)
        .join(PaperSet, PaperSet.id == PaperSetItem.set_id)
        .where(PaperSetItem.paper_id == paper.id, PaperSet.frozen_at.is_not(None))
    )
    return db.session.scalar(query.limit(1)) is not None


def history_of_agreement(paper):
    """Return (when, who, what became of their name), as the audit log tells it, oldest first."""
    actions = ("paper.promoted", "paper.kept", "paper.agreed", "paper.agreement_withdrawn", "paper.confirmed",
               "paper.settled_anew", "paper.written_anew")  # fmt: skip
    query = (
        sa.select(AuditEntry)
        .where(AuditEntry.subject_kind == "paper", AuditEntry.subject_id == paper.id, AuditEntry.action.in_(actions))
        .order_by(AuditEntry.at, AuditEntry.id)
    )  # fmt: skip
    told, standing = [], []  # the names that stand under the scores of that time
    for entry in db.session.scalars(query):
        named = (entry.after or {}).get("agreed", [entry.actor_id])
        others = [each for each in standing if each not in named]
        if entry.action == "paper.agreement_withdrawn":
            told.append((entry.at, entry.actor_id, "took their name back"))
            standing = others
            continue
        if entry.action == "paper.settled_anew":
            told += [(entry.at, each, "agreed to the earlier scores only") for each in others]
            standing = []
        told += [(entry.at, each, "agreed") for each in named]
        standing += named
    people = sa.select(Person.id, Person.name).where(Person.id.in_({person_id for _, person_id, _ in told}))
    names = dict(db.session.execute(people).all())
    return [(moment, names[person_id], words) for moment, person_id, words in told]


def require_choice(paper, actor):
    """Refuse those who do not look after a paper."""
    if db.session.scalar(paper_query(actor).where(Paper.id == paper.id)) is None:
        raise NotAllowed("Only those who choose anchor papers there may do that.")


def retire(paper, *, actor):
    """Take a paper out of use. It stays on record, and in the frozen sets that hold it."""
    require_choice(paper, actor)
    with transaction():
        if paper.retired_at is None:
            paper.retired_at, paper.retired_by_id = now(), actor.id
            audit.record("paper.retired", paper, actor=actor)
    return paper


def checked(rubric, *, scores, texts, kind):
    """Hold the facts of a paper against its rubric; return its kind."""
    kind, fields = _checked_kind(kind), _problems(rubric, scores, texts)
    if fields:
        raise Invalid("The paper is not complete. " + " ".join(dict.fromkeys(fields.values())), fields=fields)
    return kind


def _checked_kind(kind):
    try:
        return PaperKind(kind)
    except ValueError as error:
        words = "Say whether the paper is solid or borderline."
        raise Invalid(words, fields={"kind": words}) from error


def _problems(rubric, scores, texts):
    """Say for each trait what is wrong, by its key."""
    fields = {}
    for trait in rubric.traits:
        if scores.get(trait.id) is None:
            fields[trait.key] = f"Choose the consensus score for {trait.name}."
        elif scores[trait.id] not in trait.values:
            fields[trait.key] = f"{trait.name} has no score point {scores[trait.id]}."
    if scores.keys() - {trait.id for trait in rubric.traits}:
        fields["scores"] = "There is a score for a trait that this rubric does not have."
    if any(len(text or "") > LONGEST for text in texts.values()):
        fields["commentary"] = f"A commentary has room for {LONGEST:,} characters. Shorten it."
    return fields


def require_fitting(response, rubric, event, actor):
    """Refuse a response that can not be a paper of this rubric version now, and say why."""
    visible = visible_events(actor, Permission.CHOOSE_ANCHORS).where(Event.id == event.id)
    if db.session.scalar(visible) is None:
        raise NotAllowed("Only those who choose anchor papers for this event may do that.")
    if not rubric.is_published or rubric.id not in {each.rubric_id for each in event.tasks}:
        raise Conflict(
            "This event does not use that rubric version. Choose a response from an event that does."
        )
    place = db.session.scalar(
        sa.select(EventResponse).where(
            EventResponse.event_id == event.id, EventResponse.response_id == response.id
        )
    )
    if place is None or place.rubric_id != rubric.id or response.status is not ResponseStatus.READY:
        raise NotFound("This response was not scored in the event with this rubric.")
    if _is_among(worrying_responses(), response):
        raise Conflict("A scorer sent an alert about this student. Such work can not become an anchor paper "
                       "until the alert is settled.")  # fmt: skip
    if _is_among(name_checks.flagged_responses(), response):
        raise Conflict(
            "A scorer flagged this response. Settle the flag under Flags and alerts, then promote it."
        )
    if name_checks.is_named(response):
        raise Conflict(
            "A name may stand in this work. The district admin can look. Until then it can not become a paper."
        )
    if _is_among(waiting_responses(), response):
        raise Conflict("This response is not settled yet: somebody may still have to score it. "
                       "Wait for its scores of record, then promote it.")  # fmt: skip
    if db.session.scalar(
        sa.select(Paper.id).where(*IN_USE, Paper.rubric_id == rubric.id, Paper.response_id == response.id)
    ):
        raise Conflict("This response is a paper already. Retire it first to write it anew.")


def require_open(response):
    """Scorers may see the scores: the response tests nobody, and nobody is still asked to score it blind."""
    if _is_among(secrecy.secret_responses(), response):
        raise Conflict("This response is in a qualification or validity set. Scorers may not see it with its scores. "
                       "Retire the set first, or choose another paper.")  # fmt: skip
    if blind.awaited([response.id]):
        raise Conflict(
            "A committee, a session or a try still waits for blind scores of this response. Scorers may see it when they are in."
        )


def _is_among(ids, response):
    return secrecy.named_by([response.id], ids)

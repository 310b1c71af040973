"""From blind scores to consensus: a proposal, agreement or objection, and the leader who settles."""

import sqlalchemy as sa

from calibration.papers import choosing
from calibration.papers import services as papers
from calibration.papers.consensus import confirm
from calibration.papers.models import Paper, PaperSet, PaperSetItem
from calibration.rangefinding import finding, rules, services
from calibration.rangefinding.models import ConsensusProposal, Opinion, ProposedScore
from calibration.rangefinding.standing import Standing
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotFound

LONGEST_WORDS = 2000


def propose_consensus(committee, proposed, *, scores, commentaries, commentary="", kind, actor):
    """Lay consensus scores and commentary (by trait id) before the committee; a newer proposal takes the place of an older."""
    kind = papers.checked(
        committee.rubric, scores=scores, texts={**commentaries, None: commentary}, kind=kind
    )
    with transaction() as session:
        _voice(session, committee, proposed, actor)
        made = ConsensusProposal(
            author_id=actor.id, kind=kind, commentary=_clean(commentary), opinions=[Opinion(person_id=actor.id, agrees=True)],
            scores=[ProposedScore(trait_id=trait.id, score=scores[trait.id], commentary=_clean(commentaries.get(trait.id)))
                    for trait in committee.rubric.traits],
        )  # fmt: skip
        proposed.consensus.append(made)
        session.flush()
        audit.record("consensus.proposed", made, actor=actor, after={
            "proposed": proposed.id, "kind": kind, "scores": {str(trait): score for trait, score in scores.items()},
        })  # fmt: skip
    return made


def agree(committee, proposed, consensus_id, *, actor):
    """Put one's name to the consensus on the table."""
    return _give_opinion(committee, proposed, consensus_id, agrees=True, words="", actor=actor)


def object_to(committee, proposed, consensus_id, *, words, actor):
    """Object to the consensus on the table, and say why."""
    words = services.checked_words(words, "Say what should be different, and why.", LONGEST_WORDS)
    return _give_opinion(committee, proposed, consensus_id, agrees=False, words=words, actor=actor)


def _give_opinion(committee, proposed, consensus_id, *, agrees, words, actor):
    with transaction() as session:
        _voice(session, committee, proposed, actor)
        consensus = _on_the_table(proposed, consensus_id)
        mine = next((each for each in consensus.opinions if each.person_id == actor.id), None)
        if mine is None:
            mine = Opinion(person_id=actor.id)
            consensus.opinions.append(mine)
        elif (mine.agrees, mine.words) == (agrees, words):
            return consensus
        mine.agrees, mine.words, mine.given_at = agrees, words, now()
        audit.record("consensus.agreed" if agrees else "consensus.objected", consensus, actor=actor,
                     after={"proposed": proposed.id, "words": words})  # fmt: skip
    return consensus


def is_unanimous(place, consensus):
    """Whether everybody who was asked to score the paper agrees to the proposal, and nobody objects."""
    seated = {each.person_id for each in place.proposed.committee.members if each.left_at is None}
    return rules.is_unanimous(
        place.asked & seated,
        {each.person_id for each in consensus.agreeing},
        {each.person_id for each in consensus.objections},
    )


def settle(committee, proposed, consensus_id, *, reason="", actor):
    """Make the consensus on the table the consensus scores of a paper that is kept for sets.

    Without everybody's agreement it takes a reason. Those who agreed stand under the scores.
    """
    reason = (reason or "").replace("\x00", "").strip()
    with transaction() as session:
        services.lock(session, committee, actor)
        session.refresh(proposed, with_for_update=True)
        place = _open_place(committee, proposed, actor)
        consensus = _on_the_table(proposed, consensus_id)
        if not place.can_settle:
            raise Conflict("Scores are still coming in. Wait for everybody, or close scoring first.")
        if not reason and not is_unanimous(place, consensus):
            words = "Not everybody agrees to this consensus. Say why it is settled all the same."
            raise Invalid(words, fields={"words": words})
        if len(reason) > LONGEST_WORDS:
            raise Invalid(
                "The reason is too long. Shorten it.", fields={"words": "The reason is too long. Shorten it."}
            )
        paper = _as_paper(session, committee, proposed, consensus, actor)
        proposed.paper, proposed.settled_at, proposed.settled_by_id = paper, now(), actor.id
        proposed.settle_reason = reason
        session.flush()
        audit.record("committee.paper_settled", proposed, actor=actor, after={
            "paper": paper.id, "consensus": consensus.id, "reason": reason,
            "agreed": sorted(each.person_id for each in consensus.agreeing),
        })  # fmt: skip
    return paper


def what_it_replaces(committee, proposed, person):
    """Say which paper settling the consensus on the table retires, and where it stands; None where it retires none."""
    consensus, paper = proposed.on_the_table, _present(committee, proposed)
    if consensus is None or proposed.is_settled or paper is None or _says_the_same(paper, consensus):
        return None
    now_said = consensus.score_by_trait
    pairs = [(each.trait.name, each.score, now_said[each.trait_id]) for each in paper.scores]
    changed = [each for each in [*pairs, ("kind", paper.kind, consensus.kind)] if each[1] != each[2]]
    return rules.replaced_words(
        changed, choosing.sets_of([paper], person).get(paper.id, ()), is_kept=paper.is_kept
    )


def take_back(committee, proposed, *, actor):
    """Take a settled paper up again: the paper is retired, unless it stands in a set."""
    with transaction() as session:
        services.lock(session, committee, actor)
        session.refresh(proposed, with_for_update=True)
        if not committee.is_open or not proposed.is_settled:
            raise Conflict("Only a settled paper of an open committee can be taken up again.")
        holds = sa.exists().where(
            PaperSetItem.set_id == PaperSet.id, PaperSetItem.paper_id == proposed.paper_id
        )
        if session.scalar(sa.select(PaperSet.id).where(PaperSet.retired_at.is_(None), holds)):
            raise Conflict("This paper stands in a set. Take it out or retire the set first.")
        before = {"paper": proposed.paper_id}
        papers.retire(proposed.paper, actor=actor)
        proposed.paper, proposed.settled_at, proposed.settled_by_id, proposed.settle_reason = (
            None,
            None,
            None,
            "",
        )
        audit.record("committee.paper_unsettled", proposed, actor=actor, before=before)


def _as_paper(session, committee, proposed, consensus, actor):
    """The paper that a consensus makes of a response; one that says the same already stays."""
    facts = {
        "scores": consensus.score_by_trait, "commentaries": consensus.commentary_by_trait,
        "commentary": consensus.commentary,
    }  # fmt: skip
    agreed = {each.person_id: each.given_at for each in consensus.agreeing}
    present = _present(committee, proposed)
    if present is not None:
        if _says_the_same(present, consensus):
            papers.edit_commentary(
                present, commentary=facts["commentary"], commentaries=facts["commentaries"], actor=actor
            )
            return confirm(present, agreed, actor=actor)
        papers.retire(present, actor=actor)
    return papers.keep(
        proposed.response,
        committee.rubric,
        event=committee.event,
        kind=consensus.kind,
        agreed=agreed,
        actor=actor,
        **facts,
    )


def _present(committee, proposed):
    """The paper in use that the response is already, or None."""
    of_the_work = (Paper.rubric_id == committee.rubric_id, Paper.response_id == proposed.response_id)
    return db.session.scalar(sa.select(Paper).where(*papers.IN_USE, *of_the_work))


def _says_the_same(paper, consensus):
    scores = {each.trait_id: each.score for each in paper.scores}
    return paper.kind is consensus.kind and scores == consensus.score_by_trait


def _voice(session, committee, proposed, actor):
    """Lock a paper for an opinion of somebody who has seen its scores."""
    session.refresh(committee, with_for_update=True)
    session.refresh(proposed, with_for_update=True)
    return _open_place(committee, proposed, actor)


def _open_place(committee, proposed, actor):
    place = Standing(committee, actor).of(proposed.id)
    if place is None or not place.sees_scores:
        raise NotFound(finding.NO_COMMITTEE)
    if not committee.is_open or proposed.is_settled or proposed.is_dropped:
        raise Conflict("This paper is settled or dropped, or the committee has finished. Nothing was saved.")
    return place


def _on_the_table(proposed, consensus_id):
    consensus = proposed.on_the_table
    if consensus is None or consensus.id != consensus_id:
        raise Conflict(
            "There is a newer proposal. Nothing was saved. Read it first, then say what you think."
        )
    return consensus


def _clean(words):
    return (words or "").replace("\x00", "").strip()

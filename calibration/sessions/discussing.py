"""What is said and agreed in a session: remarks, proposals, consensus scores with their reasons, and the debrief."""

from calibration.sessions import finding, rules
from calibration.sessions.consensus import settle_if_supported, write_down
from calibration.sessions.models import (
    DebriefAnswer,
    Part,
    Proposal,
    Question,
    Remark,
    Support,
)
from calibration.sessions.services import bump, lock, seat_in
from calibration.sessions.sheets import sheet_by
from calibration.sessions.sights import Sight, sight_of
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound

LONGEST = 2000


def sees(session_paper, seat):
    """Whether a participant may see the scores of a paper, and so talk about them."""
    return sight_of(session_paper, seat) is Sight.SHOWN


# Remarks


def say(meeting, text, *, session_paper=None, trait_id=None, step=None, reply_to_id=None, actor):
    """Write a remark: about a paper or one of its traits once its scores are shown, or in a step made for talking."""
    text = _checked_text(text, "Write something first.")
    with transaction() as session:
        lock(session, meeting)
        seat = seat_in(meeting, actor)
        if session_paper is None:
            _require_spoken(meeting, step)
        else:
            _require_sight(session_paper, seat)
            _require_trait(meeting, trait_id)
        thread = _thread(session_paper, trait_id, step, reply_to_id, meeting)
        made = Remark(session_id=meeting.id, session_paper_id=session_paper.id if session_paper else None, trait_id=trait_id,
                      step=step if session_paper is None else None, author_id=seat.id, reply_to_id=thread, text=text)  # fmt: skip
        session.add(made)
        session.flush()
        bump(meeting, stage=True)
        audit.record("session.remarked", made, actor=actor)
    return made


def withdraw(remark_id, meeting, *, actor):
    """Take one's own remark back. Answers to it stay."""
    with transaction() as session:
        lock(session, meeting)
        seat = seat_in(meeting, actor)
        remark = session.get(Remark, remark_id)
        if remark is None or remark.session_id != meeting.id or remark.author_id != seat.id:
            raise NotFound(finding.NOTHING)
        if remark.withdrawn_at is None:
            remark.withdrawn_at = now()
            bump(meeting, stage=True)
            audit.record("session.remark_withdrawn", remark, actor=actor)
    return remark


def _thread(session_paper, trait_id, step, reply_to_id, meeting):
    """The id of the remark that is answered; an answer to an answer joins the same thread."""
    if reply_to_id is None:
        return None
    first = db.session.get(Remark, reply_to_id)
    place = (session_paper.id if session_paper else None, trait_id, step if session_paper is None else None)
    if (
        first is None
        or first.session_id != meeting.id
        or (first.session_paper_id, first.trait_id, first.step) != place
    ):
        raise NotFound("The remark you answer is not there any more.")
    return first.reply_to_id or first.id


def _require_spoken(meeting, step):
    if step is None or not 0 <= step < len(meeting.steps) or meeting.steps[step]["kind"] not in rules.SPOKEN:
        raise NotFound("There is no such step for notes in this session.")
    is_reached = meeting.phase is not None and step in {
        each.step for each in meeting.phases[: meeting.phase + 1]
    }
    if meeting.is_live and not is_reached:
        raise Conflict("The session has not come to this step yet.")


# Consensus


def settle_all(session_paper, given, *, actor, pair=0):
    """Write down what was agreed on for several traits at once, all or none; `given`: a score and a reason by trait id."""
    with transaction():
        for trait_id, (score, reason) in given.items():
            settle(session_paper, trait_id, score=score, reason=reason, pair=pair, actor=actor)


def settle(session_paper, trait_id, *, score, reason, actor, pair=0):
    """Write down what the group, or a pair, agreed on for a trait and why. Writing it again replaces it."""
    with transaction() as session:
        meeting = lock(session, session_paper.session)
        seat = seat_in(meeting, actor)
        trait = _require_point(meeting, trait_id, score)
        reason = _checked_text(
            reason, f"Say why {trait.name} gets this score, in the words of the rubric.", "reason"
        )
        if pair:
            _require_pair(session_paper, seat, pair)
        else:
            finding.require_control(seat, Part.RECORDER)
            _require_sight(session_paper, seat)
        made = write_down(
            session_paper, trait_id, pair=pair, score=score, reason=reason, seat=seat, actor=actor
        )
        bump(meeting, stage=True)
    return made


def _require_pair(session_paper, seat, pair):
    meeting = session_paper.session
    step = meeting.present_step if meeting.is_live else None
    is_now = step is not None and step["in_pairs"] and meeting.present_paper is session_paper
    if seat.pair != pair or not is_now:
        raise Conflict("Pairs agree in their own step, each on its own scores.")
    if sheet_by(session_paper, seat) is None:
        raise Conflict("Put your own scores in first.")


def propose(session_paper, trait_id, *, score, reason, actor):
    """Asynchronous: propose a consensus score. It counts once everybody who scored the paper supports it."""
    reason = _checked_text(reason, "Say why, in the words of the rubric.", "reason")
    with transaction() as session:
        meeting, seat = _in_discussion(session, session_paper, actor)
        _require_point(meeting, trait_id, score)
        if session_paper.agreed(trait_id) is not None:
            raise Conflict("A consensus score stands already. Only the leader of the session can change it.")
        made = Proposal(session_paper_id=session_paper.id, trait_id=trait_id, author_id=seat.id, score=score, reason=reason,
                        supports=[Support(participant_id=seat.id)])  # fmt: skip
        session.add(made)
        session.flush()
        bump(meeting, stage=True)
        audit.record("session.proposed", made, actor=actor, after={"trait": trait_id, "score": score})
        settle_if_supported(made, actor=actor)
    return made


def support(proposal_id, session_paper, *, actor):
    """Agree to a proposal."""
    with transaction() as session:
        meeting, seat = _in_discussion(session, session_paper, actor)
        made = session.get(Proposal, proposal_id)
        if made is None or made.session_paper_id != session_paper.id or made.withdrawn_at is not None:
            raise NotFound("There is no such proposal any more.")
        if sheet_by(session_paper, seat) is None:
            raise NotAllowed("Only those who scored the paper agree on its scores.")
        if session_paper.agreed(made.trait_id) is not None:
            raise Conflict("A consensus score stands already.")
        if seat.id not in {each.participant_id for each in made.supports}:
            made.supports.append(Support(participant_id=seat.id))
            bump(meeting, stage=True)
            audit.record("session.supported", made, actor=actor)
            settle_if_supported(made, actor=actor)
    return made


def withdraw_proposal(proposal_id, session_paper, *, actor):
    """Take one's own proposal back, as long as it is not agreed on."""
    with transaction() as session:
        meeting, seat = _in_discussion(session, session_paper, actor)
        made = session.get(Proposal, proposal_id)
        if made is None or made.session_paper_id != session_paper.id or made.author_id != seat.id:
            raise NotFound(finding.NOTHING)
        if made.withdrawn_at is None:
            made.withdrawn_at = now()
            bump(meeting, stage=True)
            audit.record("session.proposal_withdrawn", made, actor=actor)
    return made


def _in_discussion(session, session_paper, actor):
    meeting = lock(session, session_paper.session)
    seat = seat_in(meeting, actor)
    if meeting.is_live:
        raise Conflict("In a live session the recorder writes down what the group agrees on.")
    _require_sight(session_paper, seat)
    if sheet_by(session_paper, seat) is None:
        raise NotAllowed("Only those who scored the paper agree on its scores.")
    return meeting, seat


# The debrief


def answer_debrief(meeting, answers, *, actor):
    """Say what should change, by question; an empty answer takes the earlier one away."""
    answers = {Question(key): _clean(words) for key, words in answers.items()}
    if any(len(words) > LONGEST for words in answers.values()):
        words = f"An answer has room for {LONGEST:,} characters. Shorten it."
        raise Invalid(words, fields={"debrief": words})
    with transaction() as session:
        lock(session, meeting)
        seat = seat_in(meeting, actor)
        if not debrief_is_open(meeting):
            raise Conflict("The debrief comes at the end of the session. Nothing was saved.")
        mine = {each.question: each for each in answers_of(meeting) if each.participant_id == seat.id}
        for question, words in answers.items():
            if question in mine and not words:
                session.delete(mine[question])
            elif question in mine:
                mine[question].text, mine[question].written_at = words, now()
            elif words:
                session.add(
                    DebriefAnswer(
                        session_id=meeting.id, participant_id=seat.id, question=question, text=words
                    )
                )
        session.flush()
        bump(meeting, stage=True)
        audit.record("session.debriefed", meeting, actor=actor, after={"questions": sorted(answers)})


def answers_of(meeting):
    """All answers to the debrief, by question and words: their order tells nothing of who wrote them."""
    query = db.select(DebriefAnswer).where(DebriefAnswer.session_id == meeting.id)
    return sorted(
        db.session.scalars(query),
        key=lambda each: (list(Question).index(each.question), each.text.casefold()),
    )


def debrief_is_open(meeting):
    """Live: from its step on; asynchronous: once scoring is over."""
    if not meeting.is_live:
        return meeting.scoring_is_over
    so_far = meeting.phases[: meeting.phase + 1] if meeting.phase is not None else []
    return any(meeting.steps[each.step]["kind"] == "debrief" for each in so_far)


# What is checked


def _require_sight(session_paper, seat):
    if not sees(session_paper, seat):
        raise Conflict("The scores of this paper are not shown to you yet. Put your own in first, or wait for the others.")  # fmt: skip


def _require_trait(meeting, trait_id):
    if trait_id is not None and trait_id not in {trait.id for trait in meeting.rubric.traits}:
        raise NotFound("This rubric has no such trait.")


def _require_point(meeting, trait_id, score):
    trait = next((each for each in meeting.rubric.traits if each.id == trait_id), None)
    if trait is None:
        raise NotFound("This rubric has no such trait.")
    if score not in trait.values:
        words = f"Choose a score for {trait.name}."
        raise Invalid(words, fields={"score": words})
    return trait


def _checked_text(text, empty, field="text"):
    text = _clean(text)
    if not text:
        raise Invalid(empty, fields={field: empty})
    if len(text) > LONGEST:
        words = f"There is room for {LONGEST:,} characters. Shorten it."
        raise Invalid(words, fields={field: words})
    return text


def _clean(words):
    return (words or "").replace("\x00", "").strip()

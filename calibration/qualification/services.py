"""What scorers do: begin a practice set, a try or a recalibration, score its papers, and what comes of it at the end."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from calibration.papers import showing
from calibration.papers.blind import knew
from calibration.papers.models import Paper
from calibration.qualification import choosing, programs, results, rules, standings, wording
from calibration.qualification.models import Attempt, AttemptPaper, AttemptScore
from calibration.qualification.steps import Stage
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, NotFound
from scoring.people.models import Person
from scoring.reads import checking, qualifying
from scoring.reads import services as reads
from scoring.reads.rubrics import sheet_of
from scoring.reads.seen import note_seen

# Beginning


def begin_practice(program, step_id, person):
    """Begin a practice set, or go on with it. An empty one, because nothing in it is new, is done at once."""
    with transaction() as session:
        standing = _locked_standing(session, program, person)
        practice = standing.practice
        mine = next((each for each in practice if each.step.id == step_id), None)
        if mine is None:
            raise NotFound(
                "There is no such practice set in this program. Go back to Practice and qualification."
            )
        if mine.open is not None:
            return mine.open.attempt
        begun = standing.open_of(Stage.PRACTICE)
        if begun is not None:
            raise Conflict("You are in the middle of another practice set. Finish that one first.")
        first = next((each for each in practice if not each.is_done), mine)
        if first.number < mine.number:
            raise Conflict(f"Practice set {first.number} comes first.")
        chosen = choosing.for_practice(mine.step.paper_set, person)
        attempt = _begin(session, standing, Stage.PRACTICE, chosen, mine.step.set_id)
        if not chosen:
            _end(session, attempt, person)
        return attempt


def begin_try(program, person):
    """Begin a try to qualify, or go on with it."""
    with transaction() as session:
        standing = _locked_standing(session, program, person)
        begun = standing.open_of(Stage.QUALIFICATION)
        if begun is not None:
            return begun.attempt
        _require_next(standing, Stage.QUALIFICATION)
        chosen = choosing.for_try(program, person, standing.seen_sets, is_coached=standing.is_coached)
        return _begin(session, standing, Stage.QUALIFICATION, chosen)


def begin_recalibration(program, person):
    """Begin a recalibration, or go on with it."""
    with transaction() as session:
        standing = _locked_standing(session, program, person)
        begun = standing.open_of(Stage.RECALIBRATION)
        if begun is not None:
            return begun.attempt
        _require_next(standing, Stage.RECALIBRATION)
        return _begin(session, standing, Stage.RECALIBRATION, choosing.for_recalibration(program, person))


def _locked_standing(session, program, person):
    """Two requests of one person go one after the other, and the program does not close meanwhile."""
    session.execute(sa.select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
    session.refresh(program, with_for_update={"read": True})
    if not program.is_open:
        raise Conflict(wording.CLOSED)
    return standings.standing_of(program, person)


def _require_next(standing, stage):
    place = standing.place
    if place.next is stage:
        return
    practice = next((each.number for each in standing.practice if not each.is_done), None)
    if place.next is Stage.PRACTICE and practice:
        raise Conflict(f"Practice set {practice} comes first.")
    raise Conflict("There is nothing of this kind for you to do now. Go back to Practice and qualification.")


def _begin(session, standing, stage, chosen, set_id=None):
    number = len(standing.attempts_of(stage)) + 1
    attempt = Attempt(
        program_id=standing.program.id, person_id=standing.person.id, stage=stage, number=number, set_id=set_id,
        rule_values=standing.program.rule_values,
        papers=[AttemptPaper(paper_id=each.paper.id, set_id=each.set_id, position=position) for position, each in enumerate(chosen, 1)],
    )  # fmt: skip
    session.add(attempt)
    session.flush()
    audit.record("qualification_attempt.begun", attempt, actor=standing.person, after={
        "program": standing.program.id, "stage": stage, "number": number, "papers": [each.paper.id for each in chosen],
    })  # fmt: skip
    return attempt


# Going on


def attempt_by_id(attempt_id, person):
    """Return one's own attempt; another's is not found."""
    found = db.session.get(Attempt, attempt_id)
    if found is None or found.person_id != person.id:
        raise NotFound(
            "There is no such practice set or try of yours. Go back to Practice and qualification."
        )
    return found


def sheet_for(attempt):
    """The rubric an attempt is scored by."""
    rubric = attempt.program.rubric
    return sheet_of(rubric.id, rubric.published_at)


def next_paper(attempt, person):
    """The paper to score now; None when the attempt is over, or nothing of it may be shown to this person any more."""
    return next(iter(_left(attempt, person)), None)


def _left(attempt, person):
    """The papers of an attempt that are not scored yet and may be shown, in order."""
    if attempt.ended_at is not None:
        return []
    query = (
        sa.select(AttemptPaper)
        .where(AttemptPaper.attempt_id == attempt.id, AttemptPaper.submitted_at.is_(None))
        .order_by(AttemptPaper.position)
        .options(joinedload(AttemptPaper.paper).joinedload(Paper.response))
    )
    waiting = db.session.scalars(query).all()
    hidden = showing.not_for([each.paper for each in waiting], person)
    left = [each for each in waiting if each.paper_id not in hidden]
    if attempt.stage is Stage.PRACTICE:
        return left
    learned = knew(person, [each.paper.response_id for each in left], since=attempt.begun_at)
    return [each for each in left if each.paper.response_id not in learned]


def scored_paper(attempt, number):
    """A paper of a practice set whose scores are in; of a try nothing is told paper by paper."""
    found = next((each for each in attempt.papers if each.position == number and each.is_in), None)
    if found is None or attempt.stage is not Stage.PRACTICE:
        raise NotFound("There is nothing to compare here yet. Score the paper first.")
    return found


def submit(attempt, person, number, scores):
    """Take the scores of one paper, once: what is in stays as it is. After the last paper the attempt ends.

    `scores` holds a score point for each trait by its id.
    """
    sheet = sheet_for(attempt)
    sent = checking.by_trait_id(sheet, checking.cleaned(scores, None, "", None))
    with transaction() as session:
        session.refresh(attempt, with_for_update=True)
        paper = next((each for each in attempt.papers if each.position == number), None)
        if attempt.ended_at is not None or (paper is not None and paper.is_in):
            return attempt
        left = _left(attempt, person)
        if left:
            if paper is not left[0]:
                raise Conflict("Another paper comes first. Nothing was saved. Reload the page.")
            checking.checked(sheet, sent)
            paper.submitted_at = now()
            paper.scores = [
                AttemptScore(trait_id=trait, score=score) for trait, score in sent["scores"].items()
            ]
            if attempt.stage is Stage.PRACTICE:  # its scores are told now
                note_seen([person], [paper.paper.response_id])
            session.flush()
            audit.record("qualification_attempt.scored", attempt, actor=person, after={
                "paper": paper.paper_id, "scores": {str(trait): score for trait, score in sent["scores"].items()},
            })  # fmt: skip
        if len(left) <= 1:
            _end(session, attempt, person)
    return attempt


# The end


def _end(session, attempt, person):
    """Close an attempt; where it was a try, judge it and tell the queue.

    A try of which too many papers could not be shown any more is void: neither passed nor failed.
    """
    attempt.ended_at = now()
    n_in = sum(each.is_in for each in attempt.papers)
    if attempt.stage is not Stage.PRACTICE and rules.enough_of(n_in, len(attempt.papers)):
        attempt.passed = results.result_of(attempt).passed
        tell = _after_try if attempt.stage is Stage.QUALIFICATION else _after_recalibration
        fact = tell(attempt, person)
        attempt.qualification_id = fact.id if fact is not None else None
    session.flush()
    audit.record("qualification_attempt.ended", attempt, actor=person, after={
        "passed": attempt.passed, "qualification": attempt.qualification_id,
    })  # fmt: skip


def _after_try(attempt, person):
    if not attempt.passed:
        return None
    program = attempt.program
    expires_at = now() + timedelta(days=program.expiry_days) if program.expiry_days else None
    return reads.grant_qualification(
        person, program.rubric, actor=person, expires_at=expires_at, away_hours=programs.rechecks_after(program),
        reason=f"Passed try {attempt.number}.",
    )  # fmt: skip


def _after_recalibration(attempt, person):
    """Passed: the queue goes on. Not passed: the qualification is withheld until a recalibration is."""
    rubric = attempt.program.rubric
    fact = qualifying.latest_of([person.id], rubric.id).get(person.id)
    is_over = fact is None or (fact.expires_at is not None and fact.expires_at <= now())
    if is_over or max(fact.granted_at, fact.revoked_at or fact.granted_at) > attempt.begun_at:
        return None  # it ended by itself, or a leader settled it meanwhile
    if fact.revoked_at is None and attempt.passed:
        return reads.confirm_qualification(person, rubric, actor=person)
    if fact.revoked_at is None:
        return reads.withdraw_qualification(
            person, rubric, actor=person, reason="A recalibration was not passed."
        )
    if not attempt.passed:
        return fact
    return reads.grant_qualification(
        person, rubric, actor=person, expires_at=fact.expires_at, away_hours=programs.rechecks_after(attempt.program),
        reason=f"Passed recalibration {attempt.number}.",
    )  # fmt: skip

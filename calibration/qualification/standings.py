"""Where people stand in a program: their practice, their tries, their coaching, and what the queue knows of them."""

from dataclasses import dataclass, field

import sqlalchemy as sa

from calibration.qualification import steps
from calibration.qualification.models import Attempt, AttemptPaper, Coaching, Program
from calibration.qualification.steps import Stage, State
from scoring.db import db, now
from scoring.people.models import Membership, Person
from scoring.permissions import Permission, Role
from scoring.reads import qualifying
from scoring.reads.models import Qualification


@dataclass(frozen=True)
class Progress:
    """How far one attempt is."""

    attempt: Attempt
    set_ids: tuple
    done: int
    total: int


@dataclass(frozen=True)
class PracticeStep:
    """One practice set as somebody meets it: whether it was gone through, and the attempt that is open."""

    step: object
    number: int
    is_done: bool
    open: Progress | None


@dataclass
class Standing:
    """One person in one program."""

    program: Program
    person: Person
    progress: list = field(default_factory=list)  # of every attempt, the oldest first
    coachings: list = field(default_factory=list)
    fact: Qualification | None = None
    fact_standing: str = "none"

    def attempts_of(self, stage):
        """The attempts of one stage, the oldest first."""
        return [each.attempt for each in self.progress if each.attempt.stage is stage]

    def open_of(self, stage):
        """The attempt of a stage that is not over, with its progress; or None."""
        return next(
            (each for each in self.progress if each.attempt.stage == stage and each.attempt.ended_at is None), None
        )  # fmt: skip

    @property
    def practice(self):
        """The practice sets in order."""
        done = {each.set_id for each in self.attempts_of(Stage.PRACTICE) if each.ended_at is not None}
        begun = self.open_of(Stage.PRACTICE)
        return [
            PracticeStep(step, number, step.set_id in done, begun if begun and begun.attempt.set_id == step.set_id else None)
            for number, step in enumerate(self.program.steps_of(Stage.PRACTICE), 1)
        ]  # fmt: skip

    @property
    def seen_sets(self):
        """Ids of the sets of earlier tries, the oldest first."""
        tries = [each for each in self.progress if each.attempt.stage is not Stage.PRACTICE]
        return list(dict.fromkeys(set_id for each in tries for set_id in each.set_ids))

    @property
    def is_coached(self):
        """Whether a coach spoke with this person after the last try."""
        last = max(
            (each.ended_at for each in self.attempts_of(Stage.QUALIFICATION) if each.ended_at), default=None
        )
        return any(each.stage is Stage.QUALIFICATION and (last is None or each.coached_at >= last) for each in self.coachings)  # fmt: skip

    @property
    def place(self):
        """The state, and what is next."""
        seen = set(self.seen_sets)
        new = [each for each in self.program.steps_of(Stage.QUALIFICATION) if each.set_id not in seen]
        tries = [
            steps.Try(each.attempt.stage, each.attempt.passed, each.attempt.ended_at, each.attempt.qualification_id)
            for each in self.progress if each.attempt.stage is not Stage.PRACTICE
        ]  # fmt: skip
        return steps.where(
            practice_left=sum(not each.is_done for each in self.practice), has_begun=bool(self.progress), tries=tries,
            coachings=[(each.stage, each.coached_at) for each in self.coachings], fact=self._fact(),
            allowed=self.program.rule.tries, new_sets=len(new) >= self.program.rule.sets_to_see,
        )  # fmt: skip

    def _fact(self):
        if self.fact is None:
            return None
        is_expired = self.fact.expires_at is not None and self.fact.expires_at <= now()
        ended_at = self.fact.revoked_at or (self.fact.expires_at if is_expired else None)
        return steps.Fact(self.fact.id, self.fact_standing, ended_at, is_expired)


def standing_of(program, person):
    """Where one person stands in a program."""
    return standings_of(program, [person])[0]


def standings_of(program, people):
    """Where these people stand in a program, in their order."""
    ids = [person.id for person in people]
    found = {person.id: Standing(program, person) for person in people}
    for progress in _progress(program, ids):
        found[progress.attempt.person_id].progress.append(progress)
    query = sa.select(Coaching).where(Coaching.program_id == program.id, Coaching.person_id.in_(ids))
    for each in db.session.scalars(query.order_by(Coaching.id)):
        found[each.person_id].coachings.append(each)
    facts = qualifying.latest_of(ids, program.rubric_id)
    stand = qualifying.standings_of(facts.values(), now())
    for person_id, fact in facts.items():
        found[person_id].fact, found[person_id].fact_standing = fact, stand[person_id].value
    return [found[person.id] for person in people]


def _progress(program, person_ids):
    """Every attempt of these people with its counts, the oldest first."""
    counted = (
        sa.select(AttemptPaper.attempt_id, AttemptPaper.set_id, sa.func.count(), sa.func.count(AttemptPaper.submitted_at))
        .join(Attempt, Attempt.id == AttemptPaper.attempt_id)
        .where(Attempt.program_id == program.id, Attempt.person_id.in_(person_ids))
        .group_by(AttemptPaper.attempt_id, AttemptPaper.set_id)
        .order_by(sa.func.min(AttemptPaper.position))
    )  # fmt: skip
    by_attempt = {}
    for attempt_id, set_id, total, done in db.session.execute(counted):
        by_attempt.setdefault(attempt_id, []).append((set_id, done, total))
    query = sa.select(Attempt).where(Attempt.program_id == program.id, Attempt.person_id.in_(person_ids))
    for attempt in db.session.scalars(query.order_by(Attempt.id)):
        parts = by_attempt.get(attempt.id, [])
        yield Progress(
            attempt, tuple(set_id for set_id, _, _ in parts), sum(done for _, done, _ in parts),
            sum(total for _, _, total in parts),
        )  # fmt: skip


# Whose standings a leader sees


def people_query(program, leader):
    """Scorers whom the program is for, as far as this leader looks after them; by name."""
    places = {each.id for each in program.organization.below} & leader.reach(Permission.CALIBRATE)
    scores = sa.exists().where(
        Membership.person_id == Person.id,
        Membership.role == Role.SCORER,
        Membership.organization_id.in_(places),
    )
    return sa.select(Person).where(Person.is_active, scores).order_by(Person.name, Person.id)


def needing_coach(program, leader):
    """The standings of those who wait for a coach."""
    tried = sa.exists().where(
        Attempt.person_id == Person.id, Attempt.program_id == program.id, Attempt.passed.is_(False)
    )
    people = db.session.scalars(people_query(program, leader).where(tried)).all()
    return (
        [each for each in standings_of(program, people) if each.place.state is State.NEEDS_COACH]
        if people
        else []
    )

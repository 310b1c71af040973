"""The demonstration's qualification program: practice and qualification sets of the first task, and who stands where."""

import sqlalchemy as sa

from calibration.papers import services as papers
from calibration.papers import sets
from calibration.papers.models import Paper, SetPurpose
from calibration.papers.name_checks import is_named
from calibration.qualification import programs, services
from calibration.qualification.steps import Stage
from scoring.db import at, db
from scoring.events.models import EventResponse, Outcome
from scoring.reads.models import Read
from scoring.responses.models import Response, RosterEntry, Student

PRACTICE, KEPT_PRACTICE, QUALIFICATION, RECALIBRATION = 3, 2, 7, 5  # papers of a set


def set_up(event, placed, people, rubric):
    """Keep papers of the first task that the first scorer has not read, put them in sets, and open a program."""
    works = {each.pseudonym: each.work for each in placed}
    known = _known_to(people.districts[0].scorers[0])
    anchors = [each for each in papers.anchors_for(rubric) if each.response_id not in known][:PRACTICE]
    new = [
        each
        for each in _free(event, rubric)
        if each.id not in known and not works[each.student.pseudonym].condition_code
    ]
    program = programs.create_program(people.network, rubric, actor=people.network_admin)
    _add(program, people, Stage.PRACTICE, "First steps", anchors)
    for stage, name, number in (
        (Stage.PRACTICE, "Close calls", KEPT_PRACTICE), (Stage.QUALIFICATION, "Qualification A", QUALIFICATION),
        (Stage.QUALIFICATION, "Qualification B", QUALIFICATION), (Stage.RECALIBRATION, "After a break", RECALIBRATION),
    ):  # fmt: skip
        chosen, new = new[:number], new[number:]
        _add(
            program,
            people,
            stage,
            name,
            [_keep(each, event, rubric, works[each.student.pseudonym], people) for each in chosen],
        )
    return programs.open_to_scorers(program, actor=people.network_admin)  # fmt: skip


def _known_to(person):
    """Ids of responses the person has read, or whose student they teach."""
    read = sa.select(Read.response_id).where(Read.scorer_id == person.id)
    own = (
        sa.select(Response.id)
        .join(RosterEntry, RosterEntry.student_id == Response.student_id)
        .where(RosterEntry.person_id == person.id)
    )
    return set(db.session.scalars(sa.union(read, own)))


def _free(event, rubric):
    """Settled responses of the event that are no papers yet and hold no name, in the order in which they came."""
    query = (
        sa.select(Response)
        .join(EventResponse, EventResponse.response_id == Response.id)
        .join(Student, Student.id == Response.student_id)
        .where(
            EventResponse.event_id == event.id, EventResponse.rubric_id == rubric.id, EventResponse.outcome == Outcome.SETTLED,
            Response.id.not_in(sa.select(Paper.response_id)),
        )
        .order_by(Response.id)
    )  # fmt: skip
    return [each for each in db.session.scalars(query) if not is_named(each)]


def _keep(response, event, rubric, work, people):
    """Keep a response for sets; the commentary names the descriptor that it fits."""
    scores = {trait.id: work.expert[trait.key] for trait in rubric.traits}
    reasons = {
        trait.id: next((point.descriptor for point in trait.points if point.value == scores[trait.id]), "")
        for trait in rubric.traits
    }
    return papers.keep(
        response, rubric, event=event, scores=scores, commentaries=reasons, actor=people.network_admin
    )


def _add(program, people, stage, name, chosen):
    purpose = SetPurpose.PRACTICE if stage is Stage.PRACTICE else SetPurpose.QUALIFICATION
    admin = people.network_admin
    made = sets.create_set(people.network, program.rubric, name=name, purpose=purpose, actor=admin)
    sets.add_papers(made, chosen, actor=admin)
    sets.freeze_set(made, actor=admin)
    programs.add_step(program, stage, made.id, actor=admin)


def take_part(program, people, moments):
    """Let scorers of the first district go different ways; each step happens at the next of these moments."""
    sam, priya, grace, tom, mei, *_ = people.districts[0].scorers
    first, second = program.steps_of(Stage.PRACTICE)
    moments = iter(moments)
    with at(next(moments)):
        for person in (sam, priya, grace, tom):
            _score(services.begin_practice(program, first.id, person), person, off_on=(1,))
        _score(services.begin_practice(program, first.id, mei), mei, most=1)
        _score(services.begin_practice(program, second.id, sam), sam, most=1)
        for person in (priya, grace, tom):
            _score(services.begin_practice(program, second.id, person), person)
    with at(next(moments)):
        _score(services.begin_try(program, priya), priya, off_on=(1, 2, 5))
        _score(services.begin_try(program, grace), grace, off_on=(3,))
        _score(services.begin_try(program, tom), tom, off_on=(1, 2, 4, 6))
    with at(next(moments)):
        _score(services.begin_try(program, tom), tom, off_on=(2, 3, 7))


def _score(attempt, person, off_on=(), most=None):
    """Score an attempt: one point off the consensus on the papers of these places, the consensus on all others."""
    for _ in range(most or len(attempt.papers)):
        paper = services.next_paper(attempt, person)
        if paper is None:
            return
        is_off = paper.position in off_on
        scores = {each.trait_id: _beside(each) if is_off else each.score for each in paper.paper.scores}
        services.submit(attempt, person, paper.position, scores)


def _beside(consensus):
    """The score point below the consensus score, or above it where there is none below."""
    values = consensus.trait.values
    place = values.index(consensus.score)
    return values[place - 1] if place else values[1]

"""What a closed study tells: the scale, how sure it is, and whether rubric scores go with it, also district by district."""

import csv
import io
from dataclasses import dataclass

import sqlalchemy as sa

from calibration.judging import verdict
from calibration.judging.models import Choice, Comparison, StudyParticipant, StudyStatus
from calibration.judging.services import settled_scores
from calibration.measurement.judgment import by_group, rubric, scale
from calibration.measurement.judgment.tournament import Disconnected
from scoring.db import db
from scoring.errors import Conflict
from scoring.events.models import EventResponse
from scoring.people.models import Organization, Person

FEWEST = 30  # comparisons
FAR = 2.0  # standard errors between the places that scores and comparisons give a response
MISFITS = 10


@dataclass(frozen=True)
class Placed:
    """One response on the scale, beside its rubric score."""

    response: object
    place: object  # its ability with interval, fit and how often it stood in a comparison
    score: float | None
    gap: (
        float | None
    )  # standard errors by which comparisons place it above (or below) what its score suggests


@dataclass(frozen=True)
class Results:
    """Everything a leader sees of a closed study; `reason` says why there is no scale, if there is none."""

    comparisons: int
    reason: str | None = None
    scale: object = None
    placed: tuple = ()
    participants: tuple = ()  # (name, district, comparisons, infit, stands out)
    together: object = None  # correlation with rubric scores
    districts: tuple = ()  # (name, Group)
    verdict: str = ""

    @property
    def misfits(self):
        """Responses that scores and comparisons place far apart, the farthest first."""
        far = [each for each in self.placed if each.gap is not None and abs(each.gap) >= FAR]
        return sorted(far, key=lambda each: -abs(each.gap))[:MISFITS]


def chosen_pairs(study):
    """Return (participant, chosen response, other response, was it a tie) of every choice, in order."""
    query = (
        sa.select(Comparison.participant_id, Comparison.first_id, Comparison.second_id, Comparison.choice)
        .where(Comparison.study_id == study.id, Comparison.choice.is_not(None))
        .order_by(Comparison.id)
    )
    rows = db.session.execute(query).all()
    return [
        (seat, second, first, False)
        if choice is Choice.SECOND
        else (seat, first, second, choice is Choice.TIE)
        for seat, first, second, choice in rows
    ]


def of_study(study):
    """Work out the results of a closed study."""
    if study.status is not StudyStatus.CLOSED:
        raise Conflict("Results are shown when the study is closed, so that nobody compares by them.")
    rows = chosen_pairs(study)
    if len(rows) < FEWEST:
        return Results(len(rows), f"There are {len(rows)} comparisons. A scale needs {FEWEST} at least.")
    codes = {each.id: each.response.code for each in study.responses}
    seats, chosen, other, tied = zip(*rows, strict=True)
    try:
        found = scale.fit(seats, [codes[each] for each in chosen], [codes[each] for each in other], tied=tied)
    except Disconnected:
        words = "Some responses were never compared with the rest, not even through others. There is no common scale."
        return Results(len(rows), words)
    except ValueError:
        return Results(len(rows), "Nearly every comparison is a tie, so nothing tells the responses apart.")
    return _with_scores(study, found, len(rows))


def _with_scores(study, found, count):
    task_id = study.rubric.task_id
    known = {response: score for response, _, score in settled_scores(study.event, task_id, study.trait)}
    inside = {each.response.code: each.response_id for each in study.responses}
    scores = {own: known.get(response) for own, response in inside.items()}
    homes = _districts(study)
    groups = {own: homes.get(response) for own, response in inside.items()}
    together = rubric.against_scores(found, scores)
    compared = by_group.compare(found, scores, groups)
    names = dict(
        db.session.execute(
            sa.select(Organization.id, Organization.name).where(Organization.id.in_(compared))
        ).all()
    )
    districts = tuple(
        sorted(((names[key], group) for key, group in compared.items()), key=lambda pair: pair[0])
    )
    odd = [f"{name}: {group.lift.sentence}" for name, group in districts if group.flagged]
    return Results(count, None, found, _placed(study, found, scores), _participants(study, found), together, districts,
                   verdict.words(together.spearman, odd))  # fmt: skip


def _districts(study):
    query = sa.select(EventResponse.response_id, EventResponse.district_id).where(
        EventResponse.event_id == study.event_id
    )
    return dict(db.session.execute(query).all())


def _placed(study, found, scores):
    """Put rubric scores on the scale by mean and spread, and say how far the two places lie apart."""
    both = [own for own in found.scripts if scores.get(own) is not None]
    line = _line([scores[own] for own in both], [found.scripts[own].ability for own in both])
    responses = {each.response.code: each.response for each in study.responses}
    placed = []
    for own, place in found.scripts.items():
        score = scores.get(own)
        gap = None if score is None or line is None else (place.ability - line(score)) / place.se
        placed.append(Placed(responses[own], place, score, gap))
    return tuple(placed)


def _line(scores, abilities):
    n = len(scores)
    if n < FEWEST // 3 or max(scores) == min(scores):
        return None
    middle, center = sum(scores) / n, sum(abilities) / n
    slope = sum((s - middle) * (a - center) for s, a in zip(scores, abilities, strict=True)) / sum(
        (s - middle) ** 2 for s in scores
    )
    return lambda score: center + slope * (score - middle)


def _participants(study, found):
    query = (
        sa.select(StudyParticipant, Person.name)
        .join(Person, Person.id == StudyParticipant.person_id)
        .where(StudyParticipant.study_id == study.id)
        .order_by(Person.name, Person.id)
    )
    rows = db.session.execute(query).all()
    return tuple(
        (name, ", ".join(each.name for each in seat.person.districts), found.judges[seat.id].n,
         found.judges[seat.id].infit, found.judges[seat.id].flagged)
        for seat, name in rows if seat.id in found.judges
    )  # fmt: skip


def as_csv(study):
    """Return every choice as a CSV file without names: people and responses by number."""
    people = {each.id: number for number, each in enumerate(study.participants, 1)}
    codes = {each.id: each.response.code for each in study.responses}
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["participant", "chosen", "not_chosen", "tie"])
    for seat, chosen, other, tie in chosen_pairs(study):
        writer.writerow([people[seat], codes[chosen], codes[other], "yes" if tie else "no"])
    return file.getvalue()

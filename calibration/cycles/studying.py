"""Studying a cycle: its figures are worked out as its plan said, kept with their inputs, and followed by a decision."""

from calibration.cycles import content
from calibration.cycles.models import Cycle, Decision, Measure, Verdict
from calibration.measurement.change import shift, spread, study
from calibration.measurement.change.sides import BEFORE, split
from calibration.reports import evidence
from calibration.reports.versions import versions
from scoring import audit
from scoring.db import db, now, snapshot, transaction
from scoring.errors import Conflict, Invalid, NotAllowed
from scoring.people.models import OrganizationKind
from scoring.permissions import Permission

LONGEST = 4000


def traits_of(events, task):
    """The traits that all these events score on the same points, by key: those of the newest rubric version."""
    rubrics = sorted((evidence.rubric_of(event, task) for event in events), key=lambda rubric: rubric.version)
    newest, *others = reversed(rubrics)
    points = [{trait.key: trait.values for trait in rubric.traits} for rubric in others]
    return {
        trait.key: trait
        for trait in newest.traits
        if all(other.get(trait.key) == trait.values for other in points)
    }


def present_record(cycle):
    """The figures as the reads stand now, at most up to the look. The cycle needs its moment of change."""
    with snapshot():
        ratings = _ratings(cycle)
        return _record(cycle, ratings, _compare(cycle, ratings))


def _ratings(cycle):
    """The reads that a cycle looks at: a district's own responses, or all of a network's event."""
    own = cycle.organization.kind is OrganizationKind.DISTRICT
    until = min(cycle.looks_at, now()) if cycle.looks_at else now()
    return evidence.ratings_over_time(
        cycle.events, cycle.task, districts=[cycle.organization_id] if own else None, until=until
    )


def _compare(cycle, ratings):
    return study.compare(ratings, content.days(cycle.changed_at), done=_done(cycle), line=cycle.line,
                         measure=(cycle.measure or Measure.EXACT).value, traits=cycle.traits or None)  # fmt: skip


def _done(cycle):
    """When the change was really made, as measurement takes it; None while nothing is written down."""
    return content.days(cycle.done_at) if cycle.done_at else None


def _record(cycle, ratings, found):
    names = {key: trait.name for key, trait in traits_of(cycle.events, cycle.task).items()}
    kept = content.record(found, names)
    cautions = [content.late_caution()] if cycle.stated_late else []
    more = (content.done_caution(cycle.changed_at, cycle.done_at), content.events_caution(len(cycle.events)))
    cautions += [words for words in more if words]
    return kept | {
        "cautions": [*kept["cautions"], *cautions],
        "inputs": {"fingerprint": evidence.fingerprint(ratings), "scores": int((ratings.score >= 0).sum()),
                   "responses": len(ratings.response.names), "versions": versions()},
    }  # fmt: skip


def baseline(cycle):
    """What is known before the change, and the chance to find what is hoped for; None in the place of what is not."""
    before = _before(cycle)
    value = _value_before(cycle, before)
    found = {"papers": before.n_units, "scorers": int(before.scorers.size), "value": value, "sentence": ""}
    lacking = content.missing(before.n_units, before.scorers.size)
    if lacking or value is None or cycle.hoped is None or not cycle.planned_papers or cycle.measure is None:
        return found | {"sentence": lacking}
    noise = _spread_before(before).noise if cycle.measure is Measure.SPREAD else None
    return found | {
        "sentence": content.power_sentence(
            cycle.measure.value, value, cycle.hoped, n_before=before.n_units, planned=cycle.planned_papers,
            n_scorers=int(before.scorers.size), noise=noise,
        )
    }  # fmt: skip


def _before(cycle):
    """Pairs of reads made before the change so far."""
    with snapshot():
        ratings = _ratings(cycle)
    sides = split(
        ratings, content.days(cycle.changed_at or now()), done=_done(cycle), traits=cycle.traits or None
    )
    return sides.on(BEFORE)


def _value_before(cycle, before):
    if not before.unit.size or cycle.measure is None:
        return None
    if cycle.measure is Measure.SPREAD:
        value = _spread_before(before).value
        return None if value != value else value
    if cycle.measure is Measure.LINE:
        mine = before.chosen(before.trait == before.traits.index(cycle.line_trait))
        return float(1 - mine.weight @ shift.same_side(mine, cycle.line_place) / mine.weight.sum())
    return float(before.weight @ shift.same_score(before) / before.weight.sum())


def _spread_before(before):
    return spread.of_one_side(before, BEFORE)


# Study


def close_study(cycle, *, actor):
    """Work out the figures once, as the plan said, and keep them with what they were made from."""
    _require_may_change(cycle, actor)
    if cycle.started_at is None:
        raise Conflict("This cycle is not started. Complete its plan first.")
    if cycle.looks_at > now():
        raise Conflict("The moment of the look has not come. Looking early would let luck pass for success.")
    record = present_record(cycle)
    with transaction() as session:
        session.refresh(cycle, with_for_update=True)
        if cycle.studied_at is not None:
            raise Conflict("The study is closed already. Reload the page to see it.")
        cycle.record, cycle.verdict, cycle.studied_at = record, Verdict(record["verdict"]), now()
        audit.record("cycle.studied", cycle, actor=actor, after={
            "verdict": cycle.verdict, "sentence": record["sentence"], "inputs": record["inputs"],
        })  # fmt: skip
    return cycle


# Act


def decide(cycle, decision, words, *, actor):
    """Say what follows: adopt the change, adapt it, or abandon it, and why."""
    words = (words or "").strip()
    fields = {}
    if decision not in set(Decision):
        fields["decision"] = "Choose what follows."
    if not words or len(words) > LONGEST:
        fields["words"] = "Say why." if not words else f"At most {LONGEST:,} characters fit here. Shorten it."
    if fields:
        raise Invalid(" ".join(fields.values()), fields=fields)
    _require_may_change(cycle, actor)
    with transaction() as session:
        session.refresh(cycle, with_for_update=True)
        if cycle.studied_at is None:
            raise Conflict("Close the study first. Then decide what follows.")
        if cycle.decided_at is not None:
            raise Conflict("What follows is decided already. Reload the page to see it.")
        cycle.decision, cycle.decision_words, cycle.decided_at = Decision(decision), words, now()
        audit.record("cycle.decided", cycle, actor=actor, after={"decision": cycle.decision, "words": words})
    return cycle


def earlier_cycles(cycle):
    """How many other cycles on this task were started here: whoever tries often finds luck at times."""
    query = db.select(db.func.count(Cycle.id)).where(
        Cycle.organization_id == cycle.organization_id, Cycle.task_id == cycle.task_id, Cycle.id != cycle.id,
        Cycle.started_at.is_not(None),
    )  # fmt: skip
    return db.session.scalar(query)


def _require_may_change(cycle, actor):
    if cycle.organization_id not in actor.reach(Permission.CALIBRATE):
        raise NotAllowed("Only leaders of this district or network may do that.")

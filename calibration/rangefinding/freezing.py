"""What a committee leaves: its settled papers in frozen sets, each for one purpose."""

from calibration.papers import services as papers
from calibration.papers import sets
from calibration.papers.models import PaperKind, SetPurpose
from calibration.rangefinding import coverage, services, settling
from calibration.rangefinding.standing import Standing
from scoring import audit
from scoring.db import transaction
from scoring.errors import Conflict, Invalid

ORDER = (
    SetPurpose.ANCHOR,
    SetPurpose.PRACTICE,
    SetPurpose.CALIBRATION,
    SetPurpose.QUALIFICATION,
    SetPurpose.VALIDITY,
)


def settled(committee):
    """Its settled papers, lowest consensus scores first."""
    found = [each for each in committee.proposed if each.is_settled]
    return sorted(found, key=lambda each: (each.paper.mean_score, each.position))


def undecided(committee):
    """Papers that are neither settled nor dropped."""
    return [each for each in committee.proposed if not each.is_settled and not each.is_dropped]


def proposal(committee, person):
    """A purpose for each settled paper, by the id of the proposed paper, to begin from."""
    standing = Standing(committee, person)
    plain = [
        coverage.Settled(
            each.id, each.paper.kind is PaperKind.SOLID, {score.trait_id: score.score for score in each.paper.scores},
            settling.is_unanimous(standing.of(each.id), each.on_the_table),
        )
        for each in settled(committee)
    ]  # fmt: skip
    return coverage.split(plain)


def sets_of(committee):
    """The sets that the committee filled."""
    found = {each.set_id: each.paper_set for each in committee.proposed if each.set_id is not None}
    return [found[each] for each in sorted(found)]


def freeze(committee, plan, *, actor):
    """Make and freeze a set for each purpose in the plan (by the id of the proposed paper), and end the committee."""
    with transaction() as session:
        services.lock(session, committee, actor)
        if not committee.is_open:
            raise Conflict("Only an open committee can fill sets.")
        if left := undecided(committee):
            number = "1 paper is" if len(left) == 1 else f"{len(left)} papers are"
            raise Conflict(f"{number} neither settled nor dropped. Settle or drop them first.")
        chosen = {
            purpose: [each for each in settled(committee) if plan.get(each.id) == purpose]
            for purpose in ORDER
        }
        if not any(chosen.values()):
            words = "Choose a set for at least one paper."
            raise Invalid(words, fields={"plan": words})
        made = [_fill(committee, purpose, found, actor) for purpose, found in chosen.items() if found]
        services.end(committee, actor)
        audit.record(
            "committee.sets_frozen", committee, actor=actor, after={"sets": [each.id for each in made]}
        )
    return made


def _fill(committee, purpose, found, actor):
    if purpose is SetPurpose.ANCHOR:
        for each in found:
            papers.show(each.paper, actor=actor)
    made = sets.create_set(
        committee.organization,
        committee.rubric,
        name=f"{committee.name}, {purpose}",
        purpose=purpose,
        actor=actor,
    )
    sets.add_papers(made, [each.paper for each in found], actor=actor)
    sets.freeze_set(made, actor=actor)
    for each in found:
        each.paper_set = made
    return made

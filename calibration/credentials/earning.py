"""What scorers have to show: their reads of closed events, compared with the other reads, and whatever else is known."""

from dataclasses import dataclass

from calibration.credentials import rules, sources
from calibration.credentials.models import Measure
from calibration.measurement.intervals import wilson
from calibration.reports.evidence import OwnReads, own_reads


@dataclass(frozen=True)
class TraitShare:
    """One trait: how often both scorers gave the same score, and one at most 1 point apart."""

    name: str
    exact: rules.Share
    within: rules.Share


@dataclass(frozen=True)
class Earned:
    """What one scorer has to show for one rule. `reads` is None for who read nothing in a closed event."""

    person: object
    rule: object
    reads: OwnReads | None
    evidence: rules.Evidence
    within: rules.Share | None
    traits: tuple
    hours: sources.Hours | None

    @property
    def demands(self):
        return rules.demands(wanted(self.rule), self.evidence)

    @property
    def is_earned(self):
        return rules.is_earned(wanted(self.rule), self.evidence)

    @property
    def left_out(self):
        """Responses that somebody else read as well, where one of the two gave no scores."""
        return self.reads.read_twice - self.reads.both_scored if self.reads else 0


def wanted(rule):
    """What a stored rule asks for, as plain values."""
    return rules.Wanted(
        rule.fewest_reads, rule.fewest_double, rule.least_exact, rule.measure is Measure.LOWER_END,
        rule.least_validity, rule.fewest_hours, rule.needs_qualification,
    )  # fmt: skip


def earned_for(person, some_rules):
    """Return what one person has to show for each of these rules, in their order."""
    return _all_earned([person], some_rules)


def earned_by(people, rule):
    """Return what each of these people has to show for one rule, in their order."""
    return _all_earned(people, [rule])


def _all_earned(people, some_rules):
    read = own_reads([person.id for person in people], [rule.rubric_id for rule in some_rules])
    hours, found = sources.hours(people), []
    for rule in some_rules:
        papers = sources.on_validity_papers(people, rule.rubric) if rule.least_validity is not None else {}
        qualified = sources.qualified(people, rule.rubric) if rule.needs_qualification else {}
        found += [
            _earned(person, rule, read.get((person.id, rule.rubric_id)), hours.get(person.id),
                    _validity(papers.get(person.id)), person.id in qualified)
            for person in people
        ]  # fmt: skip
    return found


def _earned(person, rule, read, hours, validity, is_qualified):
    exact = within = None
    traits = ()
    double = read.both_scored if read else 0
    if double >= rules.FEWEST_SHOWN:
        names = {trait.id: trait.name for trait in rule.rubric.traits}
        exact, within = _over_all(read.traits, "exact"), _over_all(read.traits, "within")
        traits = tuple(
            TraitShare(names[each.trait_id], _share(each.exact, each.responses, each.responses),
                       _share(each.within, each.responses, each.responses))
            for each in read.traits if each.responses >= rules.FEWEST_SHOWN
        )  # fmt: skip
    evidence = rules.Evidence(
        reads=read.reads if read else 0, double=double, exact=exact, validity=validity,
        hours=hours.minutes / 60 if hours else None, is_qualified=is_qualified,
    )  # fmt: skip
    return Earned(person, rule, read, evidence, within, traits, hours)


def _over_all(traits, name):
    """All traits together. The limits come from the number of responses: traits of one response go together.

    A mean of shares between 0 and 1 never spreads more than the share of a coin does, so these limits are on the
    careful side.
    """
    return _share(
        sum(getattr(each, name) for each in traits),
        sum(each.responses for each in traits),
        max(each.responses for each in traits),
    )


def _share(hits, total, n):
    low, high = wilson(hits / total, n)
    return rules.Share(hits, total, n, float(low), float(high))


def _validity(found):
    if found is None or found.papers < rules.FEWEST_SHOWN:
        return None
    return _share(found.exact, found.scores, found.papers)


def facts_of(earned):
    """Return the figures as a credential keeps them: plain values that JSON can hold."""
    hours = earned.hours
    return {
        "asked": rules.in_words(wanted(earned.rule)),
        "reads": earned.evidence.reads,
        "double": earned.evidence.double,
        "left_out": earned.left_out,
        "from": earned.reads.first_at.date().isoformat(),
        "to": earned.reads.last_at.date().isoformat(),
        "exact": _kept(earned.evidence.exact),
        "within": _kept(earned.within),
        "traits": [
            {"name": each.name, "exact": _kept(each.exact), "within": _kept(each.within)}
            for each in earned.traits
        ],
        "validity": _kept(earned.evidence.validity),
        "qualified": earned.evidence.is_qualified or None,
        "hours": {"sessions": hours.sessions, "minutes": hours.minutes} if hours else None,
    }


def _kept(share):
    if share is None:
        return None
    return {"hits": share.hits, "total": share.total, "n": share.n, "low": share.low, "high": share.high}

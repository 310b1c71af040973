"""What is said about districts: a difference, what it means for the margin, and what would settle an open case."""

from calibration.measurement import wording
from calibration.measurement.comparability.equivalence import COMPARABLE, DIFFERENT

ENOUGH_SHARED = 30  # shared responses to begin with where there are none
ENOUGH_SCORERS = 6  # scorers of a district to begin with: a handful can not stand for a district
FAR = 10.0  # times the shared responses; beyond this more scorers are the better advice


def pair(first, second, difference, verdict, margin, plan):
    """One pair of districts in a sentence or two; `difference` is first minus second."""
    value, low, high = difference.value, difference.low, difference.high
    matters = f"the {margin:g} points that matter"
    if low != low:
        start = _without_spread(first, second, value)
    else:
        start = f"On the same papers, scorers of {first} gave {_way(value)} than scorers of {second} ({_range(low, high)})"
    if verdict == COMPARABLE:
        real = "a real difference, but " if low > 0 or high < 0 else ""
        return f"{start}: {real}surely within {matters}. Comparable."
    if verdict == DIFFERENT:
        if not min(abs(low), abs(high)) < margin:
            return f"{start}: more than {matters}. Different."
        return f"{start}: a real difference; whether it reaches {matters} is not clear yet. Different."
    if low != low:
        return f"{start}, but those are too few: not enough evidence yet. {plan}".strip()
    return f"{start}. That may be nothing, or more than {matters}: not enough evidence yet. {plan}".strip()


def plan(n_shared, more_responses, scorers, n_scorers):
    """What would lead to a verdict, 8 times out of 10, if the difference is about what it looks like now."""
    if scorers is None and more_responses is not None:
        return f"Have about {wording.papers(more_responses)} more read in both districts."
    if more_responses is not None and more_responses <= (FAR - 1) * max(n_shared, 1):
        return f"About {wording.papers(more_responses)} more, read in both districts, would probably tell."
    if scorers is None:
        return "More shared papers and more scorers are needed, many times as many as now."
    return (
        f"More shared papers alone would hardly tell: scorers differ too much among themselves. About {scorers} "
        f"scorers in each district, instead of {n_scorers}, would probably tell."
    )


def never_met(first, second):
    """Two districts that nothing links."""
    return (
        f"Scorers of {first} and {second} never read the same papers, and no chain of districts joins them, so their "
        "scores can not be compared: stricter scorers and weaker papers look alike. To mend this, have "
        f"{ENOUGH_SHARED} or more papers of both districts read blind by {ENOUGH_SCORERS} or more scorers of each."
    )


def too_few_scorers(districts):
    """Districts with a single scorer among the shared reads."""
    who = " and ".join(str(name) for name in districts)
    one = "has one scorer" if len(districts) == 1 else "have one scorer each"
    return (
        f"{who} {one} on the shared papers, so a district can not be told from a person. Let at least "
        f"{ENOUGH_SCORERS} scorers of each district read shared papers."
    )


def no_variation():
    """Everybody gave one score."""
    return "Everyone gave one and the same score, so there is nothing to tell alike scoring from habit."


def alone(name, by):
    """Only one district in the reads."""
    where = f"All reads are from {name}" if name is not None else f"No read names a {by}"
    return (
        f"{where}, so there is nothing to compare. Add reads of the same papers by scorers of another {by}."
    )


def effect(name, value, low, high):
    """One district beside the mean of all."""
    if low != low or low <= 0 <= high:
        return f"No clear sign that scorers of {name} score higher or lower than the districts together."
    return f"On the same papers, scorers of {name} gave {_way(value)} than the districts together ({_range(low, high)})."


def misleading(first, second, raw, value):
    """Plain means of all reads beside the difference on the same papers."""
    return (
        f"The plain means of {first} and {second} differ by {raw:+.2f} points, but they mix the students' work with "
        f"the scoring; on the same papers the difference is {value:+.2f}. Do not compare plain means."
    )


def overall(verdict, margin, names):
    """The headline over all pairs."""
    who = " and ".join([", ".join(map(str, names[:-1])), str(names[-1])])
    if verdict == COMPARABLE:
        return f"{who} score comparably: every difference is surely within {margin:g} points."
    if verdict == DIFFERENT:
        return f"{who} do not score alike: at least one difference is real and not surely within {margin:g} points."
    return f"There is not enough evidence yet whether {who} score comparably."


def _without_spread(first, second, value):
    if value == 0:
        return f"Scorers of {first} and {second} gave the same scores on every shared paper"
    return f"On every shared paper alike, scorers of {first} gave {_way(value)} than scorers of {second}"


def _way(value):
    return f"{abs(value):.2f} points {'less' if value < 0 else 'more'}"


def _range(low, high):
    def side(number):
        return f"{abs(number):.2f} {'less' if number < 0 else 'more'}"

    return f"between {side(low)} and {side(high)}"

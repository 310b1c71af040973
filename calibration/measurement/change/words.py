"""What a comparison of before and after says, in whole sentences."""

from calibration.measurement import wording
from calibration.measurement.change import shift

NOT_PAPERS = (
    "The scores after the change stand so much {way} than before that the papers can not be "
    "compared. Agreement depends on the papers."
)

ALIKE = (
    "Every pair of scores is alike in this, before and after, so there is nothing to tell a change from luck."
)


def verdict(measure, found, tested, is_mixed, sides):
    """The verdict in a sentence, with the figures that it rests on."""
    change = tested.change
    if is_mixed:
        return NOT_PAPERS.format(way="higher" if _mean_rises(sides) else "lower")
    if not change.defined:
        return change.sentence
    if measure == "spread":
        return _spread(change, found)
    what = (
        "the same score"
        if measure == "exact"
        else f"a score on either side of {tested.line.low:g} and {tested.line.high:g}"
    )
    before, after = (wording.of_every_hundred(each.value) for each in (tested.before, tested.after))
    said = f"Two scorers gave {what} on {before} papers before, and on {after} after. "
    low, high = (round(100 * limit) for limit in (change.low, change.high))
    return f"{said}With scorers and scores held alike, {_points(change.value, low, high)}"


def _points(value, low, high):
    if low <= 0 <= high:
        return f"the change lies between {low:+d} and {high:+d} papers of every 100, so it may be luck."
    way = "more" if value > 0 else "fewer"
    near, far = sorted((abs(low), abs(high)))
    return f"that is {abs(100 * value):.0f} {way} of every 100 papers (between {near} and {far})."


def _spread(change, found):
    times = f"{change.value:.2f} times as far apart in severity as before (between {change.low:.2f} and {change.high:.2f})"
    if found == "no evidence yet":
        return f"The same scorers lie {times}. That may be luck."
    return f"The same scorers lie {times}: {'closer together' if change.value < 1 else 'further apart'}."


def too_few(sides):
    """What is missing before anything can be said."""
    before, after = (sides.chosen(sides.side == which).n_units for which in (0, 1))
    if min(before, after) < shift.FEWEST_PAPERS:
        side, n = ("before", before) if before < shift.FEWEST_PAPERS else ("after", after)
        have = "1 paper has" if n == 1 else f"{n} papers have"
        return (
            f"Only {have} two reads {side} the change by scorers who read on both sides. "
            f"It takes {shift.FEWEST_PAPERS}."
        )
    if sides.scorers.size < shift.FEWEST_SCORERS:
        have = f"{sides.scorers.size} scorer{'' if sides.scorers.size == 1 else 's'}"
        return f"Only {have} read before and after the change. It takes {shift.FEWEST_SCORERS}."
    return "These scorers are not joined by shared papers on both sides, so they can not be compared."


def cautions(drift, found, mix, is_mixed):
    """What a reader should keep in mind beside the verdict."""
    if drift > 0 and found == "better":
        yield "Agreement was rising before the change already. The change may not be the reason."
    if drift < 0 and found == "worse":
        yield "Agreement was falling before the change already. The change may not be the reason."
    if not is_mixed and abs(mix) > 0.2:
        way = "higher" if mix > 0 else "lower"
        yield f"Scores after the change are somewhat {way} than before. The papers may not be quite alike."


def _mean_rises(sides):
    score = (sides.first + sides.second) * sides.weight
    before, after = (
        score[sides.side == which].sum() / max(sides.weight[sides.side == which].sum(), 1) for which in (0, 1)
    )
    return after > before

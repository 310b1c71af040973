"""Why a paper is on the short list, and what is missing, in words."""

from calibration.measurement import wording


class Names:
    """What people call traits and score points."""

    def __init__(self, ratings, traits, points):
        self.traits, self._trait_names, self._point_names = ratings.traits, traits, points

    def trait(self, trait):
        """The name of a trait; its key where it has none."""
        return str(self._trait_names.get(trait, trait))

    def point(self, trait, point):
        """The name of a score point in quotes; its number where it has none."""
        named = self._point_names.get(trait, {}).get(point)
        return f"{point:g}" if named is None else f'"{named}"'

    def profile(self, scores):
        """All scores of a response: 'Ideas 3, Organization 2'."""
        return ", ".join(f"{self.trait(trait)} {self.point(trait, point)}" for trait, point in scores.items())


def agreed(names, scores, reads, least, uneven):
    """Why a paper is solid or uneven; `least` is how many reads stand behind its weakest score."""
    who = "Both scorers" if reads == 2 else f"All {reads} scorers"
    if least < reads:
        who = f"At least {least} of {reads} scorers" if len(scores) > 1 else f"{least} of {reads} scorers"
    called = {names.point(trait, point) for trait, point in scores.items()}
    if len(scores) == 1:
        said = f"{who} gave the same score: {called.pop()}."
    elif len(called) == 1:
        said = f"{who} gave the same score on every trait: {called.pop()}."
    else:
        said = f"{who} gave the same scores: {names.profile(scores)}."
    return f"{said} The traits stand far apart." if uneven else said


def on_a_line(names, scores, split, below, reads):
    """Why a paper is borderline: between which score points, how many on each side, and what of the rest."""
    trait, low, high = split
    line = f"between {names.point(trait, low)} and {names.point(trait, high)}"
    many = "" if reads == 2 else f", {below} to {reads - below}"
    where = f" in {names.trait(trait)}" if len(scores) > 1 else ""
    settled = {name: point for name, point in scores.items() if point is not None}
    rest = f" and agreed on the rest: {names.profile(settled)}" if settled else ""
    return f"Scorers split {line}{where}{many}{rest}."


def certainty(names, scores, trait, chance, more):
    """How sure the least sure score of a paper is, and whether more readings could make it sure."""
    where = f" in {names.trait(trait)}" if len(scores) > 1 else ""
    sure = (
        f"Of papers with such reads, {wording.of_every_hundred(chance)} "
        f"truly are at {names.point(trait, scores[trait])}{where}."
    )
    if more == 0:
        return sure
    if more is None:
        return f"{sure} Needs more readings."
    times = "one more scorer who gives" if more == 1 else f"{more} more scorers who give"
    return f"{sure} Needs more readings: {times} the same scores would do."


def line_certainty(names, split, chances):
    """On which side of the line a paper truly is, as far as its reads can tell."""
    trait, low, high = split
    return (
        f"Of papers with such reads, {wording.of_every_hundred(chances[0])} truly are at "
        f"{names.point(trait, low)} or lower, the others at {names.point(trait, high)} or higher."
    )


def point_gap(trait, point, clear, near, given, wanted, waiting):
    """What is missing at a score point."""
    if clear:
        return f"Only {wording.count(clear)} clear {point} in {trait}; {wanted} are wanted."
    if not given:
        return f"No clear {point} in {trait}: no scorer gave a {point}."
    if waiting:
        return f"No clear {point} in {trait} yet; {wording.papers(waiting)} would need more readings."
    if near:
        verb = "stands" if near == 1 else "stand"
        return f"No clear {point} in {trait}; {wording.papers(near)} {verb} on a line next to it."
    return f"No clear {point} in {trait}; {wording.papers(given)} got a {point} from at least one scorer."


def line_gap(trait, low, high, found, wanted):
    """What is missing on the two sides of a line; `found` counts papers leaning low and high."""
    line = f"the line between {low} and {high} in {trait}"
    if not any(found):
        return f"No paper shows {line}."
    lacking = f"toward {low}" if found[0] < wanted else f"toward {high}"
    if max(found) < wanted:
        return f"Too few papers show {line}: {wording.count(sum(found))} in all."
    return f"No paper that leans {lacking} shows {line}." if not min(found) else (
        f"Too few papers that lean {lacking} show {line}."
    )  # fmt: skip


def headline(n, solid, borderline):
    """How many papers came into question."""
    return (
        f"Of {wording.papers(n)} with enough reads, {wording.count(solid)} could be a solid anchor paper "
        f"and {wording.count(borderline)} could show a line between two score points."
    )


def how_sure(solid, borderline, known):
    """How many of them the reads make sure of."""
    if not known:
        return "Too few papers were read twice to say how sure their scores are; this list rests on agreement alone."
    return (
        f"The reads make sure of {wording.count(solid)} of the solid and {wording.count(borderline)} of the "
        "borderline ones; the others need more readings first."
    )

"""The rule by which scores on papers qualify: what counts, what is needed, and what came of it in words.

Pure: scores and consensus scores come as plain values, so that anybody can check the counting.
"""

from dataclasses import asdict, dataclass, fields
from enum import StrEnum

FINE_SCALE = 4  # score points from which on fewer exact scores are usual
SHARE_OF_A_SET = 80  # percent of a set that must be new to somebody, or the set is not used for them


class Scope(StrEnum):
    """Whether each trait must reach the shares by itself, or all traits together."""

    ALL_TRAITS = "all_traits"
    PER_TRAIT = "per_trait"


class Judging(StrEnum):
    """Whether each set of a try is judged by itself, or all of them as one."""

    EACH = "each"
    TOGETHER = "together"


@dataclass(frozen=True)
class Rule:
    """What a try needs to pass. Shares are percent; None asks for nothing."""

    exact_share: int = 70
    adjacent_share: int | None = None  # exact or 1 apart
    most_discrepant: int | None = 0  # scores more than 1 apart, in a set
    scope: Scope = Scope.ALL_TRAITS
    judging: Judging = Judging.EACH
    sets_to_see: int = 1
    sets_to_pass: int = 1
    drops_worst_set: bool = False
    drops_best_trait: bool = False
    tries: int = 2

    def as_dict(self):
        """Plain values, as they are kept with each try."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values):
        """The rule that was kept."""
        known = {each.name: values[each.name] for each in fields(cls) if each.name in values}
        return cls(**known | {"scope": Scope(known["scope"]), "judging": Judging(known["judging"])})


def usual_rule(numbers_of_points):
    """The rule a program starts with, by how many score points the traits have.

    >>> usual_rule([3, 3]).exact_share, usual_rule([3, 4]).exact_share
    (80, 70)
    """
    return Rule(exact_share=70 if max(numbers_of_points, default=FINE_SCALE) >= FINE_SCALE else 80)


def problems(rule, n_traits):
    """Say what a rule can not ask, by the name of the part.

    >>> problems(Rule(sets_to_see=2, sets_to_pass=3), 2)
    {'sets_to_pass': 'Nobody can pass more sets than they see.'}
    """
    found = {}
    for name, low, high in (("exact_share", 1, 100), ("adjacent_share", 0, 100), ("most_discrepant", 0, 50),
                            ("sets_to_see", 1, 5), ("sets_to_pass", 1, 5), ("tries", 1, 5)):  # fmt: skip
        value = getattr(rule, name)
        is_open = value is None and name in {"adjacent_share", "most_discrepant"}
        if not is_open and (value is None or not low <= value <= high):
            found[name] = f"Give a number from {low} to {high}."
    if found:
        return found
    if rule.adjacent_share is not None and rule.adjacent_share < rule.exact_share:
        found["adjacent_share"] = "Exact scores count here too: give at least the share that must be exact."
    if rule.judging is Judging.EACH and rule.sets_to_pass > rule.sets_to_see:
        found["sets_to_pass"] = "Nobody can pass more sets than they see."
    if rule.drops_worst_set and (rule.judging is Judging.EACH or rule.sets_to_see < 2):
        found["drops_worst_set"] = (
            "The worst set can only be left out of two or more that are judged together."
        )
    if rule.drops_best_trait and (rule.scope is Scope.PER_TRAIT or n_traits < 2):
        found["drops_best_trait"] = (
            "The best trait can only be left out where two or more traits count together."
        )
    return found


# Counting


@dataclass(frozen=True)
class Scored:
    """One paper: the scores somebody gave and the consensus scores, by trait key."""

    given: dict
    consensus: dict

    def apart(self, key):
        """How many points the score of one trait is from the consensus score."""
        return abs(self.given[key] - self.consensus[key])


@dataclass(frozen=True)
class Count:
    """How many scores were exact, 1 apart, and further apart; `lean` is given less consensus, in points, on average."""

    name: str
    n: int
    exact: int
    adjacent: int
    discrepant: int
    lean: float = 0.0

    @property
    def near(self):
        return self.exact + self.adjacent


@dataclass(frozen=True)
class Part:
    """One set of a try, or all of them judged together: what was counted, what it needed, and what came of it."""

    passed: bool
    traits: tuple  # a Count for each
    counted: Count  # what the shares were held against
    need: str
    got: str
    papers: tuple = ()  # those that counted
    keys: tuple = ()  # the traits that the shares were taken of
    short: tuple = ()  # names of traits with too few exact scores; "" where traits count together
    far: tuple = ()  # those with enough, whose other scores were too far apart


@dataclass(frozen=True)
class Result:
    """What came of a try: whether it passed, each set, and the rule in words."""

    passed: bool
    parts: tuple
    words: str


def count(name, papers, keys):
    """Count the scores of some traits on some papers.

    >>> count("All", [Scored({"a": 3, "b": 1}, {"a": 3, "b": 4}), Scored({"a": 2, "b": 4}, {"a": 3, "b": 4})], ["a", "b"])
    Count(name='All', n=4, exact=2, adjacent=1, discrepant=1, lean=-1.0)
    """
    off = [paper.given[key] - paper.consensus[key] for paper in papers for key in keys]
    exact, adjacent = sum(each == 0 for each in off), sum(abs(each) == 1 for each in off)
    lean = sum(off) / len(off) if off else 0.0
    return Count(name, len(off), exact, adjacent, len(off) - exact - adjacent, lean)


def needed(share, n):
    """How many of n a share in percent asks for: a part of a score counts as a whole one.

    >>> needed(70, 10), needed(70, 9), needed(80, 30)
    (7, 7, 24)
    """
    return -(-share * n // 100)


# Judging


def judge(rule, sets, traits):
    """Judge one try. `sets` holds a list of Scored for each set, `traits` pairs of key and name, in order.

    >>> three = [Scored({"a": 3}, {"a": 3})] * 7 + [Scored({"a": 2}, {"a": 3})] * 3
    >>> result = judge(Rule(exact_share=80), [three], [("a", "Claim")])
    >>> result.passed, result.words
    (False, 'You need 8 of 10 exact and none more than 1 apart. You had 7 exact.')
    """
    if rule.judging is Judging.TOGETHER:
        worst = _worst(sets, traits) if rule.drops_worst_set and len(sets) > 1 else None
        papers = [paper for place, each in enumerate(sets) if place != worst for paper in each]
        part = _part(rule, papers, traits)
        left_out = f" Your set {worst + 1} counts least and is left out." if worst is not None else ""
        return Result(part.passed, (part,), f"{part.need} {part.got}{left_out}")
    parts = tuple(_part(rule, papers, traits) for papers in sets)
    passes = sum(part.passed for part in parts)
    passed = bool(parts) and passes >= min(rule.sets_to_pass, len(parts))
    if len(parts) == 1:
        return Result(passed, parts, f"{parts[0].need} {parts[0].got}")
    words = f"You need to pass {rule.sets_to_pass} of {rule.sets_to_see} sets. You passed {passes}."
    told = " ".join(f"Set {place}: {part.need} {part.got}" for place, part in enumerate(parts, 1))
    return Result(passed, parts, f"{words} {told}")


def _worst(sets, traits):
    """The place of the set with the smallest exact share; of equals, the one with more scores far apart, then the last."""
    keys = [key for key, _ in traits]

    def rank(place):
        found = count("", sets[place], keys)
        return (found.exact / max(found.n, 1), -found.discrepant, -place)

    return min(range(len(sets)), key=rank)


def _part(rule, papers, traits):
    counts = tuple(count(name, papers, [key]) for key, name in traits)
    keys = tuple(key for key, _ in traits)
    every = count("All traits", papers, keys)
    if rule.scope is Scope.PER_TRAIT and len(traits) > 1:
        return _by_trait(rule, papers, keys, counts)
    best, counted = "", every
    if rule.drops_best_trait and len(traits) > 1:
        place = max(range(len(counts)), key=lambda each: (counts[each].exact, counts[each].near, -each))
        best = counts[place].name
        keys = tuple(key for at, key in enumerate(keys) if at != place)
        counted = count("Other traits", papers, keys)
    passed = _reaches(rule, counted) and _is_near(rule, every.discrepant)
    got = _got(rule, counted, every.discrepant)
    if best:
        got += f" {best}, your best trait, is left out of the shares."
    short, far = _why(rule, [] if passed else [("", counted)])
    return Part(
        passed, counts, counted, _need(rule, counted.n, "You need "), got, tuple(papers), keys, short, far
    )


def _by_trait(rule, papers, keys, counts):
    """Each trait for itself; the one furthest from its bar stands for all."""
    short = [each for each in counts if not (_reaches(rule, each) and _is_near(rule, each.discrepant))]
    lowest = min(counts, key=lambda each: (each.exact, -each.discrepant))
    got = " ".join(f"{each.name}: {_got(rule, each, each.discrepant)}" for each in short)
    need = _need(rule, lowest.n, "In each trait you need ")
    why = _why(rule, [(each.name, each) for each in short])
    return Part(
        not short, counts, lowest, need, got or "You reached that in every trait.", tuple(papers), keys, *why
    )


def _why(rule, failed):
    """Of what failed, the names of what had too few exact scores, and of what had enough of them."""
    return tuple(
        tuple(name for name, each in failed if _is_exact_enough(rule, each) is enough)
        for enough in (False, True)
    )


def _is_exact_enough(rule, counted):
    return counted.n > 0 and counted.exact >= needed(rule.exact_share, counted.n)


def _reaches(rule, counted):
    if not _is_exact_enough(rule, counted):
        return False
    return rule.adjacent_share is None or counted.near >= needed(rule.adjacent_share, counted.n)


def _is_near(rule, discrepant):
    return rule.most_discrepant is None or discrepant <= rule.most_discrepant


def _need(rule, n, opening):
    parts = [f"{needed(rule.exact_share, n)} of {n} exact"]
    if rule.adjacent_share is not None:
        parts.append(f"{needed(rule.adjacent_share, n)} of {n} exact or 1 apart")
    if rule.most_discrepant is not None:
        most = "none" if rule.most_discrepant == 0 else f"at most {rule.most_discrepant}"
        parts.append(f"{most} more than 1 apart")
    return f"{opening}{_listed(parts)}."


def _got(rule, counted, discrepant):
    parts = [f"{counted.exact} exact"]
    if rule.adjacent_share is not None:
        parts.append(f"{counted.near} exact or 1 apart")
    if rule.most_discrepant is not None and discrepant:
        parts.append(f"{discrepant} more than 1 apart")
    return f"You had {_listed(parts)}."


def _listed(words):
    return ", ".join(words[:-1]) + f" and {words[-1]}" if len(words) > 1 else "".join(words)


# The rule in words, before anybody has scored


def sentences(rule):
    """Say a rule, one sentence each.

    >>> sentences(Rule())[:2]
    ['A try is one set of papers.', 'At least 70 of every 100 scores must be exact, all traits together.']
    """
    where = "in each trait" if rule.scope is Scope.PER_TRAIT else "all traits together"
    found = [
        "A try is one set of papers."
        if rule.sets_to_see == 1
        else f"A try is {rule.sets_to_see} sets of papers."
    ]
    if rule.sets_to_see > 1:
        found.append(
            f"At least {rule.sets_to_pass} of them must pass." if rule.judging is Judging.EACH
            else "They are judged together." + (" The worst set is left out." if rule.drops_worst_set else "")
        )  # fmt: skip
    found.append(f"At least {rule.exact_share} of every 100 scores must be exact, {where}.")
    if rule.drops_best_trait:
        found.append(
            "The trait somebody did best on does not count, so that one easy trait can not carry the others."
        )
    if rule.adjacent_share is not None:
        found.append(f"At least {rule.adjacent_share} of every 100 must be exact or 1 apart.")
    if rule.most_discrepant is not None:
        most = "No score" if rule.most_discrepant == 0 else f"At most {rule.most_discrepant} scores"
        found.append(f"{most} may be more than 1 apart.")
    tries = "One try" if rule.tries == 1 else f"{rule.tries} tries"
    return [*found, f"{tries}, each with new papers, then a coach."]


def enough_of(n_new, n_all):
    """Whether so many new papers are enough of a set for somebody to use it.

    >>> enough_of(8, 10), enough_of(7, 10), enough_of(0, 0)
    (True, False, False)
    """
    return n_new > 0 and n_new >= needed(SHARE_OF_A_SET, n_all)

"""How settled papers are spread over sets: solid anchors that cover the rubric first, then practice, then the rest.

Pure: papers come as plain values, so that anybody can check the spreading.
"""

from dataclasses import dataclass

ANCHOR, PRACTICE, QUALIFICATION, VALIDITY, CALIBRATION = (
    "anchor", "practice", "qualification", "validity", "calibration",
)  # fmt: skip
PRACTICE_SIZE, TEST_SIZE, TALK_SIZE = 5, 10, 3


@dataclass(frozen=True)
class Settled:
    """A settled paper: is it solid, its consensus score by trait, and whether everybody agreed."""

    key: object
    is_solid: bool
    scores: dict
    is_unanimous: bool = True


def split(papers):
    """Propose a set for each paper, by its key. A leader may change all of it.

    The fewest solid papers that show every score point become anchors. Borderline papers without full agreement are for
    talking about. Then practice gets its share, the first ten of what is left may test scorers, the rest check them.

    >>> papers = [Settled(n, True, {"claim": n % 4 + 1}) for n in range(20)]
    >>> found = split(papers)
    >>> [sum(purpose == each for purpose in found.values()) for each in (ANCHOR, PRACTICE, QUALIFICATION, VALIDITY)]
    [4, 5, 10, 1]
    """
    anchors = cover(papers)
    rest = [each for each in papers if each.key not in anchors]
    talk = [each.key for each in rest if not each.is_solid and not each.is_unanimous][:TALK_SIZE]
    chosen = dict.fromkeys(anchors, ANCHOR) | dict.fromkeys(talk, CALIBRATION)
    rest = _spread_out([each for each in rest if each.key not in chosen])
    practice, tests = rest[:PRACTICE_SIZE], rest[PRACTICE_SIZE:]
    if len(tests) < TEST_SIZE:  # too few to test anybody by: they serve for practice
        practice, tests = rest, []
    chosen |= dict.fromkeys((each.key for each in practice), PRACTICE)
    chosen |= dict.fromkeys((each.key for each in tests[:TEST_SIZE]), QUALIFICATION)
    chosen |= dict.fromkeys((each.key for each in tests[TEST_SIZE:]), VALIDITY)
    return {each.key: chosen[each.key] for each in papers}


def cover(papers):
    """Keys of a small number of solid papers that show every score point the solid papers show, one after the other.

    >>> cover([Settled("a", True, {"x": 1, "y": 1}), Settled("b", True, {"x": 2, "y": 2}), Settled("c", True, {"x": 1, "y": 2})])
    ['a', 'b']
    """
    missing = {pair for each in papers if each.is_solid for pair in each.scores.items()}
    chosen, left = [], [each for each in papers if each.is_solid]
    while missing:
        best = max(left, key=lambda each: len(missing & each.scores.items()))  # of equals the first
        chosen.append(best.key)
        missing -= set(best.scores.items())
        left.remove(best)
    return chosen


def _spread_out(papers):
    """From low and high in turn, so that the first few already show the whole scale."""
    ranked = sorted(papers, key=lambda each: sum(each.scores.values()))
    return [ranked.pop(0 if turn % 2 == 0 else -1) for turn in range(len(ranked))]

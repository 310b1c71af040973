"""The rules of a committee that people may argue about: who sees scores when, when consensus stands, and the words for it.

Pure: nothing is imported but the language, so that anybody can check them.
"""

from dataclasses import dataclass

SURE, LIKELY = 0.9, 0.7  # chances from which a score point is called sure, or likely
LEAST_MEMBERS = 2


def sees_scores(*, leads, is_asked, is_in, everybody_in, is_closed):
    """Whether somebody may see what the members gave to a paper: never before their own scores are in.

    Whoever was asked to score sees others' scores when own ones are in, or when nobody can send any more. A leader who
    was not asked waits until everybody is in.

    >>> sees_scores(leads=True, is_asked=True, is_in=False, everybody_in=False, is_closed=False)
    False
    >>> sees_scores(leads=True, is_asked=False, is_in=False, everybody_in=True, is_closed=False)
    True
    """
    if is_in:
        return True
    if is_closed:
        return leads or is_asked
    return leads and not is_asked and everybody_in


def is_unanimous(asked, agreeing, objecting):
    """Whether everybody who was asked agrees and nobody objects; all are sets of people.

    >>> is_unanimous({1, 2}, {1, 2, 9}, set()), is_unanimous({1, 2}, {1}, set()), is_unanimous({1}, {1}, {9})
    (True, False, False)
    """
    return asked <= agreeing and not objecting


@dataclass(frozen=True)
class Spread:
    """What the members gave to one trait: how many chose each score point, and how close pairs of them are."""

    counts: tuple  # (score point, how many)
    n: int
    pairs: int
    exact: int
    adjacent: int

    @property
    def top(self):
        """The score points that most members gave."""
        most = max((count for _, count in self.counts), default=0)
        return tuple(point for point, count in self.counts if count == most and most)

    @property
    def most(self):
        """How many members gave it."""
        return max((count for _, count in self.counts), default=0)


def spread(points, scores, *, tolerance=1):
    """Count what the members gave; every pair of members is compared.

    >>> found = spread([1, 2, 3, 4], [3, 3, 2, 4, 3])
    >>> found.top, found.most, found.pairs, found.exact, found.adjacent
    ((3,), 3, 10, 3, 6)
    """
    scores = list(scores)
    pairs = [(one, other) for at, one in enumerate(scores) for other in scores[at + 1 :]]
    exact = sum(one == other for one, other in pairs)
    near = sum(0 < abs(one - other) <= tolerance for one, other in pairs)
    counts = tuple((point, scores.count(point)) for point in points)
    return Spread(counts, len(scores), len(pairs), exact, near)


def agreement_words(found, *, tolerance=1):
    """What the members gave, in one or two sentences.

    >>> agreement_words(spread([1, 2, 3, 4], [3, 3, 3]))
    'All 3 members gave a 3.'
    >>> agreement_words(spread([1, 2, 3, 4], [3, 3, 2, 4, 3]))
    '3 of 5 gave a 3. Of 10 pairs of members, 3 gave the same score; 6 were one point apart.'
    >>> agreement_words(spread([1, 2, 3, 4], [1, 2]))
    'The members are split between 1 and 2. The 2 members are one point apart.'
    """
    if not found.n:
        return "Nobody has scored this paper."
    if found.n == 1:
        return f"Only one member scored this paper: a {found.top[0]}."
    if found.most == found.n:
        return f"All {found.n} members gave a {found.top[0]}."
    start = (
        f"{found.most} of {found.n} gave a {found.top[0]}."
        if len(found.top) == 1
        else f"The members are split between {listed(found.top)}."
    )
    apart = "one point apart" if tolerance == 1 else f"up to {tolerance} points apart"
    if found.pairs == 1:
        return f"{start} The 2 members are {apart if found.adjacent else 'further apart'}."
    were = "was" if found.adjacent == 1 else "were"
    return f"{start} Of {found.pairs} pairs of members, {found.exact or 'none'} gave the same score; {found.adjacent or 'none'} {were} {apart}."


def together_words(same, near, papers, pairs, *, tolerance=1):
    """How close members are over several papers, each paper counting once; `same` and `near` are shares as texts.

    >>> together_words("20 % (4 % to 62 %)", "85 %", 5, 10)
    'The same score: 20 % (4 % to 62 %). Within one point: 85 %. From 5 papers and 10 pairs of scores.'
    >>> together_words("50 %", "100 %", 1, 1)
    'The same score: 50 %. Within one point: 100 %. From 1 paper and 1 pair of scores.'
    """
    within = "one point" if tolerance == 1 else f"{tolerance} points"
    counted = (
        f"{papers} {'paper' if papers == 1 else 'papers'} and {pairs} {'pair' if pairs == 1 else 'pairs'}"
    )
    return f"The same score: {same}. Within {within}: {near}. From {counted} of scores."


def certainty_words(points, chances):
    """How sure the score is, from the chance of each score point; None where it can not be worked out.

    >>> certainty_words([1, 2, 3], [0.01, 0.05, 0.94])
    'Sure: a 3, with a chance of 94 of 100.'
    >>> certainty_words([1, 2, 3], [0.0, 0.42, 0.58])
    'Not sure yet: a 3 (58 of 100) or a 2 (42 of 100).'
    """
    if chances is None:
        return "How sure this is can not be worked out: too few responses of the event were read twice."
    ranked = sorted(zip(chances, points, strict=True), key=lambda each: (-each[0], each[1]))
    (best, point), (second, other) = ranked[0], ranked[1]
    if best >= SURE:
        return f"Sure: a {point}, with a chance of {of_hundred(best)}."
    if best >= LIKELY:
        return f"Likely a {point} ({of_hundred(best)}), perhaps a {other} ({of_hundred(second)})."
    return f"Not sure yet: a {point} ({of_hundred(best)}) or a {other} ({of_hundred(second)})."


def of_hundred(chance):
    """A chance as people say it; never all or nothing.

    >>> of_hundred(0.999), of_hundred(0.31), of_hundred(0.001)
    ('more than 99 of 100', '31 of 100', 'less than 1 of 100')
    """
    if chance >= 0.995:
        return "more than 99 of 100"
    return "less than 1 of 100" if chance < 0.005 else f"{round(chance * 100)} of 100"


def too_few_words(names):
    """Which papers too few of the members can score, and what to do; never who can not, for whose student it is.

    >>> too_few_words(["R-2"])
    'Fewer than 2 members can score R-2: the others met the work before, or may not score it. Invite others, or leave it out.'
    >>> too_few_words(["R-1", "R-3"]).partition(":")[0]
    'Fewer than 2 members can score each of R-1 and R-3'
    """
    which, it = (names[0], "it") if len(names) == 1 else (f"each of {listed(names)}", "them")
    return (
        f"Fewer than {LEAST_MEMBERS} members can score {which}: the others met the work before, or may not score it. "
        f"Invite others, or leave {it} out."
    )


def replaced_words(changes, sets, *, is_kept):
    """What becomes of the paper that a work is already when it is settled otherwise: (what, before, after), and its sets in words.

    >>> replaced_words([("Claim", 2, 3)], [], is_kept=False)
    'The work is an anchor paper already: Claim 2 becomes 3. That paper is retired, and scorers do not see it any more.'
    >>> replaced_words([("kind", "solid", "borderline")], ["Fall (practice, begun)"], is_kept=True)
    'The work is a paper already: kind solid becomes borderline. That paper is retired. It stands in Fall (practice, begun). Take it out of sets that are begun; frozen ones keep it.'
    """
    changed = listed(f"{what} {before} becomes {after}" for what, before, after in changes)
    words = [f"The work is {'a' if is_kept else 'an anchor'} paper already: {changed}."]
    words.append("That paper is retired" + ("." if is_kept else ", and scorers do not see it any more."))
    if sets:
        words.append(f"It stands in {listed(sets)}. Take it out of sets that are begun; frozen ones keep it.")
    return " ".join(words)


def listed(words):
    """Several things in a row, as people say them.

    >>> listed([1, 2, 4])
    '1, 2 and 4'
    """
    *others, last = map(str, words)
    return f"{', '.join(others)} and {last}" if others else last

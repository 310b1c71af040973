"""How figures are said: whole sentences, counts first, in plain words."""

AMOUNTS = (  # size, how near counts, how it is said
    (0.1, 0.05, "a tenth of a point"),
    (0.25, 0.04, "a quarter point"),
    (0.5, 0.04, "half a point"),
    (1.0, 0.05, "one point"),
)


def papers(number):
    """A number of papers: '1 paper', '71 papers'; 'about 58 papers' where it is an average over pairs.

    >>> papers(1), papers(1200), papers(57.8)
    ('1 paper', '1,200 papers', 'about 58 papers')
    """
    return f"{count(number)} paper{'' if count(number) == '1' else 's'}"


def count(number):
    """A count, or 'about' one where several reads of a paper were averaged.

    >>> count(71.0), count(57.8)
    ('71', 'about 58')
    """
    whole = round(number)
    return f"{whole:,}" if abs(number - whole) < 1e-6 else f"about {whole:,}"


def of_every_hundred(share):
    """A share as people say it.

    >>> of_every_hundred(0.757)
    '76 of every 100'
    >>> of_every_hundred(0.9964)
    'more than 99 of every 100'
    """
    if 0 < share < 0.005:
        return "fewer than 1 of every 100"
    if 0.995 <= share < 1 - 1e-9:
        return "more than 99 of every 100"
    return f"{100 * share:.0f} of every 100"


def points(distance):
    """A distance on the rubric: 'one point', '2 points', '0.25 points'.

    >>> points(1), points(2), points(0.25)
    ('one point', '2 points', '0.25 points')
    """
    return "one point" if distance == 1 else f"{distance:.2g} points"


def same_score(who, same, within, n, tolerance):
    """The headline: how often the same score, how often within the allowed distance.

    >>> same_score("The two scorers", 71, 97, 100, 1)
    'The two scorers gave the same score on 71 of 100 papers; 97 were within one point.'
    """
    if not n:
        return "No paper has two scored reads yet, so there is no agreement to show."
    verb = "was" if count(within) == "1" else "were"
    near = f"; {count(within)} {verb} within {points(tolerance)}" if tolerance > 0 else ""
    return f"{who} gave the same score on {count(same)} of {papers(n)}{near}."


def guessing(share, tolerance):
    """What the within-one figure must be compared with.

    >>> guessing(0.884, 1)
    'Two scorers guessing by habit would be within one point on 88 of every 100 papers.'
    """
    how = f"within {points(tolerance)}" if tolerance > 0 else "at the same score"
    return f"Two scorers guessing by habit would be {how} on {of_every_hundred(share)} papers."


def higher_or_lower(difference, low, high, others, *, who=""):
    """How far a scorer stands from others on the same papers, without calling it right or wrong.

    >>> higher_or_lower(-0.2, -0.35, -0.05, "the other scorers")
    'Scores 0.20 points lower than the other scorers on average (between 0.05 and 0.35 points).'
    >>> higher_or_lower(0.1, -0.2, 0.4, "Ana", who="Ben")
    'No clear sign that Ben scores higher or lower than Ana.'
    """
    if difference == 0 or low <= 0 <= high or low != low:
        doubt = f"that {who} scores" if who else "of scoring"
        return f"No clear sign {doubt} higher or lower than {others}."
    way, near, far = ("lower", -high, -low) if difference < 0 else ("higher", low, high)
    return (
        f"{who + ' scores' if who else 'Scores'} {abs(difference):.2f} points {way} than {others} on average "
        f"(between {near:.2f} and {far:.2f} points)."
    )


def strictness(value, low, high, *, step=1.0):
    """A severity in words: how much stricter or more lenient, and never right or wrong.

    An interval that holds 0, or no interval, says that nothing can be told.

    >>> strictness(0.24, 0.1, 0.38)
    'A little stricter than the team (about a quarter point).'
    >>> strictness(0.1, -0.1, 0.3)
    'No clear sign of scoring more strictly or more leniently than the team.'
    """
    if low <= 0 <= high or low != low:
        return "No clear sign of scoring more strictly or more leniently than the team."
    return beside_team(value, step=step)


def beside_team(value, *, step=1.0):
    """How far a scorer stands from the team, where that is beyond doubt; `step` is one score point.

    >>> beside_team(-0.62)
    'More lenient than the team (about 0.6 points).'
    """
    way = stricter(value)
    start = f"a little {way}" if abs(value) < 0.4 * step else way
    return f"{start[0].upper()}{start[1:]} than the team ({amount(abs(value))})."


def stricter(value):
    """Which way a severity points.

    >>> stricter(0.2), stricter(-0.2)
    ('stricter', 'more lenient')
    """
    return "stricter" if value > 0 else "more lenient"


def amount(size):
    """A size on the rubric as people say it.

    >>> amount(0.23), amount(0.52), amount(1.4), amount(0.03)
    ('about a quarter point', 'about half a point', 'about 1.4 points', 'less than a tenth of a point')
    """
    if size < 0.05:
        return "less than a tenth of a point"
    for named, near, words in AMOUNTS:
        if abs(size - named) <= near:
            return f"about {words}"
    return f"about {size:.1f} points"

"""What a study says of rubric scores, in words: alike, differently, or too few to say. Pure."""

LINE = 0.5  # a rank correlation; the whole interval must lie on one side of it
CLOSE = 0.8


def words(together, odd=()):
    """Say whether scores and comparisons order the work alike.

    The interval decides, not the figure in its middle: from few responses luck alone makes a high correlation. `odd`
    holds what is said of districts that stand out.

    >>> from calibration.measurement.result import Statistic
    >>> words(Statistic(0.82, -0.15, 0.99))
    'Too few responses to say whether scores and comparisons order the work alike: rank correlation 0.82 (-0.15 to 0.99).'
    >>> words(Statistic(0.85, 0.74, 0.92))
    'Scores and comparisons order the work alike: rank correlation 0.85 (0.74 to 0.92).'
    """
    if not together.defined:
        return together.sentence
    if together.has_interval and together.low >= LINE:
        closely = "" if together.value >= CLOSE else " in the main, not closely"
        said = f"Scores and comparisons order the work alike{closely}: rank correlation {together.text()}."
    elif together.has_interval and together.high < LINE:
        said = f"Scores and comparisons order the work differently: rank correlation {together.text()}. Look at the rubric and the question."
    else:
        said = f"Too few responses to say whether scores and comparisons order the work alike: rank correlation {together.text()}."
    return " ".join([said, *odd])

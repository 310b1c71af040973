"""The rules an event starts with, and each rule in one sentence."""

from scoring.events.models import ResolutionRule

ALL_BELOW, SOME_UP_TO = 25, 100

RULE_SENTENCES = {
    ResolutionRule.MEAN: "The score of record is the mean of the two reads.",
    ResolutionRule.SUM: "The score of record is the sum of the two reads. A score that stands alone counts twice.",
    ResolutionRule.FIRST: "The first read is the score of record. The second one checks it.",
    ResolutionRule.HIGHER: "The higher of the two reads is the score of record.",
    ResolutionRule.ADJUDICATOR: "Where the two reads are not the same, a leader's scores replace both.",
}


def default_share(responses):
    """How many of every 100 responses are read twice, by how many there are.

    >>> default_share(24), default_share(25), default_share(100), default_share(101)
    (100, 25, 25, 20)
    """
    if responses < ALL_BELOW:
        return 100
    return 25 if responses <= SOME_UP_TO else 20


def share_sentence(share):
    """Say a share read twice in words.

    >>> share_sentence(20)
    '20 of every 100 responses are read twice.'
    """
    if share == 0:
        return "Every response is read once. No agreement can be measured."
    if share == 100:
        return "Every response is read twice."
    return f"{share} of every 100 responses are read twice."


def tolerance_name(tolerance):
    """Name a tolerance in a list of choices.

    >>> tolerance_name(0), tolerance_name(1)
    ('0 points: both reads must be the same', '1 point: adjacent scores are close enough')
    """
    if tolerance == 0:
        return "0 points: both reads must be the same"
    return "1 point: adjacent scores are close enough" if tolerance == 1 else f"{tolerance} points"


def tolerance_sentence(tolerance, rule=ResolutionRule.MEAN):
    """Say in words when two reads are too far apart.

    >>> tolerance_sentence(1)
    'Reads more than 1 point apart on any trait go to a leader.'
    """
    if tolerance == 0 or rule is ResolutionRule.ADJUDICATOR:
        return "Reads that differ on any trait go to a leader."
    points = "1 point" if tolerance == 1 else f"{tolerance} points"
    return f"Reads more than {points} apart on any trait go to a leader."

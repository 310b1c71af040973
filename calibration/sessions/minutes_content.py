"""The minutes of a session as plain values: what the page, the PDF and the workbook are all drawn from."""

from dataclasses import dataclass

from calibration.measurement import pairs, shares
from calibration.measurement.ratings import Ratings

FEWEST_PAPERS = 5  # an interval around fewer says nothing: it would reach over more than half of all there is


@dataclass(frozen=True)
class Present:
    """Somebody who attended: their part, when they came and were seen last, and the time they were there."""

    name: str
    part: str
    came: object
    last_seen: object
    seconds: int


@dataclass(frozen=True)
class Figure:
    """How often two people gave a trait the same score, over so many papers; limits only from enough papers on."""

    papers: int
    people: int
    exact: float | None
    near: float | None  # at most one point apart
    low: float | None = None
    high: float | None = None

    @property
    def has_interval(self):
        return self.low is not None


@dataclass(frozen=True)
class TraitMinutes:
    """The agreement on one trait: blind, and after the discussion where scores were revised."""

    name: str
    before: Figure
    after: Figure | None


@dataclass(frozen=True)
class Decided:
    """One trait of a paper: the blind scores from low to high, the consensus score and why; names where all agree to it.

    Scores that came in when others could be seen are counted only: those who were there know who came late.
    """

    trait: str
    scores: tuple
    late: int
    revised: tuple
    named: tuple  # (name, score) by name
    consensus: int | None
    reason: str
    evidence: tuple
    remarks: tuple


@dataclass(frozen=True)
class PaperMinutes:
    """One paper: what was decided for each trait, and what was said about it as a whole."""

    number: int
    code: str  # for those who look after papers only
    traits: tuple
    remarks: tuple

    @property
    def is_settled(self):
        return all(each.consensus is not None for each in self.traits)


@dataclass(frozen=True)
class Minutes:
    """A session that is over, as it is written down for one reader."""

    title: str
    organization: str
    task: str
    rubric_version: int
    protocol: str
    form: str
    leader: str
    began: object
    ended: object
    people: tuple
    traits: tuple
    papers: tuple
    left_out: int  # papers whose scores this reader may not see
    notes: tuple  # (step of the protocol, words)
    debrief: tuple  # (question, answers)
    outcomes: tuple  # words

    @property
    def seconds(self):
        """The time of all together."""
        return sum(each.seconds for each in self.people)


def figure(rows, key, points):
    """Work out the agreement on one trait from rows (paper, person, score).

    >>> found = figure([(1, "a", 3), (1, "b", 3), (2, "a", 2), (2, "b", 4)], "claim", [1, 2, 3, 4])
    >>> found.papers, found.people, found.exact, found.near, found.has_interval
    (2, 2, 0.5, 0.5, False)
    >>> figure([(1, "a", 3)], "claim", [1, 2, 3, 4]).exact is None
    True
    """
    ratings = Ratings.from_rows(
        [(paper, person, key, score) for paper, person, score in rows], points={key: points}
    )
    counts = pairs.count(ratings.of(key))
    people = len({person for _, person, _ in rows})
    if not counts.n_units:
        return Figure(0, people, None, None)
    same, near = shares.exact(counts), shares.within(counts)
    papers = int(counts.n_units)
    limits = (same.low, same.high) if papers >= FEWEST_PAPERS else (None, None)
    return Figure(papers, people, same.value, near.value, *limits)


def hours_in_words(seconds):
    """A time as hours and minutes, in words; whole minutes, rounded down.

    >>> hours_in_words(5400), hours_in_words(2520), hours_in_words(59), hours_in_words(3600)
    ('1 hour 30 minutes', '42 minutes', 'less than a minute', '1 hour')
    """
    hours, minutes = divmod(int(seconds) // 60, 60)
    parts = [_counted(hours, "hour")] * (hours > 0) + [_counted(minutes, "minute")] * (minutes > 0)
    return " ".join(parts) or "less than a minute"


def moment_in_words(moment):
    """A moment for files, where no script turns it into the reader's own time.

    >>> from datetime import UTC, datetime
    >>> moment_in_words(datetime(2026, 11, 3, 15, 30, tzinfo=UTC)), moment_in_words(None)
    ('Nov 3, 2026, 15:30 UTC', '')
    """
    return "" if moment is None else f"{moment:%b} {moment.day}, {moment:%Y, %H:%M} UTC"


def decimal_hours(seconds):
    """A time in hours with two decimals, rounded down to whole minutes first, as districts count credit.

    >>> decimal_hours(5459), decimal_hours(0)
    (1.5, 0.0)
    """
    return round(int(seconds) // 60 / 60, 2)


def _counted(number, word):
    return f"{number} {word}" + ("" if number == 1 else "s")

"""When a credential is earned, in words and numbers. Pure rules: every answer can be read off here."""

import calendar
import math
from dataclasses import dataclass
from datetime import timedelta

FEWEST_SHOWN = 10  # figures about fewer responses say nothing yet, and could tell of single ones
NOT_YET = f"Shown from {FEWEST_SHOWN} double-read responses on."


@dataclass(frozen=True)
class Share:
    """So many of so many, with the limits between which the true share lies. `n` counts responses, the rest scores."""

    hits: int
    total: int
    n: int
    low: float
    high: float

    @property
    def value(self):
        return self.hits / self.total


def percent_beside(need, value):
    """A share as a whole percent beside the percent it has to reach.

    Rounded, but down where rounding up would say that the mark is reached: nobody is told so who did not reach it.

    >>> percent_beside(50, 0.576), percent_beside(70, 0.699), percent_beside(70, 0.7)
    (58, 69, 70)
    """
    exact = value * 100 + 1e-9
    rounded = round(exact)
    return rounded - 1 if exact < need <= rounded else rounded


@dataclass(frozen=True)
class Evidence:
    """What one scorer has to show for one rubric version, from closed events only.

    `exact` and `validity` are None where there is nothing to show yet; `hours` is None where nobody counts them.
    `is_qualified` says whether a qualification holds now, where the rule asks for one.
    """

    reads: int = 0
    double: int = 0
    exact: Share | None = None
    validity: Share | None = None
    hours: float | None = None
    is_qualified: bool = False


@dataclass(frozen=True)
class Wanted:
    """What a rule asks for. Shares are whole percents; `least_validity` None asks for none."""

    fewest_reads: int
    fewest_double: int
    least_exact: int
    by_lower_end: bool = False
    least_validity: int | None = None
    fewest_hours: int = 0
    needs_qualification: bool = False


@dataclass(frozen=True)
class Demand:
    """One thing a rule asks for, how far it is reached, and the same as a sentence for the scorer."""

    label: str
    need: str
    have: str
    sentence: str
    is_met: bool


def demands(wanted, evidence):
    """Return everything a rule asks for, each with how far this evidence reaches it.

    >>> rule = Wanted(fewest_reads=50, fewest_double=100, least_exact=70)
    >>> [each.sentence for each in demands(rule, Evidence(reads=80, double=64))][1]
    'You need 100 double-read responses; you have 64.'
    """
    found = [
        _counted("Reads", "reads", wanted.fewest_reads, evidence.reads),
        _counted("Double-read responses", "double-read responses", wanted.fewest_double, evidence.double),
        _exact(wanted, evidence.exact),
    ]
    if wanted.least_validity is not None:
        found.append(_validity(wanted.least_validity, evidence.validity))
    if wanted.fewest_hours:
        found.append(_hours(wanted.fewest_hours, evidence.hours))
    if wanted.needs_qualification:
        found.append(_qualification(evidence.is_qualified))
    return tuple(found)


def is_earned(wanted, evidence):
    """Whether everything a rule asks for is there.

    >>> is_earned(Wanted(1, 10, 70), Evidence(reads=20, double=20, exact=Share(14, 20, 20, 0.48, 0.86)))
    True
    >>> is_earned(Wanted(1, 10, 70, by_lower_end=True), Evidence(20, 20, Share(14, 20, 20, 0.48, 0.86)))
    False
    """
    return all(each.is_met for each in demands(wanted, evidence))


def _counted(label, words, need, have):
    lead = f"You need {need:,} {words}"
    sentence = f"{lead}; you have {have:,}."
    return Demand(label, f"{need:,}", f"{have:,}", sentence, have >= need)


def _exact(wanted, share):
    need = f"{wanted.least_exact} of every 100"
    if wanted.by_lower_end:
        label = "Same score as the other scorer, lower end of the interval"
        lead = f"The lower end of the interval must reach {need}"
        have = None if share is None else percent_beside(wanted.least_exact, share.low)
        is_met = share is not None and share.low * 100 >= wanted.least_exact - 1e-9
    else:
        label = "Same score as the other scorer"
        lead = f"You need the same score as the other scorer on {need}"
        have = None if share is None else percent_beside(wanted.least_exact, share.value)
        is_met = share is not None and share.hits * 100 >= wanted.least_exact * share.total
    return Demand(label, need, *_reached(lead, have), is_met)


def _validity(least, share):
    need = f"{least} of every 100"
    have = None if share is None else percent_beside(least, share.value)
    lead = f"You need the consensus score on {need} scores of validity papers"
    is_met = share is not None and share.hits * 100 >= least * share.total
    return Demand("Consensus score on validity papers", need, *_reached(lead, have), is_met)


def _reached(lead, have):
    if have is None:
        return "Not yet", f"{lead}. {NOT_YET}"
    return f"{have} of every 100", f"{lead}; you are at {have}."


def _hours(need, have):
    words = f"{need} hour" if need == 1 else f"{need} hours"
    reached = math.floor((have or 0) * 10) / 10
    sentence = f"You need {words} of calibration sessions; you have {reached:g}."
    return Demand("Hours of calibration sessions", words, f"{reached:g}", sentence, (have or 0) >= need)


def _qualification(is_there):
    sentence = (
        "You are qualified for this rubric." if is_there else "You need to be qualified for this rubric."
    )
    return Demand(
        "Qualification", "Qualified", "Qualified" if is_there else "Not qualified", sentence, is_there
    )


def in_words(wanted):
    """Say what a rule asks for, as the criteria of a badge say it to strangers.

    >>> in_words(Wanted(50, 30, 70))
    'At least 50 reads and 30 double-read responses; the same score as the other scorer on at least 70 of every 100.'
    """
    parts = [f"At least {wanted.fewest_reads:,} reads and {wanted.fewest_double:,} double-read responses"]
    end = ", counted at the lower end of the 95 % interval" if wanted.by_lower_end else ""
    parts.append(f"the same score as the other scorer on at least {wanted.least_exact} of every 100{end}")
    if wanted.least_validity is not None:
        parts.append(
            f"the consensus score on at least {wanted.least_validity} of every 100 scores of validity papers"
        )
    if wanted.fewest_hours:
        parts.append(f"at least {wanted.fewest_hours} hours of calibration sessions")
    if wanted.needs_qualification:
        parts.append("qualified for the rubric")
    return "; ".join(parts) + "."


def ends(issued_at, months):
    """When a credential ends that lasts so many months; None lasts.

    >>> from datetime import datetime
    >>> ends(datetime(2026, 1, 31), 1), ends(datetime(2026, 11, 5), 24)
    (datetime.datetime(2026, 2, 28, 0, 0), datetime.datetime(2028, 11, 5, 0, 0))
    """
    if months is None:
        return None
    years, month = divmod(issued_at.month - 1 + months, 12)
    year, month = issued_at.year + years, month + 1
    return issued_at.replace(
        year=year, month=month, day=min(issued_at.day, calendar.monthrange(year, month)[1])
    )


def ends_soon(issued_at, expires_at, moment):
    """Whether a credential is in its last 30 days, or in the last quarter of a short life.

    >>> from datetime import datetime
    >>> ends_soon(datetime(2026, 1, 1), datetime(2027, 1, 1), datetime(2026, 12, 2))
    True
    >>> ends_soon(datetime(2026, 1, 1), datetime(2026, 1, 31), datetime(2026, 1, 2))
    False
    """
    if expires_at is None:
        return False
    return timedelta(0) < expires_at - moment <= min(timedelta(days=30), (expires_at - issued_at) / 4)


# The code of a credential: what stands on the certificate, and in the address that its holder shares

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O or U: nobody mistakes one for another


def share_code(number):
    """Write an 80-bit number as a code that can be read out on the telephone.

    >>> share_code(0), share_code(2**80 - 1)
    ('0000-0000-0000-0000', 'ZZZZ-ZZZZ-ZZZZ-ZZZZ')
    """
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def read_code(typed):
    """Read a code as people type it; None when it is none.

    >>> read_code(" 7k2m 9qxd-4t8bhn3p "), read_code("oil0-0000-0000-0000"), read_code("hello")
    ('7K2M-9QXD-4T8B-HN3P', '0110-0000-0000-0000', None)
    """
    plain = "".join(each for each in (typed or "")[:80].upper() if each.isalnum())
    plain = plain.translate(str.maketrans("OIL", "011"))
    if len(plain) != 16 or any(each not in ALPHABET for each in plain):
        return None
    return "-".join(plain[start : start + 4] for start in range(0, 16, 4))

"""What a credential says: the figures of the day it was earned, in words, and what its holder shows to others.

Pure: plain values in, words out. What others may see is a positive list.
"""

from datetime import date

SHARED = {  # what a holder may choose to show, in this order; nothing is shown that is not chosen
    "name": "Your name",
    "rubric": "The task and the rubric",
    "date": "The days of issue and of expiry",
    "rates": "Your reads, and how often your scores and the other scorer's are the same",
    "hours": "Your hours in calibration sessions",
}


def of_100(share):
    """A share as it was kept, with its interval: 71 of every 100 (between 61 and 79).

    >>> of_100({"hits": 71, "total": 100, "low": 0.6146, "high": 0.7899})
    '71 of every 100 (between 61 and 79)'
    """
    limits = f"between {round(share['low'] * 100)} and {round(share['high'] * 100)}"
    return f"{round(share['hits'] * 100 / share['total'])} of every 100 ({limits})"


def hours_in_words(hours):
    """Sessions and hours as people say them.

    >>> hours_in_words({"sessions": 1, "minutes": 90})
    '1.5 hours in 1 calibration session'
    """
    amount = round(hours["minutes"] / 60, 1)
    sessions = (
        "1 calibration session" if hours["sessions"] == 1 else f"{hours['sessions']} calibration sessions"
    )
    return f"{amount:g} {'hour' if amount == 1 else 'hours'} in {sessions}"


def figures(facts):
    """The figures of a credential as (term, words), the most telling first."""
    rows = [
        ("Reads", f"{facts['reads']:,}, from {day_in_words(facts['from'])} to {day_in_words(facts['to'])}"),
        ("Responses also scored by somebody else", f"{facts['double']:,}"),
        ("Same score", of_100(facts["exact"])),
        ("Same score or 1 point apart", of_100(facts["within"])),
    ]
    if facts.get("validity"):
        rows.append(("Consensus score on validity papers", of_100(facts["validity"])))
    if facts.get("qualified"):
        rows.append(("Qualified", "Yes, on the day of issue"))
    return rows


def sentence(facts):
    """The figures in one sentence, for a certificate."""
    same = round(facts["exact"]["hits"] * 100 / facts["exact"]["total"])
    near = round(facts["within"]["hits"] * 100 / facts["within"]["total"])
    return (
        f"On {facts['double']:,} responses that were read twice, blind, the two scorers gave the same score "
        f"{same} times in 100, and scores at most 1 point apart {near} times in 100."
    )


def method(facts):
    """How the figures were made, for whoever wants to know."""
    words = (
        "Each of these responses was read by two scorers who did not know of each other's scores. Every trait counts once. "
        "Limits are Wilson's 95 % interval, worked out with the number of responses, since traits of one response are not independent. "
        "Only scoring events that are closed count. On a scale of few score points, scores at most 1 point apart are common "
        "even by chance."
    )
    out = facts.get("left_out", 0)
    return (
        f"{words} Left out: {out:,}, where one of the two found the response not scorable." if out else words
    )


def shown(kept, facts, *, name, title, issued, expires):
    """Return what others see, as (term, words): only what the holder chose, and only fields of the list above."""
    rows = []
    chosen = [each for each in SHARED if each in (kept or [])]
    if "name" in chosen:
        rows.append(("Given to", name))
    if "rubric" in chosen:
        rows.append(("For scoring", title))
    if "date" in chosen:
        rows.append(("Given on", day_in_words(issued)))
        rows.append(("Good until", day_in_words(expires) if expires else "It has no end"))
    if "rates" in chosen:
        rows += figures(facts)
    if "hours" in chosen and facts.get("hours"):
        rows.append(("Calibration", hours_in_words(facts["hours"])))
    return rows


def day_in_words(day):
    """A day in words.

    >>> day_in_words("2026-11-05")
    'November 5, 2026'
    """
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{day:%B} {day.day}, {day.year}"

"""What leaders are told of an event, in sentences."""

from scoring.events.defaults import RULE_SENTENCES, default_share, share_sentence, tolerance_sentence
from scoring.events.models import EventStatus

STATUS_SENTENCES = {
    EventStatus.DRAFT: "This event is a draft. Nobody can read yet.",
    EventStatus.PAUSED: "This event is paused. Nothing new is handed out. Scorers can still send what they hold.",
    EventStatus.CLOSED: "This event is closed. No more reads come in.",
}


def responses(number):
    """Count responses in words.

    >>> responses(1), responses(1400)
    ('1 response', '1,400 responses')
    """
    return "1 response" if number == 1 else f"{number:,} responses"


def of_all(number, progress, one, many):
    """Say how many of all responses something is true of.

    >>> from scoring.events.progress import EventProgress
    >>> of_all(1, EventProgress(responses=4), "needs a second read", "need a second read")
    '1 of 4 responses needs a second read.'
    """
    return f"{number:,} of {responses(progress.responses)} {one if number == 1 else many}."


def sentences(event, progress):
    """Say how the event stands, the most pressing first."""
    said = [STATUS_SENTENCES[event.status]] if event.status in STATUS_SENTENCES else []
    if event.status is EventStatus.DRAFT:
        return said
    if progress.responses and progress.settled == progress.responses:
        return [*said, f"All {responses(progress.responses)} have their scores of record."]
    if progress.need_second:
        said.append(of_all(progress.need_second, progress, "needs a second read", "need a second read"))
    if progress.unread:
        said.append(of_all(progress.unread, progress, "has no read yet", "have no read yet"))
    if progress.discrepant:
        said.append(of_all(progress.discrepant, progress, "is discrepant", "are discrepant"))
    said.append(of_all(progress.settled, progress, "has its scores of record", "have their scores of record"))
    return said


def rule_sentences(event):
    """Say the event's rules, one sentence each."""
    own = [words for is_on, words in (
        (event.exclude_own_students, "students"), (event.exclude_own_school, "school"),
        (event.exclude_own_district, "district"),
    ) if is_on]  # fmt: skip
    return [
        share_sentence(event.share_read_twice),
        tolerance_sentence(event.tolerance, event.resolution_rule),
        RULE_SENTENCES[event.resolution_rule],
        f"A scorer holds a response for {event.lease_minutes} minutes.",
        f"Nobody reads the work of their own {_listed(own)}."
        if own
        else "Scorers may read the work of their own students.",
        *(
            ["Only scorers who are qualified for the rubric are handed its responses."]
            if event.qualified_only
            else []
        ),
    ]


def share_advice(event, found):
    """Say which share read twice is usual for so many responses, if the event has another one.

    >>> from types import SimpleNamespace
    >>> share_advice(SimpleNamespace(share_read_twice=100), 212)
    'With 212 responses it is usual to read 20 of every 100 twice. This event reads 100 of every 100 twice.'
    """
    usual = default_share(found)
    if not found or usual == event.share_read_twice:
        return None
    return (
        f"With {responses(found)} it is usual to read {usual} of every 100 twice. "
        f"This event reads {event.share_read_twice} of every 100 twice."
    )


def left_at_closing(progress):
    """Say what stays without scores of record if the event closes now."""
    left = progress.responses - progress.settled
    if not left:
        return "Every response has its scores of record. No more reads can come in after this."
    words = [f"{responses(left)} {'has' if left == 1 else 'have'} no scores of record yet"]
    parts = [
        (progress.unread, "unread"), (progress.need_second, "read once of twice"),
        (progress.discrepant, "discrepant"),
    ]  # fmt: skip
    parts = [f"{number:,} {what}" for number, what in parts if number]
    held = ""
    if progress.leased:
        held = f" {responses(progress.leased)} {'is' if progress.leased == 1 else 'are'} with a scorer now and can not be sent any more."
    return (
        f"{words[0]} ({_listed(parts)}).{held} Closing ends all reading for good. "
        "Leaders can still settle what is discrepant."
    )


def _listed(words):
    return ", ".join(words[:-1]) + f" and {words[-1]}" if len(words) > 1 else "".join(words)

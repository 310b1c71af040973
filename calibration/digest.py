"""The digest by e-mail: gathers what is new and what waits from every part of calibration, and sends it when it is due.

Only what a person may see at that moment is gathered, by the same conditions as on the pages.
"""

import sqlalchemy as sa
from flask import current_app

from calibration import clarifying, hub
from calibration.community import digests, letter
from calibration.community import news as community
from calibration.community.models import DigestStatus
from calibration.cycles import news as cycles
from calibration.discussions import news as discussions
from calibration.discussions import waiting as discussions_waiting
from scoring import jobs, mail
from scoring.db import db
from scoring.people.models import Person
from scoring.web import public_url

NEWS = [  # heading, and a function from a person and a moment to what is new for them since
    ("You were named", discussions.mentions_since),
    ("Discussions that you follow", discussions.replies_since),
    ("New clarifications", clarifying.news_since),
    ("New anchors", community.anchors_since),
    ("New in the library", community.shared_since),
    ("New improvement cycles", cycles.shared_since),
]
MOST_LINES = 10  # of one heading; the pages show the rest


def letter_for(person, since):
    """Gather what is new for a person since a moment, and what waits for them."""
    found = [(title, [_line(each.words, each) for each in source(person, since)]) for title, source in NEWS]
    waits = [
        _line(f"{each.title}.", each)
        for each in hub.waiting_for(person, leave_out=(discussions_waiting.waiting_for,))
    ]
    found.append(("Waiting for you in calibration", waits))
    sections = tuple(letter.Section(title, tuple(lines[:MOST_LINES])) for title, lines in found if lines)
    token = digests.stop_token(person)
    return letter.Letter(
        person.name, sections, address("community.digest"), address("community.stop_digest", stop_token=token)
    )


def address(endpoint, **values):
    """The full address of a page of ours, also where no request is being answered."""
    scheme, _, host = public_url().partition("://")
    host, _, folder = host.partition("/")
    urls = current_app.url_map.bind(host, url_scheme=scheme, script_name=f"/{folder}")
    return urls.build(endpoint, values, force_external=True)


def _line(words, place):
    return letter.Line(words, address(place.endpoint, **place.values))


def send_one(person_id, due):
    """Send one person's digest, if nobody else has taken it on; say what became of it."""
    digest = digests.claim(person_id, due)
    if digest is None:
        return None
    person = db.session.get(Person, person_id)
    written = letter_for(person, digest.since)
    if written.is_empty:
        return digests.finish(digest, DigestStatus.EMPTY)
    try:
        mail.send(
            person.email,
            written.subject,
            letter.as_text(written),
            html=as_html(written),
            headers=_headers(written),
        )
    except mail.MayBeSent as error:
        return digests.finish(digest, DigestStatus.UNSURE, error.message)
    except Exception as error:
        if not isinstance(error, mail.NotSent):
            current_app.logger.exception("digest %s failed", digest.id)
        return digests.finish(digest, DigestStatus.FAILED, str(error))
    return digests.finish(digest, DigestStatus.SENT)


def as_html(written):
    """The letter as simple HTML, drawn without what pages know of who is signed in."""
    return current_app.jinja_env.get_template("community/_digest_mail.html").render(letter=written)


def _headers(written):
    """One click in the program for e-mail ends it (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{written.stop_address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


@jobs.kind("community.digests")
def send_digests(progress):
    """Send every digest that is due. Harmless twice: each is claimed before it is written."""
    due = digests.due_people()
    for number, (person_id, moment) in enumerate(due, 1):
        send_one(person_id, moment)
        progress.advance(number, len(due))


@jobs.every_minute
def start_due_digests():
    """Start a job when a digest is due and none is at work."""
    working = sa.select(jobs.Job.id).where(
        jobs.Job.kind == "community.digests",
        jobs.Job.status.in_([jobs.JobStatus.QUEUED, jobs.JobStatus.RUNNING]),
    )
    if db.session.scalar(working.limit(1)) is None and digests.due_people():
        jobs.start("community.digests", "Digests by e-mail", actor=None)

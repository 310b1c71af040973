"""Hours as files: a statement to hand in as PDF, and tables for a district's books as CSV."""

import csv
import io

from calibration import pdf
from calibration.sessions.hours import HOW_COUNTED, day_in_words
from calibration.sessions.minutes_content import decimal_hours, hours_in_words, moment_in_words
from scoring.db import now
from scoring.responses.intake import guarded

FORMS = {"live": "live", "asynchronous": "asynchronous"}


def as_pdf(statement, span):
    """Return one person's statement as a PDF file."""
    return pdf.render("hours.typ", {
        "title": f"Professional-learning hours: {statement.person.name}",
        "period": span.in_words, "made": day_in_words(now()), "how": HOW_COUNTED,
        "total": hours_in_words(statement.seconds) if statement.sessions else "none",
        "rows": [[moment_in_words(each.came), each.title, each.task, FORMS[each.form], hours_in_words(each.seconds)]
                 for each in statement.sessions],
    })  # fmt: skip


def as_csv(statement):
    """Return one person's sessions as CSV."""
    head = ["came in (UTC)", "session", "task", "form", "hours"]
    rows = [[each.came.isoformat(), each.title, each.task, FORMS[each.form], decimal_hours(each.seconds)]
            for each in statement.sessions]  # fmt: skip
    return _csv(head, rows)


def people_as_csv(statements):
    """Return the hours of several people as CSV, one row for each person and session."""
    head = ["name", "e-mail", "came in (UTC)", "session", "task", "form", "hours"]
    rows = [
        [statement.person.name, statement.person.email, each.came.isoformat(), each.title, each.task, FORMS[each.form],
         decimal_hours(each.seconds)]
        for statement in statements for each in statement.sessions
    ]  # fmt: skip
    return _csv(head, rows)


def _csv(head, rows):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")

"""Pages and files of professional-learning hours: one's own, and for leaders those of their people."""

from datetime import date

from flask import render_template, request
from flask_login import current_user

from calibration.sessions import hours, hours_files
from calibration.sessions.blueprint import bp
from calibration.sessions.minutes_content import hours_in_words
from calibration.sessions.minutes_views import as_file
from scoring.errors import Invalid
from scoring.permissions import Permission, requires

CSV, PDF = "text/csv; charset=utf-8", "application/pdf"


@bp.get("/hours")
@requires(Permission.SIGNED_IN)
def own_hours():
    """Show the own hours in calibration sessions in a period."""
    span, problem = _period()
    return render_template("sessions/hours.html", statement=hours.hours_of(current_user, span), span=span, problem=problem,
                           how=hours.HOW_COUNTED, hours_in_words=hours_in_words, is_own=True), _status(problem)  # fmt: skip


@bp.get("/hours/pdf")
@requires(Permission.SIGNED_IN)
def own_hours_as_pdf():
    """Hand out the statement of the own hours as a PDF file."""
    span = _asked_period()
    return as_file(hours_files.as_pdf(hours.hours_of(current_user, span), span), PDF, "hours.pdf")


@bp.get("/hours/csv")
@requires(Permission.SIGNED_IN)
def own_hours_as_csv():
    """Hand out the own hours as a CSV file."""
    span = _asked_period()
    return as_file(hours_files.as_csv(hours.hours_of(current_user, span)), CSV, "hours.csv")


@bp.get("/hours/people")
@requires(Permission.SEE_AGREEMENT)
def hours_of_people():
    """Show the hours of everybody in one's districts in a period."""
    span, problem = _period()
    districts, district = _districts()
    return render_template("sessions/people_hours.html", statements=hours.hours_of_people(current_user, span, district),
                           span=span, problem=problem, districts=districts, district=district, how=hours.HOW_COUNTED,
                           hours_in_words=hours_in_words), _status(problem)  # fmt: skip


@bp.get("/hours/people/csv")
@requires(Permission.SEE_AGREEMENT)
def hours_of_people_as_csv():
    """Hand out the hours of everybody in one's districts as a CSV file."""
    span = _asked_period()
    _, district = _districts()
    found = hours.hours_of_people(current_user, span, district)
    return as_file(hours_files.people_as_csv(found), CSV, "hours-of-people.csv")


@bp.get("/hours/people/<int:person_id>")
@requires(Permission.SEE_AGREEMENT)
def hours_of_person(person_id):
    """Show the hours of one person in one's districts."""
    span, problem = _period()
    statement = hours.statement_for(current_user, person_id, span)
    return render_template("sessions/hours.html", statement=statement, span=span, problem=problem, how=hours.HOW_COUNTED,
                           hours_in_words=hours_in_words, is_own=False), _status(problem)  # fmt: skip


@bp.get("/hours/people/<int:person_id>/pdf")
@requires(Permission.SEE_AGREEMENT)
def hours_of_person_as_pdf(person_id):
    """Hand out the statement of one person in one's districts as a PDF file."""
    span = _asked_period()
    return as_file(
        hours_files.as_pdf(hours.statement_for(current_user, person_id, span), span), PDF, "hours.pdf"
    )


def _asked_period():
    """The period that was asked for; the usual one when none was."""
    days = {name: request.args[name] for name in ("first", "last") if request.args.get(name)}
    try:
        days = {name: date.fromisoformat(words) for name, words in days.items()}
    except ValueError:
        raise Invalid("A day is written as year, month and day, such as 2026-11-28.") from None
    return hours.period(**days)


def _period():
    """The period that was asked for; where it makes no sense, the usual one and what is wrong."""
    try:
        return _asked_period(), None
    except Invalid as error:
        return hours.period(), error.message


def _status(problem):
    return 422 if problem else 200


def _districts():
    districts = hours.districts_within(current_user)
    chosen = request.args.get("district", type=int)
    return districts, next((each for each in districts if each.id == chosen), None)

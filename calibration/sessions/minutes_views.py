"""Pages and files of minutes: for everybody who had a seat, and for leaders who look after the session."""

from flask import Response, render_template
from flask_login import current_user

from calibration.sessions import minutes, minutes_files
from calibration.sessions.blueprint import bp
from calibration.sessions.minutes_content import hours_in_words
from calibration.sessions.outcomes import to_take_over
from scoring.permissions import Permission, requires

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/<int:session_id>/minutes")
@requires(Permission.SIGNED_IN)
def show_minutes(session_id):
    """Show the minutes of a session: who attended, how far scores agreed, what was decided and why."""
    meeting, seat = minutes.reader_of(session_id, current_user)
    leads = current_user.may(Permission.CALIBRATE, meeting.organization)
    return render_template("sessions/minutes.html", meeting=meeting, has_seat=seat is not None, leads=leads,
                           waiting=len(to_take_over(meeting)) if leads else 0, hours_in_words=hours_in_words,
                           **written(meeting, seat))  # fmt: skip


def written(meeting, seat):
    """The minutes as pages show them: here, and in the room of a session that is closed."""
    told = _minutes(meeting, seat)
    return {"minutes": told, "method": minutes_files.METHOD, "left_out": minutes_files.left_out(told)}


@bp.get("/<int:session_id>/minutes/pdf")
@requires(Permission.SIGNED_IN)
def minutes_as_pdf(session_id):
    """Hand out the minutes as a PDF file."""
    told = _read(session_id)
    return as_file(minutes_files.as_pdf(told), "application/pdf", f"minutes-{session_id}.pdf")


@bp.get("/<int:session_id>/minutes/workbook")
@requires(Permission.SIGNED_IN)
def minutes_as_workbook(session_id):
    """Hand out the minutes as a workbook."""
    told = _read(session_id)
    return as_file(minutes_files.as_workbook(told), XLSX, f"minutes-{session_id}.xlsx")


def as_file(data, media_type, name):
    """Answer with a file to keep."""
    return Response(
        data, content_type=media_type, headers={"Content-Disposition": f"attachment; filename={name}"}
    )


def _read(session_id):
    return _minutes(*minutes.reader_of(session_id, current_user))


def _minutes(meeting, seat):
    leads = current_user.may(Permission.CALIBRATE, meeting.organization)
    return minutes.minutes_of(meeting, seat, current_user, leads=leads)

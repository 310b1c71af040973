"""The form that asks for an export."""

from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from calibration.reports.models import ExportFormat
from scoring.fields import Ticks

FORMATS = {
    ExportFormat.XLSX: "Workbook (XLSX), for Excel, LibreOffice or Google Sheets",
    ExportFormat.CSV: "ZIP archive of CSV files, one for each sheet",
}


def export_form(organizations, tasks):
    """Return a form with the organizations and tasks that may be chosen."""

    for_whom = [SelectChoice(each.id, each.name) for each in organizations]
    of_what = [SelectChoice(each.id, f"{each.title} ({each.code})") for each in tasks]

    class ExportForm(FlaskForm):
        organization = RadioField(
            "For whom?",
            [InputRequired("Choose for whom the report is made.")],
            coerce=int,
            choices=for_whom,
            default=for_whom[0].value,
        )
        tasks = Ticks(
            "Which tasks?",
            [InputRequired("Choose at least one task.")],
            coerce=int,
            choices=of_what,
            default=[choice.value for choice in of_what],
        )
        format = RadioField(
            "Which kind of file?",
            [InputRequired("Choose a kind of file.")],
            choices=[SelectChoice(kind.value, words) for kind, words in FORMATS.items()],
            default=ExportFormat.XLSX.value,
        )

    return ExportForm()

"""Forms for bringing in student work and rosters."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired

from scoring.responses.intake import COLUMNS, FIELDS, NEEDED

NO_FILE = FileRequired("Choose a file.")
NONE = "Not in the file"


class WorkForm(FlaskForm):
    """Which work, for which task, of which district."""

    district = SelectField("District", [InputRequired("Choose a district.")], coerce=int)
    task = SelectField("Task", [InputRequired("Choose the task the students worked on.")], coerce=int)
    file = FileField("File", [NO_FILE])

    def offer(self, districts, tasks):
        """Fill in what may be chosen; a question with one answer is not asked."""
        self.task.choices = [SelectChoice(task.id, f"{task.title} ({task.code})") for task in tasks]
        return offer_districts(self, districts)


class RosterForm(FlaskForm):
    """A list of teachers and their students."""

    district = SelectField("District", [InputRequired("Choose a district.")], coerce=int)
    file = FileField("File with teachers and students", [NO_FILE])

    def offer(self, districts):
        return offer_districts(self, districts)


class ReplacementForm(FlaskForm):
    """A file that takes the place of one that could not become pages."""

    file = FileField("New file", [NO_FILE], description="PDF, JPG, PNG or WEBP, up to 50 MB.")


def offer_districts(form, districts):
    """Ask for the district only where there is a choice."""
    if len(districts) > 1:
        form.district.choices = [SelectChoice(district.id, district.name) for district in districts]
    else:
        del form.district
    return form


def columns_form(batch):
    """A form with one question for each thing a column can hold, answered with our guess."""

    class ColumnsForm(FlaskForm):
        @property
        def columns(self):
            return {name: self[name].data for name in asked}

    examples = batch.mapping.get("examples", {})
    header = batch.mapping.get("header", [])  # a ZIP without manifest has none, and nothing to ask
    choices = [SelectChoice("", NONE), *(SelectChoice(column, shown(column, examples)) for column in header)]
    asked = COLUMNS[batch.kind] if header else ()
    for name in asked:
        needed = name in NEEDED[batch.kind]
        field = SelectField(FIELDS[name].label, choices=choices, description=HELP.get(name, ""),
                            validators=[InputRequired("Choose a column.")] if needed else [])  # fmt: skip
        setattr(ColumnsForm, name, field)
    return ColumnsForm(data=dict.fromkeys(asked, "") | batch.mapping.get("columns", {}))


def shown(column, examples):
    """A column with what stands in it first, so that columns can be told apart."""
    return f"{column} (such as: {examples[column]})" if column in examples else column


HELP = {
    "student": "What the student is called here. Scorers never see it. It must not be a name.",
    "local_id": "Your own number for the student. Only your district's admins can open it. Without a pseudonym we draw one.",
    "given_name": "Kept apart from the work. Only your district's admins can open it, and each opening is on record.",
    "family_name": "Kept apart from the work, like the given name.",
    "school": "The school's name or code. It lets an event keep scorers from reading work of their own school.",
    "text": "What the student wrote.",
    "file": "The name of the file in the ZIP.",
    "teacher_email": "The e-mail with which the teacher signs in.",
}

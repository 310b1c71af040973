"""Forms for tasks, their files, and the rubric editor, which grows and shrinks with its rubric."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileRequired, MultipleFileField
from wtforms import FieldList, Form, FormField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from scoring.tasks import clarifying, noting
from scoring.tasks.materials import KINDS
from scoring.tasks.specification import MOST_CODES, MOST_TRAITS

TEXTS = ("code", "title", "subject", "grade_band", "directions", "teacher_guide")
MISSING = InputRequired("Fill this in.")


def lines(text):
    """Return the lines of a text that say something."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


class TaskForm(FlaskForm):
    """What a task says."""

    organization = SelectField("Who uses it", coerce=int)
    code = StringField(
        "Code",
        [MISSING, Length(max=40)],
        description="Short and unique, such as ARG-8. Used in files and lists.",
    )
    title = StringField("Title", [MISSING, Length(max=200)])
    subject = StringField("Subject", [MISSING, Length(max=80)])
    grade_band = StringField(
        "Grade band", [MISSING, Length(max=20)], description="One grade or a range, such as 6-8."
    )
    standards = TextAreaField(
        "Standards", [Optional()], description="One on each line.", render_kw={"rows": 4}
    )
    directions = TextAreaField("Student directions", [Optional()], render_kw={"rows": 14},
                               description="What students read, word for word.")  # fmt: skip
    teacher_guide = TextAreaField("Teacher guide", [Optional()], render_kw={"rows": 10},
                                  description="How to give the task: time, supports, what may be said.")  # fmt: skip

    @staticmethod
    def describe(task):
        """What a task says, as it stands in the form."""
        return {name: getattr(task, name) for name in TEXTS} | {"standards": "\n".join(task.standards)}

    @property
    def values(self):
        """What was typed, as the services want it."""
        return {name: self[name].data or "" for name in TEXTS} | {"standards": lines(self.standards.data)}


class CloneForm(FlaskForm):
    """Where a copy of a task goes."""

    organization = SelectField("Copy into", coerce=int)
    code = StringField("Code of the copy", [MISSING, Length(max=40)])


class MaterialForm(FlaskForm):
    """Files for a task."""

    files = MultipleFileField("Add files", [FileRequired("Choose a file first.")],
                              render_kw={"accept": ",".join(f".{kind}" for kind in KINDS)},
                              description="PDF, PNG, JPEG, WEBP, TXT, CSV or DOCX, up to 20 MB each.")  # fmt: skip


WHERE_FROM = (
    "For the log, such as “Calibration session of November 3”. Name no student. Scorers do not see it."
)


class ClarificationForm(FlaskForm):
    """Words that say how a descriptor is meant."""

    place = SelectField("What is it about?", validate_choice=False)
    words = TextAreaField("Clarification", [MISSING, Length(max=clarifying.LONGEST)], description=clarifying.NO_STUDENT,
                          render_kw={"rows": 4, "maxlength": clarifying.LONGEST})  # fmt: skip
    origin = StringField("Where did it come up?", [Optional(), Length(max=clarifying.LONGEST_ORIGIN)],
                         description=WHERE_FROM)  # fmt: skip


class DecisionForm(FlaskForm):
    """What a leader says to a clarification."""

    words = TextAreaField("Words that scorers see", description=clarifying.NO_STUDENT,
                          render_kw={"rows": 4, "maxlength": clarifying.LONGEST})  # fmt: skip
    reason = TextAreaField("Reason", render_kw={"rows": 2, "maxlength": clarifying.LONGEST},
                           description="For the log. Needed to decline a proposal and to withdraw what scorers see.")  # fmt: skip


class NoteForm(FlaskForm):
    """A note to the next version of a task."""

    words = TextAreaField("Note", [MISSING, Length(max=noting.LONGEST)],
                          description="What should change in the task, its directions, or its rubric, and why? Name no student.",
                          render_kw={"rows": 4, "maxlength": noting.LONGEST})  # fmt: skip
    origin = StringField("Where did it come up?", [Optional(), Length(max=noting.LONGEST_ORIGIN)],
                         description="Such as “Calibration session of November 3”.")  # fmt: skip


class OutcomeForm(FlaskForm):
    """What came of a note."""

    outcome = TextAreaField("What came of it?", [MISSING, Length(max=noting.LONGEST)],
                            description="Say what was changed, or why nothing was.",
                            render_kw={"rows": 3, "maxlength": noting.LONGEST})  # fmt: skip


class PointForm(Form):
    """One score point."""

    value = StringField("Score")
    label = StringField("Label")
    descriptor = TextAreaField("What the work shows")


class TraitForm(Form):
    """One trait with its score points."""

    name = StringField("Name")
    description = TextAreaField("Description", [Optional()])
    weight = StringField("Weight")
    key = StringField("Key")
    points = FieldList(FormField(PointForm), max_entries=30)


class CodeForm(Form):
    """One condition code."""

    code = StringField("Code")
    name = StringField("Name")
    description = StringField("When to use it", [Optional()])


class RubricForm(FlaskForm):
    """A whole rubric. What may stand in it is decided by the rules in specification.py, so that drafts may be rough."""

    title = StringField("Rubric title")
    changes = TextAreaField("What changed", [Optional()], render_kw={"rows": 3},
                            description="For the people who scored with the version before.")  # fmt: skip
    traits = FieldList(FormField(TraitForm), max_entries=3 * MOST_TRAITS)
    condition_codes = FieldList(FormField(CodeForm), max_entries=3 * MOST_CODES)

    @property
    def specification(self):
        """What was typed, as it was typed."""
        return {name: self.data[name] for name in ("title", "changes", "traits", "condition_codes")}

    def mark(self, problems):
        """Put each problem, a mapping of place to words, beside its field."""
        places = dict(_with_id(self))
        for place, words in problems.items():
            if place in places:
                places[place].errors = [words]
        self.form_errors = list(problems.values())


def _with_id(fields):
    """Every field inside a form or a list of fields, with its id."""
    for field in fields:
        yield field.id, field
        if isinstance(field, FieldList | FormField):
            yield from _with_id(field)

"""Forms for what a session leaves: a clarification, a note to the task, consensus scores under papers and in sets."""

from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from scoring.fields import Ticks
from scoring.tasks import clarifying, noting

MISSING = InputRequired("Fill this in.")


class ProposalForm(FlaskForm):
    """Words that say how a descriptor is meant."""

    place = SelectField("What is it about?", validate_choice=False)
    words = TextAreaField("Clarification", [MISSING, Length(max=clarifying.LONGEST)], description=clarifying.NO_STUDENT,
                          render_kw={"rows": 4, "maxlength": clarifying.LONGEST})  # fmt: skip


class NoteForm(FlaskForm):
    """A note to the next version of the task."""

    words = TextAreaField("Note", [MISSING, Length(max=noting.LONGEST)],
                          description="What should change in the task, its directions, or its rubric, and why? Name no student.",
                          render_kw={"rows": 4, "maxlength": noting.LONGEST})  # fmt: skip


class TakeOverForm(FlaskForm):
    """Which papers get the consensus scores of the session, and which set they go into."""

    papers = Ticks("Papers", [InputRequired("Choose at least one paper.")], coerce=int)
    set = SelectField("Put them into a set", coerce=int,
                      description="Sets that are still being made. You can also do this later.")  # fmt: skip

"""The forms of a study."""

from datetime import UTC, datetime, time

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from calibration.judging.services import FEWEST, LONGEST_QUESTION, LONGEST_TITLE, MOST
from scoring.fields import Ticks


class StudyForm(FlaskForm):
    """A new study; the view offers the closed events."""

    title = StringField("Title", [InputRequired("Give the study a title."), Length(max=LONGEST_TITLE)])
    source = SelectField("Work to compare", description="Settled responses of a closed event. Every district and every score is among them.")  # fmt: skip
    trait = SelectField(
        "Compare by", description="Rubric scores of the same trait are set beside the comparisons."
    )
    question = StringField("Question", [InputRequired("Put the question."), Length(max=LONGEST_QUESTION)],
                           default="Which response is the better work?")  # fmt: skip
    size = IntegerField("Number of responses", [InputRequired("Say how many."), NumberRange(FEWEST, MOST)], default=40,
                        description="Where the event has fewer, all are taken.")  # fmt: skip
    per_response = IntegerField("Comparisons for each response", [InputRequired("Say how many."), NumberRange(4, 60)], default=12,
                                description="10 to 14 give a steady order. About 40 tell how far apart the work lies.")  # fmt: skip
    has_ties = BooleanField("Participants may answer “I can not tell”")
    last_day = DateField(
        "Last day", [Optional()], description="Without a day it stays open until you close it."
    )

    @property
    def deadline_at(self):
        """The end of the last day."""
        return datetime.combine(self.last_day.data, time(23, 59, 59), UTC) if self.last_day.data else None


class InviteForm(FlaskForm):
    """People to invite; the view offers those who may be."""

    people = Ticks("People", coerce=int, validators=[InputRequired("Choose at least one person.")])

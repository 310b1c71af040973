"""Forms of programs: what they are for, their rule, and what leaders write for one scorer."""

from datetime import UTC, datetime, time

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from calibration.qualification.coaching import LONGEST_NOTE
from calibration.qualification.rules import Judging, Rule, Scope
from calibration.qualification.steps import Stage

STAGE_NAMES = {
    Stage.PRACTICE: "Practice", Stage.QUALIFICATION: "Qualification", Stage.RECALIBRATION: "Recalibration",
}  # fmt: skip
STAGE_HELP = {
    Stage.PRACTICE: "Scorers go through these in order and see the consensus scores after each paper.",
    Stage.QUALIFICATION: "A try takes the next set that a scorer has not seen. Nothing is told before the end.",
    Stage.RECALIBRATION: "Whoever was away scores a few papers of these before the queue goes on.",
}
SCOPE_HELP = {
    "all_traits": "Strong traits can make up for weak ones.",
    "per_trait": "Each trait must reach the shares by itself. This is stricter.",
}
JUDGING_HELP = {
    "each": "So many of them must pass.",
    "together": "All papers of a try count as one set.",
}


def _number(label, low, high, *, required=True, help=None):
    first = InputRequired("Give a number.") if required else Optional()
    check = NumberRange(low, high, f"Give a number from {low} to {high:,}.")
    return IntegerField(label, [first, check], description=help)


class ProgramForm(FlaskForm):
    """Everything about a program but its sets. What it is for is left out once it exists."""

    rubric = SelectField("Task and rubric version", coerce=int, description="It can not be changed later.")
    organization = SelectField("Belongs to", coerce=int, description="Whose scorers qualify in it.")
    exact_share = _number("Exact scores, in percent", 1, 100, help="At least so many of every 100 scores must be the consensus score. "
                          "Usual are 80 with 2 or 3 score points, and 70 with 4 or more.")  # fmt: skip
    adjacent_share = _number("Exact or 1 apart, in percent", 0, 100, required=False, help="Leave this empty to ask for nothing more.")  # fmt: skip
    most_discrepant = _number("Most scores further apart than 1", 0, 50, required=False,
                              help="In one set. Usual is 0. Leave this empty for no limit.")  # fmt: skip
    scope = RadioField("The shares hold for", [InputRequired("Choose one.")],
                       choices=[SelectChoice("all_traits", "All traits together"), SelectChoice("per_trait", "Each trait")])  # fmt: skip
    drops_best_trait = BooleanField("Leave the best trait out of the shares", description="So that one easy trait can not carry the others.")  # fmt: skip
    sets_to_see = _number("Sets in a try", 1, 5)
    judging = RadioField("Sets of a try are judged", [InputRequired("Choose one.")],
                         choices=[SelectChoice("each", "Each by itself"), SelectChoice("together", "Together")])  # fmt: skip
    sets_to_pass = _number("Sets to pass", 1, 5, help="Where each set is judged by itself.")
    drops_worst_set = BooleanField("Leave the worst set out", description="Where sets are judged together.")
    tries = _number("Tries before a coach", 1, 5, help="Each try has new papers as long as there are sets.")
    expiry_days = _number("Days until a qualification expires", 1, 3660, required=False, help="Leave this empty if it never does.")  # fmt: skip
    away_hours = _number("Recalibrate after so many hours away", 1, 8760, required=False,
                         help="Away means: was handed no response of this rubric. Leave this empty for never.")  # fmt: skip
    recalibration_papers = _number("Papers of a recalibration", 1, 30)

    @property
    def rule(self):
        """The rule that was typed."""
        names = ("exact_share", "adjacent_share", "most_discrepant", "sets_to_see", "sets_to_pass", "drops_worst_set",
                 "drops_best_trait", "tries")  # fmt: skip
        return Rule(
            **{name: self[name].data for name in names},
            scope=Scope(self.scope.data),
            judging=Judging(self.judging.data),
        )

    @property
    def more(self):
        """The settings beside the rule."""
        return {name: self[name].data for name in ("expiry_days", "away_hours", "recalibration_papers")}


class StepForm(FlaskForm):
    """One set for one stage; the view offers those that fit."""

    set = SelectField("Set", coerce=int)


class CoachingForm(FlaskForm):
    """What a coach and a scorer agreed on."""

    note = TextAreaField(
        "What you agreed on",
        [InputRequired("Write what you agreed on."), Length(max=LONGEST_NOTE, message=f"At most {LONGEST_NOTE:,} characters fit here.")],
        description="What the scorer will look at, and how. They can read it. With it they get another try.",
        render_kw={"rows": 5},
    )  # fmt: skip


class GrantForm(FlaskForm):
    """A qualification by hand."""

    grant_reason = TextAreaField("Reason", [InputRequired("Give a reason.")], render_kw={"rows": 3},
                                 description="It stays on record, and the scorer can read it.")  # fmt: skip
    until = DateField("Until", [Optional()], description="Leave this empty if it does not expire.")

    @property
    def expires_at(self):
        """The end of the day that was chosen."""
        return datetime.combine(self.until.data, time(23, 59, 59), UTC) if self.until.data else None


class WithdrawForm(FlaskForm):
    """Taking a qualification back."""

    withdraw_reason = TextAreaField("Reason", [InputRequired("Give a reason.")], render_kw={"rows": 3},
                                    description="It stays on record, and the scorer can read it.")  # fmt: skip

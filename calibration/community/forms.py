"""The forms of the library and of the digest."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from calibration.community.rules import WEEKDAYS, ZONES
from calibration.community.sharing import LONGEST


class ShareForm(FlaskForm):
    """Sharing a paper: a word to the others, and the promise that somebody looked."""

    note = TextAreaField("A word to the others", [Optional(), Length(max=LONGEST, message=f"At most {LONGEST} characters fit here. Shorten it.")],
                         description="For example, what this paper shows well. Name no student and no school.", render_kw={"rows": 3})  # fmt: skip
    looked = BooleanField("I have looked through the work. It names no student, no school and no teacher.",
                          [InputRequired("Look through the work first, then tick this.")])  # fmt: skip


class DigestForm(FlaskForm):
    """How often, and when, somebody wants the digest."""

    frequency = RadioField("How often", choices=[SelectChoice("weekly", "Once a week"), SelectChoice("daily", "Every day"), SelectChoice("off", "Not at all")],
                           validators=[InputRequired("Choose one.")])  # fmt: skip
    weekday = SelectField(
        "Day of the weekly digest",
        coerce=int,
        choices=[SelectChoice(number, name) for number, name in enumerate(WEEKDAYS)],
    )
    hour = SelectField(
        "Time of day",
        coerce=int,
        choices=[
            SelectChoice(hour, f"{hour % 12 or 12} {'a.m.' if hour < 12 else 'p.m.'}") for hour in range(24)
        ],
    )
    zone = SelectField("Time zone", choices=[SelectChoice(*each) for each in ZONES.items()])

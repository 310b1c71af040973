"""The forms of discussions."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from calibration.discussions.services import LONGEST, LONGEST_REASON, LONGEST_TITLE

CARE = "Name no student. Do not tell scores of work that is still being scored. To tell somebody, write @ and the whole name."


def _words(label):
    most = Length(
        max=LONGEST, message=f"At most {LONGEST:,} characters fit here. Shorten it, or write two posts."
    )
    return TextAreaField(
        label, [InputRequired("Write something first."), most], description=CARE, render_kw={"rows": 6}
    )


class StartForm(FlaskForm):
    """A new thread."""

    title = StringField("What is it about?", [InputRequired("Say in a few words what it is about."),
                                               Length(max=LONGEST_TITLE, message=f"At most {LONGEST_TITLE} characters fit here.")],
                        description="A question works best.")  # fmt: skip
    words = _words("Your post")


class ReplyForm(FlaskForm):
    """A reply, perhaps with the number of the post that it quotes."""

    words = _words("Your reply")
    quote = HiddenField()


class EditForm(FlaskForm):
    """Own words, anew."""

    words = _words("Your post")


class HideForm(FlaskForm):
    """Why a leader hides a post."""

    reason = StringField("Why do you hide it?", [InputRequired("Say why. Everybody in the thread sees the reason."),
                                                 Length(max=LONGEST_REASON, message=f"At most {LONGEST_REASON} characters fit here.")],
                         description="Everybody in the thread sees the reason. Do not repeat what should not be read.")  # fmt: skip

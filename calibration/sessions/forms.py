"""Forms of sessions and protocols; what may be chosen is offered by the views."""

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from calibration.sessions import rules
from calibration.sessions.protocols import LONGEST_NAME, LONGEST_SUMMARY
from calibration.sessions.services import LONGEST_TITLE
from scoring.fields import Moment, Ticks

FORM_HELP = {
    "live": "Everybody is there at the same time, in a room or on a call. You lead from step to step.",
    "asynchronous": "Everybody scores when it suits them, until a deadline. Then all scores are shown and discussed in writing.",
}


class EditForm(FlaskForm):
    """The title and the times of a session."""

    title = StringField("Title", [InputRequired("Give the session a title."), Length(max=LONGEST_TITLE, message=f"At most {LONGEST_TITLE} characters fit here.")],
                        description="What the people you invite see, such as Argument writing, November.")  # fmt: skip
    starts_at = Moment("Begins (UTC)", [Optional()],
                                   description="Only tells people when to come. You begin it yourself.")  # fmt: skip
    score_by = Moment("Score until (UTC)", [InputRequired("Choose a deadline.")],
                                  description="Scores are shown then, or when everybody is in before.")  # fmt: skip
    closes_at = Moment("Discuss until (UTC)", [Optional()],
                                   description="Leave it empty to close the session yourself.")  # fmt: skip

    def fit(self, form):
        """Leave out what a session of this form does not have."""
        for name in ("score_by", "closes_at") if form == "live" else ("starts_at",):
            del self[name]
        return self


class SessionForm(EditForm):
    """A new session; the view offers papers, people, protocols and owners, and leaves out what the form does not need."""

    organization = SelectField("Belongs to", coerce=int)
    protocol = RadioField("Protocol", [InputRequired("Choose a protocol.")], default="calibration")
    papers = Ticks(
        "Papers",
        [InputRequired("Choose at least one paper.")],
        coerce=int,
        description="They are taken in the order that stands here. You can change the order later, before the session begins.",
    )
    events = Ticks("Everybody who scores in", coerce=int)
    people = Ticks("People", coerce=int)
    leader_scores = BooleanField("I score the papers too", default=True,
                                 description="Your scores are shown after those of all others.")  # fmt: skip

    def offer(self, *, form, protocols, papers, people, events, owners):
        """Offer what may be chosen, and leave out what a session of this form does not have."""
        self.protocol.choices = protocols
        self.papers.choices, self.people.choices, self.events.choices = papers, people, events
        self.organization.choices = owners
        self.fit(form)
        if len(owners) == 1:
            del self.organization
        if not events:
            del self.events
        return self


class InviteForm(FlaskForm):
    """People to invite to a session that is set up already."""

    people = Ticks("People", [InputRequired("Choose at least one person.")], coerce=int)


class CopyForm(FlaskForm):
    """A copy of a protocol."""

    name = StringField("Name of the copy", [InputRequired("Give the copy a name."), Length(max=LONGEST_NAME, message=f"At most {LONGEST_NAME} characters fit here.")])  # fmt: skip
    organization = SelectField("Belongs to", coerce=int)


class ProtocolForm(FlaskForm):
    """What a protocol is called and good for."""

    name = StringField("Name", [InputRequired("Give the protocol a name."), Length(max=LONGEST_NAME, message=f"At most {LONGEST_NAME} characters fit here.")])  # fmt: skip
    summary = TextAreaField("What it is good for", [Optional(), Length(max=LONGEST_SUMMARY, message=f"At most {LONGEST_SUMMARY} characters fit here.")], render_kw={"rows": 3})  # fmt: skip


class StepForm(FlaskForm):
    """One step of a protocol."""

    kind = SelectField("Kind", choices=[SelectChoice(kind, name) for kind, name in rules.KINDS.items()])
    title = StringField("Title", [InputRequired("Give the step a title."), Length(max=rules.LONGEST_TITLE, message=f"At most {rules.LONGEST_TITLE} characters fit here.")])  # fmt: skip
    words = TextAreaField("Words to the group", [Optional(), Length(max=rules.LONGEST_WORDS, message=f"At most {rules.LONGEST_WORDS:,} characters fit here.")], render_kw={"rows": 4},
                          description="Everybody reads them when the step begins.")  # fmt: skip
    minutes = IntegerField("Minutes", [InputRequired("Give the minutes."), NumberRange(1, rules.MOST_MINUTES, f"Give 1 to {rules.MOST_MINUTES} minutes.")],
                           description="For each paper, where the step is done for each paper.")  # fmt: skip
    in_pairs = BooleanField("In pairs", description="For Discuss and Agree: two colleagues first, before all scores are shown.")  # fmt: skip

    @property
    def step(self):
        """The step as plain values; whether it is done for each paper follows from its kind."""
        return rules.step(self.kind.data, (self.title.data or "").strip(), (self.words.data or "").strip(),
                          self.minutes.data, in_pairs=self.in_pairs.data)  # fmt: skip

"""Forms for events: what they consist of, by which rules, and who scores."""

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from scoring.db import db
from scoring.events import checks, choices
from scoring.events.defaults import tolerance_name
from scoring.events.models import ResolutionRule
from scoring.fields import Moment, Ticks

RULE_NAMES = {
    ResolutionRule.MEAN: "Mean of both reads",
    ResolutionRule.SUM: "Sum of both reads",
    ResolutionRule.FIRST: "First read stands",
    ResolutionRule.HIGHER: "Higher read stands",
    ResolutionRule.ADJUDICATOR: "A leader settles every difference",
}


class EventForm(FlaskForm):
    """Everything about an event but its scorers. Fields that can not be changed any more are left out."""

    name = StringField("Name", [DataRequired("Give the event a name."), Length(max=200)],
                       description="What scorers will see, such as Winter moderation.")  # fmt: skip
    code = StringField(
        "Code",
        [
            DataRequired("Give the event a short code."),
            Regexp(checks.CODE.pattern + "$", message="Use 2 to 40 letters, digits, dashes or underscores."),
        ],
        description="Short, for links and reports, such as WINTER-27. It can not be changed later.",
    )
    tasks = Ticks(
        "Tasks",
        coerce=int,
        description="Each is scored by the rubric version named here, from first read to last.",
    )
    districts = Ticks("Districts", coerce=int, description="Whose responses are read.")
    share_read_twice = IntegerField(
        "Share read twice, in percent", [Optional(), NumberRange(0, 100, "Give a number from 0 to 100.")],
        description="Leave this empty for the usual share: 100 when there are fewer than 25 responses, 25 up to 100 responses, "
                    "20 above that. You can change it while scoring goes on.",
    )  # fmt: skip
    tolerance = SelectField(
        "Tolerance", coerce=int, description="How far apart two reads may be before a leader settles them."
    )
    resolution_rule = RadioField("Resolution rule", [InputRequired("Choose a rule.")], coerce=ResolutionRule,
                                 description="How two reads become the score of record.")  # fmt: skip
    exclude_own_students = BooleanField("Nobody reads the work of their own students")
    exclude_own_school = BooleanField("Nobody reads work of their own school")
    exclude_own_district = BooleanField("Nobody reads work of their own district")
    qualified_only = BooleanField(
        "Only qualified scorers",
        description="A response is handed only to scorers who are qualified for its rubric version. They practice and "
                    "qualify under Calibration.",
    )  # fmt: skip
    lease_minutes = IntegerField(
        "Minutes for one response", [InputRequired("Give the minutes."), NumberRange(5, 1440, "Give 5 to 1440 minutes.")],
        description="After that the response goes back to the queue, unless the scorer is still at work on it.",
    )  # fmt: skip
    alert_to_id = SelectField("Who is told when a student may be in danger", coerce=int,
                              description="A scorer can raise an alert. This adult sees it first and must answer it.")  # fmt: skip
    opens_at = Moment(
        "Reading starts (UTC)", [Optional()], description="Before this moment nothing is handed out."
    )
    closes_at = Moment(
        "Reading ends (UTC)", [Optional()], description="After this moment nothing new is handed out."
    )
    message = TextAreaField("Message to scorers", [Optional(), Length(max=2000)],
                            description="Shown above their work: what is expected, and until when.")  # fmt: skip

    def offer(self, organization):
        """Offer what an event of this organization may choose from."""
        self.organization = organization
        self.tasks.choices = [
            SelectChoice(rubric.id, f"{task.title} ({task.code}), rubric version {rubric.version}")
            for task in choices.tasks(organization)
            for rubric in choices.published_rubrics(task)
        ]
        self.districts.choices = [
            SelectChoice(each.id, each.name) for each in choices.districts(organization)
        ]
        self.tolerance.choices = [SelectChoice(points, tolerance_name(points)) for points in range(6)]
        self.resolution_rule.choices = [SelectChoice(rule, name) for rule, name in RULE_NAMES.items()]
        people = db.session.scalars(choices.people_to_alert(organization))
        self.alert_to_id.choices = [SelectChoice(each.id, f"{each.name}, {each.email}") for each in people]
        if len(self.districts.choices) == 1:
            del self.districts
        return self

    def leave_out(self, *names):
        """Take away what can not be changed."""
        for name in names:
            if name in self:
                del self[name]

    @property
    def values(self):
        """What was chosen, as the services take it."""
        values = {field.name: field.data for field in self if field.name != "csrf_token"}
        if "tasks" in values:
            chosen = set(values.pop("tasks"))
            values["task_rubrics"] = [
                (task, rubric)
                for task in choices.tasks(self.organization)
                for rubric in choices.published_rubrics(task)
                if rubric.id in chosen
            ]
        if "districts" in values:
            chosen = set(values["districts"])
            values["districts"] = [each for each in choices.districts(self.organization) if each.id in chosen]
        if "message" in values:
            values["message"] = (values["message"] or "").strip()
        return values


def starting_values(person):
    """What a new event's form says before anybody has changed it."""
    return {
        "tolerance": 1, "resolution_rule": ResolutionRule.MEAN, "lease_minutes": 45, "exclude_own_students": True,
        "alert_to_id": person.id,
    }  # fmt: skip


def present_values(event):
    """What an event's form says now."""
    names = checks.RULES | {"name"}
    return {name: getattr(event, name) for name in names} | {
        "tasks": [each.rubric_id for each in event.tasks],
        "districts": [each.id for each in event.districts],
    }

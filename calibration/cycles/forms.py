"""The forms of improvement cycles."""

from flask_wtf import FlaskForm
from wtforms import (
    FloatField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from calibration.cycles import content
from calibration.cycles.models import ChangeKind, Decision, Measure
from calibration.cycles.services import LONGEST, LONGEST_NAME
from scoring.fields import Moment, Ticks

KINDS = {
    ChangeKind.SESSION: "A calibration session",
    ChangeKind.CLARIFICATION: "A clearer descriptor",
    ChangeKind.ANCHORS: "New anchor papers",
    ChangeKind.PRACTICE: "More practice",
    ChangeKind.OTHER: "Something else",
}
MEASURE_HELP = {
    "exact": "Of every 100 papers read twice, how many get the same score from both.",
    "spread": "How strict or lenient scorers are beside each other, in points of the rubric.",
    "line": "Of every 100 papers read twice, how many one scorer puts above the line and the other below.",
}
DECISION_HELP = {
    "adopt": "It helped. We make it part of how we work.",
    "adapt": "We change it and try once more.",
    "abandon": "We leave it and look for something else.",
}
SHORT = Length(max=LONGEST, message=f"At most {LONGEST:,} characters fit here. Shorten it.")
NAME = Length(max=LONGEST_NAME, message=f"At most {LONGEST_NAME} characters fit here.")


class Later(Optional):
    """May be empty for now. It is not called optional: a cycle can not be started without it."""

    def __init__(self):
        super().__init__()
        self.field_flags = {}


class NewCycleForm(FlaskForm):
    """A new cycle; the view offers tasks and owners."""

    name = StringField("Name", [InputRequired("Give the cycle a name."), NAME],
                       description="Short, such as Evidence session in October.")  # fmt: skip
    task = SelectField("Task", coerce=int)
    organization = SelectField("Belongs to", coerce=int)


class PlanForm(FlaskForm):
    """The plan of a cycle. It can be saved half done; starting it asks for all of it."""

    name = StringField("Name", [InputRequired("Give the cycle a name."), NAME])
    aim = TextAreaField("What do you aim for?", [Later(), SHORT], render_kw={"rows": 3},
                        description="Such as: two scorers should see the same line between a 2 and a 3 in Evidence.")  # fmt: skip
    change_kind = RadioField("What do you change?", choices=[SelectChoice(kind.value, words) for kind, words in KINDS.items()],
                             validators=[InputRequired("Choose one.")])  # fmt: skip
    change = TextAreaField("The change in your words", [Later(), SHORT], render_kw={"rows": 3})
    reference = StringField("Address of the session, set or rubric", [Optional(), Length(max=200)],
                            description="Copy it from your browser. The part from the first single slash is enough.")  # fmt: skip
    prediction = TextAreaField("What do you expect?", [Later(), SHORT], render_kw={"rows": 2})
    events = Ticks("Events", coerce=int, description="Reads before and after the change come from these.")
    traits = Ticks("Traits", description="Tick none to look at all of them together.")
    measure = RadioField("Which measure decides?", [Later()], choices=[SelectChoice(each.value, content.MEASURES[each.value]) for each in Measure],
                         description="Choose one. The others are shown as well, and do not decide.", validate_choice=False)  # fmt: skip
    line = SelectField("Which line?", description="Only where a line decides.")
    hoped = FloatField("What do you hope for?", [Optional(), NumberRange(0, 100, "Give a number from 0 to 100.")],
                       description="Papers of every 100; points where the spread of severity decides.")  # fmt: skip
    planned_papers = IntegerField("Papers read twice after the change", [Optional(), NumberRange(1, 100_000, "Give a number from 1 to 100,000.")],
                                  description="As many as you expect until you look.")  # fmt: skip
    changed_at = Moment("The change is made at (UTC)", [Later()])
    looks_at = Moment("You look at (UTC)", [Later()],
                      description="Reads up to this moment count, and there is one look. So luck has one chance only.")  # fmt: skip

    def offer(self, events, traits):
        """Offer the events of the task, and the traits with their lines."""
        self.events.choices = [SelectChoice(each.id, f"{each.name} ({each.code})") for each in events]
        self.traits.choices = [SelectChoice(key, trait.name) for key, trait in traits.items()]
        self.line.choices = [SelectChoice("", "None")] + [
            SelectChoice(f"{place}:{key}", f"{trait.name}: {low} or {high}")
            for key, trait in traits.items()
            for place, (low, high) in enumerate(zip(trait.values, trait.values[1:], strict=False))
        ]
        return self

    @property
    def values(self):
        """What was typed, as the services take it."""
        values = {
            field.name: field.data for field in self if field.name not in {"csrf_token", "events", "line"}
        }
        place, _, trait = (self.line.data or "").partition(":")
        is_line = values["measure"] == Measure.LINE
        values |= {
            "line_trait": trait if is_line and trait else None,
            "line_place": int(place) if is_line and trait else None,
        }
        values["measure"] = Measure(values["measure"]) if values["measure"] in set(Measure) else None
        values["change_kind"] = ChangeKind(values["change_kind"])
        if values["hoped"] is not None and values["measure"] is not Measure.SPREAD:
            values["hoped"] /= 100
        values["reference"] = _own_part(values["reference"])
        for name in ("aim", "change", "prediction"):
            values[name] = (values[name] or "").strip()
        return values


def present_plan(cycle):
    """What a plan's form says now."""
    names = (
        "name",
        "aim",
        "change",
        "reference",
        "prediction",
        "traits",
        "planned_papers",
        "changed_at",
        "looks_at",
    )
    values = {name: getattr(cycle, name) for name in names}
    hoped = cycle.hoped
    if hoped is not None and cycle.measure is not Measure.SPREAD:
        hoped = round(100 * hoped, 6)
    return values | {
        "change_kind": cycle.change_kind.value, "measure": cycle.measure.value if cycle.measure else None, "hoped": hoped,
        "events": [each.id for each in cycle.events],
        "line": f"{cycle.line_place}:{cycle.line_trait}" if cycle.line_trait else "",
    }  # fmt: skip


class DoneForm(FlaskForm):
    """What was done, and when."""

    words = TextAreaField("What was done?", [InputRequired("Say what was done."), SHORT], render_kw={"rows": 3},
                          description="Also what went otherwise than planned.")  # fmt: skip
    done_at = Moment("When (UTC)", [InputRequired("Give the moment when it was done.")],
                     description="If it was not the planned moment, papers with a read between the two count on neither side.")  # fmt: skip


class DecisionForm(FlaskForm):
    """What follows."""

    decision = RadioField("What follows?", choices=[SelectChoice(each.value, each.value.capitalize()) for each in Decision],
                          validators=[InputRequired("Choose what follows.")])  # fmt: skip
    words = TextAreaField("Why?", [InputRequired("Say why."), SHORT], render_kw={"rows": 3})


class ShareForm(FlaskForm):
    """The words that others will read."""

    name = StringField("Name", [InputRequired("Give it a name."), NAME])
    aim = TextAreaField("Aim", [Optional(), SHORT], render_kw={"rows": 3})
    change = TextAreaField("Change", [Optional(), SHORT], render_kw={"rows": 3})
    prediction = TextAreaField("Prediction", [Optional(), SHORT], render_kw={"rows": 2})
    done = TextAreaField("What was done", [Optional(), SHORT], render_kw={"rows": 3})
    decision_words = TextAreaField("What follows, and why", [Optional(), SHORT], render_kw={"rows": 3})


def _own_part(address):
    """The part of a pasted address that names a page of this site."""
    address = (address or "").strip()
    if "://" in address:
        address = "/" + address.partition("://")[2].partition("/")[2]
    return address

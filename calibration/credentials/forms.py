"""The forms of credentials: a rule, a reason, what to share, and a badge to check."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import NumberInput

from calibration.credentials import sources
from calibration.credentials.content import SHARED
from calibration.credentials.services import LONGEST_REASON
from scoring.fields import Ticks

MEASURES = [
    SelectChoice("value", "The share itself"),
    SelectChoice("lower_end", "The lower end of its interval"),
]
MEASURE_HELP = {
    "value": "As it was measured. With few responses it may be luck.",
    "lower_end": "Stricter: surely that good, not only so far. It takes more responses.",
}
GIVING = [
    SelectChoice("leader", "A leader or admin gives it"),
    SelectChoice("rule", "Whoever has earned it gets it by asking"),
]


def _whole(label, help_text, least, most, *, required=True, default=None):
    words = f"Type a whole number from {least} to {most:,}."
    checks = [InputRequired(words)] if required else [Optional()]
    return IntegerField(
        label, checks, description=help_text, default=default, widget=NumberInput(min=least, max=most)
    )


class RuleForm(FlaskForm):
    """What a scorer must show. The view offers organizations and rubric versions, for a new rule only."""

    organization = SelectField("Given by", coerce=int)
    rubric = SelectField("Task and rubric version", coerce=int)
    fewest_reads = _whole("Reads", "Of closed events, by this rubric version.", 1, 100_000, default=50)
    fewest_double = _whole("Double-read responses", "Responses that somebody else scored as well. From 30 on, the figures say more than luck.",
                           10, 100_000, default=30)  # fmt: skip
    least_exact = _whole("Same score as the other scorer, of every 100", "Over all traits. Usual are 70 for four score points or more, and 80 for two or three.",
                         1, 100, default=70)  # fmt: skip
    measure = RadioField("What has to reach it", choices=MEASURES, default="value")
    least_validity = _whole(
        "Consensus score on validity papers, of every 100",
        "Leave it empty to ask for none.",
        1,
        100,
        required=False,
    )
    fewest_hours = _whole(
        "Hours of calibration sessions", "0 asks for none.", 0, 1000, required=False, default=0
    )
    needs_qualification = BooleanField("Only for scorers who are qualified for the rubric")
    months = _whole(
        "Months that it lasts",
        "Leave it empty for a credential without an end.",
        1,
        120,
        required=False,
        default=24,
    )
    giving = RadioField("How it is given", choices=GIVING, default="leader")

    def __init__(self, *arguments, rule=None, **more):
        if rule is not None:
            more = {
                "obj": rule,
                "measure": str(rule.measure),
                "giving": "rule" if rule.is_automatic else "leader",
            } | more
        super().__init__(*arguments, **more)
        self._leave_out("least_validity", sources.VALIDITY, rule)
        self._leave_out("fewest_hours", sources.HOURS, rule)
        self._leave_out("needs_qualification", sources.QUALIFICATION, rule)
        if rule is not None:
            del self.organization, self.rubric

    def _leave_out(self, name, known, rule):
        """Do not offer what nobody here can measure."""
        if not known and not (rule and getattr(rule, name)):
            del self[name]

    @property
    def facts(self):
        """What the services take."""
        given = {
            name: self[name].data
            for name in ("fewest_reads", "fewest_double", "least_exact", "measure", "months")
        }
        for name, otherwise in (
            ("least_validity", None),
            ("fewest_hours", 0),
            ("needs_qualification", False),
        ):
            given[name] = self[name].data if name in self else otherwise
        return given | {
            "fewest_hours": given["fewest_hours"] or 0,
            "is_automatic": self.giving.data == "rule",
        }


class ReasonForm(FlaskForm):
    """Why a credential is revoked, or not given."""

    reason = TextAreaField("Why", [InputRequired("Say why."), Length(max=LONGEST_REASON, message=f"At most {LONGEST_REASON} characters fit here.")],
                           render_kw={"rows": 3})  # fmt: skip


class ShareForm(FlaskForm):
    """What others may see of a credential."""

    fields = Ticks(
        "What others may see", choices=[SelectChoice(name, label) for name, label in SHARED.items()]
    )


class VerifyForm(FlaskForm):
    """A badge to check: pasted, or as a file. An e-mail says whose it should be."""

    badge = TextAreaField(
        "Text of the badge",
        [Optional()],
        description="It begins with the letters ey.",
        render_kw={"rows": 5, "spellcheck": "false"},
    )
    file = FileField("Or the badge file", description="A small file that ends in .jwt.")
    email = StringField("E-mail of the holder", [Optional(), Length(max=254)], description="We say whether the badge was given to this e-mail. We do not keep it.",
                        render_kw={"autocomplete": "off"})  # fmt: skip


class CodeForm(FlaskForm):
    """The code that stands on a certificate."""

    class Meta:
        csrf = False  # it only looks something up

    code = StringField("Code", [Optional(), Length(max=80)], description="Four groups of four letters and digits, as on the certificate.",
                       render_kw={"autocomplete": "off", "spellcheck": "false"})  # fmt: skip

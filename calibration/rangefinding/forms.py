"""The forms of committees: what one is called and asked, its consensus, and its packet."""

from flask_wtf import FlaskForm
from wtforms import (
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from calibration.papers.models import PaperKind
from calibration.papers.services import LONGEST
from calibration.rangefinding.services import LONGEST_MESSAGE, LONGEST_NAME
from scoring.fields import Moment, Ticks, whole
from scoring.score_sheet import ScoreSheet

SHORT = Length(max=LONGEST, message=f"At most {LONGEST:,} characters fit here. Shorten it.")

KIND_HELP = {
    "solid": "The committee finds it clearly in the middle of its score points.",
    "borderline": "The committee finds it close to a line between two score points.",
}


class CommitteeForm(FlaskForm):
    """What a committee is called, what it is asked, and by when."""

    name = StringField("Name", [DataRequired("Give the committee a name."), Length(max=LONGEST_NAME, message=f"At most {LONGEST_NAME} characters fit here.")],
                       description="Such as Fall anchors. The sets it fills carry this name.")  # fmt: skip
    organization = SelectField(
        "Belongs to", coerce=int, description="Its people can be invited, and its leaders look after it."
    )
    message = TextAreaField("Message to the members", [Optional(), Length(max=LONGEST_MESSAGE, message=f"At most {LONGEST_MESSAGE:,} characters fit here.")],
                            render_kw={"rows": 3})  # fmt: skip
    due_at = Moment(
        "Scores are asked for by",
        [Optional()],
        description="In UTC. Later scores still count until you close scoring.",
    )


def consensus_form(rubric, *, scores, commentaries, commentary, kind):
    """Return a form with a consensus score and a commentary for each trait; what most members gave is chosen already."""

    class ConsensusForm(FlaskForm):
        kind = RadioField("Kind of paper", [InputRequired("Choose one.")],
                          choices=[SelectChoice(each.value, each.capitalize()) for each in PaperKind])  # fmt: skip
        commentary = TextAreaField("About the whole paper", [Optional(), SHORT], render_kw={"rows": 3})

        @property
        def scores(self):
            return {trait.id: self[f"score-{trait.key}"].data for trait in rubric.traits}

        @property
        def commentaries(self):
            return {trait.id: self[f"why-{trait.key}"].data or "" for trait in rubric.traits}

    data = {"kind": kind.value, "commentary": commentary}
    for trait in rubric.traits:
        choices = [
            SelectChoice(point.value, f"{point.value} {point.label}".strip()) for point in trait.points
        ]
        missing = f"Choose the consensus score for {trait.name}."
        setattr(ConsensusForm, f"score-{trait.key}", RadioField(
            f"{trait.name}: consensus score", [InputRequired(missing)], coerce=whole, choices=choices))  # fmt: skip
        setattr(ConsensusForm, f"why-{trait.key}", TextAreaField(
            f"{trait.name}: why this score", [Optional(), SHORT], render_kw={"rows": 3}))  # fmt: skip
        data |= {
            f"score-{trait.key}": scores.get(trait.id),
            f"why-{trait.key}": commentaries.get(trait.id, ""),
        }
    return ConsensusForm(data=data)


class PacketForm(FlaskForm):
    """The sets of a training packet; the view offers those that may be chosen."""

    sets = Ticks("Sets", [InputRequired("Choose at least one set.")], coerce=int)


class MemberSheet(ScoreSheet):
    """A member's score sheet: as it was posted, or as the draft has it."""

    @classmethod
    def from_draft(cls, sheet, draft):
        """Fill in what was kept, as far as it still fits the rubric."""
        keys = {trait.key for trait in sheet.traits}
        draft = draft or {}
        scores = {key: score for key, score in draft.get("scores", {}).items() if key in keys}
        evidence = {key: words for key, words in draft.get("evidence", {}).items() if key in keys}
        return cls(sheet, scores=scores, evidence=evidence, note=draft.get("note", ""))

    @property
    def as_draft(self):
        """What was chosen and typed, to be kept."""
        return {"scores": self.scores, "evidence": self.evidence, "note": self.note}

"""The form on which a response becomes an anchor paper, made from the rubric."""

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from calibration.papers.models import PaperKind
from calibration.papers.services import LONGEST

KIND_HELP = {
    "solid": "A clear example of its score points.",
    "borderline": "Close to the line between two score points. It shows where the line lies.",
}
SHORT = Length(max=LONGEST, message=f"At most {LONGEST:,} characters fit here. Shorten it.")


def promotion_form(rubric, given):
    """Return a form with a score and a commentary for each trait; what the reads agree on is chosen already."""

    class PromotionForm(FlaskForm):
        kind = RadioField("Kind of paper", choices=[SelectChoice(kind.value, kind.capitalize()) for kind in PaperKind],
                          default="borderline" if given.borderline else "solid", validators=[InputRequired("Choose one.")])  # fmt: skip
        commentary = TextAreaField("About the whole paper", [Optional(), SHORT], render_kw={"rows": 4})

        @property
        def scores(self):
            return {trait.id: self[f"score-{trait.key}"].data for trait in rubric.traits}

        @property
        def commentaries(self):
            return {trait.id: self[f"why-{trait.key}"].data or "" for trait in rubric.traits}

    for trait in rubric.traits:
        choices = [
            SelectChoice(point.value, f"{point.value} {point.label}".strip()) for point in trait.points
        ]
        score = RadioField(f"{trait.name}: consensus score", coerce=_whole, choices=choices, default=given.scores.get(trait.id),
                           validators=[InputRequired(f"Choose the consensus score for {trait.name}.")])  # fmt: skip
        why = TextAreaField(f"{trait.name}: why this score", [Optional(), SHORT], render_kw={"rows": 3})
        setattr(PromotionForm, f"score-{trait.key}", score)
        setattr(PromotionForm, f"why-{trait.key}", why)
    return PromotionForm()


def _whole(value):
    return None if value is None else int(value)

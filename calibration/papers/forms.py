"""The forms of papers and of paper sets; those about scores and reasons are made from the rubric."""

from flask_wtf import FlaskForm
from wtforms import (
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from calibration.papers import evidence
from calibration.papers.marking import PER_MILLE
from calibration.papers.models import PaperKind, SetPurpose
from calibration.papers.services import LONGEST
from calibration.papers.sets import LONGEST_NAME
from scoring.fields import Ticks, whole

KIND_HELP = {
    "solid": "A clear example of its score points.",
    "borderline": "Close to the line between two score points. It shows where the line lies.",
}
SHOWING_HELP = {
    "anchor": "Scorers of the task see it while they score, with its scores and reasons.",
    "kept": "Scorers meet it only in a set: for practice, qualification, validity or calibration.",
}
PURPOSE_HELP = {
    "anchor": "Shows where each score point lies.",
    "practice": "Scorers score it and see the consensus after each paper.",
    "qualification": "Scorers score it to earn a place. Only leaders see the consensus scores.",
    "validity": "Handed out in the queue like any other response. Only leaders know that it exists.",
    "calibration": "Read and discussed together.",
}
SHORT = Length(max=LONGEST, message=f"At most {LONGEST:,} characters fit here. Shorten it.")


def promotion_form(rubric, given):
    """Return a form with a score and a commentary for each trait; what the reads agree on is chosen already."""

    class PromotionForm(FlaskForm):
        kind = RadioField("Kind of paper", choices=[SelectChoice(kind.value, kind.capitalize()) for kind in PaperKind],
                          default="borderline" if given.borderline else "solid", validators=[InputRequired("Choose one.")])  # fmt: skip
        showing = RadioField("Who sees it", choices=[SelectChoice("anchor", "Scorers, among the anchors"), SelectChoice("kept", "Nobody for now: keep it for sets")],
                             default="anchor", validate_choice=False)  # left out by a program: among the anchors  # fmt: skip
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
        score = RadioField(f"{trait.name}: consensus score", coerce=whole, choices=choices, default=given.scores.get(trait.id),
                           validators=[InputRequired(f"Choose the consensus score for {trait.name}.")])  # fmt: skip
        why = TextAreaField(f"{trait.name}: why this score", [Optional(), SHORT], render_kw={"rows": 3})
        setattr(PromotionForm, f"score-{trait.key}", score)
        setattr(PromotionForm, f"why-{trait.key}", why)
    return PromotionForm()


def commentary_form(paper):
    """Return a form with the commentary of a paper: for each trait, and for the whole."""

    class CommentaryForm(FlaskForm):
        commentary = TextAreaField(
            "About the whole paper", [Optional(), SHORT], default=paper.commentary, render_kw={"rows": 4}
        )

        @property
        def commentaries(self):
            return {score.trait_id: self[f"why-{score.trait.key}"].data or "" for score in paper.scores}

    for score in paper.scores:
        label = f"{score.trait.name}: why a {score.score}"
        why = TextAreaField(label, [Optional(), SHORT], default=score.commentary, render_kw={"rows": 4})
        setattr(CommentaryForm, f"why-{score.trait.key}", why)
    return CommentaryForm()


class MarkForm(FlaskForm):
    """What both ways to mark a place ask for: the trait, and what the place shows."""

    trait = SelectField("Trait", coerce=str, default="")
    words = TextAreaField("What it shows", [InputRequired("Say what this place shows."), SHORT], render_kw={"rows": 3},
                          description="In the words of the rubric. Name no student, teacher, school or district.")  # fmt: skip

    @property
    def facts(self):
        return {"trait_id": chosen_trait(self.trait.data), "words": self.words.data}


def words_form(rubric):
    """Return a form that marks words of a text by quoting them."""

    class WordsForm(MarkForm):
        quote = TextAreaField("Words in the work", [InputRequired("Quote the words in the work that you mean."), SHORT], render_kw={"rows": 3},
                              description="Select them in the work, or type them here.")  # fmt: skip
        near = HiddenField()

        def mark(self, paper, actor):
            near = int(self.near.data) if (self.near.data or "").isdecimal() else None
            return evidence.mark_words(paper, self.quote.data, near=near, **self.facts, actor=actor)

    return _with_traits(WordsForm(), rubric)


def region_form(rubric, pages):
    """Return a form that marks a region of one of so many pages."""

    class RegionForm(MarkForm):
        page = SelectField(
            "Page",
            coerce=int,
            choices=[SelectChoice(number, f"Page {number}") for number in range(1, pages + 1)],
        )
        x, y, width, height = (
            IntegerField(label, [InputRequired("Give a number from 0 to 1,000."), NumberRange(0, PER_MILLE, f"Give a number from 0 to {PER_MILLE:,}.")])
            for label in ("Left", "Top", "Width", "Height")
        )  # fmt: skip

        def mark(self, paper, actor):
            region = self.x.data, self.y.data, self.width.data, self.height.data
            return evidence.mark_region(paper, self.page.data, region, **self.facts, actor=actor)

    return _with_traits(RegionForm(), rubric)


def _with_traits(form, rubric):
    form.trait.choices = trait_choices(rubric)
    return form


def trait_choices(rubric):
    """The traits of a rubric, after the choice of none."""
    return [("", "The whole work"), *((str(trait.id), trait.name) for trait in rubric.traits)]


def chosen_trait(typed):
    """The id of the chosen trait; None where the whole work was chosen, 0 for what is no number."""
    return (int(typed) if typed.isdecimal() else 0) if typed else None


class SetForm(FlaskForm):
    """A new paper set; the view offers rubric versions and owners."""

    name = StringField("Name", [InputRequired("Give the set a name."), Length(max=LONGEST_NAME, message=f"At most {LONGEST_NAME} characters fit here.")],
                       description="Scorers never see the name of a qualification or validity set.")  # fmt: skip
    purpose = RadioField("Purpose", choices=[SelectChoice(each.value, each.capitalize()) for each in SetPurpose],
                         validators=[InputRequired("Say what the set is for.")])  # fmt: skip
    rubric = SelectField("Task and rubric version", coerce=int, validate_choice=True)
    organization = SelectField("Belongs to", coerce=int)


class AddForm(FlaskForm):
    """Papers to add to a set; the view offers those that may be added."""

    papers = Ticks("Papers", coerce=int, validators=[InputRequired("Choose at least one paper.")])

"""The leader's score sheet, for the blind read and for the decision with its reason."""

from scoring.score_sheet import ScoreSheet


class DecisionSheet(ScoreSheet):
    """What a leader chose and typed for a discrepant response, and why."""

    def __init__(self, sheet, *, reason="", **given):
        super().__init__(sheet, **given)
        self.reason = reason

    @classmethod
    def from_form(cls, sheet, form):
        """Read a posted form."""
        return super().from_form(sheet, form, reason=form.get("reason", ""))

    @classmethod
    def from_read(cls, sheet, read):
        """Fill in what a read says, to begin a decision from."""
        keys = {trait.id: trait.key for trait in sheet.traits}
        scores = {keys[trait_id]: score for trait_id, score in read.score_by_trait.items()}
        return cls(
            sheet, scores=scores, condition_code=read.condition_code.code if read.condition_code else ""
        )

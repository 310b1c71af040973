"""The leader's score sheet: what was chosen and typed, for the blind read and for the decision."""


class DecisionSheet:
    """Scores by trait key, comments, condition code, note and reason, as far as they are filled in."""

    def __init__(self, sheet, *, scores=None, comments=None, condition_code="", note="", reason=""):
        self.sheet = sheet
        self.scores, self.comments = scores or {}, comments or {}
        self.condition_code, self.note, self.reason = condition_code, note, reason
        self.errors = {}

    @classmethod
    def from_form(cls, sheet, form):
        """Read a posted form; the score of a trait is called trait-KEY, as on the scoring screen."""
        scores, comments = {}, {}
        for trait in sheet.traits:
            name = f"trait-{trait.key}"
            given = form.get(name, "")
            if given.isascii() and given.isdecimal() and len(given) <= 3:
                scores[trait.key] = int(given)
            pair = form.get(f"{name}_below", ""), form.get(f"{name}_above", "")
            if any(pair):
                comments[trait.key] = pair
        return cls(sheet, scores=scores, comments=comments, condition_code=form.get("condition_code", ""),
                   note=form.get("note", ""), reason=form.get("reason", ""))  # fmt: skip

    @classmethod
    def from_read(cls, sheet, read):
        """Fill in what a read says, to begin a decision from."""
        keys = {trait.id: trait.key for trait in sheet.traits}
        scores = {keys[trait_id]: score for trait_id, score in read.score_by_trait.items()}
        return cls(
            sheet, scores=scores, condition_code=read.condition_code.code if read.condition_code else ""
        )

    def comment(self, key, side):
        """A comment of a single-point rubric: side 0 is below the target, 1 above."""
        return self.comments.get(key, ("", ""))[side]

    @property
    def given(self):
        """Scores by trait id and the condition code, as the services take them. With a code the scores do not count."""
        ids = {trait.key: trait.id for trait in self.sheet.traits}
        is_coded = bool(self.condition_code)
        return {
            "scores": {} if is_coded else {ids[key]: score for key, score in self.scores.items()},
            "condition_code": self.condition_code or None,
        }

    @property
    def comments_by_trait(self):
        """Comments by trait id."""
        ids = {trait.key: trait.id for trait in self.sheet.traits}
        return {} if self.condition_code else {ids[key]: pair for key, pair in self.comments.items()}

    def blame(self, error):
        """Put a service's complaint beside its fields."""
        names = {trait.key: f"trait-{trait.key}" for trait in self.sheet.traits}
        self.errors = {names.get(field, field): words for field, words in error.fields.items()} or {
            "": error.message
        }
        return self

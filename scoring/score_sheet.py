"""The score sheet as it was filled in: scores, comments, evidence, condition code and note, as far as they were given.

Every place where somebody scores student work uses it. It reads and keeps what was typed; services judge it.
"""

MOST_DIGITS = 3


class ScoreSheet:
    """What was chosen and typed for one response, by trait key; `sheet` is the rubric it was chosen from."""

    def __init__(self, sheet, *, scores=None, comments=None, evidence=None, condition_code="", note=""):
        self.sheet = sheet
        self.scores, self.comments, self.evidence = scores or {}, comments or {}, evidence or {}
        self.condition_code, self.note = condition_code, note
        self.errors = {}

    @classmethod
    def from_form(cls, sheet, form, **more):
        """Read a posted form; fields are named after their trait: trait-claim, trait-claim_below, evidence-claim."""
        scores, comments, evidence = {}, {}, {}
        for trait in sheet.traits:
            name = f"trait-{trait.key}"
            given = form.get(name, "")
            if given.isdecimal() and given.isascii() and len(given) <= MOST_DIGITS:
                scores[trait.key] = int(given)
            pair = form.get(f"{name}_below", ""), form.get(f"{name}_above", "")
            if any(pair):
                comments[trait.key] = pair
            if words := form.get(f"evidence-{trait.key}", ""):
                evidence[trait.key] = words
        return cls(sheet, scores=scores, comments=comments, evidence=evidence,
                   condition_code=form.get("condition_code", ""), note=form.get("note", ""), **more)  # fmt: skip

    def chosen(self, key):
        """The score given to a trait so far, or None."""
        return self.scores.get(key)

    def comment(self, key, side):
        """A comment of a single-point rubric: side 0 is below the target, 1 above."""
        return self.comments.get(key, ("", ""))[side]

    @property
    def given(self):
        """Scores by trait id and the condition code, as services take them. With a code the scores do not count."""
        scores = {} if self.condition_code else self._by_id(self.scores)
        return {"scores": scores, "condition_code": self.condition_code or None}

    @property
    def comments_by_trait(self):
        """Comments by trait id; none with a condition code."""
        return {} if self.condition_code else self._by_id(self.comments)

    @property
    def evidence_by_trait(self):
        """What the scorer points to in the work, by trait id."""
        return self._by_id(self.evidence)

    def _by_id(self, values):
        ids = {trait.key: trait.id for trait in self.sheet.traits}
        return {ids[key]: value for key, value in values.items()}

    def blame(self, error):
        """Put a service's complaint beside its fields."""
        names = {trait.key: f"trait-{trait.key}" for trait in self.sheet.traits}
        self.errors = {names.get(field, field): words for field, words in error.fields.items()} or {
            "": error.message
        }
        return self

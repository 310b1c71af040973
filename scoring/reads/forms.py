"""The score sheet: what was chosen and typed for one response, from a form, from a script, or from a draft."""

import secrets

MOST_DIGITS = 3


class ScoreSheet:
    """Scores by trait key, comments, condition code and note, as far as they were filled in; the service judges them."""

    def __init__(self, sheet, scores=None, comments=None, condition_code="", note="", key=None):
        self.sheet = sheet
        self.scores, self.comments = scores or {}, comments or {}
        self.condition_code, self.note = condition_code, note
        self.key = key or secrets.token_hex(16)
        self.errors = {}

    @classmethod
    def from_form(cls, sheet, form):
        """Read a posted form; a field is named after its trait: trait-claim, trait-claim_below, trait-claim_above."""
        scores, comments = {}, {}
        for trait in sheet.traits:
            name = f"trait-{trait.key}"
            given = form.get(name, "")
            if given.isdecimal() and given.isascii() and len(given) <= MOST_DIGITS:
                scores[trait.key] = int(given)
            pair = form.get(f"{name}_below", ""), form.get(f"{name}_above", "")
            if any(pair):
                comments[trait.key] = pair
        return cls(
            sheet, scores, comments, form.get("condition_code", ""), form.get("note", ""), form.get("key")
        )

    @classmethod
    def from_json(cls, sheet, sent, key=None):
        """Read what the page's script sent, in the same shape as a draft."""
        keys = {trait.key for trait in sheet.traits}
        scores, comments = sent.get("scores"), sent.get("comments")
        scores = scores if isinstance(scores, dict) else {}
        comments = comments if isinstance(comments, dict) else {}
        pairs = {
            each: (str(pair[0] or ""), str(pair[1] or ""))
            for each, pair in comments.items()
            if each in keys and isinstance(pair, list) and len(pair) == 2
        }
        scores = {each: score for each, score in scores.items() if each in keys and score is not None}
        return cls(
            sheet, scores, pairs, str(sent.get("condition_code") or ""), str(sent.get("note") or ""), key
        )

    def chosen(self, key):
        """The score given to a trait so far, or None."""
        return self.scores.get(key)

    def comment(self, key, side):
        """A comment of a single-point rubric: side 0 is below the target, 1 above."""
        return self.comments.get(key, ("", ""))[side]

    def as_read(self):
        """What the service takes: traits by id. With a condition code the scores do not count."""
        ids = {trait.key: trait.id for trait in self.sheet.traits}
        return {
            "scores": {} if self.condition_code else {ids[key]: score for key, score in self.scores.items()},
            "comments": {}
            if self.condition_code
            else {ids[key]: pair for key, pair in self.comments.items()},
            "condition_code": self.condition_code or None,
            "note": self.note,
        }

    def as_draft(self):
        """What is kept of it on the server until it is sent."""
        ids = {trait.key: str(trait.id) for trait in self.sheet.traits}
        code = self.sheet.code_named(self.condition_code) if self.condition_code else None
        return {
            "scores": {
                ids[key]: score
                for key, score in self.scores.items()
                if isinstance(score, int) and -1 < score < 100
            },
            "comments": {ids[key]: list(pair) for key, pair in self.comments.items()},
            "condition_code": code.id if code else None,
            "note": self.note,
        }

    def blame(self, error):
        """Put a service's errors beside their fields."""
        names = {trait.key: f"trait-{trait.key}" for trait in self.sheet.traits}
        self.errors = {names.get(field, field): words for field, words in error.fields.items()} or {
            "": error.message
        }
        return self

"""The scorer's score sheet: from a form, from a script, or from a draft; with the key by which it is sent once."""

import secrets

from scoring import score_sheet


class ScoreSheet(score_sheet.ScoreSheet):
    """What was chosen and typed for one lease, and the key under which it is stored at most once."""

    def __init__(self, sheet, *, key=None, **given):
        super().__init__(sheet, **given)
        self.key = key or secrets.token_hex(16)

    @classmethod
    def from_form(cls, sheet, form):
        """Read a posted form."""
        return super().from_form(sheet, form, key=form.get("key"))

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
        return cls(sheet, scores=scores, comments=pairs, condition_code=str(sent.get("condition_code") or ""),
                   note=str(sent.get("note") or ""), key=key)  # fmt: skip

    def as_read(self):
        """What the service takes: traits by id."""
        return {**self.given, "comments": self.comments_by_trait, "note": self.note}

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

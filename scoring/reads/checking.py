"""What was sent for one read: made clean, named by trait, and held against the rubric."""

import hashlib
import json

from scoring.errors import Invalid

LONGEST_NOTE = 2000


def cleaned(scores, condition_code, note, comments):
    """Return what was sent in one shape, without stray blanks."""
    return {
        "scores": dict(scores or {}),
        "condition_code": condition_code or None,
        "note": (note or "").replace("\x00", "").strip(),
        "comments": {
            trait: tuple((words or "").replace("\x00", "").strip() for words in pair)
            for trait, pair in (comments or {}).items()
        },
    }


def by_trait_id(sheet, sent):
    """Name scores and comments by the trait's id, whether they came by id or by key; what is no trait stays."""
    ids = {trait.key: trait.id for trait in sheet.traits}
    named = {
        part: {ids.get(name, name): value for name, value in sent[part].items()}
        for part in ("scores", "comments")
    }
    return {**sent, **named}


def checked(sheet, sent):
    """Hold what was sent against the rubric; return the condition code, if one was given."""
    fields = {}
    code = sheet.code_named(sent["condition_code"]) if sent["condition_code"] else None
    if sent["condition_code"] and code is None:
        fields["condition_code"] = "Choose a condition code of this rubric."
    if code is not None and sent["scores"]:
        fields["condition_code"] = "Give scores or a condition code, not both."
    ids = {trait.id for trait in sheet.traits}
    for name in sorted(str(each) for each in {*sent["scores"], *sent["comments"]} - ids):
        fields[name] = f"This rubric has no trait {name}."
    for trait in sheet.traits if not sent["condition_code"] else ():
        score = sent["scores"].get(trait.id)
        if score is None:
            fields[trait.key] = f"Choose a score for {trait.name}."
        elif isinstance(score, bool) or not isinstance(score, int) or score not in trait.values:
            fields[trait.key] = f"{trait.name} is scored {_listed(trait.values)}."
    long = [words for pair in sent["comments"].values() for words in pair if len(words) > LONGEST_NOTE]
    if len(sent["note"]) > LONGEST_NOTE or long:
        fields["note"] = f"Notes and comments have at most {LONGEST_NOTE} characters."
    if fields:
        raise Invalid("Nothing was saved yet. " + " ".join(dict.fromkeys(fields.values())), fields=fields)
    return code


def digest_of(assignment_id, sent):
    """Return the fingerprint by which the same request is known again."""
    facts = [assignment_id, sent["scores"], sent["condition_code"], sent["note"], sent["comments"]]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _listed(values):
    return ", ".join(map(str, values[:-1])) + f" or {values[-1]}" if len(values) > 1 else str(values[0])

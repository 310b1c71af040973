"""A rubric as plain words and numbers: what a draft holds, what hinders storing it, what hinders publishing it."""

import hashlib
import json
import re
from dataclasses import dataclass

ANALYTIC, HOLISTIC, SINGLE_POINT = "analytic", "holistic", "single_point"
KINDS = (ANALYTIC, HOLISTIC, SINGLE_POINT)
LOWEST, HIGHEST, MOST_WEIGHT = 0, 20, 100.0
MOST_TRAITS, MOST_CODES = 12, 12
LABELS = ("Beginning", "Developing", "Proficient", "Advanced")
BELOW_AT_ABOVE = ((1, "Below"), (2, "At"), (3, "Above"))
CONDITION_CODES = (
    ("B", "Blank", "There is nothing on the page."),
    ("I", "Insufficient", "There is too little to score."),
    ("L", "Non-scorable language", "It is in a language that can not be scored here."),
    ("T", "Off topic", "It is about something else."),
    ("M", "Off purpose", "It is on the topic but does not do what the task asks."),
)


@dataclass(frozen=True)
class Problem:
    """One thing to fix: the place in the rubric, such as "traits-0-points-1-value", and what to do there."""

    place: str
    words: str


def blank(kind, title=""):
    """Return a rubric to start from, with the five usual condition codes."""
    keys = {ANALYTIC: ("trait-1", "trait-2"), HOLISTIC: ("overall",), SINGLE_POINT: ("trait-1", "trait-2")}[
        kind
    ]
    name = "Overall" if kind == HOLISTIC else ""
    return {
        "kind": kind,
        "title": title,
        "changes": "",
        "traits": [blank_trait(kind, key=key, name=name) for key in keys],
        "condition_codes": default_codes(),
    }


def blank_trait(kind, *, key="", name="", like=None):
    """Return a trait without descriptors; score points and labels are those of the trait it stands beside."""
    if kind == SINGLE_POINT:
        levels = BELOW_AT_ABOVE
    elif like:
        levels = [(point["value"], point["label"]) for point in like["points"]]
    else:
        levels = list(enumerate(LABELS, 1))
    points = [{"value": value, "label": label, "descriptor": ""} for value, label in levels]
    return {"key": key, "name": name, "description": "", "weight": 1.0, "points": points}


def default_codes():
    """Return the five condition codes every rubric starts with."""
    return [
        {"code": code, "name": name, "description": description}
        for code, name, description in CONDITION_CODES
    ]


def describe(rubric):
    """Return a stored rubric as a specification."""
    traits = [
        {
            "key": trait.key, "name": trait.name, "description": trait.description, "weight": trait.weight,
            "points": [{"value": point.value, "label": point.label, "descriptor": point.descriptor} for point in trait.points],
        }
        for trait in rubric.traits
    ]  # fmt: skip
    codes = [
        {"code": code.code, "name": code.name, "description": code.description}
        for code in rubric.condition_codes
    ]
    return {
        "kind": str(rubric.kind),
        "title": rubric.title,
        "changes": rubric.changes,
        "traits": traits,
        "condition_codes": codes,
    }


def tidy(specification):
    """Return the specification trimmed and complete: keys made from names, whole numbers as numbers, points in order.

    What is no number stays as it was typed, for `obstacles` to name. Without "condition_codes" the five usual
    ones are meant; an empty list means none.
    """
    kind = _text(specification.get("kind")) or ANALYTIC
    traits = [_tidy_trait(trait, kind) for trait in specification.get("traits", [])]
    taken = {trait["key"] for trait in traits if trait["key"]}
    for number, trait in enumerate(traits, 1):
        if not trait["key"]:
            trait["key"] = _free_key(slug(trait["name"]) or f"trait-{number}", taken)
            taken.add(trait["key"])
    codes = specification.get("condition_codes")
    return {
        "kind": kind,
        "title": _text(specification.get("title")),
        "changes": _text(specification.get("changes")),
        "traits": traits,
        "condition_codes": [_tidy_code(code) for code in (default_codes() if codes is None else codes)],
    }


def fingerprint(specification):
    """Return a short sign by which to see that two specifications are the same."""
    return hashlib.sha256(json.dumps(specification, sort_keys=True).encode()).hexdigest()[:32]


def slug(words):
    """Return words as a key: small letters, numbers and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:40].strip("-")


def _tidy_trait(trait, kind):
    points = [
        {"value": _whole(point.get("value")), "label": _text(point.get("label")), "descriptor": _text(point.get("descriptor"))}
        for point in trait.get("points", [])
    ]  # fmt: skip
    if kind == SINGLE_POINT:
        points = _around_the_standard(points)
    if all(isinstance(point["value"], int) for point in points):
        points.sort(key=lambda point: point["value"])
    return {
        "key": _text(trait.get("key")).lower(),
        "name": _text(trait.get("name")),
        "description": _text(trait.get("description")),
        "weight": _number(trait.get("weight", 1.0)),
        "points": points,
    }


def _around_the_standard(points):
    said = {point["value"]: point["descriptor"] for point in points}
    return [
        {"value": value, "label": label, "descriptor": said.get(value, "")} for value, label in BELOW_AT_ABOVE
    ]


def _tidy_code(code):
    given = {name: _text(code.get(name)) for name in ("code", "name", "description")}
    return given | {"code": given["code"].upper()}


def _text(value):
    return re.sub(r"\r\n?", "\n", str(value)).strip() if value is not None else ""


def _whole(value):
    words = _text(value)
    return int(words) if re.fullmatch(r"-?[0-9]{1,6}", words) else words


def _number(value):
    words = _text(value).replace(",", ".")
    return float(words) if re.fullmatch(r"[0-9]{1,6}(\.[0-9]*)?", words) else words


def _free_key(wanted, taken):
    key, number = wanted, 2
    while key in taken:
        key, number = f"{wanted[:36]}-{number}", number + 1
    return key


def obstacles(specification):
    """Return what hinders even storing a tidy specification as a draft."""
    found = []
    if specification["kind"] not in KINDS:
        found.append(Problem("kind", "Choose analytic, holistic or single-point."))
    found += _too_long("title", specification["title"], 200)
    if len(specification["traits"]) > MOST_TRAITS:
        found.append(Problem("traits", f"A rubric has at most {MOST_TRAITS} traits. Remove some."))
    if len(specification["condition_codes"]) > MOST_CODES:
        found.append(
            Problem("condition_codes", f"A rubric has at most {MOST_CODES} condition codes. Remove some.")
        )
    for number, trait in enumerate(specification["traits"]):
        found += _trait_obstacles(f"traits-{number}", trait)
    found += _twice([(f"traits-{n}-key", trait["key"]) for n, trait in enumerate(specification["traits"])],
                    "Another trait has the key “{}”. Each trait needs its own.")  # fmt: skip
    for number, code in enumerate(specification["condition_codes"]):
        found += _too_long(f"condition_codes-{number}-code", code["code"], 8)
        found += _too_long(f"condition_codes-{number}-name", code["name"], 80)
    codes = [
        (f"condition_codes-{n}-code", code["code"]) for n, code in enumerate(specification["condition_codes"])
    ]
    return found + _twice(codes, "The code “{}” stands here twice. Change or remove one.")


def _trait_obstacles(place, trait):
    found = _too_long(f"{place}-name", trait["name"], 120)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", trait["key"]):
        found.append(
            Problem(
                f"{place}-key", "Use small letters, numbers and hyphens only, at most 40, such as “evidence”."
            )
        )
    weight = trait["weight"]
    if not isinstance(weight, float) or not 0 < weight <= MOST_WEIGHT:
        found.append(
            Problem(f"{place}-weight", f"“{weight}” is no weight. Use a number above 0, at most 100.")
        )
    for number, point in enumerate(trait["points"]):
        value = point["value"]
        if not isinstance(value, int) or not LOWEST <= value <= HIGHEST:
            words = f"“{value}” is no score." if value != "" else "The score is missing."
            found.append(
                Problem(f"{place}-points-{number}-value", f"{words} Use a whole number from 0 to 20.")
            )
        found += _too_long(f"{place}-points-{number}-label", point["label"], 80)
    values = [(f"{place}-points-{n}-value", point["value"]) for n, point in enumerate(trait["points"])]
    return found + _twice(values, "The score {} stands in this trait twice. Each score point needs its own.")


def _too_long(place, words, most):
    if len(words) <= most:
        return []
    return [Problem(place, f"This has {len(words)} characters; at most {most} fit. Shorten it.")]


def _twice(placed, words):
    seen, found = set(), []
    for place, value in placed:
        if value in seen and value != "":
            found.append(Problem(place, words.format(value)))
        seen.add(value)
    return found


def problems(specification):
    """Return everything to fix before a tidy specification can be published, in the order of the page."""
    kind, traits = specification["kind"], specification["traits"]
    found = list(obstacles(specification))
    if not specification["title"]:
        found.append(Problem("title", "The rubric needs a title."))
    if not traits:
        found.append(Problem("traits", "The rubric needs at least one trait. Add one."))
    if kind == HOLISTIC and len(traits) > 1:
        found.append(Problem("traits", "A holistic rubric has one trait only. Remove the others."))
    for number, trait in enumerate(traits):
        found += _missing_in_trait(f"traits-{number}", trait, kind, f"Trait {number + 1}")
    names = [(f"traits-{n}-name", trait["name"]) for n, trait in enumerate(traits)]
    found += _twice(names, "Two traits are named “{}”. Rename one.")
    for number, code in enumerate(specification["condition_codes"]):
        place = f"condition_codes-{number}"
        if not code["code"]:
            found.append(
                Problem(
                    f"{place}-code", f"Condition code {number + 1} needs a letter, such as B. Or remove it."
                )
            )
        if not code["name"]:
            found.append(Problem(f"{place}-name", f"Condition code {number + 1} needs a name. Or remove it."))
    return found


def _missing_in_trait(place, trait, kind, who):
    who = trait["name"] or who
    found = [] if trait["name"] else [Problem(f"{place}-name", f"{who} needs a name.")]
    if kind == SINGLE_POINT:
        if not trait["points"][1]["descriptor"]:
            found.append(Problem(f"{place}-points-1-descriptor", f"{who}: describe the standard."))
        return found
    if len(trait["points"]) < 2:
        found.append(Problem(f"{place}-points", f"{who} needs at least two score points. Add one."))
    found += [
        Problem(
            f"{place}-points-{number}-descriptor", f"{who}: describe the work that gets a {point['value']}."
        )
        for number, point in enumerate(trait["points"])
        if not point["descriptor"]
    ]
    return found

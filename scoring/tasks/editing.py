"""The buttons of the rubric editor: add, duplicate, move and remove traits, score points and condition codes.

A button names what it does and where: "traits-1-up", "traits-0-points-2-duplicate", "condition_codes-add".
"""

import re
from copy import deepcopy

from scoring.tasks.specification import HOLISTIC, blank_trait

BUTTON = re.compile(
    r"(?:(traits)-(\d+)-)?(traits|points|condition_codes)(?:-(\d+))?-(add|duplicate|up|down|remove)"
)


def press(specification, button):
    """Return the specification after a button, and the place to look at next; what makes no sense changes nothing."""
    changed, parts = deepcopy(specification), BUTTON.fullmatch(button or "")
    if parts is None:
        return changed, ""
    _, outer, rows_name, row, verb = parts.groups()
    owner, prefix = changed, ""
    if rows_name == "points":
        if outer is None or int(outer) >= len(changed["traits"]):
            return changed, ""
        owner, prefix = changed["traits"][int(outer)], f"traits-{outer}-"
    rows = owner[rows_name]
    if row is not None and int(row) >= len(rows):
        return changed, ""
    at = ACTIONS[rows_name](changed, rows, None if row is None else int(row), verb)
    return changed, f"{prefix}{rows_name}-{at}" if rows else prefix.rstrip("-")


def _on_traits(specification, rows, at, verb):
    if verb == "add" and (specification["kind"] != HOLISTIC or not rows):
        rows.append(blank_trait(specification["kind"], like=rows[-1] if rows else None))
        return len(rows) - 1
    if verb == "duplicate" and at is not None and specification["kind"] != HOLISTIC:
        copy = deepcopy(rows[at])
        rows.insert(at + 1, copy | {"key": "", "name": f"{copy['name']} (copy)" if copy["name"] else ""})
        return at + 1
    return _move_or_remove(rows, at, verb)


def _on_points(_specification, rows, at, verb):
    if verb == "add":
        rows.append({"value": _next_value(rows), "label": "", "descriptor": ""})
        return len(rows) - 1
    if verb == "duplicate" and at is not None:
        rows.append(rows[at] | {"value": _next_value(rows)})
        return len(rows) - 1
    if verb in {"up", "down"} and at is not None:
        # Points stand in the order of their scores, so it is the words that change places.
        other = min(max(at + (1 if verb == "down" else -1), 0), len(rows) - 1)
        values = rows[at]["value"], rows[other]["value"]
        rows[at], rows[other] = rows[other], rows[at]
        rows[at]["value"], rows[other]["value"] = values
        return other
    return _move_or_remove(rows, at, verb)


def _on_codes(_specification, rows, at, verb):
    if verb == "add":
        rows.append({"code": "", "name": "", "description": ""})
        return len(rows) - 1
    if verb == "duplicate" and at is not None:
        rows.insert(at + 1, rows[at] | {"code": ""})
        return at + 1
    return _move_or_remove(rows, at, verb)


ACTIONS = {"traits": _on_traits, "points": _on_points, "condition_codes": _on_codes}


def _move_or_remove(rows, at, verb):
    if at is None:
        return 0
    if verb == "remove":
        del rows[at]
        return max(at - 1, 0)
    other = at + {"up": -1, "down": 1}.get(verb, 0)
    if 0 <= other < len(rows):
        rows[at], rows[other] = rows[other], rows[at]
        return other
    return at


def _next_value(rows):
    """One more than the highest score so far."""
    values = [int(row["value"]) for row in rows if re.fullmatch(r"-?[0-9]{1,6}", str(row["value"]).strip())]
    return max(values) + 1 if values else 1

"""Where everything stands on a run chart that the server draws. Pure: numbers in, places out."""

import csv
import io
from datetime import datetime

HEIGHT = 240  # pixels
TOP, BOTTOM = 14, 214
LEFT, RIGHT = 6.0, 97.0  # percent
MOST_LABELS = 6
COLUMNS = {
    "from": "start",
    "side": "side",
    "papers": "n",
    "share": "value",
    "lower limit": "low",
    "upper limit": "high",
}


def as_csv(chart):
    """The points of a run chart as a CSV file.

    >>> point = {"start": "2026-01-01T00:00:00+00:00", "side": "before", "n": 20, "value": 0.5, "low": 0.2, "high": 0.8}
    >>> as_csv({"points": [point]}).splitlines()
    ['from,side,papers,share,lower limit,upper limit', '2026-01-01T00:00:00+00:00,before,20,0.5,0.2,0.8']
    """
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([each[name] for name in COLUMNS.values()] for each in chart["points"])
    return file.getvalue()


def draw(chart):
    """Places for each point, its limits, the median before, and the line of the change; None where there are no points.

    Across in percent of the width, down in pixels, so that the drawing fits every window without a script.

    >>> points = [{"start": f"2026-01-0{n}T00:00:00+00:00", "side": "before" if n < 3 else "after", "n": 20,
    ...            "value": 0.5, "low": 0.2, "high": 0.8} for n in (1, 2, 3)]
    >>> found = draw({"points": points, "median": 0.5, "width": 1.0, "run": 0})
    >>> found["median"], [round(each["x"]) for each in found["points"]], round(found["change"])
    (114.0, [6, 52, 97], 74)
    """
    shown = [each for each in chart["points"] if each["value"] is not None]
    if not shown:
        return None
    moments = [datetime.fromisoformat(each["start"]) for each in shown]
    first, last = moments[0], moments[-1]
    length = (last - first).total_seconds() or 1.0
    places = [
        LEFT + (RIGHT - LEFT) * ((moment - first).total_seconds() / length if last > first else 0.5)
        for moment in moments
    ]
    points = [
        {"x": x, "y": _down(each["value"]), "low": _down(each["low"]), "high": _down(each["high"]),
         "side": each["side"], "is_outside": not each["low"] <= each["value"] <= each["high"], "label": f"{moment:%b} {moment.day}"}
        for x, moment, each in zip(places, moments, shown, strict=True)
    ]  # fmt: skip
    return {
        "height": HEIGHT,
        "points": points,
        "joined": list(zip(points, points[1:], strict=False)),
        "median": None if chart["median"] is None else _down(chart["median"]),
        "change": _change(points),
        "labels": _labels(points),
        "rules": [(_down(share), f"{100 * share:.0f}") for share in (0, 0.25, 0.5, 0.75, 1)],
    }


def _down(share):
    return round(BOTTOM - (BOTTOM - TOP) * share, 2)


def _change(points):
    """Half-way between the last point before and the first one after; None where one side has none."""
    before = [each["x"] for each in points if each["side"] == "before"]
    after = [each["x"] for each in points if each["side"] == "after"]
    return (max(before) + min(after)) / 2 if before and after else None


def _labels(points):
    """A few dates below the drawing: the first, the last, and some between."""
    step = max(1, -(-(len(points) - 1) // (MOST_LABELS - 1)))
    chosen = points[::step]
    if chosen[-1] is not points[-1]:
        chosen = (
            [*chosen[:-1], points[-1]]
            if len(chosen) > 1 and (points[-1]["x"] - chosen[-1]["x"]) < 12
            else [*chosen, points[-1]]
        )
    return chosen

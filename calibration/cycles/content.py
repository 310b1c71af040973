"""What a cycle's page, its file and its record say: plain values made from a study once, and kept. Pure."""

import math
from datetime import UTC, datetime
from statistics import median

from calibration.measurement.change import power, run_chart

DAY = 86400
EXACT, SPREAD, LINE = "exact", "spread", "line"
PERCENT, POINTS, COUNT = "percent", "points", "count"
MEASURES = {
    EXACT: "How often two scorers give the same score",
    SPREAD: "How far scorers differ in severity",
    LINE: "How often a line between two score points splits two scorers",
}


def days(moment):
    """A moment as measurement takes it: days since 1970.

    >>> days(datetime(1970, 1, 2, 12, tzinfo=UTC))
    1.5
    """
    return moment.timestamp() / DAY


def moment(number):
    """The moment that so many days since 1970 are.

    >>> moment(1.5).isoformat()
    '1970-01-02T12:00:00+00:00'
    """
    return datetime.fromtimestamp(round(number * DAY), UTC)


def record(study, trait_names):
    """Every figure of a study as plain values, so that it can be kept and drawn again."""
    return {
        "measure": study.measure,
        "verdict": study.verdict,
        "sentence": study.sentence,
        "cautions": list(study.cautions),
        "papers": {"before": study.n_before, "after": study.n_after, "between": study.n_between, "unlike": study.n_unlike},
        "scorers": study.n_scorers,
        "mix": study.mix,
        "exact": _figure(study.exact, PERCENT),
        "spread": _figure(study.spread, POINTS),
        "errors": _figure(study.errors, COUNT),
        "beyond_chance": [_figure(each, POINTS, name=trait_names[each.name]) for each in study.beyond_chance],
        "lines": [
            _figure(each, PERCENT, name=f"{trait_names[each.line.trait]}: {each.line.low:g} or {each.line.high:g}")
            | {"trait": each.line.trait, "place": each.line.place}
            for each in study.lines
        ],
        "chart": _chart(study.chart),
    }  # fmt: skip


def _figure(found, unit, *, name=None):
    return {"name": name or found.name, "unit": unit, "before": _plain(found.before), "after": _plain(found.after),
            "change": _plain(found.change)}  # fmt: skip


def _plain(statistic):
    """The numbers of a figure; None where there is none, with the words that say why."""
    numbers = {name: _number(getattr(statistic, name)) for name in ("value", "low", "high")}
    return numbers | {"n": statistic.n_units, "why": "" if statistic.defined else statistic.sentence}


def _number(value):
    return None if math.isnan(value) else float(value)


def _chart(chart):
    return {
        "width": chart.width,
        "median": _number(chart.median),
        "center": _number(chart.center),
        "run": chart.run,
        "points": [
            {"start": moment(each.start).isoformat(), "side": "after" if each.side else "before", "n": each.n,
             "value": _number(each.value), "low": _number(each.low), "high": _number(each.high)}
            for each in chart.points
        ],
    }  # fmt: skip


# The page


def text(numbers, unit):
    """A number with its interval, for readers.

    >>> text({"value": 0.715, "low": 0.61, "high": 0.79, "n": 100, "why": ""}, PERCENT)
    '72 (61 to 79)'
    """
    if numbers["value"] is None:
        return "too few papers" if numbers["n"] else "not known"
    limits = (
        ""
        if numbers["low"] is None
        else f" ({shown(numbers['low'], unit)} to {shown(numbers['high'], unit)})"
    )
    return shown(numbers["value"], unit) + limits


def shown(value, unit):
    """A number in its unit: of every 100 papers, or points."""
    return f"{value:.2f}" if unit == POINTS else f"{100 * value:.0f}"


def rows(figure):
    """Before and after as rows for a chart of intervals."""
    scale = 1 if figure["unit"] == POINTS else 100
    return [
        {"label": label, "n": f"{side['n']:,}", "text": text(side, figure["unit"])}
        | {name: None if side[name] is None else side[name] * scale for name in ("value", "low", "high")}
        for label, side in (("Before", figure["before"]), ("After", figure["after"]))
    ]


def top(figure):
    """A round number above everything that a chart of intervals shows; 100 for shares of papers.

    >>> top({"unit": POINTS, "before": {"high": 0.62, "value": 0.4}, "after": {"high": None, "value": None}})
    0.75
    """
    scale = 1 if figure["unit"] == POINTS else 100
    if figure["unit"] == PERCENT:
        return 100
    step = 0.25 if figure["unit"] == POINTS else 25
    most = max(side[name] or 0 for side in (figure["before"], figure["after"]) for name in ("high", "value"))
    return step * max(1, math.ceil(most * scale / step - 1e-9))


def change_text(figure, *, is_ratio=False):
    """The change with scorers and scores alike, or why there is none."""
    change = figure["change"]
    if change["value"] is None:
        return ""
    if is_ratio:
        return f"{change['value']:.2f} times ({change['low']:.2f} to {change['high']:.2f})"
    value, low, high = (f"{100 * change[name]:+.0f}" for name in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def why_adjusted(figure):
    """Why the change is not after less before, where the two differ as they are shown; empty otherwise.

    >>> sides = {"unit": PERCENT, "before": {"value": 0.60}, "after": {"value": 0.58}}
    >>> why_adjusted(sides | {"change": {"value": 0.02}})
    'As counted, it went from 60 to 58; the change compares like with like, the same scorers at the same score points, so that easier papers or another share of the work do not count as a change.'
    >>> why_adjusted(sides | {"change": {"value": -0.02}})
    ''
    """
    before, after, change = (figure[name]["value"] for name in ("before", "after", "change"))
    if figure["unit"] == POINTS or None in (before, after, change):
        return ""
    was, is_now = (shown(each, figure["unit"]) for each in (before, after))
    if int(is_now) - int(was) == round(100 * change):
        return ""
    return (
        f"As counted, it went from {was} to {is_now}; the change compares like with like, the same scorers at the same "
        "score points, so that easier papers or another share of the work do not count as a change."
    )


def run_words(chart):
    """What the run after the change says."""
    run = abs(chart["run"])
    if chart["median"] is None or not run:
        return "There are no points on both sides of the change yet."
    way = "above" if chart["run"] > 0 else "below"
    if run >= 6:
        return (
            f"After the change {run} points in a row lie {way} the median of before. Luck seldom makes six."
        )
    most = "1 point lies" if run == 1 else f"at most {run} points in a row lie"
    return f"After the change {most} {way} the median of before. Six in a row would be a shift."


# Planning


def power_sentence(measure, now_value, hoped, *, n_before, planned, n_scorers, noise=None):
    """Say how likely it is that the hoped-for change will be found, and how many papers would do.

    >>> power_sentence(EXACT, 0.70, 0.80, n_before=400, planned=120, n_scorers=12)
    'With 120 papers read twice after the change, a change from 70 to 80 of every 100 would be found in 5 of 10 such cycles. For 8 of 10 it takes about 460 papers.'
    """
    if measure == SPREAD:
        chance = power.of_spreads(now_value, hoped, noise_before=noise, noise_after=noise * n_before / planned,
                                  n_scorers=n_scorers)  # fmt: skip
        said = f"from {now_value:.2f} to {hoped:.2f} points"
    else:
        chance = power.of_shares(now_value, hoped, n_before=n_before, n_after=planned, n_scorers=n_scorers)
        said = f"from {100 * now_value:.0f} to {100 * hoped:.0f} of every 100"
    papers = "1 paper" if planned == 1 else f"{planned:,} papers"
    start = f"With {papers} read twice after the change, a change {said} would be found in {_of_ten(chance)} such cycles."
    if chance >= 0.795 or measure == SPREAD:
        return start
    needed = power.papers_needed(now_value, hoped, n_before=n_before, n_scorers=n_scorers)
    if needed is None:
        return f"{start} With so few papers before the change, no number of papers after it would do."
    return f"{start} For 8 of 10 it takes about {needed:,} papers."


def _of_ten(chance):
    tens = round(10 * chance)
    return "hardly any of 10" if tens == 0 else "nearly all of 10" if tens == 10 else f"{tens} of 10"


def missing(n_before, n_scorers):
    """What a baseline still lacks; empty where it is enough."""
    if n_before < power.FEWEST_PAPERS:
        return f"Before the change {n_before} papers have two reads so far. A verdict takes {power.FEWEST_PAPERS}."
    if n_scorers < power.FEWEST_SCORERS:
        return f"So far {n_scorers} scorers have read. A verdict takes {power.FEWEST_SCORERS} who read before and after."
    return ""


def late_caution():
    """What is said of a cycle that was stated after its change."""
    return "This cycle was stated after the change was made. Whoever had seen the scores by then may have chosen what to look for."


def done_caution(planned, done):
    """What is said where the change was made on another day than planned.

    >>> done_caution(datetime(2026, 3, 2), datetime(2026, 3, 10))
    'The change was made 8 days later than planned. Papers with a read between the two moments count on neither side.'
    >>> done_caution(datetime(2026, 3, 2), datetime(2026, 3, 2, 18))
    ''
    """
    apart = (done - planned).total_seconds() / DAY if done else 0.0
    if abs(apart) <= 1:
        return ""
    number = round(abs(apart))
    when = f"{number} {'day' if number == 1 else 'days'} {'later' if apart > 0 else 'earlier'} than planned"
    return f"The change was made {when}. Papers with a read between the two moments count on neither side."


def events_caution(count):
    """What is said where before and after are different events."""
    return (
        f"The papers come from {count} events. Nobody drew them by lot, so other work may pass for a change."
        if count > 1
        else ""
    )


# Sharing


def shared(kept, smallest):
    """The record as other districts may see it: nothing about fewer than `smallest` papers; None where all is.

    A line that splits few papers, or all but few, would tell the scores of those few. Points of the run chart are
    put together until each is about enough papers.
    """
    if min(kept["papers"]["before"], kept["papers"]["after"]) < smallest:
        return None
    papers = {
        name: number if number == 0 or number >= smallest else None for name, number in kept["papers"].items()
    }
    lines = [each for each in kept["lines"] if not _tells_of_few(each, smallest)]
    visible = {name: value for name, value in kept.items() if name != "inputs"}
    return visible | {
        "papers": papers, "lines": lines, "n_hidden_lines": len(kept["lines"]) - len(lines),
        "chart": put_together(kept["chart"], smallest),
    }  # fmt: skip


def put_together(chart, smallest):
    """A run chart whose points are about at least `smallest` papers each; a side with fewer has no point.

    >>> points = [{"start": f"2026-01-0{n}", "side": "before", "n": 6, "value": n / 4, "low": 0, "high": 1} for n in (1, 2, 3)]
    >>> found = put_together({"points": points, "center": 0.5, "median": 0.5, "width": 1.0, "run": 0}, 10)
    >>> [(each["start"], each["n"], each["value"]) for each in found["points"]]
    [('2026-01-01', 18, 0.5)]
    >>> put_together({"points": points, "center": 0.5, "median": 0.6, "width": 1.0, "run": 0}, 10)["median"]
    0.5
    """
    if all(each["n"] >= smallest for each in chart["points"]):
        return chart
    points = []
    for side in ("before", "after"):
        groups = [[]]
        for each in (each for each in chart["points"] if each["side"] == side):
            if sum(one["n"] for one in groups[-1]) >= smallest:
                groups.append([])
            groups[-1].append(each)
        if sum(one["n"] for one in groups[-1]) < smallest and len(groups) > 1:
            groups[-2].extend(groups.pop())
        points += [
            _one_point(group, chart["center"])
            for group in groups
            if sum(one["n"] for one in group) >= smallest
        ]
    before = [each["value"] for each in points if each["side"] == "before"]
    return chart | {
        "points": points,
        "median": median(before) if before else None,
        "width": None,
        "run": None,
    }


def _one_point(group, center):
    n = sum(each["n"] for each in group)
    low, high = run_chart.limits(math.nan if center is None else center, n)
    value = sum(each["n"] * each["value"] for each in group) / n
    return group[0] | {"n": n, "value": value, "low": low, "high": high}


def _tells_of_few(figure, smallest):
    for side in (figure["before"], figure["after"]):
        split = (side["value"] or 0) * side["n"]
        if 0 < round(split) < smallest or 0 < round(side["n"] - split) < smallest:
            return True
    return False


def names_in(texts, names):
    """Names of people that stand in one of the texts.

    >>> names_in(["Thanks to ana ortiz for the idea."], ["Ana Ortiz", "Ben Okafor"])
    ['Ana Ortiz']
    """
    said = " ".join(" ".join(texts).casefold().split())
    return [name for name in names if name.casefold() in said]

"""`measure decisions`: how sure levels are that cut scores make of total scores."""

import math

from calibration.measure import answers, files, tables
from calibration.measurement import livingston_lewis

KINDS = ("accuracy", "consistency", "chance", "kappa")


def answer(path, cuts, span, reliability=None, second_cut="below"):
    """Return accuracy and consistency by cut and overall as one dict; `span` is "lowest-highest"."""
    scores = [
        score for score in files.numbers(files.read(path, ("score",))["score"]) if not math.isnan(score)
    ]
    lowest, highest = _span(span)
    found = livingston_lewis.decide(
        scores,
        cuts=_cuts(cuts),
        lowest=lowest,
        highest=highest,
        reliability=reliability,
        second_cut=second_cut,
    )
    return {
        "n": len(scores),
        "reliability": answers.plain(found.reliability),
        "reliability_is": "given" if reliability is not None else "KR-21",
        "effective_length": answers.plain(found.effective_length),
        "parameters": found.parameters,
        **{kind: answers.plain(getattr(found, kind)) for kind in KINDS},
        "by_cut": [
            {
                "cut": each.cut,
                **{kind: answers.plain(getattr(each, kind)) for kind in KINDS},
                "wrongly_above": answers.plain(each.wrongly_above),
                "wrongly_below": answers.plain(each.wrongly_below),
            }
            for each in found.by_cut
        ],
        "accuracy_table": answers.plain(found.accuracy_table),
        "consistency_table": answers.plain(found.consistency_table),
        "sentences": list(found.sentences),
    }


def _cuts(words):
    try:
        return [float(each) for each in words.split(",")]
    except ValueError:
        raise ValueError(f"{words!r} are no cut scores. Write numbers with commas: --cuts 12,18.") from None


def _span(words):
    found = files.RANGE.fullmatch(words.strip())
    if not found or not float(found[1]) < float(found[2]):
        raise ValueError(
            f"{words!r} is no range of scores. Write the lowest and the highest possible: --range 4-24."
        )
    return float(found[1]), float(found[2])


def shown(answer):
    """Yield the parts of an answer as text."""
    yield "\n".join(answer["sentences"])
    header = ("cut", "accuracy", "95 % interval", "consistency", "95 % interval", "kappa")
    rows = [(f"{each['cut']:g}", *_row(each)) for each in answer["by_cut"]]
    if len(rows) > 1:
        rows.append(("all", *_row(answer)))
    yield tables.table(header, rows)
    yield (
        f"{answer['n']:,} students, reliability {tables.number(answer['reliability'])} ({answer['reliability_is']}), "
        f"effective length {tables.number(answer['effective_length'], 1)}."
    )


def _row(found):
    accuracy, consistency = found["accuracy"], found["consistency"]
    return (
        tables.number(accuracy["value"]), tables.limits(accuracy), tables.number(consistency["value"]),
        tables.limits(consistency), tables.number(found["kappa"]["value"]),
    )  # fmt: skip

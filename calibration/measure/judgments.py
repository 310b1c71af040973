"""`measure judgments`: a scale of scripts from comparative judgments."""

from calibration.measure import answers, files, tables
from calibration.measurement.judgment import scale

NEEDED = ("judge", "chosen", "not_chosen")
SHOWN = 40  # scripts in the table of a terminal; JSON has all


def answer(path, method=None):
    """Return scripts, judges and how sure the scale is as one dict."""
    columns = files.read(path, NEEDED)
    found = scale.fit(*(columns[name] for name in NEEDED), method=method)
    return {
        "method": found.method,
        "n_judgments": found.n_judgments,
        "scripts": {str(name): answers.fields(each, "ability", "se", "low", "high", "infit", "outfit", "n", "chosen")
                    for name, each in found.scripts.items()},
        "judges": {str(name): answers.fields(each, "n", "infit", "outfit", "flagged")
                   for name, each in found.judges.items()},
        "separation_reliability": answers.plain(found.separation_reliability),
        "separation": answers.plain(found.separation),
        "split_half": answers.plain(found.split_half),
        "log_likelihood": answers.plain(found.log_likelihood),
        "deviance": answers.plain(found.deviance),
        "notes": list(found.notes),
    }  # fmt: skip


def shown(answer):
    """Yield the parts of an answer as text."""
    yield "\n".join(
        [f"{answer['n_judgments']:,} judgments of {len(answer['scripts']):,} scripts.", *answer["notes"]]
    )
    yield tables.figures({name: answer[name] for name in ("separation_reliability", "split_half")})
    header = ("script", "ability", "se", "infit", "judgments", "chosen")
    scripts = list(answer["scripts"].items())
    rows = [
        (name, *(tables.number(each[key], 2) for key in ("ability", "se", "infit", "n", "chosen")))
        for name, each in scripts[:SHOWN]
    ]
    more = f"\n… and {len(scripts) - SHOWN:,} more: see --json" if len(scripts) > SHOWN else ""
    yield tables.table(header, rows) + more
    header = ("judge", "judgments", "infit", "outfit")
    rows = [
        (name, *(tables.number(each[key], 2) for key in ("n", "infit", "outfit")))
        for name, each in list(answer["judges"].items())[:SHOWN]
    ]
    yield tables.table(header, rows)

"""The minutes as files: a tagged PDF to print and keep, and a workbook. Both hold what the page holds."""

from calibration import pdf
from calibration.sessions.minutes_content import FEWEST_PAPERS, decimal_hours, hours_in_words, moment_in_words
from calibration.workbook import Column, Sheet, workbook

TOO_FEW = f"too few papers to say how far this holds (at least {FEWEST_PAPERS})"
METHOD = (
    "How often two people gave the same paper the same score. A paper counts once, averaged over its pairs of people; the "
    f"interval is Wilson's, over papers, and is given from {FEWEST_PAPERS} papers on. Before are the blind scores. After are the "
    "revised scores of the same people and papers where somebody entered them, else their first ones."
)
SHARE = "0 %"


def as_pdf(minutes):
    """Return the minutes as a PDF file."""
    return pdf.render("minutes.typ", {
        "title": f"Minutes: {minutes.title}", "facts": facts(minutes), "in_all": hours_in_words(minutes.seconds),
        "people": [[each.name, each.part, moment_in_words(each.came), moment_in_words(each.last_seen), hours_in_words(each.seconds)]
                   for each in minutes.people],
        "agreement": _rows(minutes), "method": METHOD,
        "papers": [_printed(each) for each in minutes.papers], "left_out": left_out(minutes),
        "notes": [list(each) for each in minutes.notes],
        "debrief": [[question, list(answers)] for question, answers in minutes.debrief],
        "outcomes": list(minutes.outcomes),
    })  # fmt: skip


def facts(minutes):
    """What session it was, as pairs of words."""
    return [
        ["Task", f"{minutes.task}, rubric version {minutes.rubric_version}"],
        ["For", minutes.organization],
        ["Protocol", f"{minutes.protocol}, {minutes.form.lower()}"],
        ["Led by", minutes.leader],
        ["From", moment_in_words(minutes.began)],
        ["To", moment_in_words(minutes.ended)],
    ]


def left_out(minutes):
    """Say that papers are missing for this reader, and why; nothing when none are."""
    if not minutes.left_out:
        return ""
    papers = "1 paper is" if minutes.left_out == 1 else f"{minutes.left_out} papers are"
    return f"{papers} left out here and in the figures: your own scores were not in, or it was work of your students."


def _rows(minutes):
    """The agreement as rows of words: each trait before the discussion, and after it where scores were revised."""
    return [[trait.name, moment, *_told(figure)] for trait in minutes.traits
            for moment, figure in (("Before, blind", trait.before), ("After", trait.after)) if figure]  # fmt: skip


def _told(figure):
    if figure.exact is None:
        return ["no pairs", "no pairs", str(figure.papers), str(figure.people), ""]
    limits = (
        f"{100 * figure.low:.0f} to {100 * figure.high:.0f}"
        if figure.has_interval
        else "too few papers to say"
    )
    return [
        f"{100 * figure.exact:.0f} of 100",
        f"{100 * figure.near:.0f} of 100",
        str(figure.papers),
        str(figure.people),
        limits,
    ]


def _printed(paper):
    return {
        "head": f"Paper {paper.number}" + (f", response {paper.code}" if paper.code else ""),
        "traits": [
            {"name": each.trait, "scores": ", ".join(map(str, each.scores)) or "none", "late": each.late,
             "revised": ", ".join(map(str, each.revised)),
             "named": ", ".join(f"{name} {score}" for name, score in each.named),
             "consensus": "not agreed" if each.consensus is None else str(each.consensus), "reason": each.reason,
             "evidence": list(each.evidence), "remarks": list(each.remarks)}
            for each in paper.traits
        ],
        "remarks": list(paper.remarks),
    }  # fmt: skip


# The workbook


def as_workbook(minutes):
    """Return the minutes as a workbook: the session, who attended, agreement, decisions, and what was said."""
    made = [
        _session(minutes),
        _attendance(minutes),
        _agreement(minutes),
        _decisions(minutes),
        _said_in_words(minutes),
    ]
    return workbook(made, title=f"Minutes: {minutes.title}")


def _session(minutes):
    rows = [
        ["Session", minutes.title],
        *facts(minutes),
        ["Time of all together", hours_in_words(minutes.seconds)],
    ]
    rows += [["Left out", left_out(minutes)]] if minutes.left_out else []
    rows += [["What came of it", words] for words in minutes.outcomes]
    columns = (Column("What", "", 24), Column("In words", "", 90))
    return Sheet("Session", "session", columns, rows, is_prose=True)


def _attendance(minutes):
    columns = (
        Column("Name", "who attended", 28), Column("Part", "part in the protocol", 16), Column("Came in", "UTC", 26),
        Column("Last seen", "UTC", 26), Column("Hours", "time present, in hours", 10, "0.00"),
    )  # fmt: skip
    rows = [[each.name, each.part, moment_in_words(each.came), moment_in_words(each.last_seen), decimal_hours(each.seconds)]
            for each in minutes.people]  # fmt: skip
    return Sheet("Attendance", "attendance", columns, rows)


def _agreement(minutes):
    columns = (
        Column("Trait", "", 24), Column("When", "before or after the discussion", 20), Column("Papers", "scored by two people or more", 10),
        Column("People", "whose scores count", 10), Column("Same score", "share", 12, SHARE),
        Column("Within one point", "share", 16, SHARE), Column("Interval from", "95 %", 14, SHARE),
        Column("Interval to", "95 %", 14, SHARE), Column("Note", "", 60),
    )  # fmt: skip
    rows = []
    for trait in minutes.traits:
        for moment, figure in (("blind", trait.before), ("after the discussion", trait.after)):
            if figure is not None:
                rows.append([trait.name, moment, figure.papers, figure.people, figure.exact, figure.near, figure.low,
                             figure.high, "" if figure.has_interval else TOO_FEW.capitalize()])  # fmt: skip
    return Sheet("Agreement", "agreement", columns, rows)


def _decisions(minutes):
    columns = (
        Column("Paper", "", 8), Column("Response", "code, for leaders", 16), Column("Trait", "", 24),
        Column("Blind scores", "from low to high", 20), Column("Late", "scores that came in when others could be seen", 12),
        Column("Revised scores", "after the discussion", 20), Column("Consensus", "", 12), Column("Reason", "", 70),
        Column("Scores by name", "where all agree to be named", 40),
    )  # fmt: skip
    rows = [
        [paper.number, paper.code, each.trait, ", ".join(map(str, each.scores)), each.late,
         ", ".join(map(str, each.revised)), each.consensus, each.reason,
         ", ".join(f"{name} {score}" for name, score in each.named)]
        for paper in minutes.papers for each in paper.traits
    ]  # fmt: skip
    return Sheet("Decisions", "decisions", columns, rows)


def _said_in_words(minutes):
    columns = (Column("Where", "", 30), Column("Kind", "", 16), Column("Words", "", 90))
    rows = []
    for paper in minutes.papers:
        for each in paper.traits:
            where = f"Paper {paper.number}, {each.trait}"
            rows += [[where, "evidence", words] for words in each.evidence]
            rows += [[where, "remark", words] for words in each.remarks]
        rows += [[f"Paper {paper.number}", "remark", words] for words in paper.remarks]
    rows += [[step, "note", words] for step, words in minutes.notes]
    rows += [[question, "debrief", words] for question, answers in minutes.debrief for words in answers]
    return Sheet("Words", "words", columns, rows)

"""The comparability report as sheets: columns, rows and what each means. Pure; files are drawn from these."""

import math
from dataclasses import dataclass, field

from calibration.reports.distributions import ALL
from calibration.workbook import Chart, Column, Sheet

HIDDEN = "not shown"
HIDDEN_NOTE = (
    'Where a cell says "not shown", it stands for fewer than {smallest} students, or for a number from which such a '
    "one could be worked out."
)


@dataclass(frozen=True)
class TaskReport:
    """One task of a report: agreement of all districts (None when it may not be shown), and of one's own."""

    everything: object
    own: object | None
    distributions: dict  # by trait key
    counts: object
    records: list = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """Everything that goes into one export."""

    event: str
    event_code: str
    organization: str
    is_districts: bool
    smallest: int
    rules: dict
    versions: dict
    fingerprint: str
    up_to: str
    tasks: tuple


SHARE, DECIMAL, COUNT = "0.0%", "0.00", "#,##0"
TASK = Column("Task", "Code of the task.", 16)
TRAIT = Column("Trait", "Trait of the rubric.", 22)
AGREEMENT = (
    TASK,
    TRAIT,
    Column("Districts", "Whose responses these are.", 18),
    Column("Papers read twice", "Responses with two blind, scored reads.", 12, COUNT),
    Column("Exact", "Share of these papers on which both scorers gave the same score.", 10, SHARE),
    Column("Exact, low", "Lower end of the 95 % Wilson interval of the share.", 10, SHARE),
    Column("Exact, high", "Upper end of the 95 % Wilson interval of the share.", 10, SHARE),
    Column("Adjacent", "Share on which the scores differ by no more than the event allows.", 10, SHARE),
    Column("Discrepant", "Share on which the scores are further apart than the event allows.", 11, SHARE),
    Column("Discrepant, low", "Lower end of its 95 % Wilson interval.", 11, SHARE),
    Column("Discrepant, high", "Upper end of its 95 % Wilson interval.", 11, SHARE),
    Column(
        "Exact by habit",
        "Share of equal scores that guessing would give, each score as often as it was given.",
        11,
        SHARE,
    ),
    Column("QWK", "Quadratic weighted kappa. Empty below 30 papers and where it is undefined.", 8, DECIMAL),
    Column("QWK, low", "Lower end of its 95 % interval.", 9, DECIMAL),
    Column("QWK, high", "Upper end of its 95 % interval.", 9, DECIMAL),
    Column("Kappa", "Unweighted kappa. Empty below 30 papers and where it is undefined.", 8, DECIMAL),
    Column(
        "Alpha",
        "Krippendorff's alpha for ordered scores. Empty below 30 papers and where it is undefined.",
        8,
        DECIMAL,
    ),
    Column("Alpha, low", "Lower end of its 95 % bootstrap interval.", 9, DECIMAL),
    Column("Alpha, high", "Upper end of its 95 % bootstrap interval.", 9, DECIMAL),
    Column(
        "AC2",
        "Gwet's AC2, quadratic weights: read it beside kappa where nearly all papers earn one score.",
        8,
        DECIMAL,
    ),
    Column("AC2, low", "Lower end of its 95 % interval.", 9, DECIMAL),
    Column("AC2, high", "Upper end of its 95 % interval.", 9, DECIMAL),
    Column(
        "Kappa is",
        "Cohen's kappa where the same two scorers read everything, Scott's form where pairs vary.",
        34,
    ),
    Column("In words", "The same in a sentence, with a warning where a figure rests on few papers.", 90),
)
DISTRICTS = (
    TASK,
    TRAIT,
    Column("District", "District whose students wrote the responses.", 22),
    Column("Papers read twice", "Responses with two blind, scored reads.", 12, COUNT),
    Column("Exact", "Share of these papers on which both scorers gave the same score.", 10, SHARE),
    Column("Exact, low", "Lower end of its 95 % Wilson interval.", 10, SHARE),
    Column("Exact, high", "Upper end of its 95 % Wilson interval.", 10, SHARE),
    Column("Within", "Share on which the scores are no further apart than the event allows.", 10, SHARE),
    Column("Within, low", "Lower end of its 95 % Wilson interval.", 10, SHARE),
    Column("Within, high", "Upper end of its 95 % Wilson interval.", 10, SHARE),
    Column("QWK", "Quadratic weighted kappa of pooled pairs. Empty below 30 papers and where it is undefined.", 8, DECIMAL),
    Column("QWK, low", "Lower end of its 95 % interval.", 9, DECIMAL),
    Column("QWK, high", "Upper end of its 95 % interval.", 9, DECIMAL),
)  # fmt: skip
BETWEEN = (
    TASK,
    Column("Scorers of", "First district.", 20),
    Column("And of", "Second district.", 20),
    Column("Verdict", "Comparable: surely closer than the margin. Different: further apart than luck brings. Else open.", 22),
    Column("Difference", "Points the first district's scorers gave more on the same papers, over all traits.", 11, DECIMAL),
    Column("Difference, low", "Lower end of its 95 % interval.", 11, DECIMAL),
    Column("Difference, high", "Upper end of its 95 % interval.", 11, DECIMAL),
    Column("Margin", "A difference in points that is too small to matter.", 8, DECIMAL),
    Column("Papers both read", "Papers that scorers of both districts have read.", 11, COUNT),
    Column("Papers still needed", "About how many more would probably settle it. Empty where it is settled or papers alone would not do.", 12, COUNT),
    Column("In words", "The same in a sentence.", 90),
)  # fmt: skip
RECORDS = (
    Column("Response", "Code of the response.", 14),
    Column("Student", "Pseudonym of the student. Who it is stands in the district's own list.", 18),
    TASK,
    TRAIT,
    Column("Score", "Score of record. Empty where a condition code was given.", 8, "General"),
    Column("Condition code", "Why there is no score, for example B for blank.", 12),
    Column("Method", "one_read, two_reads or adjudicated.", 14),
    Column("Rule", "The event's rule when the score was settled.", 14),
)
DICTIONARY = (
    Column("Sheet", "Name of the sheet; the CSV archive has one file for each.", 22),
    Column("Column", "Heading of the column.", 22),
    Column("Meaning", "What it holds.", 110),
)
METHOD = (Column("What", "One fact about how the report was made.", 34), Column("Value", "The fact.", 110))
PROSE = (Column("Summary", "The report in words.", 120),)


def sheets(report):
    """Lay out the whole report."""
    most = max((len(each.points) for task in report.tasks for each in task.distributions.values()), default=0)
    laid = [
        Sheet("Summary", "summary", PROSE, [(line,) for line in summary(report)], is_prose=True),
        Sheet("Agreement by trait", "agreement_by_trait", AGREEMENT, agreement_rows(report)),
        Sheet("By district", "by_district", DISTRICTS, district_rows(report)),
        Sheet("Between districts", "between_districts", BETWEEN, between_rows(report)),
        _distributions(report, most),
    ]
    if report.is_districts:
        rows = [row for task in report.tasks for row in task.records]
        laid.append(Sheet("Scores of record", "scores_of_record", RECORDS, rows))
    described = [
        (sheet.name, column.name, column.meaning)
        for sheet in laid
        if not sheet.is_prose
        for column in sheet.columns
    ]
    laid.append(Sheet("Data dictionary", "data_dictionary", DICTIONARY, described))
    laid.append(Sheet("Method and versions", "method_and_versions", METHOD, method(report)))
    return laid


def summary(report):
    """The report in words: what was compared, how well scorers agreed, what is left out."""
    said = [
        f"Comparability report: {report.event} ({report.event_code})",
        f"Made for {report.organization}. "
        + (f"Data up to {report.up_to}." if report.up_to else "Nothing was read yet."),
    ]
    for task in report.tasks:
        title = f"{task.everything.subject.task} ({task.everything.subject.task_code}), rubric version {task.everything.subject.rubric_version}"
        said += ["", title]
        if task.everything.refusal:
            said.append(task.everything.refusal)
        else:
            said += [f"All districts. {line}" for line in task.everything.sentences]
            said += task.everything.compared.sentences[:1] if task.everything.compared else ()
        if task.own is not None:
            said += [f"{report.organization}. {line}" for line in task.own.sentences]
        said.append(_exclusions(task.counts))
    said += ["", HIDDEN_NOTE.format(smallest=report.smallest)]
    if not report.is_districts:
        said.append(
            "Scores of single responses are in the workbook of the district whose students wrote them."
        )
    said.append(
        "Agreement tells how alike scorers score. It does not tell whether districts differ in what students can do."
    )
    return said


def _exclusions(counts):
    return (
        f"Counted: {counts.blind_reads:,} blind reads of {counts.responses:,} responses. Left out: "
        f"{counts.adjudications:,} reads by adjudicators, {counts.reopened_reads:,} reads that their scorers took back. "
        f"Still waiting for a read: {counts.waiting:,} responses; for an adjudicator: {counts.discrepant:,}."
    )


def agreement_rows(report):
    """One row for each task, trait and group of districts."""
    rows = []
    for task in report.tasks:
        for label, content in ((ALL, task.everything), (report.organization, task.own)):
            for trait in content.traits if content is not None else ():
                rows.append((content.subject.task_code, trait.name, label, *_figures(trait)))
    return rows


def _figures(trait):
    if trait.summary is None:
        return (*[None] * (len(AGREEMENT) - 4), trait.trouble)
    seen = trait.summary
    qwk, alpha = seen.qwk, seen.alpha_ordinal
    warnings = [each.sentence for each in (qwk,) if each.wide or not each.defined]
    return (
        seen.n_double, *_numbers(seen.exact), _number(seen.adjacent.value), *_numbers(seen.discrepant),
        _number(seen.chance_exact.value), *_numbers(qwk), _number(seen.kappa.value), *_numbers(alpha), *_numbers(trait.ac2),
        qwk.method, " ".join([trait.headline, *warnings]),
    )  # fmt: skip


def district_rows(report):
    """One row for each task, trait and district; the figures of one too small are not shown."""
    rows = []
    for task in report.tasks:
        content = task.own if task.everything.refusal else task.everything
        for trait in content.traits if content is not None else ():
            for group in trait.districts:
                rows.append((content.subject.task_code, trait.name, group.label, *_group(group.agreement)))
    return rows


def _group(found):
    if found is None:
        return (HIDDEN,) * (len(DISTRICTS) - 3)
    return (found.n_units, *_numbers(found.exact), *_numbers(found.within), *_numbers(found.qwk))


def between_rows(report):
    """One row for each task and every two districts whose scorers are compared on the papers they share."""
    rows = []
    for task in report.tasks:
        content = task.everything
        for pair in content.compared.pairs if content.compared else ():
            found = pair.comparison
            told = (HIDDEN,) * (len(BETWEEN) - 3)
            if found is not None:
                told = (
                    found.verdict, *_numbers(found.difference), content.compared.margin, found.n_shared,
                    found.responses_needed or None, found.difference.sentence,
                )  # fmt: skip
            rows.append((content.subject.task_code, pair.first, pair.second, *told))
    return rows


def _numbers(statistic):
    """A figure and its interval; None where there is no number."""
    return tuple(map(_number, (statistic.value, statistic.low, statistic.high)))


def _number(value):
    return None if math.isnan(value) else value


def _distributions(report, most):
    """First reads by score point: one block of districts for each trait, and a chart of each."""
    columns = (
        TASK,
        TRAIT,
        Column("District", "District whose students wrote the responses.", 22),
        Column("Score points", "The score points of the trait, lowest first.", 14),
        *(Column(f"{_place(place)} score point", f"First scored reads that gave the {_place(place)} score point.", 11, COUNT)
          for place in range(most)),
        Column("All", "Responses with a score. Each counts once, with its first scored read.", 10, COUNT),
    )  # fmt: skip
    rows, charts = [], []
    for task in report.tasks:
        subject = task.everything.subject
        for key, found in task.distributions.items():
            start, gap = len(rows), [None] * (most - len(found.points))
            points = ", ".join(f"{point:g}" for point in found.points)
            for label, counts in found.rows:
                counts = [HIDDEN if number is None else number for number in counts]
                given = [*counts[:-1], *gap, counts[-1]]
                rows.append((subject.task_code, subject.traits[key], label, points, *given))
            if len(rows) > start:
                title = f"{subject.task}: {subject.traits[key]}"
                series = tuple(f"{point:g}" for point in found.points)
                charts.append(Chart(title, start, len(rows) - 1, 4, 2, series))
    return Sheet("Distributions", "distributions", columns, rows, tuple(charts))


def _place(number):
    return ["1st", "2nd", "3rd"][number] if number < 3 else f"{number + 1}th"


def method(report):
    """How the report was made: enough to make it again and find the same numbers."""
    rows = [
        ("Event", f"{report.event} ({report.event_code})"),
        ("Made for", report.organization),
        ("Data up to", report.up_to or "nothing was read yet"),
    ]
    rows += [(f"Rule: {name}", value) for name, value in report.rules.items()]
    for task in report.tasks:
        subject = task.everything.subject
        rows.append((f"{subject.task_code}: rubric version", subject.rubric_version))
        rows.append((f"{subject.task_code}: counts", _exclusions(task.counts)))
    rows += [
        ("Reads compared", "Blind first and second reads only, every response once."),
        ("Intervals of shares", "Wilson, 95 %, over responses."),
        (
            "Quadratic weighted kappa",
            "Cohen's for a fixed pair of scorers; Scott's form (both scorers' scores pooled) where pairs vary.",
        ),
        (
            "Krippendorff's alpha",
            "Ordinal; percentile bootstrap over responses, 1,000 draws, seed 1. Replicated with the krippendorff package.",
        ),
        (
            "Between districts",
            "Mixed model of score = paper + district of the scorer + scorer (random), restricted maximum likelihood; "
            "standard errors by scorer, Satterthwaite degrees of freedom; two one-sided tests against the margin.",
        ),
        ("Few papers", "No coefficient below 30 papers read twice; from 30 to 99 it is marked as wide."),
        ("Small cells", HIDDEN_NOTE.format(smallest=report.smallest)),
        (
            "Made again",
            "From the same inputs with the same versions, this file comes out the same, byte for byte.",
        ),
        ("Fingerprint of the inputs (SHA-256)", report.fingerprint),
    ]
    return rows + [(f"Version: {name}", value) for name, value in report.versions.items()]

"""What an agreement report says: one value that the page, the workbook, the CSV files and the API only draw.

Pure: ratings in, words and figures out. It also decides what this reader may see.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from calibration.measurement import agreement, coefficients, groups, profiles
from calibration.measurement.alpha import NotReplicated
from calibration.measurement.ratings import Labels
from calibration.measurement.result import HIDE_BELOW, Statistic, page_rule
from calibration.reports import districts
from calibration.reports.small_cells import hidden_groups, whole_may_be_shown

NO_DISTRICT = "No district"
FURTHER = {  # figures of the engine beside those of the summary
    "gwet_ac2": "Gwet's AC2, quadratic",
    "gwet_ac1": "Gwet's AC1",
    "brennan_prediger": "Brennan-Prediger kappa",
    "icc_1_1": "ICC(1,1), one read",
    "icc_1_k": "ICC(1,k), mean of the reads",
    "pearson": "Pearson correlation",
    "spearman": "Spearman correlation",
}


@dataclass(frozen=True)
class Subject:
    """Which task of which event, by which rubric, and how far apart two reads may be there."""

    event_code: str
    event: str
    task_id: int
    task_code: str
    task: str
    rubric_version: int
    tolerance: int
    traits: dict  # names by key


@dataclass(frozen=True)
class Reader:
    """For whom a report is made.

    `own` are ids of districts whose students the reader answers for, `runs` says that the event is theirs, and
    `scorers` holds what this reader may call each scorer. Numbers about fewer than `smallest` students stay hidden.
    """

    own: frozenset
    runs: bool
    districts: dict
    scorers: dict
    named: frozenset
    smallest: int = 10


@dataclass(frozen=True)
class Group:
    """One row of a table of districts: `agreement` is None where the group is too small to be shown."""

    label: str
    agreement: groups.GroupAgreement | None


@dataclass(frozen=True)
class TraitContent:
    """One trait: its figures, or `trouble` when they may not be shown."""

    key: str
    name: str
    summary: agreement.AgreementSummary | None
    districts: tuple = ()
    scorer_districts: tuple = ()
    scorers: dict = field(default_factory=dict)  # TraitProfile by the name of the scorer
    ac2: Statistic | None = None
    further: list = field(default_factory=list)  # (name, Statistic, False): rows of the table of all figures
    trouble: str = ""

    @property
    def headline(self):
        return self.trouble or self.summary.sentences[0]


@dataclass(frozen=True)
class AgreementContent:
    """The agreement on one task, for one reader. `refusal` says why there is nothing to show."""

    subject: Subject
    scope: str
    is_detailed: bool
    n_responses: int = 0
    n_double: int = 0
    n_single: int = 0
    traits: tuple = ()
    compared: districts.Compared | None = None
    refusal: str = ""

    def trait(self, key):
        """The trait with this key, else the first one."""
        return next(
            (each for each in self.traits if each.key == key), self.traits[0] if self.traits else None
        )

    @property
    def sentences(self):
        """The headline of every trait; with several traits each says its name."""
        if len(self.traits) == 1:
            return (self.traits[0].headline,)
        return tuple(f"{each.name}: {each.headline}" for each in self.traits)


def scopes(reader):
    """Which views of the event this reader may choose from."""
    return ("all",) if reader.runs else ("own", "all")


def first_scope(reader, double):
    """Where a reader starts: at their own district's responses, if those are enough for a coefficient."""
    own = sum(count for district, count in double.items() if district in reader.own)
    says_more = own < HIDE_BELOW <= sum(double.values()) and may_be_shown(reader, double)
    return "all" if reader.runs or says_more else "own"


def may_be_shown(reader, double):
    """Whether figures on these responses, counted by district, give away no small group to this reader."""
    hidden = hidden_groups(double, reader.smallest)
    return whole_may_be_shown(double, reader.own, reader.smallest, hidden)


def agree(subject, ratings, reader, *, scope=None):
    """Work out the agreement on one task as this reader may see it.

    Scope "own" is the responses of the reader's districts with every detail, "all" those of all districts. Those
    who do not run the event see all districts without the counts of single scores: a cell of these may stand for one
    student.
    """
    everywhere = papers_read_twice(ratings)
    scope = scope if scope in scopes(reader) else first_scope(reader, everywhere)
    is_detailed = reader.runs or scope == "own"
    if scope == "own":
        ratings = ratings.where(district=sorted(reader.own))
    empty = AgreementContent(subject, scope, is_detailed)
    double = papers_read_twice(ratings) if scope == "own" else everywhere
    if not may_be_shown(reader, double):
        return replace(empty, refusal=_refusal(reader))
    ratings = replace(ratings, scorer=_renamed(ratings.scorer, reader.scorers))
    of_scorers = _profiles(ratings, subject)
    traits = tuple(
        _trait(key, subject, ratings.of(key), reader, scope, is_detailed, of_scorers.get(key, {}))
        for key in ratings.traits
    )
    read = np.bincount(_per_response(ratings), minlength=1)
    return replace(
        empty,
        n_responses=int(read[1:].sum()),
        n_double=int(read[2:].sum()),
        n_single=int(read[1]) if read.size > 1 else 0,
        traits=traits,
        compared=districts.compare(
            ratings,
            reader.districts,
            smallest=reader.smallest,
            is_open=is_detailed or _districts_of(ratings) <= reader.own,
        ),
    )


def papers_read_twice(ratings):
    """How many responses of each district have two reads or more."""
    district = ratings.labels["district"]
    home = np.full(len(ratings.response.names), -1)
    home[ratings.response.codes] = district.codes
    twice = np.bincount(home[_per_response(ratings) > 1], minlength=len(district.names))
    return dict(zip(district.names, twice.tolist(), strict=True))


def _per_response(ratings):
    """How many reads each response has, counted on the trait with the most of them."""
    n = max(len(ratings.trait.names), 1)
    cells = np.bincount(
        ratings.response.codes * n + ratings.trait.codes, minlength=len(ratings.response.names) * n
    )
    return cells.reshape(-1, n).max(axis=1, initial=0)


def _profiles(ratings, subject):
    """What stands out about each scorer, by trait: all comparisons of the task are one family."""
    found = {}
    for scorer in profiles.build(ratings, tolerance=subject.tolerance).scorers:
        for row in scorer.traits:
            found.setdefault(row.trait, {})[scorer.scorer] = row
    return found


def _trait(key, subject, ratings, reader, scope, is_detailed, of_scorers):
    name = subject.traits[key]
    try:
        summary = agreement.summarize(ratings, tolerance=subject.tolerance)
    except NotReplicated as error:
        return TraitContent(key, name, None, trouble=str(error))
    every = coefficients.every(ratings, draws=0)
    seen = of_scorers
    if not is_detailed:
        seen = {scorer: row for scorer, row in of_scorers.items() if scorer in reader.named}
        summary = replace(summary, sentences=summary.sentences[:1], conditions=None)
    return TraitContent(
        key,
        name,
        summary,
        districts=_by_district(ratings, subject, reader),
        scorer_districts=_by_scorer_district(ratings, subject, reader, scope),
        scorers=dict(sorted(seen.items(), key=lambda item: str(item[0]))),
        ac2=page_rule(every["gwet_ac2"]),
        further=[(name, page_rule(every[key]), False) for key, name in FURTHER.items()],
    )


def _by_district(ratings, subject, reader):
    found = {row.label: row for row in groups.by_group(ratings, "district", tolerance=subject.tolerance)}
    papers = {label: row.n_units for label, row in found.items()}
    hidden = hidden_groups(papers, reader.smallest) - reader.own
    rows = [(reader.districts[label], None if label in hidden else row) for label, row in found.items()]
    return tuple(Group(label, row) for label, row in sorted(rows, key=lambda each: each[0]))


def _by_scorer_district(ratings, subject, reader, scope):
    """By where the scorers are from; a pair of scorers from two districts counts under both."""
    column = ratings.labels["scorer_district"]
    names = tuple(reader.districts[each] for each in column.names)
    codes = np.where(
        column.codes < 0, len(names), column.codes
    )  # a network's own people belong to no district
    labels = {**ratings.labels, "scorer_district": Labels((*names, NO_DISTRICT), codes)}
    found = groups.by_group(replace(ratings, labels=labels), "scorer_district", tolerance=subject.tolerance)
    is_open = scope == "own" or _districts_of(ratings) <= reader.own
    return tuple(
        Group(row.label, row if is_open or row.n_units >= reader.smallest else None) for row in found
    )


def _districts_of(ratings):
    column = ratings.labels["district"]
    return {column.names[code] for code in np.unique(column.codes).tolist()}


def _renamed(labels, names):
    """The same scorers under the names this reader may see. They stay apart: `names` gives nobody the same one."""
    return Labels(tuple(names[each] for each in labels.names), labels.codes)


def _refusal(reader):
    return (
        f"Fewer than {reader.smallest} responses of other districts have two reads so far. Figures about fewer than "
        f"{reader.smallest} students are not shown outside their district. Look again when more is read."
    )

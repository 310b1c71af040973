"""The many-facet Rasch model: the coded ratings it is fitted to, its parameters, and what it expects.

A response with measure theta, read by scorer j on item i (a trait, or a trait of one task), gets category k
rather than k - 1 with odds exp(theta - item_i - severity_j - threshold_ik). A group of scorers, such as a
district, needs no parameter of its own: it is as severe as its scorers are on average.

References
----------
Linacre, J. M. (1989). *Many-facet Rasch measurement*. MESA Press.
Eckes, T. (2015). *Introduction to many-facet Rasch measurement* (2nd ed.). Peter Lang.
"""

from dataclasses import dataclass, field

import numpy as np

from calibration.measurement import intervals, result
from calibration.measurement import ratings as reads
from calibration.measurement.facets import screening

RATING_SCALE, PARTIAL_CREDIT = "rating_scale", "partial_credit"
MODELS = (RATING_SCALE, PARTIAL_CREDIT)


@dataclass(frozen=True, eq=False)
class Design:
    """Who read what: every score as a category of its item, rows sorted by person (response), scorer and item.

    Codes are places in `persons`, `scorers` and `items`; `score` counts categories from 0 to the number of
    steps of the item's scale. `start[p]:start[p + 1]` are the rows of person p. `scale` gives the threshold
    set of each item: with the rating scale model, items with the same score points share one; with partial
    credit each has its own. `points[s]` are the score points of scale s that were used. `group` gives the
    group of each scorer (empty without groups). `set_aside` holds (facet, name, sentence) for those whose
    measure has no limit; `notes` says in words what was left out.

    >>> rows = [("R1", "ana", "ideas", 1), ("R1", "ben", "ideas", 2), ("R2", "ana", "ideas", 2),
    ...         ("R2", "ben", "ideas", 4), ("R3", "ana", "ideas", None), ("R3", "ben", "ideas", 1)]
    >>> design = Design.of(reads.Ratings.from_rows(rows, points=[1, 2, 3, 4]))
    >>> design.score.tolist(), design.points[0].tolist(), design.n_no_score
    ([0, 1, 1, 2, 0], [1.0, 2.0, 4.0], 1)
    >>> design.notes[-1]
    'Nobody gave 3 on ideas: the model passes over it.'
    """

    model: str
    persons: tuple
    scorers: tuple
    items: tuple
    person: np.ndarray
    scorer: np.ndarray
    item: np.ndarray
    score: np.ndarray
    start: np.ndarray
    scale: np.ndarray
    points: tuple
    groups: tuple = ()
    group: np.ndarray = ()
    n_no_score: int = 0
    n_set_aside: int = 0
    set_aside: tuple = ()
    notes: tuple = ()

    @classmethod
    def of(cls, ratings, *, model=RATING_SCALE, task=None, group=None, person="response"):
        """Code ratings for the model; `task`, `group` and `person` name columns of the ratings.

        With `task` an item is a trait of a task. With `group` every scorer belongs to one group (a scorer in
        two is refused). Persons are the responses unless another column, such as "student", is named. Rows
        without a score are left out and counted. Raises ValueError when nothing can be fitted.
        """
        if model not in MODELS:
            raise ValueError(f"There is no model {model!r}; the models are {', '.join(MODELS)}.")
        rows = np.flatnonzero(ratings.score != reads.NO_SCORE)
        no_score = ratings.score.size - rows.size
        if not rows.size:
            raise ValueError("No read has a score, so there is nothing to fit.")
        if not no_score:
            rows = slice(None)  # nothing to leave out, so nothing to copy
        persons, scorers, traits = (_column(ratings, name, rows) for name in (person, "scorer", "trait"))
        points = [ratings.points[trait] for trait in traits.names]
        items, names = traits.codes, traits.names
        if task is not None:
            tasks = _column(ratings, task, rows)
            width = len(tasks.names)
            items = items * width + tasks.codes
            names = tuple(f"{trait} ({of})" for trait in traits.names for of in tasks.names)
            points = [values for values in points for _ in range(width)]
        scale, points = _scales(points, model)
        groups, belongs = ((), ()) if group is None else _groups(scorers, _column(ratings, group, rows))
        notes = (f"{no_score:,} reads without a score were left out.",) if no_score else ()
        coded = cls(
            model=model,
            persons=persons.names,
            scorers=scorers.names,
            items=names,
            person=persons.codes,
            scorer=scorers.codes,
            item=items,
            score=ratings.score[rows],
            start=np.zeros(1, np.int64),
            scale=scale,
            points=points,
            groups=groups,
            group=belongs,
            n_no_score=no_score,
            notes=notes,
        )
        return screening.settled(coded)

    def only(self, rows):
        """The same design with these rows alone (a mask or row numbers), settled again."""
        return screening.settled(self, rows)

    @property
    def n_rows(self):
        """How many scores there are."""
        return self.score.size

    @property
    def n_steps(self):
        """The number of steps (thresholds) of each scale, as an array."""
        return np.array([values.size - 1 for values in self.points], np.int64)

    @property
    def top(self):
        """The highest category of each item, as an array."""
        return self.n_steps[self.scale]

    @property
    def totals(self):
        """Raw total of each person in categories, and the highest total the person could have."""
        sums = np.bincount(self.person, self.score, len(self.persons))
        return sums.astype(np.int64), np.bincount(self.person, self.top[self.item], len(self.persons)).astype(
            np.int64
        )


@dataclass(frozen=True, eq=False)
class Parameters:
    """Item difficulties (I), scorer severities (J) and thresholds (scales x most steps, +inf where none), in logits.

    As one vector: items, then severities, then the thresholds of each scale in turn.

    >>> some = Parameters(np.array([0.5, -0.5]), np.zeros(3), np.array([[-1.0, 1.0]]))
    >>> some.vector.tolist()
    [0.5, -0.5, 0.0, 0.0, 0.0, -1.0, 1.0]
    """

    item: np.ndarray
    severity: np.ndarray
    thresholds: np.ndarray

    @property
    def vector(self):
        """All parameters in one row."""
        return np.concatenate([self.item, self.severity, self.thresholds[np.isfinite(self.thresholds)]])

    @property
    def cumulated(self):
        """Sums of thresholds up to each category: scales x (most steps + 1), +inf for no such category."""
        return np.pad(np.cumsum(self.thresholds, axis=1), ((0, 0), (1, 0)))

    @classmethod
    def from_vector(cls, design, vector):
        """Take the row of all parameters apart again."""
        n_items, n_scorers = len(design.items), len(design.scorers)
        thresholds = np.full((len(design.points), int(design.n_steps.max())), np.inf)
        thresholds[step_places(design)] = vector[n_items + n_scorers :]
        return cls(vector[:n_items], vector[n_items : n_items + n_scorers], thresholds)


@dataclass(frozen=True, eq=False)
class Element:
    """One scorer, item or group of a fit: where it stands in logits, how sure, and how predictable.

    `measure` is severity for a scorer or group, difficulty for an item; `n` counts scores. `fair_average` is
    the raw score it stands for with everything else average. Fit figures are NaN where there are none.
    """

    name: object
    measure: float
    se: float
    n: int
    infit: float = np.nan
    outfit: float = np.nan
    infit_z: float = np.nan
    outfit_z: float = np.nan
    fair_average: float = np.nan
    status: str = result.OK
    sentence: str = ""

    def statistic(self, method, confidence=0.95):
        """The measure as a `Statistic`, with a normal interval."""
        if not np.isfinite(self.measure):
            return result.undefined(self.status, self.sentence, method=method, n_units=self.n)
        quantile = intervals.normal_quantile((1 + confidence) / 2)
        low, high = intervals.around(self.measure, self.se, quantile=quantile)
        return result.Statistic(
            self.measure, low, high, self.se, method, self.n, status=self.status, sentence=self.sentence
        )


@dataclass(frozen=True)
class Threshold:
    """Where two neighboring score points are equally likely, against the difficulty of the item (logits)."""

    items: tuple
    low: float
    high: float
    measure: float
    se: float


@dataclass(frozen=True, eq=False)
class Persons:
    """Measures of the persons as arrays in the order of `names`; `extreme` is -1 or 1 at the lowest or highest total."""

    names: tuple
    measure: np.ndarray
    se: np.ndarray
    extreme: np.ndarray


@dataclass(frozen=True, eq=False)
class FacetsFit:
    """A fitted model: who is severe, what is hard, with standard errors, fit, and what to know before using it.

    `scorers`, `items` and `groups` map names to `Element`. `covariance` is that of `parameters.vector` (zero
    for what is anchored). `blocks` holds for each scorer a code: only scorers with the same code may be
    compared. `status` is "ok", or "warning:..." when the figures must not be published; `separation` maps
    "scorers", "items", "groups" or "persons" to its record. From a marginal fit, `person_mean` is the mean of
    abilities, and `shift` is what was taken out of the severity of each scorer and of the measures of the
    component's persons because nothing links it to the others.
    """

    estimator: str
    design: Design
    parameters: Parameters
    covariance: np.ndarray
    scorers: dict
    items: dict
    groups: dict
    thresholds: tuple
    persons: Persons
    deviance: float
    n_parameters: int
    iterations: int
    converged: bool
    person_variance: float = np.nan
    person_mean: float = np.nan
    shift: np.ndarray = ()
    blocks: np.ndarray = ()
    separation: dict = field(default_factory=dict)
    status: str = result.OK
    notes: tuple = ()


def step_places(design):
    """Scale and step of each threshold, in the order of the vector (two index arrays)."""
    steps = design.n_steps
    return np.repeat(np.arange(steps.size), steps), np.concatenate([np.arange(n) for n in steps])


def log_probabilities(design, parameters, theta, scorer, item):
    """Log of the chance of each category; theta, scorer and item are arrays that fit together.

    The last axis of the result holds the categories; a category the item does not have gets -inf.

    >>> design = Design.of(reads.Ratings.from_rows(
    ...     [("R1", "ana", "ideas", 0), ("R1", "ben", "ideas", 1), ("R2", "ana", "ideas", 1),
    ...      ("R2", "ben", "ideas", 0)], points=[0, 1]))
    >>> flat = Parameters(np.zeros(1), np.zeros(2), np.zeros((1, 1)))
    >>> np.exp(log_probabilities(design, flat, np.zeros(1), np.zeros(1, int), np.zeros(1, int))).tolist()
    [[0.5, 0.5]]
    """
    ease = theta - parameters.severity[scorer] - parameters.item[item]
    cumulated = parameters.cumulated[design.scale[item]]
    logits = np.asarray(ease)[..., None] * np.arange(cumulated.shape[-1]) - cumulated
    highest = logits.max(axis=-1, keepdims=True)
    return logits - highest - np.log(np.exp(logits - highest).sum(axis=-1, keepdims=True))


def expected_and_variance(design, parameters, theta, scorer, item):
    """The category the model expects, and how far it expects scores to scatter about it (variance)."""
    chance = np.exp(log_probabilities(design, parameters, theta, scorer, item))
    category = np.arange(chance.shape[-1])
    expected = chance @ category
    return expected, np.maximum(chance @ category**2 - expected**2, 0)


def log_likelihood(design, parameters, theta):
    """The log-likelihood of all scores, given a measure for each person."""
    chances = log_probabilities(design, parameters, theta[design.person], design.scorer, design.item)
    return float(chances[np.arange(design.n_rows), design.score].sum())


def sum_to_zero(n):
    """A basis (n x (n - 1)) of the vectors of length n that sum to zero; empty for n = 1.

    >>> sum_to_zero(3).tolist()
    [[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]
    """
    return np.vstack([np.eye(n - 1), np.full((1, n - 1), -1.0)]) if n else np.zeros((0, 0))


def constraints(design, *, center_items=True, blocks=None, item_blocks=None, anchors=None):
    """The parameters as `offset + basis @ free`: what may vary, and what is held.

    Thresholds of a scale sum to zero. Severities sum to zero inside each block of scorers that can be
    compared (`blocks`: a code for each scorer; None: all). With `center_items` items sum to zero in each of
    the `item_blocks` (persons free, as in JML), else they are free (persons centered at 0, as in MML).
    `anchors` is a vector like `Parameters.vector` with NaN where a parameter is free: anchored ones are held
    at their values, and the items, block of severities or scale they belong to need no other constraint.
    Returns (offset, basis).
    """
    n_items, n_scorers = len(design.items), len(design.scorers)
    size = n_items + n_scorers + int(design.n_steps.sum())
    held = np.full(size, np.nan) if anchors is None else np.asarray(anchors, float)
    if held.shape != (size,):
        raise ValueError(f"Anchors need {size} places, one for each parameter; these have {held.size}.")
    blocks = np.zeros(n_scorers, int) if blocks is None else np.asarray(blocks)
    item_blocks = np.zeros(n_items, int) if item_blocks is None else np.asarray(item_blocks)
    sets = [(np.flatnonzero(item_blocks == block), center_items) for block in np.unique(item_blocks)]
    sets += [(n_items + np.flatnonzero(blocks == block), True) for block in np.unique(blocks)]
    scale = np.repeat(np.arange(design.n_steps.size), design.n_steps)
    sets += [(n_items + n_scorers + np.flatnonzero(scale == s), True) for s in range(design.n_steps.size)]
    columns = []
    for places, centered in sets:
        free = places[np.isnan(held[places])]
        centered = centered and free.size == places.size
        block = sum_to_zero(free.size) if centered else np.eye(free.size)
        part = np.zeros((size, block.shape[1]))
        part[free] = block
        columns.append(part)
    return np.where(np.isnan(held), 0.0, held), np.hstack(columns)


def _column(ratings, name, rows):
    """The labels of a column at some rows; a row without a label is refused."""
    known = {"response": ratings.response, "scorer": ratings.scorer, "trait": ratings.trait} | ratings.labels
    if name not in known:
        raise ValueError(f"The ratings have no column {name!r}; they have {', '.join(known)}.")
    labels = known[name][rows]
    nameless = np.flatnonzero(labels.codes < 0)
    if nameless.size:
        row = nameless[0] if isinstance(rows, slice) else rows[nameless[0]]
        raise ValueError(f"Row {row + 1} has no {name}.")
    return labels


def _groups(scorers, groups):
    """The group of each scorer (-1 for a scorer without rows); a scorer in two groups is refused."""
    belongs = np.full(len(scorers.names), -1)
    belongs[scorers.codes] = groups.codes
    stray = np.flatnonzero(belongs[scorers.codes] != groups.codes)
    if stray.size:
        scorer = scorers.codes[stray[0]]
        first, second = groups.names[groups.codes[stray[0]]], groups.names[belongs[scorer]]
        raise ValueError(
            f"Scorer {scorers.names[scorer]} stands in two groups, {first} and {second}; name the group of the "
            "scorer, not of the response."
        )
    return groups.names, belongs


def _scales(points, model):
    """The threshold set of each item, and the score points of each set."""
    keys = [tuple(values) if model == RATING_SCALE else place for place, values in enumerate(points)]
    first = {}
    scale = np.array([first.setdefault(key, len(first)) for key in keys], np.int64)
    return scale, tuple(points[int(np.argmax(scale == s))] for s in range(len(first)))

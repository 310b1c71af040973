"""The candidates themselves, each with its reasons in words, made when somebody looks at them."""

from collections.abc import Sequence
from dataclasses import dataclass

from calibration.measurement.anchoring import words
from calibration.measurement.anchoring.posterior import MOST_MORE

SOLID, BORDERLINE, UNEVEN = "solid", "borderline", "uneven"
SURPRISING = 2.0  # mean squared surprise of a paper's reads; 1 is usual


@dataclass(frozen=True, slots=True)
class AnchorCandidate:
    """A response that may serve as an anchor paper, and why.

    `certainty` is the chance of the least sure of its scores to be the true score point (of a borderline
    paper: of the likelier side of its line), `sides` the chances of a borderline paper to lie below and
    above its line; NaN and None where too few papers were read twice to tell. `more_reads` says how many
    further equal reads would make it ready (0: it is ready, None: more than four, or no telling).
    """

    response: object
    kind: str
    n_reads: int
    scores: dict
    split: tuple | None
    split_counts: tuple | None
    spread: float
    reason: str
    ready: bool
    certainty: float
    sides: tuple | None
    entropy: float
    misfit: float
    more_reads: int | None
    reasons: tuple


class Papers(Sequence):
    """Candidates of one kind, best first. There may be very many, so each is put into words when asked for."""

    def __init__(self, rows, source):
        self._rows, self._source = rows, source

    def __len__(self):
        return self._rows.size

    def __getitem__(self, place):
        if isinstance(place, slice):
            return tuple(self._source.candidate(row) for row in self._rows[place].tolist())
        return self._source.candidate(int(self._rows[place]))

    def __eq__(self, other):
        return tuple(self) == tuple(other) if isinstance(other, (Papers, tuple)) else NotImplemented

    __hash__ = None

    def __repr__(self):
        return f"<{len(self):,} candidates>"


@dataclass(frozen=True, eq=False)
class Source:
    """All that is needed to put a candidate into words."""

    ratings: object
    evidence: object
    table: object
    misfit: object
    names: words.Names

    def candidate(self, row):
        """One row of the evidence as a candidate."""
        found, unit, kind = self.evidence, int(self.evidence.units[row]), self._kind(row)
        say = self._on_a_line if kind == BORDERLINE else self._agreed
        misfit = float(self.misfit[unit])
        told = say(kind, row, int(found.reads[row]))
        if misfit > SURPRISING:
            told["reasons"].append("Its reads are further apart than usual, so look at it with care.")
        told["reasons"] = tuple(told["reasons"])
        return AnchorCandidate(
            response=self.ratings.response.names[unit],
            kind=kind,
            n_reads=int(found.reads[row]),
            spread=float(found.spread[row]),
            ready=bool(found.ready[row]),
            entropy=float(self.table.entropy[unit]),
            misfit=misfit,
            reason=told["reasons"][0],
            **told,
        )

    def _kind(self, row):
        if self.evidence.on_a_line[row]:
            return BORDERLINE
        return SOLID if self.evidence.clean[row] else UNEVEN

    def _agreed(self, kind, row, reads):
        found, scores = self.evidence, self._scores(row)
        least = int(found.backing[row].min(initial=reads))
        reasons = [words.agreed(self.names, scores, reads, least, kind == UNEVEN)]
        certainty, more = float(found.chance[row].min(initial=2)), None
        if certainty <= 1:  # known, and there is a trait
            trait = self.ratings.traits[int(found.chance[row].argmin())]
            more = int(found.more[row]) if found.more[row] <= MOST_MORE else None
            reasons.append(words.certainty(self.names, scores, trait, certainty, more))
        return {
            "scores": scores,
            "split": None,
            "split_counts": None,
            "certainty": certainty if certainty <= 1 else float("nan"),
            "sides": None,
            "more_reads": more,
            "reasons": reasons,
        }

    def _on_a_line(self, kind, row, reads):
        found, column = self.evidence, int(self.evidence.split[row])
        trait, low = self.ratings.traits[column], int(found.n_low[row])
        step = int(found.levels[row, column])
        split = (trait, *self.ratings.points[trait][step : step + 2].tolist())
        scores, below = self._scores(row, besides=column), float(found.below[row])
        sides = (below, 1 - below) if below == below else None
        reasons = [words.on_a_line(self.names, scores, split, low, reads)]
        if sides:
            reasons.append(words.line_certainty(self.names, split, sides))
        return {
            "scores": scores,
            "split": split,
            "split_counts": (low, reads - low),
            "certainty": max(sides) if sides else float("nan"),
            "sides": sides,
            "more_reads": 0 if found.ready[row] else None,
            "reasons": reasons,
        }

    def _scores(self, row, besides=-1):
        """The score of every trait; None for the trait that is split."""
        levels = self.evidence.levels[row].tolist()
        return {
            trait: None if column == besides else float(self.ratings.points[trait][int(level)])
            for column, (trait, level) in enumerate(zip(self.ratings.traits, levels, strict=True))
        }

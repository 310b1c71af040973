"""How papers cover a rubric: solid and borderline papers at each score point of each trait, and the gaps in words.

Pure: traits and papers come as plain values, so that anybody can check the counting.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One score point of one trait: how many papers show it clearly, and how many lie close to a line."""

    point: int
    solid: int
    borderline: int

    @property
    def all(self):
        return self.solid + self.borderline

    @property
    def words(self):
        """The count as people say it."""
        parts = [f"{self.solid} solid"] * bool(self.solid) + [f"{self.borderline} borderline"] * bool(
            self.borderline
        )
        return ", ".join(parts) or "none"


@dataclass(frozen=True)
class Grid:
    """A row of cells for each trait, by its name, and a sentence for each trait that lacks something."""

    rows: tuple  # (trait, (Cell, ...))
    gaps: tuple


def grid(traits, papers):
    """Count papers at each score point. Traits are (key, name, score points), papers (is it solid?, {key: score}).

    >>> found = grid([("org", "Organization", [1, 2, 3])], [(True, {"org": 1}), (False, {"org": 3})])
    >>> [cell.words for cell in found.rows[0][1]]
    ['1 solid', 'none', '1 borderline']
    >>> found.gaps
    ('No 2 in Organization yet.', 'Only borderline papers show a 3 in Organization.')
    """
    rows, gaps = [], []
    for key, name, points in traits:
        cells = tuple(_cell(point, key, papers) for point in points)
        rows.append((name, cells))
        if missing := [cell.point for cell in cells if cell.all == 0]:
            gaps.append(f"No {_listed(missing)} in {name} yet.")
        if unclear := [cell.point for cell in cells if cell.all and not cell.solid]:
            gaps.append(f"Only borderline papers show a {_listed(unclear)} in {name}.")
    return Grid(tuple(rows), tuple(gaps))


def _cell(point, key, papers):
    kinds = [is_solid for is_solid, scores in papers if scores.get(key) == point]
    return Cell(point, kinds.count(True), kinds.count(False))


def _listed(points):
    *others, last = map(str, points)
    return f"{', '.join(others)} or {last}" if others else last

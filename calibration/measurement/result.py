"""One number, and everything a reader needs to judge it.

NaN means "no number" here; a page turns it into words with `sentence` or `text()`, a file into an empty
cell with `as_dict()`. Nothing is rounded before it is put into words.
"""

import math
from dataclasses import asdict, dataclass, replace

OK = "ok"
NO_VARIATION = "undefined:no_variation"
TOO_FEW = "undefined:too_few"
NOT_FIXED = "undefined:not_fixed"  # needs the same two scorers, or every scorer on every response
SUPPRESSED = "suppressed:small_n"
WIDE = "warning:small_n"

HIDE_BELOW = 30  # papers; under this a coefficient says more about luck than about scorers
WIDE_BELOW = 100  # papers; under this it is shown, and marked as wide

SHORT_REASONS = {
    SUPPRESSED: "too few papers",
    TOO_FEW: "not enough scores",
    NOT_FIXED: "scorers vary",
}

NO_TELLING = "Everyone gave the same score, so there is nothing to tell agreement from habit."
NO_PAIRS = "No paper has two scored reads yet, so there is no agreement to show."

NAN = math.nan


@dataclass(frozen=True, slots=True)
class Statistic:
    """A figure with its interval, its method, what it was made from, and whether it may be shown.

    `n_units` counts the responses behind it, `n_pairs` the pairs of reads, and `n_excluded` the reads that
    could not be used: no score, a condition code, or no second read to compare with.

    >>> Statistic(0.71, 0.61, 0.79, n_units=100).text()
    '0.71 (0.61 to 0.79)'
    """

    value: float = NAN
    low: float = NAN
    high: float = NAN
    se: float = NAN
    method: str = ""
    n_units: float = 0
    n_pairs: int = 0
    n_excluded: int = 0
    status: str = OK
    sentence: str = ""

    @property
    def defined(self):
        """Is there a number to show?"""
        return not math.isnan(self.value)

    @property
    def has_interval(self):
        """Are there limits to show beside the number?"""
        return not (math.isnan(self.low) or math.isnan(self.high))

    @property
    def wide(self):
        """Is the number made from so few papers that it should be marked?"""
        return self.status == WIDE

    def text(self, digits=2):
        """The number with its interval, rounded for a reader; the reason when there is none."""
        return self._written(lambda number: f"{number + 0.0:.{digits}f}")

    def percent_text(self, digits=0):
        """The same for a share: '71 % (61 % to 79 %)'."""
        return self._written(lambda number: f"{100 * number:.{digits}f} %")

    def _written(self, write):
        if not self.defined:
            return SHORT_REASONS.get(self.status, "undefined")
        limits = f" ({write(self.low)} to {write(self.high)})" if self.has_interval else ""
        return write(self.value) + limits

    def as_dict(self):
        """Plain values for JSON or a table: None where there is no number.

        >>> Statistic(status=TOO_FEW).as_dict()["value"] is None
        True
        """
        fields = asdict(self)
        return {
            name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in fields.items()
        }


def undefined(status, sentence, **known):
    """A figure that does not exist, with the reason: never 0 and never 1.

    >>> undefined(TOO_FEW, "No paper has two reads yet.").defined
    False
    """
    return Statistic(status=status, sentence=sentence, **known)


def page_rule(statistic, *, hide_below=HIDE_BELOW, wide_below=WIDE_BELOW):
    """Hide a coefficient made from too few papers, and mark one made from few.

    The rule counts responses, not pairs: ten responses read by twenty scorers are still ten. What is
    undefined stays undefined. The counts stay in every case.

    >>> page_rule(Statistic(0.8, n_units=12)).status
    'suppressed:small_n'
    >>> page_rule(Statistic(0.8, n_units=45)).status
    'warning:small_n'
    """
    if not statistic.defined:
        return statistic
    papers = int(statistic.n_units)
    if papers < hide_below:
        return replace(
            statistic,
            **dict.fromkeys(("value", "low", "high", "se"), NAN),
            status=SUPPRESSED,
            sentence=f"Too few papers for this figure: {papers} of the {hide_below} it needs.",
        )
    if papers < wide_below:
        few = f"Only {papers} papers stand behind this figure, so it may be well off."
        return replace(statistic, status=WIDE, sentence=f"{statistic.sentence} {few}".strip())
    return statistic

"""Whether scorers of two districts score alike, and what of it others may see."""

import numpy as np

from calibration.measurement.ratings import Ratings
from calibration.reports import districts


def test_districts_are_compared_on_the_papers_they_share():
    """A district whose scorers are stricter by a point is found; few shared papers stay hidden from others."""
    some = np.random.default_rng(2)
    rows = []
    for response in range(60):
        quality = some.normal(3, 1)
        for home in (1, 2):
            score = round(min(max(quality - (home == 2) + some.normal(0, 0.3), 1), 6))
            rows.append({"response": response, "scorer": f"{home}-{some.integers(5)}", "trait": "t", "score": score,
                         "district": 1, "scorer_district": home})  # fmt: skip
    ratings = Ratings.from_rows(rows, points=[1, 2, 3, 4, 5, 6])
    found = districts.compare(ratings, {1: "Alder", 2: "Birch"}, smallest=10, is_open=False)
    assert (found.verdict, found.pairs[0].first, found.pairs[0].comparison.n_shared) == (
        "different",
        "Alder",
        60,
    )
    assert "scorers of Alder gave" in found.sentences[0]
    few = ratings.where(response=list(range(8)))
    hidden = districts.compare(few, {1: "Alder", 2: "Birch"}, smallest=10, is_open=False)
    assert (hidden.verdict, hidden.sentences, hidden.pairs[0].comparison) == ("", (), None)
    assert districts.compare(few, {1: "Alder", 2: "Birch"}, smallest=10, is_open=True).pairs[0].comparison
    alone = ratings.where(scorer_district=1)
    assert districts.compare(alone, {1: "Alder", 2: "Birch"}, smallest=10, is_open=True) is None

"""Intraclass correlations where their intervals can not be trusted."""

from calibration.measurement import icc, pairs


def test_an_interval_that_is_too_narrow_says_so():
    piled_up = pairs.PairCounts.from_table(
        [[4, 2, 0], [2, 180, 3], [0, 2, 7]], [1, 2, 3], fixed_pair=("a", "b")
    )
    spread = pairs.PairCounts.from_table(
        [[40, 10, 0], [9, 60, 8], [0, 9, 64]], [1, 2, 3], fixed_pair=("a", "b")
    )
    assert icc.kurtosis(piled_up) > icc.HEAVY > 3 > icc.kurtosis(spread)
    warned, fine = icc.six(piled_up)["icc_1_1"], icc.six(spread)["icc_1_1"]
    assert (warned.status, fine.status) == (icc.HEAVY_TAILS, "ok")
    assert "too narrow" in warned.sentence
    assert warned.has_interval

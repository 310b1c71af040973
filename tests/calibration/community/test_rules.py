"""When a digest is due: at somebody's hour in their time zone, and not long after it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from calibration.community import rules

MONDAY = datetime(2031, 3, 3, 12, 5, tzinfo=UTC)


@given(
    frequency=st.sampled_from(["daily", "weekly"]), weekday=st.integers(0, 6), hour=st.integers(0, 23),
    zone=st.sampled_from(sorted(rules.ZONES)), moment=st.integers(1_577_836_800, 2_208_988_800),
)  # fmt: skip
def test_the_last_time_is_never_ahead_and_never_more_than_a_period_ago(
    frequency, weekday, hour, zone, moment
):
    moment = datetime.fromtimestamp(moment, UTC)
    due = rules.last_due(frequency, weekday, hour, zone, moment)
    period = timedelta(days=7 if frequency == "weekly" else 1)
    assert timedelta(0) <= moment - due <= period + timedelta(hours=1)  # clocks go back for an hour
    assert rules.last_due(frequency, weekday, hour, zone, due) == due


def test_what_is_long_past_waits_for_the_next_time():
    due = MONDAY.replace(minute=0)
    for frequency, late in (("daily", timedelta(hours=12)), ("weekly", timedelta(days=2))):
        before = due - timedelta(days=9)
        assert rules.is_due(frequency, due, due + late, changed_at=before)
        assert not rules.is_due(frequency, due, due + late + timedelta(minutes=1), changed_at=before)
        assert not rules.is_due(frequency, due, due + late, changed_at=due)
    assert not rules.is_due("off", None, due, changed_at=due)


def test_an_unknown_time_zone_is_read_as_utc():
    assert rules.last_due("daily", 0, 7, "Mars/Olympus", MONDAY) == MONDAY.replace(hour=7, minute=0)


def test_a_digest_tells_from_where_the_last_one_ended_four_weeks_back_at_most():
    week = timedelta(days=7)
    assert rules.since("weekly", MONDAY, None) == MONDAY - week
    assert rules.since("daily", MONDAY, None) == MONDAY - timedelta(days=1)
    assert rules.since("daily", MONDAY, MONDAY - week) == MONDAY - week
    assert rules.since("daily", MONDAY, MONDAY - 9 * week) == MONDAY - 4 * week

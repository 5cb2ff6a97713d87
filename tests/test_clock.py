"""The clock, and the demonstration clock's text form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kiwoom_provider.clock import ClockError, DemoClock, SystemClock


def test_the_demonstration_clock_shows_its_start_at_its_anchor_and_runs_at_its_speed():
    clock = DemoClock(datetime(2026, 11, 20, 11, 30, tzinfo=UTC), 100.0, 60.0, real_time=lambda: 130.0)

    assert clock.now() == datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    assert clock.real_seconds(120) == 2.0


def test_its_text_is_read_with_and_without_a_speed():
    assert DemoClock.parse("2026-11-20T20:30:00+09:00@100.5x60").speed == 60.0
    assert DemoClock.parse("2026-11-20T20:30:00+09:00@100").start == datetime(2026, 11, 20, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "noon", "2026-11-20T20:30:00@1", "2026-11-20T20:30:00+09:00", "x@1", "2026-11-20T20:30:00+09:00@1x0"],
)
def test_a_text_that_is_no_clock_is_refused(text):
    with pytest.raises(ClockError):
        DemoClock.parse(text)


def test_the_real_clock_is_aware_and_waits_in_real_time():
    clock = SystemClock()

    assert clock.now().utcoffset() == timedelta(0)
    assert clock.real_seconds(7) == 7

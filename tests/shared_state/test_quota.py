import pytest

from kiwoom_provider.shared_state.quota import Latency, Quota, after_refusal, effective

HOUR_MS = 3_600_000
NOW = 1_800_000_000_000


def test_without_a_refusal_the_setting_holds():
    assert effective(5.0, None, NOW) == 5.0
    assert effective(None, None, NOW) is None


def test_a_named_quota_below_the_setting_holds_at_once():
    assert after_refusal(5.0, None, 1.0, NOW - 300, NOW) == Quota(1.0, NOW)


def test_a_quota_named_absurdly_low_is_taken_for_the_least():
    assert after_refusal(5.0, None, 0.001, NOW - 300, NOW) == Quota(0.1, NOW)


def test_a_named_quota_ends_running_without_a_limit():
    assert after_refusal(None, None, 3.0, NOW - 300, NOW) == Quota(3.0, NOW)


def test_a_call_that_was_sent_before_the_quota_was_known_teaches_nothing_more():
    known = Quota(1.0, NOW)
    assert after_refusal(5.0, known, 1.0, NOW - 100, NOW + 200) is None


def test_the_first_refusal_at_the_kept_quota_is_only_counted():
    known = Quota(5.0, NOW)
    assert after_refusal(5.0, known, 5.0, NOW + 1000, NOW + 1100) == Quota(5.0, NOW + 1100, strikes=1)


@pytest.mark.parametrize(("kept", "lowered"), [(5.0, 4.0), (4.0, 3.0), (2.0, 1.0), (1.0, 0.8), (0.1, 0.1)])
def test_a_repeated_refusal_at_the_kept_quota_lowers_it(kept, lowered):
    known = Quota(kept, NOW, strikes=1)
    assert after_refusal(5.0, known, 5.0, NOW + 1000, NOW + 1100) == Quota(lowered, NOW + 1100, strikes=1)


def test_a_refusal_without_a_figure_lowers_at_once():
    assert after_refusal(5.0, None, None, NOW - 100, NOW) == Quota(4.0, NOW, strikes=1)


@pytest.mark.parametrize(
    ("hours", "kept"), [(0, 1.0), (1, 1.0), (12, 1.0), (24, 2.0), (36, 2.0), (48, 4.0), (24 * 30, 5.0)]
)
def test_recovery_doubles_in_a_day_in_whole_calls_and_stops_at_the_setting(hours, kept):
    assert effective(5.0, Quota(1.0, NOW), NOW + hours * HOUR_MS) == kept


def test_a_setting_below_the_learned_quota_is_never_exceeded():
    assert effective(2.0, Quota(5.0, NOW), NOW) == 2.0


def test_a_clock_that_was_set_back_does_not_change_the_quota():
    assert effective(5.0, Quota(1.0, NOW), NOW - 10 * HOUR_MS) == 1.0


@pytest.mark.parametrize(
    ("text", "quota"),
    [
        ('{"per_second": 2.5, "since_ms": 1799999999999, "strikes": 1}', Quota(2.5, 1_799_999_999_999, 1)),
        ('{"per_second": 1e-9, "since_ms": 0, "strikes": 0}', Quota(0.1, 0, 0)),
        ('{"per_second": 1e300, "since_ms": 0, "strikes": 0}', Quota(1000.0, 0, 0)),
        ('{"per_second": NaN, "since_ms": 0, "strikes": 0}', None),
        ('{"per_second": Infinity, "since_ms": 0, "strikes": 0}', None),
        ('{"per_second": 1, "since_ms": 9000000000000, "strikes": 0}', None),
        ('{"per_second": 1, "since_ms": 0}', None),
        ("[1, 2, 3]", None),
        ("\x00", None),
        ("", None),
        (None, None),
    ],
)
def test_what_is_kept_is_read_within_bounds(text, quota):
    assert Quota.from_text(text, NOW) == quota


def test_what_is_kept_reads_back_as_it_was():
    assert Quota.from_text(Quota(1.5, NOW, 2).to_text(), NOW) == Quota(1.5, NOW, 2)
    assert Latency.from_text(Latency(41.5, 9).to_text()) == Latency(41.5, 9)


@pytest.mark.parametrize(
    ("text", "latency"),
    [
        ('{"quickest_ms": 1e9, "answers": 9}', Latency(1000.0, 9)),
        ('{"quickest_ms": -5, "answers": 9}', Latency()),
        ("no JSON", Latency()),
        (None, Latency()),
    ],
)
def test_a_latency_that_someone_planted_is_read_within_bounds(text, latency):
    assert Latency.from_text(text) == latency


def test_a_quota_of_long_ago_does_not_overflow():
    assert effective(None, Quota(1.0, 0), NOW) == 1000.0

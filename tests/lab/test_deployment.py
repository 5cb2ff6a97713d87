"""What `make run` and `make ui` set up, at any hour of any day."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kiwoom_provider.clock import DemoClock
from lab.local import deployment


@pytest.mark.parametrize(
    ("now", "session"),
    [
        (datetime(2026, 11, 20, 12, 10, tzinfo=UTC), "2026-11-20"),
        (datetime(2026, 11, 22, 15, 0, tzinfo=UTC), "2026-11-20"),
        (datetime(2026, 11, 22, 21, 59, tzinfo=UTC), "2026-11-20"),
    ],
    ids=["at the settle time", "on Sunday", "a minute before the window ends"],
)
def test_inside_a_sessions_window_the_real_clock_is_used(now, session):
    stage = deployment.Stage.at(now)

    assert (stage.session.key, stage.demo_clock) == (session, None)


@pytest.mark.parametrize(
    ("now", "session"),
    [
        (datetime(2026, 11, 20, 12, 9, tzinfo=UTC), "2026-11-19"),
        (datetime(2026, 11, 22, 22, 0, tzinfo=UTC), "2026-11-20"),
        (datetime(2026, 12, 28, 3, 0, tzinfo=UTC), "2026-12-24"),
    ],
    ids=["just before the settle time", "when the window has ended", "Monday noon after Christmas"],
)
def test_outside_it_the_latest_session_is_shown_with_a_clock_inside_its_window(now, session):
    stage = deployment.Stage.at(now)

    assert stage.session.key == session
    assert stage.session.settles_at < stage.demo_clock < stage.session.window_ends_at


def test_the_clock_is_handed_on_as_the_provider_reads_it():
    stage = deployment.Stage.at(datetime(2026, 11, 20, 3, 0, tzinfo=UTC))

    clock = DemoClock.parse(stage.clock_variable(anchor=1_000_000_000.0))

    assert clock.start == datetime(2026, 11, 19, 12, 20, tzinfo=UTC)
    assert clock.anchor == 1_000_000_000.0


def test_without_keys_the_simulator_is_meant():
    assert deployment.real_target({}) is None


def test_with_both_keys_the_mock_host_is_meant_unless_another_is_named():
    keys = {"KIWOOM_APP_KEY": "a", "KIWOOM_SECRET_KEY": "b"}

    assert deployment.real_target(keys).host == "mockapi.kiwoom.com"
    assert deployment.real_target(keys | {"KIWOOM_HOST": "api.kiwoom.com"}).host == "api.kiwoom.com"


def test_one_key_alone_is_refused_by_name():
    with pytest.raises(SystemExit, match="both KIWOOM_APP_KEY and KIWOOM_SECRET_KEY"):
        deployment.real_target({"KIWOOM_APP_KEY": "a"})


def test_keys_stand_in_no_repr():
    target = deployment.real_target({"KIWOOM_APP_KEY": "app-a", "KIWOOM_SECRET_KEY": "secret-b"})

    assert "app-a" not in repr(target)
    assert "secret-b" not in repr(target)

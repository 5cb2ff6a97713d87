"""A session's own night goes first: the history waits for it, and goes on after it."""

from __future__ import annotations

from datetime import datetime

import pytest

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.operators.history import NightGoesFirst, _night_first

PUBLISHED = "investor_trading/session_date=2026-11-20/part-0.parquet"


class Clock:
    def __init__(self, moment):
        self.moment = datetime.fromisoformat(f"{moment}+09:00")

    def now(self):
        return self.moment


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path.as_uri())


@pytest.mark.parametrize("moment", ["2026-11-20T21:10:00", "2026-11-21T00:09:59"])
def test_while_a_session_is_collected_no_call_of_the_history_is_made(store, moment):
    with pytest.raises(NightGoesFirst, match="2026-11-20"):
        _night_first(store, Clock(moment))()


@pytest.mark.parametrize("moment", ["2026-11-20T21:09:59", "2026-11-21T00:10:00", "2026-11-21T12:00:00"])
def test_outside_of_those_hours_the_history_goes_on(store, moment):
    _night_first(store, Clock(moment))()


def test_once_the_session_is_published_the_history_goes_on(store):
    store.write(PUBLISHED, b"parquet")
    _night_first(store, Clock("2026-11-20T21:30:00"))()

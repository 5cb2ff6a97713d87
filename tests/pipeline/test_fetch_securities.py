"""The night's securities master: two calls; one that is away, or wrong, costs no night and stays in raw."""

from __future__ import annotations

import pytest

from kiwoom_provider.datasets import layout, securities
from kiwoom_provider.krx import calendar
from kiwoom_provider.pipeline.fetch_securities import keep_securities
from kiwoom_provider.pipeline.plan import Mode, Plan
from stages import SESSION


@pytest.fixture
def keep(store, hook):
    plan = Plan.of(calendar(), SESSION, Mode.LIVE, ())
    return lambda: keep_securities(hook, store, plan, "run-a")


def kept_raw(store):
    return [key.split("/")[3] for key in store.list(f"raw/ka10099/session_date={SESSION}")]


def test_both_boards_are_kept_as_they_came_and_as_a_dataset(keep, store, control):
    rows = keep()
    assert control.count("ka10099").served == 2
    assert kept_raw(store) == ["market=KOSDAQ", "market=KOSPI"]
    assert securities.read(store, SESSION).num_rows == rows == 350


@pytest.mark.parametrize(
    ("fault", "boards"),
    [("http=503@ka10099", []), ("twice@ka10099", ["market=KOSDAQ", "market=KOSPI"])],
    ids=["away", "a stock named twice"],
)
def test_a_master_that_cannot_be_used_is_kept_in_raw_alone(keep, store, control, fault, boards):
    control.fault(fault)
    assert keep() == 0
    assert kept_raw(store) == boards
    assert not store.exists(layout.securities_key(SESSION))

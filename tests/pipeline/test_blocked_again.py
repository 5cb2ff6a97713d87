"""A figure that cannot be is fetched again; only where it comes again is the night over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.pipeline.errors import AuditFailedError
from kiwoom_provider.pipeline.plan import Mode, Plan
from kiwoom_provider.pipeline.publish import Publisher
from kiwoom_provider.pipeline.refetch import Refetch

SESSION = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, 20, tzinfo=UTC)
SIDES = tuple(ParameterSet.parse("KOSPI", "KRX", "quantity", side) for side in ("net", "buy", "sell"))
PLAN = Plan.of(calendar(), SESSION, Mode.LIVE, SIDES)
WRONG_CELL = "cell-off=frgnr_invsr@ka10066:side=buy"


@dataclass
class Night:
    """The last task of a night, tried as often as a test says."""

    store: Any
    hook: Any
    clock: Any
    tries: int = 0

    def try_to_publish(self):
        """Do what `quality_check` does once, in a process of its own; return the refusal, or None."""
        self.tries += 1
        at = NOW + timedelta(minutes=self.tries)
        publisher = Publisher(self.store, PLAN, "run-a")
        examined = Refetch(publisher, self.hook, self.clock).improve(publisher.examine())
        report, _ = publisher.audit_and_report(examined, at)
        try:
            publisher.publish_and_summarise(examined, report, at)
        except AuditFailedError as error:
            return error
        return None


@pytest.fixture
def night(store, hook, clock):
    return Night(store, hook, clock)


@pytest.fixture
def swept(night, collector, control):
    """Return what sweeps the three sets under a fault."""

    def sweep(fault):
        control.fault(fault)
        publisher = Publisher(night.store, PLAN, "run-a")
        for parameters in SIDES:
            collector.collect(parameters)
            publisher.evidence.gather(night.hook, parameters)
        control.reset_counts()
        return night

    return sweep


def test_an_impossible_figure_that_came_once_is_fetched_again_and_the_night_is_published(swept, control):
    night = swept(f"{WRONG_CELL}*1")
    first = night.try_to_publish()
    assert "buy_minus_sell_is_net" in str(first)
    assert not first.is_final
    assert control.count("ka10066").served == 0
    assert night.try_to_publish() is None
    assert control.count("ka10066").served == 9  # every set, of three pages each
    assert night.store.list("investor_trading") != []


def test_an_impossible_figure_that_came_twice_ends_the_night(swept, control):
    night = swept(WRONG_CELL)
    assert not night.try_to_publish().is_final
    second = night.try_to_publish()
    assert second.is_final
    assert "buy_minus_sell_is_net" in str(second)
    assert control.count("ka10066").served == 9
    assert night.store.list("investor_trading") == []


@pytest.mark.parametrize("fault", ["http=503@ka10066", "http=503@ka10066:side=sell"])
def test_a_figure_that_could_not_be_fetched_again_has_not_come_twice(swept, control, fault):
    night = swept(f"{WRONG_CELL}*1")
    night.try_to_publish()
    control.fault(f"{WRONG_CELL}*1")
    control.fault(fault)
    assert not night.try_to_publish().is_final
    control.clear_faults()
    assert night.try_to_publish() is None


def test_a_figure_that_comes_again_after_one_fetch_that_failed_ends_the_night(swept, control):
    night = swept(WRONG_CELL)
    night.try_to_publish()
    control.fault("http=503@ka10066:side=sell")
    assert not night.try_to_publish().is_final
    control.clear_faults()
    control.fault(WRONG_CELL)
    assert night.try_to_publish().is_final


def test_another_figure_the_second_time_is_another_one(swept, control):
    night = swept(f"{WRONG_CELL}*1")
    night.try_to_publish()
    control.fault("zero-prices@ka10066*9")
    second = night.try_to_publish()
    assert "traded_stocks_have_prices" in str(second)
    assert not second.is_final
    assert night.try_to_publish() is None


def test_a_stock_that_is_missing_twice_may_still_come(swept):
    night = swept("missing-stock@ka10066:page=last,side=buy")
    refusals = [night.try_to_publish() for _ in range(3)]
    assert all("same_stocks" in str(error) for error in refusals)
    assert not any(error.is_final for error in refusals)

"""What ``make ask`` calls handled is published by the real DAG, and what it calls not handled is not."""

from __future__ import annotations

import pytest
import requests

from ground_truth import PUBLISHED
from kiwoom_provider.api.client import KiwoomClient
from kiwoom_provider.api.http import DeadlineAdapter
from kiwoom_provider.ask import questions
from kiwoom_provider.ask.inquiry import ask
from kiwoom_provider.ask.report import AssumptionState
from kiwoom_provider.clock import DemoClock
from kiwoom_provider.settings import Settings

TODAY = "2026-11-17"
ALL_SETS = {"venues": ["KRX", "NXT"], "measures": ["amount", "quantity"], "sides": ["net", "buy", "sell"]}
HANDLED = {
    "one way": (
        "numbers=padded headers=title return_code=text limit_text=bare page_rows=60 page_order=volume nxt_code=plain "
        "sells=negative dated_sells=negative dated_paging=none dated_etn=unknown unknown_code=blank pre_sig=zero "
        "totals=differ"
    ),
    "another way": (
        "headers=upper limit_status=200 page_rows=150 dated_rate=percent unknown_code=1902 unsettled_row=zeros "
        "totals=million dated_depth=page tokens=keep"
    ),
}
OTHER_CELLS = "numbers=wild rounding=cut untraded=blank coverage=short venues=more consolidated_code=plain"
NOT_HANDLED = {
    "missing-element=natn@ka10066": "readable",
    "garbage-cell=natn@ka10066:page=1": "number_forms",
    "twice@ka10066:page=2,venue=KRX": "no_stock_twice",
    "missing-stock@ka10066:page=2,venue=KRX,measure=quantity,side=net": "page_rows",
    "cell-off=frgnr_invsr@ka10066:side=buy,measure=quantity": "buy_less_sell",
    "cell-off=fnnc_invt@ka10066:side=net,measure=quantity": "institutions_in_shares",
    "wrong-units@ka10066:measure=amount": "units",
    "missing-stock@ka10066:page=1-2,venue=KRX": "master",
    "endless@ka10066:venue=KRX": "sweeps",
}


@pytest.fixture
def ask_api(tmp_path, monkeypatch):
    """Return what asks a night's simulator at half past nine, and returns the states by name."""
    monkeypatch.setattr(questions, "PAUSE", questions.timedelta(0))

    def run(night):
        clock = DemoClock.parse(f"{TODAY}T21:30:00+09:00@0")
        night.at(f"{TODAY}T21:30")
        settings = Settings(night.url, "simulator-app-key", "simulator-secret-key", tmp_path / "asked", None)
        frozen = type("Frozen", (), {"now": lambda _: clock.start, "real_seconds": lambda _, wait_s: wait_s})()
        with requests.Session() as session:
            session.trust_env = False
            session.mount("http://", DeadlineAdapter())
            with KiwoomClient(session, settings, frozen) as client:
                report = ask(client, settings, frozen)
        return {finding.name: finding.state for finding in report.findings}

    return run


@pytest.mark.thorough
@pytest.mark.parametrize("otherwise", HANDLED.values(), indirect=True, ids=HANDLED)
def test_a_night_of_everything_that_is_handled_is_published(otherwise, published, ask_api):
    states = ask_api(otherwise)
    assert [name for name, state in states.items() if state is AssumptionState.NOT_HANDLED] == []
    assert {name for name, state in states.items() if state is AssumptionState.HANDLED} >= {
        "headers",
        "page_rows",
        "unknown_code",
    }
    published(otherwise, otherwise.run(TODAY, **ALL_SETS), TODAY)


@pytest.mark.thorough
@pytest.mark.parametrize("otherwise", [OTHER_CELLS], indirect=True, ids=["what stands in the cells"])
def test_a_night_of_other_cells_that_are_handled_is_published(otherwise, published, ask_api):
    states = ask_api(otherwise)
    assert [name for name, state in states.items() if state is AssumptionState.NOT_HANDLED] == []
    handled = {name for name, state in states.items() if state is AssumptionState.HANDLED}
    assert handled >= {"number_forms", "rounding", "untraded", "coverage", "venues_add_up", "code_suffixes"}
    venues = ["KRX", "NXT", "CONSOLIDATED"]
    published(otherwise, otherwise.run(TODAY, **ALL_SETS | {"venues": venues}), TODAY)


@pytest.mark.thorough
@pytest.mark.parametrize("otherwise", ["dated_figures=other"], indirect=True)
def test_a_night_of_figures_that_nothing_proves_is_not(otherwise, refused, ask_api):
    states = ask_api(otherwise)
    assert states["dated_equal"] is AssumptionState.NOT_HANDLED
    otherwise.poke_interval = 12 * 3600
    refused(otherwise, otherwise.run(TODAY, **ALL_SETS), "quality_check", "UnprovedSessionError")


@pytest.mark.thorough
@pytest.mark.parametrize(("fault", "name"), NOT_HANDLED.items(), ids=NOT_HANDLED.values())
def test_a_night_of_what_is_not_handled_is_not(fault, name, first_night, case, ask_api):
    first_night.control.fault(fault)
    assert ask_api(first_night)[name] is AssumptionState.NOT_HANDLED
    first_night.poke_interval = 12 * 3600
    outcome = first_night.run(TODAY, **ALL_SETS)
    assert outcome.state == "failed", first_night.store.list(PUBLISHED)
    assert first_night.store.list(PUBLISHED) == []
    case.refused.append(name)

"""What ``make ask`` calls handled is published by the real DAG, and what it calls not handled is not."""

from __future__ import annotations

import pytest
import requests

from kiwoom_provider.api.client import KiwoomClient
from kiwoom_provider.api.http import DeadlineAdapter
from kiwoom_provider.ask import questions
from kiwoom_provider.ask.inquiry import ask
from kiwoom_provider.ask.report import State
from kiwoom_provider.clock import DemoClock
from kiwoom_provider.settings import Settings

TODAY = "2026-11-17"
ALL_SETS = {"venues": ["KRX", "NXT"], "sides": ["net", "buy", "sell"]}
HANDLED = (
    "numbers=padded",
    "return_code=text",
    "page_order=volume",
    "nxt_code=plain",
    "sells=negative",
    "dated_sells=negative",
    "dated_paging=none",
    "dated_etn=unknown",
    "unknown_code=blank",
    "pre_sig=zero",
)


def asked(night, tmp_path, monkeypatch):
    """Return the findings of that night's simulator, at half past nine."""
    monkeypatch.setattr(questions, "PAUSE", questions.timedelta(0))
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


@pytest.mark.thorough
@pytest.mark.parametrize("otherwise", [" ".join(HANDLED)], indirect=True, ids=["everything that is handled"])
def test_a_night_of_everything_that_is_handled_is_published(otherwise, published, tmp_path, monkeypatch):
    states = asked(otherwise, tmp_path, monkeypatch)
    assert [name for name, state in states.items() if state is State.NOT_HANDLED] == []
    assert sum(state is State.HANDLED for state in states.values()) >= 10
    published(otherwise, otherwise.run(TODAY, **ALL_SETS), TODAY)


@pytest.mark.thorough
@pytest.mark.parametrize("otherwise", ["dated_figures=other"], indirect=True)
def test_a_night_of_what_is_not_handled_is_not(otherwise, refused, tmp_path, monkeypatch):
    states = asked(otherwise, tmp_path, monkeypatch)
    assert states["dated_equal"] is State.NOT_HANDLED
    otherwise.poke_interval = 12 * 3600
    refused(otherwise, otherwise.run(TODAY, **ALL_SETS), "quality_check", "UnprovedSessionError")

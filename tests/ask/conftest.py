"""A simulator that is asked: a small market, a session's night, as many calls as it takes at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
import requests

from kiwoom_provider.api.client import KiwoomClient
from kiwoom_provider.api.http import DeadlineAdapter
from kiwoom_provider.ask.inquiry import ask
from kiwoom_provider.clock import DemoClock
from kiwoom_provider.settings import Settings
from kiwoom_provider.shared_state.files import FileState
from kiwoom_simulator.server import serve

NIGHT = "2026-11-20T21:30:00+09:00"
WIDE = "KOSPI=160,KOSDAQ=30"
"""Two pages of any size, and a stock that did not trade."""


class Clock:
    """The simulator's own time: it stands still but for what is slept."""

    def __init__(self, start):
        self._demo = DemoClock.parse(f"{start}@0")
        self.slept_s = 0.0

    def now(self):
        return replace(self._demo, real_time=lambda: self.slept_s).now()

    def monotonic(self):
        return self.slept_s

    def real_seconds(self, wait_s):
        return wait_s

    def shared_state(self, settings):
        """Return what the client keeps the rate in, by this clock."""
        return FileState(settings.state_dir, settings.account_id, lambda: int(self.now().timestamp() * 1000))


@pytest.fixture
def inquire(tmp_path, monkeypatch):
    """Ask a simulator of these assumptions, which counts by the same clock; return report and findings by name."""

    def run(*assume, now=NIGHT, reissue=False, fault=None, **options):
        given = {"rate": 0, "speed": 0, "stocks": "KOSPI=115,KOSDAQ=12", "fault": fault} | options
        given = {name: value for name, value in given.items() if value is not None}
        clock = Clock(now)
        monkeypatch.setattr("kiwoom_simulator.application.time", clock)
        monkeypatch.setattr("kiwoom_provider.api.client.open_shared_state", clock.shared_state)
        with serve(now=now, assume=assume, **given) as running:

            def sleep(wait_s):
                clock.slept_s += wait_s
                running.control.advance(wait_s)

            session = requests.Session()
            session.trust_env = False
            session.mount("http://", DeadlineAdapter())
            settings = Settings(running.url, "simulator-app-key", "simulator-secret-key", tmp_path / "state", None)
            with session, KiwoomClient(session, settings, clock, sleep=sleep) as client:
                report = ask(client, settings, clock, reissue=reissue, sleep=sleep)
            calls, tokens = running.control.counts(), running.control.tokens()
        shown = report.to_bytes().decode() + report.to_markdown()
        assert tokens
        assert [secret for secret in (settings.app_key, settings.secret_key, *tokens) if secret in shown] == []
        assert sum(count.calls for count in calls.values()) == report.calls <= 80
        return report, {finding.name: finding for finding in report.findings}

    return run

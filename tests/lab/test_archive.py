"""The simulated archive holds the sessions that it says, each with its ending, and the same bytes every time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256

import pytest

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.monitor.archive import Archive as Stored
from lab.archive.archive import Archive, sessions_until

STATES = {
    "2026-11-04": "damaged",
    "2026-11-05": "published",
    "2026-11-06": "published",
    "2026-11-09": "missing",
    "2026-11-10": "published",
    "2026-11-11": "released",
    "2026-11-12": "published",
    "2026-11-13": "published",
    "2026-11-16": "quarantined",
    "2026-11-17": "published",
    "2026-11-18": "warned",
    "2026-11-19": "published",
}


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 20, tzinfo=UTC)

    def real_seconds(self, wait_s):
        return wait_s


@pytest.fixture
def lay(tmp_path):
    """Return what lays an archive in a new place."""

    def laid(name: str, sessions: int, processes: int) -> Store:
        place = Archive(tmp_path / name, stocks=8, venues=("KRX",))
        place.lay(sessions_until(date(2026, 11, 19), sessions), processes)
        return Store.open((tmp_path / name).as_uri())

    return laid


def test_every_session_has_the_fate_of_its_place_counted_from_the_last(lay):
    board = Stored(lay("one", 12, 1), calendar(), Clock()).overview(date(2026, 11, 4), date(2026, 11, 19))
    assert {str(day.date): str(day.state) for day in board.days if day.state != "closed"} == STATES


def test_the_same_archive_is_laid_again_to_the_byte(lay, monkeypatch):
    monkeypatch.setattr("lab.archive.archive.BLOCK", 1)
    digests = []
    for name, processes in (("one", 1), ("two", 2)):
        store = lay(name, 2, processes)
        digests.append([sha256(store.read(key)).hexdigest() for key in store.list("investor_trading")])
    assert digests[0] == digests[1]
    assert len(digests[0]) == 2

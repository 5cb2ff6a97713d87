"""The gap list's command over a root on S3, and over one where nothing is."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from kiwoom_provider import gaps as command
from storage.stores import NOWHERE

REQUESTS = {"s3": {"GET": 1, "LIST": 1}, "abfs": {"GET": 1, "HEAD": 1, "LIST": 1}}
"""The window that the DAG has left, and the names of the published sessions."""


class Saturday:
    def now(self):
        return datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.fixture
def three_days(mine, monkeypatch):
    for day in (18, 19, 20):
        mine.write(f"investor_trading/session_date=2026-11-{day}/part-0.parquet", b"")
    monkeypatch.setattr(command, "open_named_root", lambda _root: mine)
    return mine


def test_a_session_whose_file_is_gone_is_a_gap_though_its_folder_may_stay(three_days, capsys):
    three_days.remove(["investor_trading/session_date=2026-11-19/part-0.parquet"])

    assert command.main(["--root", "s3://bucket"], Saturday()) == 1
    assert capsys.readouterr().out.startswith("2026-11-19  due since 2026-11-19 21:10 KST")


@pytest.mark.usefixtures("three_days")
def test_the_gap_list_of_a_whole_archive_is_one_listing_and_the_window(line, kind, capsys):
    line.requests.clear()

    assert command.main(["--root", "s3://bucket", "--since", "2026-11-18"], Saturday()) == 0
    assert capsys.readouterr().out == "Every session that was due is published.\n"
    assert dict(line.count()) == REQUESTS[kind]


def test_a_root_where_nothing_is_stored_is_no_archive_without_gaps(tmp_path, capsys):
    assert command.main(["--root", tmp_path.as_uri()], Saturday()) == 2
    assert "nothing is stored under" in capsys.readouterr().err


def test_a_store_that_cannot_be_asked_is_no_archive_without_gaps(monkeypatch, capsys, service, kind):
    unreachable = service.open("kiwoom/data", url=NOWHERE)
    monkeypatch.setattr(command, "open_named_root", lambda _root: unreachable)

    assert command.main(["--root", f"{kind}://kiwoom/data"], Saturday()) == 2
    said = capsys.readouterr().err
    assert re.search(f"under kiwoom_data_root {kind}://kiwoom/data: (Could not|Cannot) connect", said)

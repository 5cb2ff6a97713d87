"""A finished month in one file: the same rows, read in few requests, and never of other daily files than these."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from kiwoom_provider import months as command
from kiwoom_provider.datasets import layout, monthly
from kiwoom_provider.datasets.reader import read_investor_trading, trading_sessions
from kiwoom_provider.datasets.store import Store
from published import publish, small_session

DAYS = [str(day) for day in trading_sessions("2026-11-01", "2026-11-30")]
FILE = "investor_trading_monthly/month=2026-11/part-0.parquet"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    root = tmp_path_factory.mktemp("november")
    for flow, day in enumerate(DAYS):
        publish(root, day, small_session(flow))
    return root


@pytest.fixture
def store(published, tmp_path):
    """November, published whole; the monthly file is made by the test."""
    target = Store.open(tmp_path)
    source = Store.open(published)
    for key in source.list(""):
        target.write(key, source.read(key))
    return target


def make(store, month="2026-11"):
    return monthly.make_month(store, month, "1.0.0")


def read(store, **choices):
    return read_investor_trading(store, DAYS[0], DAYS[-1], **choices)


def spied(monkeypatch):
    """Return the daily files that are opened."""
    opened = []
    real = pq.ParquetFile

    def open_file(source, **options):
        opened.append(str(source))
        return real(source, **options)

    monkeypatch.setattr(pq, "ParquetFile", open_file)
    return opened


def test_a_month_has_the_rows_of_its_sessions_sorted_by_stock(store):
    made = make(store)

    table = pq.read_table(store.path(FILE), partitioning=None)
    assert (made["sessions"], made["rows"]) == (21, 21 * 4 * 12)
    assert table.schema.names == [
        "session_date",
        *pq.read_schema(store.path(layout.published_key(date(2026, 11, 20)))).names,
    ]
    frame = table.to_pandas()
    keys = ["stock_code", "session_date", "market", "venue", "investor"]
    assert frame[keys].equals(frame[keys].sort_values(keys, ignore_index=True))
    daily = pd.concat(
        pq.read_table(store.path(layout.published_key(date.fromisoformat(day))), partitioning=None)
        .to_pandas()
        .assign(session_date=date.fromisoformat(day))
        for day in DAYS
    )
    expected = daily[frame.columns].sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(frame, expected)


def test_its_types_are_the_daily_ones_after_a_date(store):
    make(store)

    assert pq.read_schema(store.path(FILE)).remove_metadata() == monthly.schema().remove_metadata()
    assert str(monthly.schema().field("session_date").type) == "date32[day]"


def test_its_metadata_names_each_sessions_file_and_checksum(store):
    make(store)

    said = json.loads(pq.read_schema(store.path(FILE)).metadata[b"kiwoom.sessions"])
    key = "investor_trading/session_date=2026-11-20/part-0.parquet"
    data = store.read(key)
    assert list(said) == DAYS
    assert said["2026-11-20"] == {"key": key, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


def test_it_is_not_made_again_while_nothing_changes_and_is_when_a_session_does(store):
    make(store)
    assert make(store) is None

    publish(store.root, "2026-11-20", small_session(999))

    assert make(store)["sessions"] == 21
    assert read(store, stocks="005930", venues="KRX", investors="foreigner")["net_amount"].max() == 999


def test_one_stock_comes_from_the_months_file_and_is_what_the_daily_ones_say(store, monkeypatch):
    before = read(store, stocks=["005930", "247540"], investors=["foreigner", "bank"])
    make(store)
    opened = spied(monkeypatch)

    after = read(store, stocks=["005930", "247540"], investors=["foreigner", "bank"])

    pd.testing.assert_frame_equal(after, before)
    assert {FILE in name for name in opened} == {True}


def test_a_part_of_a_month_comes_from_the_daily_files(store, monkeypatch):
    make(store)
    opened = spied(monkeypatch)

    frame = read_investor_trading(store, DAYS[1], DAYS[-1], stocks="005930", venues="KRX", investors="foreigner")

    assert frame["net_amount"].tolist() == list(range(1, 21))
    assert not any("session_date" not in name for name in opened)


def change_a_session(store):
    publish(store.root, "2026-11-20", small_session(999))


def remove_a_session(store):
    store.remove([layout.published_key(date(2026, 11, 20))])


@pytest.mark.filterwarnings("ignore::kiwoom_provider.datasets.reader.MissingDataWarning")
@pytest.mark.parametrize("change", [change_a_session, remove_a_session])
def test_a_months_file_that_is_not_of_the_daily_files_is_not_read(store, change):
    make(store)
    change(store)

    frame = read(store, stocks="005930", venues="KRX", investors="foreigner")

    days = dict(zip(frame["session_date"].dt.strftime("%Y-%m-%d"), frame["net_amount"], strict=True))
    assert days.get("2026-11-20") == (999 if change is change_a_session else None)


def test_a_daily_file_that_is_newer_than_the_months_is_believed(store):
    make(store)
    key = layout.published_key(date(2026, 11, 20))
    later = Path(store.path(FILE)).stat().st_mtime + 1
    os.utime(store.path(key), (later, later))

    files, daily = store.versions(layout.MONTHLY), monthly.daily_versions(store, "2026-11")
    said = {"sessions": pq.read_schema(store.path(FILE)).metadata[b"kiwoom.sessions"].decode()}
    assert not monthly.is_of(said, files[FILE], daily)


@pytest.mark.parametrize("damage", [b"", b"PAR1 cut short"])
def test_a_damaged_months_file_costs_nothing_but_time(store, damage):
    make(store)
    store.write(FILE, damage)

    assert len(read(store, stocks="005930", venues="KRX", investors="foreigner")) == 21
    assert make(store)["sessions"] == 21


def test_a_month_without_sessions_is_refused(store):
    with pytest.raises(FileNotFoundError, match="no session of 2026-10 is published"):
        make(store, "2026-10")


def test_a_root_in_memory_serves_months_too(store):
    target = Store.open(f"memory://{uuid.uuid4().hex}")
    for key in store.list(layout.PUBLISHED):
        target.write(key, store.read(key))
    make(target)

    assert len(read(target, stocks="005930", venues="KRX", investors="foreigner")) == 21
    assert target.versions(layout.MONTHLY)[FILE].size == len(target.read(FILE))


def test_what_a_session_says_of_itself_comes_with_the_month(store):
    key = store.path(layout.published_key(date(2026, 11, 19)))
    table = pq.read_table(key, partitioning=None)
    said = table.schema.metadata | {b"kiwoom.withheld": b'["NXT"]'}
    pq.write_table(table.replace_schema_metadata(said), key)
    make(store)

    assert read(store, stocks="000020").attrs["withheld_venues"] == {"2026-11-19": ["NXT"]}


def test_rows_are_chosen_by_what_they_were_made_of(store):
    make(store)

    assert len(read(store, stocks="005930", venues="KRX", investors="bank", sources="ka10066")) == 21


class At:
    def __init__(self, text):
        self.instant = datetime.fromisoformat(text)

    def now(self):
        return self.instant


@pytest.mark.parametrize(
    ("now", "code", "said"),
    [
        ("2026-11-30T22:00:00+09:00", 0, ""),
        ("2026-12-01T08:00:00+09:00", 0, "2026-11  21 sessions, 1,008 rows\n"),
    ],
)
def test_the_command_makes_the_months_that_are_over(store, capsys, now, code, said):
    assert command.main(["--root", store.root], At(now)) == code
    assert capsys.readouterr().out == said


def test_the_command_says_when_nothing_had_to_be_made(store, capsys):
    make(store)

    assert command.main(["--root", store.root, "2026-11"], At("2026-12-05T08:00:00+09:00")) == 0
    assert capsys.readouterr().out == "2026-11  is of the daily files as they are\n"


def test_the_command_refuses_a_month_that_is_not_over(store, capsys):
    assert command.main(["--root", store.root, "2026-12"], At("2026-12-05T08:00:00+09:00")) == 2
    assert "2026-12 is not over yet" in capsys.readouterr().err

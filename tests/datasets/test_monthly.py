"""A finished month in one file: the same rows, read in few requests, and never of other daily files than these."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from dataclasses import replace
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
    footer = data[-8 - int.from_bytes(data[-8:-4], "little") :]
    assert said["2026-11-20"] == {
        "key": key,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "footer_sha256": hashlib.sha256(footer).hexdigest(),
    }


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


def one_stock(store):
    return read(store, stocks="005930", venues="KRX", investors="foreigner")


def test_a_root_that_was_copied_keeps_its_months_whatever_the_files_times(store, monkeypatch):
    make(store)
    for day in DAYS:
        os.utime(store.path(layout.published_key(date.fromisoformat(day))), (1, 1))
    opened = spied(monkeypatch)

    assert len(one_stock(store)) == 21
    assert {FILE in name for name in opened} == {True}
    assert make(store) is None


def test_a_daily_file_of_the_same_size_and_time_and_another_content_is_noticed(store, monkeypatch):
    """Another run's sweep of the same length: names, sizes and times are what they were."""
    make(store)
    path = Path(store.path(layout.published_key(date(2026, 11, 20))))
    before, data = path.stat(), path.read_bytes()
    path.write_bytes(data.replace(b"a sweep", b"b sweep"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    opened = spied(monkeypatch)

    assert len(one_stock(store)) == 21
    assert sum(FILE not in name for name in opened) == 21
    assert make(store)["sessions"] == 21


def in_memory(store):
    target = Store.open(f"memory://{uuid.uuid4().hex}")
    for key in store.list(layout.PUBLISHED):
        target.write(key, store.read(key))
    return target


class Listing:
    """A store whose listing gives checksums, as those on the network do."""

    def __init__(self, monkeypatch):
        self.etags = {}
        real = Store.versions

        def versions(store, prefix):
            return {
                key: replace(version, replaced_at=None, checksum=self.etags.get(key, "as it was"))
                for key, version in real(store, prefix).items()
            }

        monkeypatch.setattr(Store, "versions", versions)


def test_on_an_object_store_the_listings_checksum_tells(store, monkeypatch):
    target, listing = in_memory(store), Listing(monkeypatch)
    make(target)
    key = layout.published_key(date(2026, 11, 20))
    requested = parts_of(monkeypatch)
    assert len(one_stock(target)) == 21
    assert {name for name, *_ in requested} == {FILE}

    listing.etags[key] = "another"
    whole = whole_of(monkeypatch)

    assert len(one_stock(target)) == 21
    assert key in whole
    assert make(target)["sessions"] == 21
    assert make(target) is None


def test_a_months_file_that_is_replaced_while_it_is_read_does_not_count(store, monkeypatch):
    target, listing = in_memory(store), Listing(monkeypatch)
    make(target)
    real = Store.read_part

    def read_part(place, key, start, end):
        listing.etags[FILE] = "another"
        return real(place, key, start, end)

    monkeypatch.setattr(Store, "read_part", read_part)
    whole = whole_of(monkeypatch)

    assert len(one_stock(target)) == 21
    assert layout.published_key(date(2026, 11, 20)) in whole


def parts_of(monkeypatch):
    """Return the parts of objects that are requested: key, first byte, end."""
    requested = []
    real = Store.read_part
    monkeypatch.setattr(Store, "read_part", lambda store, *asked: requested.append(asked) or real(store, *asked))
    return requested


def whole_of(monkeypatch):
    """Return the keys of objects that are requested whole."""
    requested = []
    real = Store.read
    monkeypatch.setattr(Store, "read", lambda store, key, **more: requested.append(key) or real(store, key, **more))
    return requested


@pytest.mark.parametrize("damage", [b"", b"PAR1 cut short"])
def test_a_damaged_months_file_costs_nothing_but_time(store, damage):
    make(store)
    store.write(FILE, damage)

    assert len(read(store, stocks="005930", venues="KRX", investors="foreigner")) == 21
    assert make(store)["sessions"] == 21


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said["2026-11-20"].pop("size"),
        lambda said: said["2026-11-20"].update(size="large"),
        lambda said: said["2026-11-20"].update(withheld=3),
        lambda said: said.update({"no day": said["2026-11-20"]}),
        lambda said: said.update({f"2026-10-{day:02}": said["2026-11-20"] for day in range(1, 31)}),
    ],
    ids=["no size", "a size that is no number", "withheld that is no text", "no day", "too many days"],
)
def test_a_months_file_whose_sessions_cannot_be_read_costs_nothing_but_time(store, monkeypatch, change):
    make(store)
    path = store.path(FILE)
    table = pq.read_table(path, partitioning=None)
    said = json.loads(table.schema.metadata[b"kiwoom.sessions"])
    change(said)
    metadata = table.schema.metadata | {b"kiwoom.sessions": json.dumps(said).encode()}
    pq.write_table(table.replace_schema_metadata(metadata), path)
    opened = spied(monkeypatch)

    assert len(one_stock(store)) == 21
    assert sum(FILE not in name for name in opened) == 21
    assert monthly.recorded_sessions(store, "2026-11") == {}
    assert make(store)["sessions"] == 21


def test_a_months_file_of_an_older_release_is_read_and_stays(store):
    """The bytes that 1.0.0 wrote of a session: its entries in their order, and no others."""
    make(store)

    said = pq.read_schema(store.path(FILE)).metadata[b"kiwoom.sessions"].decode()
    key = layout.published_key(date(2026, 11, 20))
    size, sha256 = len(store.read(key)), hashlib.sha256(store.read(key)).hexdigest()
    assert f'"2026-11-20": {{"key": "{key}", "sha256": "{sha256}", "size": {size}, "footer_sha256": "' in said
    assert list(json.loads(said)["2026-11-20"]) == ["key", "sha256", "size", "footer_sha256"]
    assert make(store) is None


def test_a_month_without_sessions_is_refused(store):
    with pytest.raises(FileNotFoundError, match="no session of 2026-10 is published"):
        make(store, "2026-10")


def test_a_root_in_memory_serves_months_too(store):
    target = in_memory(store)
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


def test_the_command_says_that_a_root_has_no_month(tmp_path, capsys):
    assert command.main(["--root", tmp_path.as_uri()], At("2026-12-05T08:00:00+09:00")) == 0
    assert capsys.readouterr().err == f"no month that is over has a published session under {tmp_path.as_uri()}\n"


def test_the_command_refuses_a_month_that_is_not_over(store, capsys):
    assert command.main(["--root", store.root, "2026-12"], At("2026-12-05T08:00:00+09:00")) == 2
    assert "2026-12 is not over yet" in capsys.readouterr().err

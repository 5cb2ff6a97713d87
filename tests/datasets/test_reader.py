"""Reading the published table with nothing but Python."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
import warnings
from datetime import UTC, date, datetime, time

import fsspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.reader import (
    PRICES,
    MissingDataWarning,
    NoDataError,
    ReadError,
    read_investor_trading,
    read_prices,
    trading_sessions,
)
from kiwoom_provider.datasets.store import DataRootError, Store
from kiwoom_provider.datasets.window import keep_window
from kiwoom_provider.krx import OutOfRangeError, SessionDateError, Window
from kiwoom_provider.parameters import Market, ParameterError
from pages import row
from published import STORED, publish, publish_three, small_session

SAMSUNG = {"stocks": "005930", "venues": "KRX", "investors": "foreigner"}
LONG = [
    "session_date",
    "market",
    "venue",
    "stock_code",
    "investor",
    "stock_name",
    "buy_amount",
    "sell_amount",
    "net_amount",
    "buy_quantity",
    "sell_quantity",
    "net_quantity",
    "close_price",
    "price_change",
    "change_rate",
    "volume",
    "source",
    "published_at",
]


class At:
    """A clock that stands still."""

    def __init__(self, text):
        self.instant = datetime.fromisoformat(text)

    def now(self):
        return self.instant


DECEMBER = At("2026-12-31T00:00:00+09:00")


def read(root, start="2026-11-18", end="2026-11-20", clock=DECEMBER, **choices):
    return read_investor_trading(root, start, end, clock=clock, **choices)


def days_of(frame) -> list[str]:
    return list(dict.fromkeys(frame["session_date"].dt.strftime("%Y-%m-%d")))


def test_a_range_gives_every_row_of_its_sessions_in_order(root):
    frame = read(root)

    assert list(frame.columns) == LONG
    assert len(frame) == 3 * 4 * 12
    assert days_of(frame) == ["2026-11-18", "2026-11-19", "2026-11-20"]


def test_both_ends_of_the_range_are_included_and_nothing_beyond(root):
    assert days_of(read(root, "2026-11-19", "2026-11-19")) == ["2026-11-19"]


def test_rows_are_chosen_by_stock_venue_and_investor(root):
    frame = read(root, **SAMSUNG)

    assert frame["net_amount"].tolist() == [100, 200, 300]
    assert set(frame["stock_name"]) == {"삼성전자"}


def test_a_market_is_chosen_by_its_enum_or_its_name(root):
    by_enum, by_name = read(root, markets=[Market.KOSDAQ]), read(root, markets="KOSDAQ")

    assert set(by_enum["stock_code"]) == {"247540"}
    pd.testing.assert_frame_equal(by_enum, by_name)


def test_columns_beside_the_keys_are_only_those_asked_for(root):
    frame = read(root, columns=["volume", "net_amount"])

    assert list(frame.columns) == ["session_date", "market", "venue", "stock_code", "investor", "net_amount", "volume"]


def test_a_key_asked_for_by_name_comes_once(root):
    assert list(read(root, columns=["venue", "volume"]).columns)[-2:] == ["investor", "volume"]


def test_dtypes_are_exact_and_those_documented(root):
    dtypes = {name: str(dtype) for name, dtype in read(root).dtypes.items()}

    assert dtypes == {
        "session_date": "datetime64[us]",
        **dict.fromkeys(("market", "venue", "investor"), "category"),
        **dict.fromkeys(("stock_code", "stock_name"), "str"),
        **dict.fromkeys(LONG[6:14], "Int64"),
        "change_rate": "float64",
        "volume": "Int64",
        "source": "category",
        "published_at": "datetime64[us, UTC]",
    }


def test_every_row_says_what_it_was_made_of_and_since_when_it_could_be_known(root):
    frame = read(root, "2026-11-20")

    assert frame["source"].unique().tolist() == ["ka10066"]
    assert frame["published_at"].unique().tolist() == [pd.Timestamp("2026-11-20T12:30:00Z")]


def test_a_file_of_before_these_columns_is_read_with_nothing_in_them(root):
    key = root / "investor_trading/session_date=2026-11-20/part-0.parquet"
    pq.write_table(pq.read_table(key).drop_columns(["source", "published_at"]), key)

    frame = read(root)

    assert frame["source"].isna().sum() == frame["published_at"].isna().sum() == 4 * 12


def test_a_whole_number_that_no_double_holds_comes_exactly(tmp_path):
    publish(tmp_path, "2026-11-20", [("KOSPI", "KRX", "amount", "net", [row(frgnr_invsr="9007199254740993")])])

    frame = read(tmp_path, "2026-11-20", investors="foreigner")

    assert frame["net_amount"].tolist() == [9007199254740993]


def test_a_column_that_was_not_asked_of_the_api_is_na_and_stays_whole(root):
    column = read(root)["buy_amount"]

    assert (column.isna().all(), str(column.dtype)) == (True, "Int64")


@pytest.mark.parametrize(("text", "value"), [("+0.57", 0.57), ("-0.29", -0.29), ("+29.97", 29.97), ("0.00", 0.0)])
def test_a_change_rate_is_the_double_nearest_to_its_decimals(tmp_path, text, value):
    publish(tmp_path, "2026-11-20", [("KOSPI", "KRX", "amount", "net", [row(flu_rt=text)])])

    assert read(tmp_path, "2026-11-20")["change_rate"].tolist() == [value] * 12


def test_categories_are_always_the_contracts_so_that_frames_go_together(root):
    frame = read(root, markets="KOSDAQ", investors="bank")

    assert list(frame["market"].cat.categories) == ["KOSPI", "KOSDAQ", "ALL"]
    assert list(frame["venue"].cat.categories) == ["KRX", "NXT", "CONSOLIDATED"]
    assert len(frame["investor"].cat.categories) == 12


def test_wide_has_one_row_a_stock_and_a_column_an_investor_and_flow(root):
    frame = read(root, wide=True)

    assert len(frame) == 3 * 4
    assert list(frame.columns[:11]) == [
        "session_date",
        "market",
        "venue",
        "stock_code",
        "stock_name",
        "close_price",
        "price_change",
        "change_rate",
        "volume",
        "source",
        "published_at",
    ]
    assert list(frame.columns[11:14]) == ["individual_buy_amount", "individual_sell_amount", "individual_net_amount"]
    assert len(frame.columns) == 11 + 12 * 6


def test_wide_puts_each_flow_beside_its_stock(root):
    frame = read(root, wide=True, investors=["foreigner", "bank"], columns="net_amount")

    friday = frame[frame.session_date == "2026-11-20"]
    assert friday.drop(columns="session_date").to_numpy().tolist() == [
        ["KOSDAQ", "KRX", "247540", -40, 1],
        ["KOSPI", "KRX", "000020", 1, 1],
        ["KOSPI", "KRX", "005930", 300, 1],
        ["KOSPI", "NXT", "005930", 7, 1],
    ]
    assert list(frame.columns[4:]) == ["foreigner_net_amount", "bank_net_amount"]


def test_wide_of_a_table_with_an_investors_row_missing_is_refused(root):
    key = root / "investor_trading/session_date=2026-11-20/part-0.parquet"
    table = pq.read_table(key)
    pq.write_table(table.slice(0, 11), key)

    with pytest.raises(ReadError, match="the sessions and stocks of state are not those of the other investors"):
        read(root, wide=True)


def test_no_other_sessions_file_is_opened(root):
    (root / "investor_trading/session_date=2026-11-18/part-0.parquet").write_bytes(b"not Parquet")

    assert len(read(root, "2026-11-19", "2026-11-20")) == 2 * 4 * 12


def test_a_column_that_is_not_asked_for_is_not_decoded(root):
    key = root / "investor_trading/session_date=2026-11-20/part-0.parquet"
    start = pq.read_metadata(key).row_group(0).column(14).data_page_offset
    data = bytearray(key.read_bytes())
    data[start : start + 40] = b"\xff" * 40
    key.write_bytes(data)

    assert len(read(root, "2026-11-20", columns="net_amount")) == 4 * 12
    with pytest.raises(ReadError, match=r"2026-11-20/part-0\.parquet cannot be read as the published table"):
        read(root, "2026-11-20")


def test_a_row_group_that_cannot_hold_the_stock_is_not_decoded(root):
    key = root / "investor_trading/session_date=2026-11-20/part-0.parquet"
    other_market = pq.read_metadata(key).row_group(0)
    assert other_market.column(2).statistics.max == "247540"
    start = other_market.column(14).data_page_offset
    data = bytearray(key.read_bytes())
    data[start : start + 40] = b"\xff" * 40
    key.write_bytes(data)

    assert read(root, "2026-11-20", stocks="005930", investors="foreigner")["net_amount"].tolist() == [300, 7]


def test_a_file_without_row_group_statistics_is_read_all_the_same(root):
    key = root / "investor_trading/session_date=2026-11-20/part-0.parquet"
    pq.write_table(pq.read_table(key), key, write_statistics=False, use_dictionary=False)

    assert read(root, **SAMSUNG)["net_amount"].tolist() == [100, 200, 300]


def test_sessions_that_are_not_published_are_warned_of_and_named(root):
    with pytest.warns(MissingDataWarning, match=r"2 KRX session\(s\) .* are not published: 2026-11-17, 2026-11-23$"):
        frame = read(root, "2026-11-17", "2026-11-23")

    assert frame.attrs["missing_sessions"] == ["2026-11-17", "2026-11-23"]
    assert len(frame) == 3 * 4 * 12


def test_a_long_gap_is_shortened_in_the_warning_and_whole_in_the_attributes(root):
    with pytest.warns(MissingDataWarning, match=r"10 KRX .*: 2026-11-04, .*, 2026-11-10, …$"):
        frame = read(root, "2026-11-04", "2026-11-20")

    assert len(frame.attrs["missing_sessions"]) == 10


def test_a_weekend_and_a_holiday_are_no_gap(root):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = read(root, "2026-11-18", "2026-11-22")

    assert frame.attrs == {
        "missing_sessions": [],
        "missing_stocks": {},
        "unreadable": [],
        "released_sessions": {},
        "withheld_venues": {},
        "rebuilt_sessions": {},
        "coverage": {},
        "securities_of": {},
    }


def test_a_session_whose_folder_is_empty_is_a_gap(root):
    (root / "investor_trading/session_date=2026-11-19/part-0.parquet").unlink()

    with pytest.warns(MissingDataWarning, match="2026-11-19"):
        frame = read(root)

    assert days_of(frame) == ["2026-11-18", "2026-11-20"]


def test_a_stock_that_no_session_has_is_warned_of_and_named(root):
    with pytest.warns(MissingDataWarning, match=r"without a row in published sessions: 999999 \(3 session\(s\)\)$"):
        frame = read(root, stocks=["005930", "999999"])

    assert frame.attrs["missing_stocks"] == {"999999": ["2026-11-18", "2026-11-19", "2026-11-20"]}


def test_a_stock_that_is_there_for_part_of_the_range_is_warned_of_with_its_sessions(root):
    publish(root, "2026-11-19", [("KOSPI", "KRX", "amount", "net", [row("000020")])])

    with pytest.warns(MissingDataWarning, match=r"005930 \(1 session\(s\)\)$"):
        frame = read(root, stocks="005930")

    assert frame.attrs["missing_stocks"] == {"005930": ["2026-11-19"]}


@pytest.mark.parametrize(
    ("now", "missing"),
    [
        ("2026-11-23T12:00:00+09:00", []),
        ("2026-11-23T23:00:00+09:00", ["2026-11-23"]),
        ("2026-11-25T12:00:00+09:00", ["2026-11-23", "2026-11-24"]),
    ],
)
def test_only_sessions_that_were_due_are_missing(root, now, missing):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        frame = read(root, end="2026-12-31", clock=At(now))

    assert frame.attrs["missing_sessions"] == missing
    assert len(said) == len(missing[:1])


def test_a_moved_settle_time_moves_what_is_due(root):
    keep_window(Store.open(root), Window(settle_time=time(22)))
    frame = read(root, None, None, clock=At("2026-11-20T21:30:00+09:00"))
    assert frame.attrs["missing_sessions"] == []
    with pytest.warns(MissingDataWarning, match=r"1 KRX session\(s\) .*: 2026-11-23$"):
        frame = read(root, None, None, clock=At("2026-11-23T22:00:00+09:00"))
    assert frame.attrs["missing_sessions"] == ["2026-11-23"]
    assert read(root, None, None, clock=At("2026-11-23T21:30:00+09:00")).attrs["missing_sessions"] == []


def test_without_start_and_end_all_that_is_published_is_read_and_what_is_due_since_is_missing(root):
    with pytest.warns(MissingDataWarning, match="from 2026-11-18 to 2026-11-23 are not published: 2026-11-23"):
        frame = read(root, None, None, clock=At("2026-11-24T12:00:00+09:00"))

    assert days_of(frame) == ["2026-11-18", "2026-11-19", "2026-11-20"]


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [(None, "2026-11-19", ["2026-11-18", "2026-11-19"]), ("2026-11-20", None, ["2026-11-20"])],
)
def test_one_end_may_be_left_out(root, start, end, days):
    assert days_of(read(root, start, end, clock=At("2026-11-21T12:00:00+09:00"))) == days


def test_reindexed_every_stock_has_a_row_for_every_session(root):
    (root / "investor_trading/session_date=2026-11-19/part-0.parquet").unlink()

    with pytest.warns(MissingDataWarning):
        frame = read(root, reindex=True, **SAMSUNG)

    assert days_of(frame) == ["2026-11-18", "2026-11-19", "2026-11-20"]
    assert frame["net_amount"].isna().tolist() == [False, True, False]
    assert frame["net_amount"].rolling(3, min_periods=3).sum().isna().all()
    assert frame.attrs["missing_sessions"] == ["2026-11-19"]


def test_reindexed_a_stock_that_is_absent_for_a_session_has_a_row_of_na(root):
    publish(root, "2026-11-19", [("KOSPI", "KRX", "amount", "net", [row("000020")])])

    frame = read(root, reindex=True, investors="foreigner")

    assert len(frame) == 3 * 4
    assert frame[frame["session_date"] == "2026-11-19"]["net_amount"].isna().tolist() == [True, False, True, True]


@pytest.mark.parametrize("wide", [False, True])
def test_reindexing_changes_nothing_where_nothing_is_missing(root, wide):
    pd.testing.assert_frame_equal(read(root, wide=wide, reindex=True), read(root, wide=wide))


def test_prices_come_once_a_stock_and_not_once_an_investor(root):
    frame = read_prices(root, "2026-11-18", "2026-11-20", venues="KRX", stocks="005930", clock=DECEMBER)

    assert list(frame.columns) == ["session_date", "market", "venue", "stock_code", *PRICES]
    assert frame["volume"].tolist() == [12345] * 3
    assert read(root, **(SAMSUNG | {"investors": None}))["volume"].sum() == 12 * 3 * 12345


def test_trading_sessions_are_the_calendars_past_and_to_come():
    assert trading_sessions("2026-12-24", date(2027, 1, 4)) == [
        date(2026, 12, 24),
        date(2026, 12, 28),
        date(2026, 12, 29),
        date(2026, 12, 30),
        date(2027, 1, 4),
    ]


@pytest.mark.parametrize(
    ("start", "end"), [("2026-11-20", None), ("20261120", "2026-11-20"), ("2026-11-20", "2026-11-19")]
)
def test_trading_sessions_of_no_range_are_refused(start, end):
    with pytest.raises(SessionDateError):
        trading_sessions(start, end)


def test_what_a_person_released_and_which_venue_was_withheld_is_said(root):
    key = root / "investor_trading/session_date=2026-11-19/part-0.parquet"
    release = {"by": "kim", "reason": "compared", "rule_ids": ["volumes_add_up"], "report": "20261119T1", "sweeps": {}}
    said = {"kiwoom.release": json.dumps(release), "kiwoom.withheld": '["NXT"]'}
    pq.write_table(pq.read_table(key).replace_schema_metadata(said), key)

    frame = read(root)

    assert frame.attrs["released_sessions"] == {
        "2026-11-19": {"by": "kim", "reason": "compared", "rule_ids": ["volumes_add_up"], "report": "20261119T1"}
    }
    assert frame.attrs["withheld_venues"] == {"2026-11-19": ["NXT"]}


@pytest.mark.parametrize(("entry", "left"), [("release", ["2026-11-18", "2026-11-20"]), ("proof", list(STORED))])
@pytest.mark.filterwarnings("ignore::kiwoom_provider.datasets.reader.MissingDataWarning")
def test_a_session_whose_caveats_cannot_be_read_is_left_out_and_one_of_another_damaged_entry_is_not(root, entry, left):
    key = root / "investor_trading/session_date=2026-11-19/part-0.parquet"
    pq.write_table(pq.read_table(key).replace_schema_metadata({f"kiwoom.{entry}": "{"}), key)

    frame = read(root)

    assert days_of(frame) == left
    assert frame.attrs["unreadable"] == [f"file://{key}"][: 3 - len(left)]


def test_the_warning_points_at_the_line_that_reads(root):
    with pytest.warns(MissingDataWarning) as caught:
        read_investor_trading(root, "2026-11-17", "2026-11-20", clock=DECEMBER)

    assert caught[0].filename == __file__


def test_a_range_without_data_names_the_nearest_stored_sessions(root):
    message = r"no session from 2026-11-23 to 2026-11-30 .* the nearest: 2026-11-20 before$"
    with pytest.raises(NoDataError, match=message):
        read(root, "2026-11-23", "2026-11-30")


def test_a_hole_in_the_middle_names_the_sessions_on_both_sides(root):
    publish(root, "2026-12-01", small_session(1))

    with pytest.raises(NoDataError, match=r"the nearest: 2026-11-20 before, 2026-12-01 after$"):
        read(root, "2026-11-23", "2026-11-30")


def test_rows_that_no_session_has_are_an_error_that_repeats_what_was_asked(root):
    with pytest.raises(NoDataError, match=r"none of the 3 stored .* has a row with venue in CONSOLIDATED"):
        read(root, venues="CONSOLIDATED")


def test_a_root_that_is_not_there_says_which_folder_to_give(tmp_path):
    with pytest.raises(NoDataError, match=r"nothing is published under .*nowhere: give the data root itself"):
        read(tmp_path / "nowhere")


def test_the_tables_own_folder_as_root_says_which_folder_to_give(root):
    with pytest.raises(NoDataError, match=r"the folder above investor_trading/session_date=…"):
        read(root / "investor_trading")


@pytest.mark.parametrize("url", ["nosuch://bucket/prefix", "file://"])
def test_a_url_that_cannot_be_opened_is_refused(url):
    with pytest.raises(DataRootError):
        read(url)


@pytest.mark.parametrize("damage", [b"PAR1 cut short", b"", None], ids=["cut", "empty", "another table"])
def test_a_damaged_file_is_left_out_warned_of_and_named_and_its_session_is_missing(root, damage):
    key = root / "investor_trading/session_date=2026-11-19/part-0.parquet"
    key.write_bytes(damage) if damage is not None else pq.write_table(pa.table({"a": [1]}), key)

    with pytest.warns(MissingDataWarning) as said:
        frame = read(root)

    assert days_of(frame) == ["2026-11-18", "2026-11-20"]
    assert frame.attrs["unreadable"] == [f"file://{key}"]
    assert frame.attrs["missing_sessions"] == ["2026-11-19"]
    assert f"1 published file(s) cannot be read and are left out: file://{key}" in [str(one.message) for one in said]


def test_when_no_file_can_be_read_the_first_is_named(root):
    for day in ("18", "19", "20"):
        (root / f"investor_trading/session_date=2026-11-{day}/part-0.parquet").write_bytes(b"PAR1 cut short")

    with pytest.raises(ReadError, match=r"session_date=2026-11-18/part-0\.parquet cannot be read"):
        read(root)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"markets": "KOSPY"}, "markets: 'KOSPY' is not one of: KOSPI, KOSDAQ, ALL"),
        ({"venues": ["KRX", "nxt"]}, "venues: 'nxt' is not one of: KRX, NXT, CONSOLIDATED"),
        ({"investors": "foreigners"}, "investors: 'foreigners' is not one of: individual, foreigner, "),
        ({"columns": "price"}, "columns: 'price' is not one of: stock_name, buy_amount, "),
        ({"markets": []}, "markets is empty: name at least one, or leave it out for all"),
        ({"stocks": ()}, "stocks is empty"),
        ({"stocks": "5930"}, "stocks: '5930' is no stock code"),
        ({"stocks": [5930]}, "stocks: 5930 is no stock code; one is text of six"),
        ({"stocks": 5930}, "stocks: 5930 is no stock code; one is text of six"),
        ({"markets": 1}, "markets: 1 is not one of: KOSPI"),
        ({"stocks": "005930_AL"}, "without a venue suffix, such as '005930'"),
    ],
)
def test_a_name_that_is_not_valid_is_refused_before_anything_is_read(choice, message):
    with pytest.raises(ParameterError) as raised:
        read("/no/such/root", **choice)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2026-11-20", "2026-11-18", "start 2026-11-20 is after end 2026-11-18"),
        ("20261118", "2026-11-20", "start: session_date '20261118'"),
        ("2026-11-18", "2026-11-31", "end: session_date '2026-11-31'"),
        (datetime(2026, 11, 18, 9, tzinfo=UTC), "2026-11-20", "is an instant; give a day, YYYY-MM-DD"),
    ],
)
def test_a_range_that_is_none_is_refused_before_anything_is_read(start, end, message):
    with pytest.raises(SessionDateError) as raised:
        read("/no/such/root", start, end)
    assert message in str(raised.value)


def test_a_day_that_the_calendar_does_not_know_is_refused():
    with pytest.raises(OutOfRangeError, match="1999-01-01 is outside the days that the KRX calendar knows"):
        read("/no/such/root", "1999-01-01")


@pytest.mark.parametrize("day", [date(2026, 11, 20), pd.Timestamp("2026-11-20")])
def test_a_day_may_be_a_date_or_a_midnight(root, day):
    assert days_of(read(root, day, day)) == ["2026-11-20"]


@pytest.mark.parametrize("form", [str, lambda path: f"file://{path}", lambda path: Store.open(f"file://{path}")])
def test_the_root_may_be_a_path_a_url_or_a_store(root, form):
    assert len(read(form(root), **SAMSUNG)) == 3


def test_a_path_with_blanks_and_korean_is_read(tmp_path):
    publish_three(tmp_path / "시장 자료")

    assert len(read(tmp_path / "시장 자료", **SAMSUNG)) == 3


def test_a_root_that_is_no_local_disk_is_read_the_same(root):
    remote, source = f"memory://{uuid.uuid4().hex}", fsspec.filesystem("file")
    target = Store.open(remote)
    for path in source.find(str(root / layout.PUBLISHED)):
        target.write(path.removeprefix(f"{root}/"), source.cat_file(path))

    pd.testing.assert_frame_equal(read(remote), read(root))


def test_reading_needs_no_airflow(root):
    code = (
        "import sys; sys.modules['airflow'] = None; sys.modules['airflow.sdk'] = None;"
        "from kiwoom_provider.datasets.reader import read_investor_trading as r;"
        f"print(len(r({str(root)!r}, '2026-11-18', '2026-11-20')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "144\n"


def test_importing_the_reader_pulls_nothing_heavy():
    code = "import kiwoom_provider.datasets.reader, sys; print({'pandas', 'pyarrow', 'holidays'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"

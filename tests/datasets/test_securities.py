"""The securities of a session: what each stock is, and how many shares it has."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kiwoom_provider.datasets import layout, securities
from kiwoom_provider.datasets.reader import NoDataError, ReadError, read_investor_trading, read_securities
from kiwoom_provider.datasets.securities import SecuritiesError, SecurityKind
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.parameters import Market, ParameterError
from published import Listed, store_securities

FETCHED_AT = datetime(2026, 11, 20, 12, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (Listed(), SecurityKind.COMMON),
        (Listed("005935", "삼성전자우"), SecurityKind.PREFERRED),
        (Listed("33626K", "두산퓨얼셀1우"), SecurityKind.PREFERRED),
        (Listed("0004Y0", "디비금융제14호스팩", market_code="10"), SecurityKind.SPAC),
        (Listed("123450", "아무개", market_code="10", company_class="스팩"), SecurityKind.SPAC),
        (Listed("900140", "엘브이엠씨홀딩스"), SecurityKind.FOREIGN),
        (Listed("123450", "아무개", market_code="10", company_class="외국기업"), SecurityKind.FOREIGN),
        (Listed("088260", "이리츠코크렙", market_code="6"), SecurityKind.REIT),
        (Listed("088980", "맥쿼리인프라", market_code="2"), SecurityKind.INFRASTRUCTURE),
        (Listed("094800", "맵스리얼티1", market_code="4"), SecurityKind.FUND),
        (Listed("500001", "신한 레버리지 ETN", market_code="60"), SecurityKind.ETN),
        (Listed("500002", "손실제한 ETN", market_code="70"), SecurityKind.ETN),
        (Listed("500003", "변동성 ETN", market_code="90"), SecurityKind.ETN),
        (Listed("123456", "신주인수권", market_code="5"), SecurityKind.OTHER),
        (Listed("123456", "새 무엇", market_code="777"), SecurityKind.OTHER),
    ],
)
def test_a_security_is_of_the_kind_that_its_board_class_and_code_say(row, kind):
    assert securities.classify(row) is kind


@pytest.mark.parametrize(
    ("code", "name", "kind"),
    [
        ("021045", "대호특수강우", SecurityKind.PREFERRED),
        ("03481K", "해성산업1우", SecurityKind.PREFERRED),
        ("000087", "하이트진로2우B", SecurityKind.PREFERRED),
        ("0037T0", "KB제32호스팩", SecurityKind.SPAC),
        ("0041J0", "엘에스스팩1호", SecurityKind.SPAC),
        ("900070", "글로벌에스엠", SecurityKind.FOREIGN),
        ("950210", "프레스티지바이오파마", SecurityKind.FOREIGN),
        ("000140", "하이트진로홀딩스", SecurityKind.COMMON),
    ],
)
def test_stocks_of_a_real_day_without_a_class_are_told_by_code_and_name(code, name, kind):
    assert securities.classify(Listed(code, name)) is kind


def board(**rows):
    return {
        Market.KOSPI: [Listed(), *rows.get("kospi", [])],
        Market.KOSDAQ: [Listed("247540", "에코프로비엠"), *rows.get("kosdaq", [])],
    }


def test_the_table_is_sorted_and_of_the_market_that_was_asked_and_has_no_etf():
    table = securities.build(
        board(kospi=[Listed("000020", "동화약품"), Listed("069500", "KODEX 200", market_code="8")])
    )

    assert list(zip(table["market"].to_pylist(), table["stock_code"].to_pylist(), strict=True)) == [
        ("KOSDAQ", "247540"),
        ("KOSPI", "000020"),
        ("KOSPI", "005930"),
    ]
    assert table.schema == securities.schema()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (False, False, None)),
        ({"audit_info": "거래정지"}, (True, False, "거래정지")),
        ({"state": "증거금100%|거래정지"}, (True, False, None)),
        ({"order_warning": "2"}, (False, True, "정리매매")),
        ({"audit_info": "투자경고", "order_warning": "5"}, (False, False, "투자경고")),
        ({"audit_info": "관리종목", "order_warning": "3"}, (False, False, "관리종목|단기과열")),
    ],
)
def test_suspension_liquidation_and_warnings_are_told(fields, expected):
    row = securities.build({Market.KOSPI: [Listed(**fields)]}).to_pylist()[0]

    assert (row["is_suspended"], row["is_liquidation"], row["warning"]) == expected


def test_a_master_that_names_a_stock_twice_is_refused_by_its_code():
    with pytest.raises(SecuritiesError, match=r"names 1 code.s. twice, first 005930"):
        securities.build(board(kosdaq=[Listed()]))


def test_a_master_without_one_market_is_refused_by_its_name():
    with pytest.raises(SecuritiesError, match="has no stock of KOSDAQ"):
        securities.build({Market.KOSPI: [Listed()], Market.KOSDAQ: [Listed(market_code="8")]})


def test_the_same_master_gives_the_same_bytes():
    table = securities.build(board())
    day = date(2026, 11, 20)

    assert securities.encode(table, day, FETCHED_AT, "1", day) == securities.encode(table, day, FETCHED_AT, "1", day)


def test_a_sessions_securities_are_read_with_their_types(tmp_path):
    store_securities(tmp_path, "2026-11-20", board())

    frame = read_securities(tmp_path, "2026-11-20")

    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "market": "category",
        "stock_code": "str",
        "stock_name": "str",
        "kind": "category",
        "listed_shares": "Int64",
        "listed_on": "datetime64[us]",
        "is_on_nxt": "bool",
        "is_suspended": "bool",
        "is_liquidation": "bool",
        "warning": "str",
        "sector": "str",
    }
    assert frame.iloc[1].to_dict() | {"warning": None} == {
        "market": "KOSPI",
        "stock_code": "005930",
        "stock_name": "삼성전자",
        "kind": "common",
        "listed_shares": 5919637922,
        "listed_on": pd.Timestamp("1975-06-11"),
        "is_on_nxt": True,
        "is_suspended": False,
        "is_liquidation": False,
        "warning": None,
        "sector": "전기/전자",
    }
    assert frame.attrs["fetched_at"] == "2026-11-20T12:12:00+00:00"


def test_securities_that_are_not_stored_are_refused_with_the_nearest(tmp_path):
    store_securities(tmp_path, "2026-11-18", board())

    with pytest.raises(NoDataError, match=r"no securities of 2026-11-20 .* the nearest: 2026-11-18"):
        read_securities(tmp_path, "2026-11-20")


@pytest.mark.parametrize("damage", [b"", b"PAR1"])
def test_damaged_securities_are_named(tmp_path, damage):
    Store.open(tmp_path).write(layout.securities_key(date(2026, 11, 20)), damage)

    with pytest.raises(ReadError, match=r"securities/session_date=2026-11-20/part-0\.parquet cannot be read"):
        read_securities(tmp_path, "2026-11-20")


def test_another_table_in_their_place_is_named(tmp_path):
    key = tmp_path / layout.securities_key(date(2026, 11, 20))
    key.parent.mkdir(parents=True)
    pq.write_table(pa.table({"a": [1]}), key)

    with pytest.raises(ReadError, match="cannot be read as the securities of a session"):
        read_securities(tmp_path, "2026-11-20")


@pytest.fixture
def known(root):
    """The published sessions, with securities of Wednesday and Friday in which 동화약품 is preferred."""
    boards = board(kospi=[Listed("000025", "동화약품우"), Listed("000020", "동화약품", 27931470, market_code="6")])
    for day in ("2026-11-18", "2026-11-20"):
        store_securities(root, day, boards)
    return root


def read(root, **choices):
    return read_investor_trading(root, "2026-11-20", "2026-11-20", venues="KRX", **choices)


def test_rows_are_chosen_by_kind(known):
    frame = read_investor_trading(known, "2026-11-18", "2026-11-18", kinds="reit")

    assert set(frame["stock_code"]) == {"000020"}
    assert frame.attrs["securities_of"] == {}


def test_a_session_without_securities_takes_the_last_before_and_says_so(known):
    frame = read_investor_trading(known, "2026-11-18", "2026-11-20", kinds=["common"], investors="bank")

    assert sorted(set(frame["stock_code"])) == ["005930", "247540"]
    assert frame.attrs["securities_of"] == {"2026-11-19": "2026-11-18"}


def test_listed_shares_stand_beside_a_stock_in_wide_frames(known):
    frame = read_investor_trading(
        known,
        "2026-11-20",
        "2026-11-20",
        venues="KRX",
        columns=["net_amount", "listed_shares"],
        investors="bank",
        wide=True,
    )

    assert list(frame.columns[4:]) == ["listed_shares", "bank_net_amount"]
    assert frame["listed_shares"].tolist() == [5919637922, 27931470, 5919637922]
    assert str(frame["listed_shares"].dtype) == "Int64"


def test_a_stock_that_the_securities_do_not_know_has_no_shares_and_no_kind(known):
    store_securities(known, "2026-11-20", {Market.KOSPI: [Listed()]})

    frame = read_investor_trading(
        known, "2026-11-20", "2026-11-20", columns="listed_shares", investors="bank", venues="KRX"
    )
    assert frame["listed_shares"].isna().tolist() == [True, True, False]
    assert set(read(known, kinds=list(SecurityKind))["stock_code"]) == {"005930"}


def test_kinds_without_any_securities_are_refused(root):
    with pytest.raises(NoDataError, match="no securities are stored under file://"):
        read_investor_trading(root, "2026-11-18", "2026-11-20", kinds="common")


def test_a_kind_that_there_is_not_is_refused_before_anything_is_read():
    with pytest.raises(ParameterError, match="kinds: 'etf' is not one of: common, preferred, spac, reit"):
        read_investor_trading("/no/such/root", "2026-11-18", "2026-11-20", kinds="etf")

"""
The securities of a session, from the day's boards (ka10099): one row a stock of KOSPI and KOSDAQ, without ETFs.

ka10066 carries just these stocks, so the table says what kind each of them is and how many shares it has. The
master has no history: a copy that was not taken on the day is lost.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from kiwoom_provider.api.ka10099 import ETF_CODE, ETN_CODES
from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.parquet import encode_table, read_table
from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    import pyarrow as pa

    from kiwoom_provider.api.ka10099 import Security
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.parameters import Market


class SecurityKind(StrEnum):
    """What a security is."""

    COMMON = "common"
    PREFERRED = "preferred"
    SPAC = "spac"
    REIT = "reit"
    INFRASTRUCTURE = "infrastructure"
    FUND = "fund"
    ETN = "etn"
    FOREIGN = "foreign"
    OTHER = "other"


_KINDS = {
    **dict.fromkeys(ETN_CODES, SecurityKind.ETN),
    "6": SecurityKind.REIT,
    "2": SecurityKind.INFRASTRUCTURE,
    "4": SecurityKind.FUND,
}
_BOARDS = ("0", "10")
_SPAC, _FOREIGN_COMPANY, _FOREIGN_ISSUER = "스팩", "외국기업", "9"
_SUSPENDED, _LIQUIDATION, _NORMAL = "거래정지", "2", ("", "정상")
ORDER_WARNINGS = {"1": "ETF투자주의", "2": "정리매매", "3": "단기과열", "4": "투자위험", "5": "투자경고"}
"""``orderWarning`` in the sheet's words."""


class SecuritiesError(KiwoomProviderError, ValueError):
    """A master that cannot be the boards of the day; kept as evidence, it costs no night by itself."""

    remedy = "nothing tonight: the board is kept as evidence, and the sessions before decide alone"


@cache
def schema() -> pa.Schema:
    """Return the schema; field metadata names unit, Korean term and API element."""
    import pyarrow as pa

    def field(name: str, kind: pa.DataType, korean: str, element: str, unit: str = "") -> pa.Field:
        return pa.field(name, kind, metadata={"unit": unit, "korean": korean, "element": element})

    return pa.schema(
        [
            field("market", pa.string(), "시장구분", "mrkt_tp"),
            field("stock_code", pa.string(), "종목코드", "code"),
            field("stock_name", pa.string(), "종목명", "name"),
            field("kind", pa.string(), "종류", "marketCode, companyClassName, code, name"),
            field("listed_shares", pa.int64(), "상장주식수", "listCount", "shares"),
            field("listed_on", pa.date32(), "상장일", "regDay"),
            field("is_on_nxt", pa.bool_(), "NXT 거래 가능", "nxtEnable"),
            field("is_suspended", pa.bool_(), "거래정지", "auditInfo, state"),
            field("is_liquidation", pa.bool_(), "정리매매", "orderWarning"),
            field("warning", pa.string(), "시장 조치", "auditInfo, orderWarning"),
            field("sector", pa.string(), "업종", "upName"),
        ]
    )


def classify(row: Security) -> SecurityKind:
    """
    Return what a row of the board is.

    Products are told by ``marketCode``. Of the stocks, foreign issuers have codes that begin with 9, and preferred
    ones codes that do not end with 0: so in all 2,769 stocks of 2026-03-20, where every name says the same.
    """
    if row.market_code not in _BOARDS:
        return _KINDS.get(row.market_code, SecurityKind.OTHER)
    if _SPAC in row.company_class or _SPAC in row.name:
        return SecurityKind.SPAC
    if row.company_class == _FOREIGN_COMPANY or row.code.startswith(_FOREIGN_ISSUER):
        return SecurityKind.FOREIGN
    return SecurityKind.COMMON if row.code.endswith("0") else SecurityKind.PREFERRED


def build(boards: Mapping[Market, Iterable[Security]]) -> pa.Table:
    """
    Return the securities of the day, sorted by market and code.

    :param boards: the rows by the market that was asked for, which is the row's; its ``marketCode`` is the kind's.
    :raises SecuritiesError: for a market without any stock, or a code that stands twice.
    """
    import pyarrow as pa

    rows = [_row(market, row) for market, board in boards.items() for row in board if row.market_code != ETF_CODE]
    counts = Counter(str(row["market"]) for row in rows)
    if empty := [str(market) for market in boards if not counts[str(market)]]:
        raise SecuritiesError(f"the securities master has no stock of {', '.join(empty)}")
    twice = [code for code, count in Counter(row["stock_code"] for row in rows).items() if count > 1]
    if twice:
        raise SecuritiesError(f"the securities master names {len(twice)} code(s) twice, first {twice[0]}")
    return pa.Table.from_pylist(sorted(rows, key=lambda row: (row["market"], row["stock_code"])), schema=schema())


def encode(table: pa.Table, session_date: date, fetched_at: datetime, package_version: str, as_of: date) -> bytes:
    """
    Return the file's bytes: the same answers give the same bytes.

    :param fetched_at: when the master was answered, UTC.
    :param as_of: the session that it is of, whichever it is filed under.
    """
    facts = {
        "session_date": session_date.isoformat(),
        "fetched_at": fetched_at.isoformat(),
        "package_version": package_version,
        "as_of": as_of.isoformat(),
    }
    return encode_table(table, facts, compression_level=9)


def read(store: Store, session_date: date) -> pa.Table | None:
    """
    Return a session's securities, with the file's metadata on the schema; None when none are stored.

    :raises SecuritiesError: for a file that is damaged or is another table.
    """
    import pyarrow as pa

    key = layout.securities_key(session_date)
    try:
        table = read_table(store.read(key, most=64 * 2**20))
        return table.select(schema().names).cast(schema().with_metadata(table.schema.metadata))
    except FileNotFoundError:
        return None
    except (pa.ArrowException, KeyError, ValueError) as error:
        raise SecuritiesError(f"{store.url(key)} cannot be read as the securities of a session: {error}") from error


def nearest_session(stored: Iterable[date], session_date: date) -> date | None:
    """Return the stored session whose securities speak for ``session_date``: it or the last before, else the next."""
    days = sorted(stored)
    return max((day for day in days if day <= session_date), default=days[0] if days else None)


def _row(market: Market, row: Security) -> dict[str, object]:
    words = [row.audit_info if row.audit_info not in _NORMAL else "", ORDER_WARNINGS.get(row.order_warning, "")]
    return {
        "market": str(market),
        "stock_code": row.code,
        "stock_name": row.name,
        "kind": str(classify(row)),
        "listed_shares": row.listed_shares,
        "listed_on": row.listed_on,
        "is_on_nxt": row.is_on_nxt,
        "is_suspended": _SUSPENDED in row.audit_info or _SUSPENDED in row.state,
        "is_liquidation": row.order_warning == _LIQUIDATION,
        "warning": "|".join(dict.fromkeys(filter(None, words))) or None,
        "sector": row.sector or None,
    }

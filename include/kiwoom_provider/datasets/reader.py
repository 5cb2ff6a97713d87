"""
Read the published table into pandas, with nothing but Python: no Airflow, no database, no account.

>>> from kiwoom_provider.datasets.reader import read_investor_trading
>>> read_investor_trading("/var/lib/kiwoom", "2026-11-02", "2026-11-20", venues="CONSOLIDATED")

Only the files of the sessions in the range are opened; of these only the columns that are asked for and
the row groups that can hold the wanted rows are decoded.
"""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.layout import stored_sessions
from kiwoom_provider.datasets.selection import INVESTOR_NAMES, KEYS, Selection
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    import pandas as pd
    import pyarrow as pa

    from kiwoom_provider.datasets.store import Root

MAX_THREADS = 8

_TEXTS = [*KEYS, "stock_name"]


class ReadError(KiwoomProviderError, ValueError):
    """The published table cannot be read as asked; the message says why and what to do."""


class NoDataError(ReadError):
    """Nothing is stored for what was asked; the message names the nearest stored sessions."""


class MissingDataWarning(UserWarning):
    """Sessions or stocks that were asked for are not there; ``df.attrs`` names them all."""


def read_investor_trading(
    root: Root,
    start: str | date,
    end: str | date,
    *,
    markets: str | Iterable[str] | None = None,
    venues: str | Iterable[str] | None = None,
    investors: str | Iterable[str] | None = None,
    stocks: str | Iterable[str] | None = None,
    columns: str | Iterable[str] | None = None,
    wide: bool = False,
) -> pd.DataFrame:
    """
    Return what is published of the sessions from ``start`` to ``end``, both inclusive.

    Amounts are in KRW million, quantities and ``volume`` in shares, prices in KRW, ``change_rate`` in %.
    Without ``wide``, one row a session, market, venue, stock and investor: ``session_date`` and the
    published table's columns, sorted as that is. With it, one row a session, market, venue and stock:
    instead of ``investor`` and the flows, a column ``<investor>_<flow>`` for each of both, such as
    ``foreigner_net_amount``.

    Dtypes are the same whatever was read: ``session_date`` datetime64[us] at midnight, without a zone (a
    day in Korea); ``market``, ``venue`` and ``investor`` category; code and name str; every whole number
    Int64, exact, with NA where a set was not asked for; ``change_rate`` float64, the double nearest to the
    published two decimals.

    ``df.attrs`` names what is missing: ``missing_sessions``, KRX sessions in the range that are not
    published, and ``missing_stocks``, stocks asked for that no session has; both lists of str.

    :param root: the data root, the folder above ``investor_trading``: a path, an fsspec URL, or a path
        object that brings its file system, such as Airflow's ``ObjectStoragePath``.
    :param start: a day, ``YYYY-MM-DD`` or a date.
    :param markets: ``KOSPI``, ``KOSDAQ``, ``ALL``; here and below, one name, several, or None for all.
    :param venues: ``KRX``, ``NXT``, ``CONSOLIDATED``.
    :param investors: names such as ``foreigner``; see the data dictionary.
    :param stocks: codes such as ``005930``.
    :param columns: columns of the published table to read; the key columns always come.
    :raises SessionDateError: for a malformed date, or a start after the end.
    :raises OutOfRangeError: for a day that the KRX calendar does not know.
    :raises ParameterError: for a name that is not valid.
    :raises DataRootError: for a URL that cannot be opened.
    :raises NoDataError: when no session of the range is published, or none has a wanted row.
    :raises ReadError: for a file that is damaged or is not the published table.
    :warns MissingDataWarning: for gaps, and for stocks that are nowhere in the range.
    """
    from kiwoom_provider.datasets.frame import long_frame, wide_frame

    selection = Selection.parse(
        start, end, markets=markets, venues=venues, investors=investors, stocks=stocks, columns=columns
    )
    expected = _sessions(selection)
    store = Store.open(root)
    days = _stored(store, root, selection)
    tables = _read(store, days, selection)
    try:
        frame = wide_frame(tables, selection.wanted.get("investor", INVESTOR_NAMES)) if wide else long_frame(tables)
    except ValueError as error:
        raise ReadError(f"{store.url(layout.PUBLISHED)}: {error}") from error
    frame.attrs["missing_sessions"] = [str(day) for day in expected if day not in tables]
    frame.attrs["missing_stocks"] = _missing_stocks(tables, selection)
    _warn(selection, frame.attrs["missing_sessions"], frame.attrs["missing_stocks"])
    return frame


def _sessions(selection: Selection) -> list[date]:
    """Return the KRX sessions of the range, by the calendar with the deployment's own overrides."""
    from kiwoom_provider.krx import calendar, overrides_path

    sessions = calendar(overrides=overrides_path()).sessions(selection.start, selection.end)
    return [session.session_date for session in sessions]


def _stored(store: Store, root: Root, selection: Selection) -> list[date]:
    stored = sorted(stored_sessions(store, layout.PUBLISHED))
    if not stored:
        raise NoDataError(
            f"nothing is published under {root}: give the data root itself, the folder above "
            f"{layout.PUBLISHED}/session_date=…"
        )
    if found := [day for day in stored if selection.start <= day <= selection.end]:
        return found
    before = [f"{day} before" for day in stored if day < selection.start][-1:]
    after = [f"{day} after" for day in stored if day > selection.end][:1]
    raise NoDataError(
        f"no session from {selection.start} to {selection.end} is published under {root}; the nearest: "
        f"{', '.join(before + after)}"
    )


def _read(store: Store, days: list[date], selection: Selection) -> dict[date, pa.Table]:
    """Return each session's wanted rows; a day whose folder holds no file is left out."""
    with ThreadPoolExecutor(min(MAX_THREADS, len(days))) as threads:
        tables = threads.map(lambda day: _read_session(store, day, selection), days)
        found = {day: table for day, table in zip(days, tables, strict=True) if table is not None}
    if not any(table.num_rows for table in found.values()):
        raise NoDataError(
            f"none of the {len(days)} stored sessions from {days[0]} to {days[-1]} has a row with "
            f"{selection.described()}"
        )
    return found


def _read_session(store: Store, day: date, selection: Selection) -> pa.Table | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    key = layout.published_key(day)
    try:
        # From a local disk only the pages that are needed; from elsewhere one request for the whole MB.
        source = store.path(key) if store.is_local else pa.BufferReader(store.read(key))
        with pq.ParquetFile(source, memory_map=store.is_local, read_dictionary=_TEXTS) as file:
            groups = selection.row_groups(file)
            table = file.read_row_groups(groups, columns=list(selection.columns), use_threads=False)
            return selection.filter(_with_whence(table, selection.columns).select(selection.columns))
    except FileNotFoundError:
        return None
    except (pa.ArrowException, OSError, KeyError) as error:
        raise ReadError(f"{store.url(key)} cannot be read as the published table: {error}") from error


def _with_whence(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    """Add, as nulls, the last columns that a file of before version 1 lacks."""
    import pyarrow as pa

    from kiwoom_provider.datasets.investor_trading import WHENCE_COLUMNS, schema

    for name in (name for name in WHENCE_COLUMNS if name in columns and name not in table.column_names):
        table = table.append_column(schema().field(name), pa.nulls(table.num_rows, schema().field(name).type))
    return table


def _missing_stocks(tables: dict[date, pa.Table], selection: Selection) -> list[str]:
    import pyarrow.compute as pc

    asked = selection.wanted.get("stock_code", ())
    seen = {code for table in tables.values() for code in pc.unique(table["stock_code"]).to_pylist()} if asked else ()
    return [code for code in asked if code not in seen]


def _warn(selection: Selection, days: list[str], codes: list[str]) -> None:
    if days:
        shown = ", ".join(days[:5]) + (", …" if len(days) > 5 else "")  # noqa: PLR2004 - what a line holds
        warnings.warn(
            f"{len(days)} KRX session(s) from {selection.start} to {selection.end} are not published: {shown}",
            MissingDataWarning,
            stacklevel=3,
        )
    if codes:
        warnings.warn(f"no row in any session of: {', '.join(codes)}", MissingDataWarning, stacklevel=3)

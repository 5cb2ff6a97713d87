"""
Read the published table into pandas, with nothing but Python: no Airflow, no database, no account.

>>> from kiwoom_provider.datasets.reader import read_investor_trading
>>> read_investor_trading("/var/lib/kiwoom", "2026-11-02", "2026-11-20", venues="CONSOLIDATED")

Only the files of the sessions in the range are opened; of these only the columns that are asked for and
the row groups that can hold the wanted rows are decoded.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kiwoom_provider.clock import SystemClock
from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.layout import stored_sessions
from kiwoom_provider.datasets.rows import read_rows
from kiwoom_provider.datasets.securities import SecuritiesError, nearest_session, schema
from kiwoom_provider.datasets.securities import read as read_table
from kiwoom_provider.datasets.selection import INVESTOR_NAMES, Selection
from kiwoom_provider.datasets.store import Store, StoreError
from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    import pandas as pd
    import pyarrow as pa

    from kiwoom_provider.clock import Clock
    from kiwoom_provider.datasets.store import Root
    from kiwoom_provider.krx import Window

log = logging.getLogger(__name__)

PRICES = ("stock_name", "close_price", "price_change", "change_rate", "volume")
"""What a stock has once a session and venue, whatever the investor."""

_SHOWN = 5
_RELEASE = ("by", "reason", "rule_ids", "report")
"""What ``df.attrs`` tells of a release; the file has its 36 sweeps, too."""


class ReadError(KiwoomProviderError, ValueError):
    """The published table cannot be read as asked; the message says why and what to do."""

    is_final = True
    remedy = "replay that session: the same raw gives the same table"


class NoDataError(ReadError):
    """Nothing is stored for what was asked; the message names the nearest stored sessions."""

    remedy = "correct root or range; python -m kiwoom_provider.gaps lists what is missing"


class MissingDataWarning(UserWarning):
    """Sessions or stocks that were asked for are not there, or cannot be read; ``df.attrs`` names them all."""


def trading_sessions(start: str | date, end: str | date) -> list[date]:
    """
    Return the KRX sessions from ``start`` to ``end``, both inclusive, past and to come.

    By the package's calendar with the deployment's own overrides (``KIWOOM_KRX_OVERRIDES``).

    :param start: a day, ``YYYY-MM-DD`` or a date.
    :raises SessionDateError: for a malformed date, or a start after the end.
    :raises OutOfRangeError: for a day that the calendar does not know.
    """
    from kiwoom_provider.krx import SessionDateError, calendar, overrides_path

    selection = Selection.parse(start, end)
    if selection.start is None or selection.end is None:
        raise SessionDateError("give both start and end, each a day such as 2026-11-20")
    sessions = calendar(overrides=overrides_path()).sessions(selection.start, selection.end)
    return [session.session_date for session in sessions]


def read_investor_trading(
    root: Root,
    start: str | date | None = None,
    end: str | date | None = None,
    *,
    markets: str | Iterable[str] | None = None,
    venues: str | Iterable[str] | None = None,
    investors: str | Iterable[str] | None = None,
    stocks: str | Iterable[str] | None = None,
    kinds: str | Iterable[str] | None = None,
    sources: str | Iterable[str] | None = None,
    columns: str | Iterable[str] | None = None,
    wide: bool = False,
    reindex: bool = False,
    clock: Clock | None = None,
) -> pd.DataFrame:
    """
    Return what is published of the sessions from ``start`` to ``end``, both inclusive.

    Amounts are in KRW million, quantities and ``volume`` in shares, prices in KRW, ``change_rate`` in %.
    Without ``wide``, one row a session, market, venue, stock and investor: ``session_date`` and the
    published table's columns, sorted as that is. With it, one row a session, market, venue and stock:
    instead of ``investor`` and the flows, a column ``<investor>_<flow>`` for each of both, such as
    ``foreigner_net_amount``.

    Dtypes are the same whatever was read: ``session_date`` datetime64[us] at midnight, without a zone (a
    day in Korea); ``market``, ``venue``, ``investor`` and ``source`` category; code and name str; every whole
    number Int64, exact, with NA where a set was not asked for; ``change_rate`` float64, the double nearest to
    the published two decimals; ``published_at`` datetime64[us, UTC].

    ``df.attrs`` says what is to be known of the data, as lists and dicts of str: ``missing_sessions``, KRX
    sessions in the range that were due and are not published; ``missing_stocks``, of the stocks asked for, the
    published sessions that each is not in; ``unreadable``, objects that are damaged, whose sessions are missing
    too; ``released_sessions``, what a person published in spite of findings; ``withheld_venues``, venues that
    were not published with their session; ``rebuilt_sessions``, the markets and venues that were rebuilt later from
    ka10059, and ``coverage``, of how many of the stocks that are listed now they have rows; ``securities_of``, the
    sessions that had to take another session's securities, and which.

    Of chosen stocks, whole months come from the months' files where these are of the daily files as they are now.

    :param root: the data root, the folder above ``investor_trading``: a path, an fsspec URL, or a path
        object that brings its file system, such as Airflow's ``ObjectStoragePath``.
    :param start: a day, ``YYYY-MM-DD`` or a date; left out, the first that is published.
    :param end: alike; left out, the last session that was due.
    :param markets: ``KOSPI``, ``KOSDAQ``, ``ALL``; here and below, one name, several, or None for all.
    :param venues: ``KRX``, ``NXT``, ``CONSOLIDATED``.
    :param investors: names such as ``foreigner``; see the data dictionary.
    :param stocks: codes such as ``005930``.
    :param kinds: of security: ``common``, ``preferred``, ``spac``, ``reit``, ``infrastructure``, ``fund``, ``etn``,
        ``foreign``, ``other``, by the session's securities, or where none are stored by the nearest copy, which
        ``df.attrs["securities_of"]`` names.
    :param sources: ``ka10066``, as swept that night, or ``ka10059``, as rebuilt later.
    :param columns: columns of the published table to read, and ``listed_shares`` of the securities; the key columns
        always come.
    :param reindex: give every stock of the result a row for every session of the range, of NA where there is none,
        so that a window of twenty rows is one of twenty sessions.
    :param clock: what tells which sessions were due.
    :raises SessionDateError: for a malformed date, or a start after the end.
    :raises OutOfRangeError: for a day that the KRX calendar does not know.
    :raises ParameterError: for a name that is not valid.
    :raises DataRootError: for a URL that cannot be opened.
    :raises StoreError: for a root that cannot be read.
    :raises NoDataError: when no session of the range is published, or none has a wanted row.
    :raises ReadError: when no file of the range can be read as the published table.
    :warns MissingDataWarning: for gaps, damaged files, and stocks that sessions of the range lack.
    """
    selection = Selection.parse(
        start,
        end,
        markets=markets,
        venues=venues,
        investors=investors,
        stocks=stocks,
        columns=columns,
        kinds=kinds,
        sources=sources,
    )
    if selection.start and selection.end:
        trading_sessions(selection.start, selection.end)  # a day that the calendar does not know is refused first
    store = Store.open(root)
    days = _stored_days(store, selection)
    selection, expected = _expected_days(store, selection, days, (clock or SystemClock()).now())
    read = read_rows(store, days, selection)
    if read.errors and not read.sessions:
        url, why = next(iter(read.errors.items()))
        raise ReadError(f"{url} cannot be read as the published table: {why}")
    tables = read.tables
    securities_of: dict[str, str] = {}
    if selection.kinds or selection.from_securities:
        tables, securities_of = _with_securities(store, tables, selection)
    _refuse_empty(tables, selection)
    frame = _frame(store, tables, selection, wide=wide)
    if reindex:
        from kiwoom_provider.datasets.frame import reindex_sessions

        frame = reindex_sessions(frame, sorted({*expected, *tables}))
    frame.attrs["missing_sessions"] = [str(day) for day in expected if day not in tables]
    frame.attrs["missing_stocks"] = _missing_stocks(tables, selection)
    frame.attrs["unreadable"] = list(read.errors)
    frame.attrs["released_sessions"] = {
        day: {name: said[name] for name in _RELEASE if name in said} for day, said in read.facts("release").items()
    }
    frame.attrs["withheld_venues"] = read.facts("withheld")
    frame.attrs["rebuilt_sessions"] = read.facts("rebuilt")
    frame.attrs["coverage"] = read.facts("coverage")
    frame.attrs["securities_of"] = securities_of
    _warn(selection, frame.attrs)
    return frame


def read_prices(
    root: Root,
    start: str | date | None = None,
    end: str | date | None = None,
    *,
    markets: str | Iterable[str] | None = None,
    venues: str | Iterable[str] | None = None,
    stocks: str | Iterable[str] | None = None,
    reindex: bool = False,
    clock: Clock | None = None,
) -> pd.DataFrame:
    """
    Return price and volume once a session, market, venue and stock.

    In ``investor_trading`` they stand on each of a stock's twelve rows, where a sum is twelve times too large.
    Columns, dtypes, arguments and errors are those of :func:`read_investor_trading`.
    """
    return read_investor_trading(
        root,
        start,
        end,
        markets=markets,
        venues=venues,
        stocks=stocks,
        investors=INVESTOR_NAMES[0],
        columns=PRICES,
        wide=True,
        reindex=reindex,
        clock=clock,
    )


def read_securities(root: Root, day: str | date) -> pd.DataFrame:
    """
    Return the securities of a session, one row a stock of KOSPI and KOSDAQ, without ETFs.

    ``market`` and ``kind`` category; ``stock_code``, ``stock_name``, ``warning`` and ``sector`` str; ``listed_shares``
    Int64; ``listed_on`` datetime64[us]; ``is_on_nxt``, ``is_suspended``, ``is_liquidation`` bool.
    ``df.attrs["fetched_at"]`` says when Kiwoom answered; the table is as of that day.

    :param root: as for :func:`read_investor_trading`.
    :param day: the session, ``YYYY-MM-DD`` or a date.
    :raises NoDataError: when none are stored of that session, naming the nearest that are.
    :raises ReadError: for a file that is damaged.
    """
    from kiwoom_provider.datasets.frame import securities_frame
    from kiwoom_provider.datasets.parquet import file_metadata

    store = Store.open(root)
    session_date = Selection.parse(day, day).start
    stored = stored_sessions(store, layout.SECURITIES)
    if session_date is None or session_date not in stored:
        nearest = nearest_session(stored, session_date) if session_date else None
        raise NoDataError(f"no securities of {day} are stored under {store.name}; the nearest: {nearest}")
    table = _securities(store, session_date)
    frame = securities_frame(table)
    frame.attrs["fetched_at"] = file_metadata(table.schema).get("fetched_at")
    return frame


def _stored_days(store: Store, selection: Selection) -> list[date]:
    stored = sorted(stored_sessions(store, layout.PUBLISHED))
    if not stored:
        raise NoDataError(
            f"nothing is published under {store.name}: give the data root itself, the folder above "
            f"{layout.PUBLISHED}/session_date=…"
        )
    if found := [day for day in stored if selection.has(day)]:
        return found
    before = [f"{day} before" for day in stored if selection.start and day < selection.start][-1:]
    after = [f"{day} after" for day in stored if selection.end and day > selection.end][:1]
    raise NoDataError(
        f"no session {selection.range} is published under {store.name}; the nearest: {', '.join(before + after)}"
    )


def _expected_days(store: Store, selection: Selection, days: list[date], now: datetime) -> tuple[Selection, list[date]]:
    """Return the selection with both ends, and the sessions of it that were due by the DAG's window."""
    from kiwoom_provider.krx import calendar, overrides_path

    due = calendar(_window(store), overrides=overrides_path()).latest_settled(now).session_date
    start, end = selection.start or days[0], selection.end or max(due, days[-1])
    sessions = [day for day in trading_sessions(start, end) if day <= max(due, days[-1])]
    return replace(selection, start=start, end=end), sessions


def _window(store: Store) -> Window:
    """Return the DAG's window; the package's own for those who may read the published files and nothing else."""
    from kiwoom_provider.datasets.window import read_window
    from kiwoom_provider.krx import Window

    try:
        return read_window(store)
    except StoreError as error:
        log.info("%s: which sessions were due is told by the package's own window", error)
        return Window()


def _refuse_empty(tables: dict[date, pa.Table], selection: Selection) -> None:
    if not any(table.num_rows for table in tables.values()):
        days = sorted(tables)
        raise NoDataError(
            f"none of the {len(days)} stored sessions {selection.range} has a row with {selection.conditions()}"
        )


def _with_securities(
    store: Store, tables: dict[date, pa.Table], selection: Selection
) -> tuple[dict[date, pa.Table], dict[str, str]]:
    """Return the tables with what the securities bring, and which other session's were taken for which."""
    import pyarrow as pa
    import pyarrow.compute as pc

    stored = stored_sessions(store, layout.SECURITIES)
    if not stored:
        raise NoDataError(f"no securities are stored under {store.name}, so kinds and listed_shares are not known")
    taken = {day: nearest_session(stored, day) or day for day in tables}
    masters = {day: _securities(store, day) for day in set(taken.values())}
    joined = {}
    for day, table in tables.items():
        master = masters[taken[day]]
        at = pc.index_in(table["stock_code"].cast(pa.string()), master["stock_code"].combine_chunks())
        for name in selection.from_securities:
            table = table.append_column(schema().field(name), master[name].take(at))  # noqa: PLW2901 - grows
        if selection.kinds:
            table = table.filter(pc.is_in(master["kind"].take(at), pa.array(selection.kinds, pa.string())))  # noqa: PLW2901
        joined[day] = table
    return joined, {str(day): str(other) for day, other in taken.items() if day != other}


def _securities(store: Store, day: date) -> pa.Table:
    try:
        found = read_table(store, day)
    except SecuritiesError as error:
        raise ReadError(str(error)) from error
    if found is None:
        raise NoDataError(f"the folder of the securities of {day} under {store.name} is empty")
    return found


def _frame(store: Store, tables: dict[date, pa.Table], selection: Selection, *, wide: bool) -> pd.DataFrame:
    from kiwoom_provider.datasets.frame import long_frame, wide_frame

    if not wide:
        return long_frame(tables)
    try:
        return wide_frame(tables, selection.wanted.get("investor", INVESTOR_NAMES))
    except ValueError as error:
        raise ReadError(f"{store.url(layout.PUBLISHED)}: {error}") from error


def _missing_stocks(tables: dict[date, pa.Table], selection: Selection) -> dict[str, list[str]]:
    import pyarrow.compute as pc

    asked = selection.wanted.get("stock_code", ())
    codes = {day: set(pc.unique(table["stock_code"]).to_pylist()) for day, table in tables.items() if asked}
    absent = {code: [str(day) for day, found in codes.items() if code not in found] for code in asked}
    return {code: days for code, days in absent.items() if days}


def _warn(selection: Selection, attributes: dict[Any, Any]) -> None:
    days, stocks, unreadable = (attributes[name] for name in ("missing_sessions", "missing_stocks", "unreadable"))
    if days:
        _warn_of(f"{len(days)} KRX session(s) {selection.range} are not published: {_shorten(days)}")
    if stocks:
        counted = [f"{code} ({len(absent)} session(s))" for code, absent in stocks.items()]
        _warn_of(f"stocks without a row in published sessions: {_shorten(counted)}")
    if unreadable:
        _warn_of(f"{len(unreadable)} published file(s) cannot be read and are left out: {_shorten(unreadable)}")


def _shorten(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _warn_of(message: str) -> None:
    warnings.warn(message, MissingDataWarning, stacklevel=4)

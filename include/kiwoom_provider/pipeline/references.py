"""
The dated sibling's word on a few stocks: ka10059's row for the session, fetched, kept, read back.

ka10066 carries no date and ka10059 does, so a stock's row there is what a session is proved by.
A row is settled when individuals, foreigners, institutions, other corporations and other foreigners
(natfor) net to zero within rounding and are not all zero: before settlement the day's row is all zeros.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kiwoom_provider.api import ka10059
from kiwoom_provider.api.errors import KiwoomError, UnsupportedError
from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.api.numbers import parse_int
from kiwoom_provider.datasets import layout, raw
from kiwoom_provider.parameters import Measure, ParameterSet, Side, Venue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from kiwoom_provider.api.page import Page
    from kiwoom_provider.datasets.store import Store

log = logging.getLogger(__name__)

STOCK_SUFFIX = {Venue.KRX: "", Venue.NXT: "_NX", Venue.CONSOLIDATED: "_AL"}
"""How a stock is asked for at a venue: ``005930``, ``005930_NX``, ``005930_AL``."""

_BALANCED = ("ind_invsr", "frgnr_invsr", "orgn", "etc_corp", "natfor")
_BALANCE_TOLERANCE = {Measure.QUANTITY: 0, Measure.AMOUNT: 2}
"""Five amounts rounded to KRW million are off by half each at most; shares are not rounded."""


class CallSource(Protocol):
    """What asking for a reference needs of the hook."""

    def call(self, api_id: str, path: str, body: Mapping[str, str]) -> Page:
        """Return one page."""


@dataclass(frozen=True, slots=True)
class Reference:
    """
    What ka10059 says of one stock on the session's day.

    :param fields: the twelve investor fields in the API's order, or None when it has no row for the day.
    """

    parameters: ParameterSet
    stock_code: str
    fields: tuple[int, ...] | None
    is_settled: bool


def fetch(source: CallSource, store: Store, session_date: date, parameters: ParameterSet, stock_code: str) -> Reference:
    """
    Ask ka10059 for a stock's row of the session; a settled answer is kept as evidence.

    :raises UnsupportedError: when the host does not serve ka10059.
    :raises KiwoomError: as the API fails.
    """
    body = ka10059.request_body(
        session_date, stock_code + STOCK_SUFFIX[parameters.venue], parameters.measure, parameters.side
    )
    try:
        page = source.call(ka10059.API_ID, ka10059.PATH, body)
    except UnsupportedError as error:
        note = json.dumps({"code": error.code, "message": str(error)}, ensure_ascii=False)
        store.write(_unsupported_key(session_date), note.encode())
        raise
    reference = _read(page, session_date, parameters, stock_code)
    if reference.is_settled:
        store.write(_key(session_date, parameters, stock_code), raw.pack(page, run_id=""))
    return reference


def fetch_quietly(
    source: CallSource, store: Store, session_date: date, parameters: ParameterSet, stock_codes: Iterable[str]
) -> int:
    """
    Ask for several stocks; what the API does not answer is only missing evidence, said in the log.

    :returns: the calls made.
    """
    calls = 0
    for code in stock_codes:
        calls += 1
        try:
            fetch(source, store, session_date, parameters, code)
        except UnsupportedError as error:
            log.info("%s: no dated reference, the host does not serve ka10059 (%s)", parameters.label, error)
            break
        except KiwoomError as error:
            log.warning("%s: no dated reference for %s: %s", parameters.label, code, error)
    return calls


def is_unsupported(store: Store, session_date: date) -> bool:
    """Whether the host said, for this session, that it does not serve ka10059."""
    return store.exists(_unsupported_key(session_date))


def load(store: Store, session_date: date) -> dict[ParameterSet, list[Reference]]:
    """Return the kept evidence of a session by parameter set."""
    found: dict[ParameterSet, list[Reference]] = {}
    for key in store.list(layout.session_prefix(layout.RAW_REFERENCE, session_date)):
        if key == _unsupported_key(session_date):
            continue
        parameters = ParameterSet.from_path(key)
        code = key.rpartition("/")[2].partition(".")[0]
        page, _ = raw.unpack(store.read(key))
        found.setdefault(parameters, []).append(_read(page, session_date, parameters, code))
    return found


def _unsupported_key(session_date: date) -> str:
    return f"{layout.session_prefix(layout.RAW_REFERENCE, session_date)}/unsupported.json"


def _key(session_date: date, parameters: ParameterSet, stock_code: str) -> str:
    return f"{layout.session_prefix(layout.RAW_REFERENCE, session_date)}/{parameters.path}/{stock_code}.json.gz"


def _read(page: Page, session_date: date, parameters: ParameterSet, stock_code: str) -> Reference:
    wanted = f"{session_date:%Y%m%d}"
    row = next((row for row in page.rows(ka10059.LIST_ELEMENT) if row.get("dt") == wanted), None)
    if row is None:
        return Reference(parameters, stock_code, None, is_settled=False)
    values = {name: parse_int(row.get(name, "")) or 0 for name in (*INVESTOR_ELEMENTS, "natfor")}
    fields = tuple(values[name] for name in INVESTOR_ELEMENTS)
    return Reference(parameters, stock_code, fields, is_settled=_is_settled(values, parameters))


def _is_settled(values: Mapping[str, int], parameters: ParameterSet) -> bool:
    if not any(values.values()):
        return False
    balance = sum(values[name] for name in _BALANCED)
    return parameters.side is not Side.NET or abs(balance) <= _BALANCE_TOLERANCE[parameters.measure]

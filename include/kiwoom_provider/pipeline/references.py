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
from kiwoom_provider.api.errors import KiwoomError, RejectedError, UnsupportedError
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

NO_SUCH_STOCK = ("1902", "1903")

_BALANCED = ("ind_invsr", "frgnr_invsr", "orgn", "etc_corp", ka10059.OTHER_FOREIGN_ELEMENT)
_BALANCE_TOLERANCE = {Measure.QUANTITY: 0, Measure.AMOUNT: 2}
"""Five amounts rounded to KRW million are off by half each at most; shares are not rounded."""
_ANSWER, _REFUSAL = ".json.gz", ".refused.json"


class CallSource(Protocol):
    """What asking for a reference needs of the hook."""

    def call(self, api_id: str, path: str, body: Mapping[str, str]) -> Page:
        """Return one page."""


@dataclass(frozen=True, slots=True)
class Reference:
    """
    What ka10059 says of one stock on the session's day.

    :param fields: the twelve investor fields in the API's order, or None when it has no row for the day.
    :param is_refused: the host does not serve ka10059 for this stock.
    """

    parameters: ParameterSet
    stock_code: str
    fields: tuple[int, ...] | None
    is_settled: bool
    is_refused: bool = False


def fetch(source: CallSource, store: Store, session_date: date, parameters: ParameterSet, stock_code: str) -> Reference:
    """
    Ask ka10059 for a stock's row of the session; a settled answer and a refusal are kept as evidence.

    :raises KiwoomError: as the API fails.
    """
    body = ka10059.request_body(
        session_date, stock_code + STOCK_SUFFIX[parameters.venue], parameters.measure, parameters.side
    )
    key = _key(session_date, parameters, stock_code)
    try:
        page = source.call(ka10059.API_ID, ka10059.PATH, body)
    except RejectedError as error:
        if not _is_not_served(error):
            raise
        note = json.dumps({"code": error.code, "message": str(error)}, ensure_ascii=False)
        store.write(key + _REFUSAL, note.encode())
        return Reference(parameters, stock_code, None, is_settled=False, is_refused=True)
    reference = _read(page, session_date, parameters, stock_code)
    if reference.is_settled:
        store.write(key + _ANSWER, raw.pack(page, run_id=""))
    return reference


def fetch_quietly(
    source: CallSource,
    store: Store,
    session_date: date,
    parameters: ParameterSet,
    stock_codes: Iterable[str],
    *,
    anew: bool = False,
) -> int:
    """
    Ask for several stocks; what the API does not answer is only missing evidence, said in the log.

    :param stock_codes: stops after the first if ka10059 is not served for it, and when it cannot be reached.
    :param anew: ask again for stocks whose row is kept already.
    :returns: the calls made.
    """
    calls = 0
    for place, code in enumerate(stock_codes):
        if not anew and store.exists(_key(session_date, parameters, code) + _ANSWER):
            continue
        calls += 1
        try:
            refused = fetch(source, store, session_date, parameters, code).is_refused
        except KiwoomError as error:
            log.warning("%s: no dated reference for %s: %s", parameters.label, code, error)
            break
        if refused:
            log.info("%s: the host does not serve ka10059 for %s", parameters.label, code)
            if place == 0:
                break
    return calls


def load(store: Store, session_date: date) -> dict[ParameterSet, list[Reference]]:
    """Return the kept evidence of a session by parameter set; an answer outweighs a refusal."""
    found: dict[ParameterSet, dict[str, Reference]] = {}
    for key in reversed(store.list(layout.session_prefix(layout.RAW_REFERENCE, session_date))):
        code = key.rpartition("/")[2].partition(".")[0]
        if key.endswith(_ANSWER):
            parameters = ParameterSet.from_path(key)
            page, _ = raw.unpack(store.read(key))
            found.setdefault(parameters, {})[code] = _read(page, session_date, parameters, code)
        elif key.endswith(_REFUSAL):
            parameters = ParameterSet.from_path(key)
            refusal = Reference(parameters, code, None, is_settled=False, is_refused=True)
            found.setdefault(parameters, {})[code] = refusal
    return {parameters: [rows[code] for code in sorted(rows)] for parameters, rows in sorted(found.items())}


def _is_not_served(error: RejectedError) -> bool:
    return isinstance(error, UnsupportedError) or error.code in NO_SUCH_STOCK


def _key(session_date: date, parameters: ParameterSet, stock_code: str) -> str:
    return f"{layout.session_prefix(layout.RAW_REFERENCE, session_date)}/{parameters.path}/{stock_code}"


def _read(page: Page, session_date: date, parameters: ParameterSet, stock_code: str) -> Reference:
    wanted = f"{session_date:%Y%m%d}"
    row = next((row for row in page.rows(ka10059.LIST_ELEMENT) if row.get("dt") == wanted), None)
    if row is None:
        return Reference(parameters, stock_code, None, is_settled=False)
    values = {name: _number(page, row, name) for name in (*INVESTOR_ELEMENTS, ka10059.OTHER_FOREIGN_ELEMENT)}
    fields = tuple(values[name] for name in INVESTOR_ELEMENTS)
    return Reference(parameters, stock_code, fields, is_settled=_is_settled(values, parameters))


def _number(page: Page, row: Mapping[str, object], name: str) -> int:
    text = row.get(name)
    if not isinstance(text, str):
        raise page.broken(f"has no text in element {name}")
    return parse_int(text) or 0


def _is_settled(values: Mapping[str, int], parameters: ParameterSet) -> bool:
    if not any(values.values()):
        return False
    balance = sum(values[name] for name in _BALANCED)
    return parameters.side is not Side.NET or abs(balance) <= _BALANCE_TOLERANCE[parameters.measure]

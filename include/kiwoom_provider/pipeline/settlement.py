"""
Has the API's investor data become the session's? One look, before the sweep.

For every asked market and venue: the first page of net quantities, a few of its busiest stocks
against ka10059's dated rows, and the page against the previous stored session's.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from kiwoom_provider.api import ka10066 as api
from kiwoom_provider.api.errors import UnsupportedError
from kiwoom_provider.datasets import ka10066, raw
from kiwoom_provider.parameters import Measure, ParameterSet, Side
from kiwoom_provider.pipeline import references
from kiwoom_provider.pipeline.previous import is_unchanged, previous_session, read_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    import pyarrow as pa

    from kiwoom_provider.api.page import Page
    from kiwoom_provider.datasets.store import Store

log = logging.getLogger(__name__)

REFERENCES_PER_VENUE = 2


class ProofSetting(StrEnum):
    """Which proof a deployment asks for."""

    DATED = "dated"
    CHANGED = "changed"
    BOTH = "both"


class Source(Protocol):
    """What a look needs of the hook."""

    def call(self, api_id: str, path: str, body: Mapping[str, str]) -> Page:
        """Return one page."""


@dataclass(frozen=True, slots=True)
class Look:
    """
    What one look saw.

    :param settled: whether the sweep may begin.
    :param seen: one plain sentence a market and venue.
    :param reference_stocks: by ``<market>/<venue>``, the stocks to prove each set by.
    :param first_pages: the page that was looked at, by its parameter set.
    """

    settled: bool
    seen: tuple[str, ...]
    reference_stocks: Mapping[str, list[str]]
    first_pages: Mapping[ParameterSet, Page]

    @property
    def reference_calls(self) -> int:
        """Calls of ka10059, at most one a reference stock."""
        return sum(len(codes) for codes in self.reference_stocks.values())


def look(source: Source, store: Store, session_date: date, sets: Iterable[ParameterSet], proof: ProofSetting) -> Look:
    """
    Look once; stop at the first market and venue that is not settled.

    :raises KiwoomError: as the API fails.
    """
    probes = list(dict.fromkeys(ParameterSet(p.market, p.venue, Measure.QUANTITY, Side.NET) for p in sets))
    before = read_tables(store, previous_session(store, session_date), probes)
    seen: list[str] = []
    stocks: dict[str, list[str]] = {}
    pages: dict[ParameterSet, Page] = {}
    for probe in probes:
        page = source.call(api.API_ID, api.PATH, api.request_body(probe))
        table = ka10066.parse([page], probe)
        codes = busiest(table)
        dated = _dated(source, store, table, codes, probe, session_date) if proof is not ProofSetting.CHANGED else None
        changed = _changed(table, before.get(probe))
        seen.append(
            f"{probe.market} · {probe.venue}: {dated or 'ka10059 is not asked'} ({', '.join(codes)}); {changed}"
        )
        stocks[probe.place], pages[probe] = codes, page
        if not _is_settled(proof, dated, changed):
            return Look(settled=False, seen=tuple(seen), reference_stocks=stocks, first_pages={})
    return Look(settled=True, seen=tuple(seen), reference_stocks=stocks, first_pages=pages)


def keep_first_pages(store: Store, session_date: date, run_id: str, seen: Look, sets: Iterable[ParameterSet]) -> None:
    """Store the settled first pages as the run's own sweeps of those sets, so that no page is asked for twice."""
    for parameters in sets:
        if page := seen.first_pages.get(parameters):
            prefix = raw.sweep_prefix(session_date, parameters, page.fetched_at)
            raw.write_page(store, prefix, page, run_id)


def busiest(table: pa.Table, count: int = REFERENCES_PER_VENUE) -> list[str]:
    """Return the codes of the stocks in which individuals traded the most, none without any flow."""
    import pyarrow.compute as pc

    ranked = table.append_column("size", pc.abs(table["ind_invsr"])).sort_by([("size", "descending")])
    codes = ranked.filter(pc.greater(ranked["size"], 0))["stk_cd"]
    return codes.slice(0, count).to_pylist()


class _Dated(StrEnum):
    EQUAL = "ka10059 has the day's settled row and it equals ka10066's"
    ABSENT = "ka10059 has no settled row for the day yet"
    DIFFERENT = "ka10059's settled row for the day differs from ka10066's"
    NO_FLOW = "no stock on the first page has any flow"
    UNSUPPORTED = "this host does not serve ka10059"


class _Changed(StrEnum):
    CHANGED = "the investor fields differ from the previous stored session's"
    SAME = "the investor fields still equal the previous stored session's"
    FIRST = "no earlier session is stored to compare with"


def _dated(
    source: Source, store: Store, table: pa.Table, codes: list[str], probe: ParameterSet, session_date: date
) -> _Dated:
    if not codes:
        return _Dated.NO_FLOW
    rows = {row["stk_cd"]: row for row in table.select(["stk_cd", *api.INVESTOR_ELEMENTS]).to_pylist()}
    for code in codes:
        try:
            reference = references.fetch(source, store, session_date, probe, code)
        except UnsupportedError:
            return _Dated.UNSUPPORTED
        if not reference.is_settled:
            return _Dated.ABSENT
        if reference.fields != tuple(rows[code][name] for name in api.INVESTOR_ELEMENTS):
            return _Dated.DIFFERENT
    return _Dated.EQUAL


def _changed(table: pa.Table, before: pa.Table | None) -> _Changed:
    unchanged = is_unchanged(table, before) if before is not None else None
    if unchanged is None:
        return _Changed.FIRST
    return _Changed.SAME if unchanged else _Changed.CHANGED


def _is_settled(proof: ProofSetting, dated: _Dated | None, changed: _Changed) -> bool:
    """Both: dated and not the previous session's; by change alone where the host has no dated sibling."""
    if proof is ProofSetting.DATED:
        return dated is _Dated.EQUAL
    if proof is ProofSetting.CHANGED or dated is _Dated.UNSUPPORTED:
        return changed is _Changed.CHANGED
    return dated is _Dated.EQUAL and changed is not _Changed.SAME

"""
Has the API's investor data become the session's? One look, before the sweep.

For every asked market and venue: the first page of net quantities, its busiest stocks against
ka10059's dated rows, and the page against the previous stored session's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from kiwoom_provider.api import ka10059
from kiwoom_provider.api import ka10066 as api
from kiwoom_provider.api.errors import AuthenticationError, KiwoomError, StateError
from kiwoom_provider.datasets import ka10066, raw
from kiwoom_provider.parameters import Measure, ParameterError, ParameterSet, Side
from kiwoom_provider.pipeline import references
from kiwoom_provider.pipeline.choice import REFERENCES_PER_SET, reference_stocks
from kiwoom_provider.pipeline.previous import Before, is_unchanged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    import pyarrow as pa

    from kiwoom_provider.api.page import Page
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import SessionWindow

A_HANDFUL = 4
"""Places, from which on one dated stock of each is enough for a look: the sweep's own proof asks for more."""


class ProofSetting(StrEnum):
    """Which proof a deployment asks for."""

    DATED = "dated"
    CHANGED = "changed"
    BOTH = "both"

    @classmethod
    def parse(cls, name: object) -> ProofSetting:
        """
        Return the setting called ``name``.

        :raises ParameterError: when there is none.
        """
        try:
            return cls(str(name))
        except ValueError:
            raise ParameterError(
                f"proof {name!r} (Airflow Variable kiwoom_proof) is not one of: {', '.join(cls)}"
            ) from None


class Source(Protocol):
    """What a look needs of the hook."""

    def call(self, api_id: str, path: str, body: Mapping[str, str]) -> Page:
        """Return one page."""


@dataclass(slots=True)
class Counted:
    """A source that counts the calls by api-id, those that failed included."""

    source: Source
    calls: dict[str, int] = field(default_factory=dict)

    def call(self, api_id: str, path: str, body: Mapping[str, str]) -> Page:
        """Return one page."""
        self.calls[api_id] = self.calls.get(api_id, 0) + 1
        return self.source.call(api_id, path, body)


@dataclass(frozen=True, slots=True)
class Look:
    """
    What one look saw.

    :param settled: whether the sweep may begin.
    :param seen: one plain sentence a market and venue.
    :param first_pages: the pages that were looked at, by parameter set.
    """

    settled: bool
    seen: tuple[str, ...]
    first_pages: Mapping[ParameterSet, Page]


class _Dated(StrEnum):
    EQUAL = "ka10059 has the day's settled rows and they equal ka10066's"
    ABSENT = "ka10059 has no settled row for the day yet"
    DIFFERENT = "ka10059's settled row for the day differs from ka10066's"
    NO_FLOW = "no stock on the first page has any flow"
    REFUSED = "this host does not serve ka10059 for them"
    UNREACHABLE = "ka10059 could not be asked"
    UNASKED = "ka10059 is not asked"


class _Changed(StrEnum):
    CHANGED = "the investor fields differ from the previous session's"
    SAME = "the investor fields still equal the previous stored session's"
    FIRST = "no earlier session is stored to compare with"
    GAP = "the session before is not stored and published, so a difference would show nothing"


@dataclass(frozen=True, slots=True)
class Looker:
    """
    Looks whether a session has settled.

    :param session_before: the session right before, by the calendar.
    """

    source: Source
    store: Store
    session: SessionWindow
    session_before: date
    proof: ProofSetting

    def look(self, sets: Iterable[ParameterSet]) -> Look:
        """
        Look once at every asked market and venue.

        :raises KiwoomError: when ka10066 cannot be asked, or breaks the spec.
        """
        probes = list(dict.fromkeys(ParameterSet(p.market, p.venue, Measure.QUANTITY, Side.NET) for p in sets))
        before = Before.read(self.store, self.session.session_date, self.session_before, probes)
        stocks = REFERENCES_PER_SET if len(probes) < A_HANDFUL else 1
        found = {probe: self._at(probe, before, stocks) for probe in probes}
        return Look(
            settled=all(settled for settled, _, _ in found.values()),
            seen=tuple(sentence for _, sentence, _ in found.values()),
            first_pages={probe: page for probe, (_, _, page) in found.items()},
        )

    def _at(self, probe: ParameterSet, before: Before, stocks: int) -> tuple[bool, str, Page]:
        page = self.source.call(api.API_ID, api.PATH, api.request_body(probe))
        table = ka10066.parse([page], probe)
        codes = reference_stocks(table, before.trusted_table(probe))[:stocks]
        changed = _changed(table, before, probe)
        dated, why = _Dated.UNASKED, ""
        if self.proof is not ProofSetting.CHANGED:
            dated, why = self._dated(table, codes, probe)
        sentence = f"{probe.market} · {probe.venue}: {dated} ({', '.join(codes)}){why}; {changed}"
        return _is_settled(self.proof, dated, changed), sentence, page

    def _dated(self, table: pa.Table, codes: list[str], probe: ParameterSet) -> tuple[_Dated, str]:
        if not codes:
            return _Dated.NO_FLOW, ""
        rows = {row["stk_cd"]: row for row in table.select(["stk_cd", *api.INVESTOR_ELEMENTS]).to_pylist()}
        for code in codes:
            try:
                reference = references.fetch(self.source, self.store, self.session.session_date, probe, code)
            except (AuthenticationError, StateError):
                raise
            except KiwoomError as error:
                return _Dated.UNREACHABLE, f": {error}"
            if reference.is_refused:
                return _Dated.REFUSED, ""
            if not reference.is_settled:
                return _Dated.ABSENT, ""
            if reference.fields != tuple(rows[code][name] for name in api.INVESTOR_ELEMENTS):
                return _Dated.DIFFERENT, ""
        return _Dated.EQUAL, ""


def keep_first_pages(
    store: Store, session: SessionWindow, run_id: str, seen: Look, sets: Iterable[ParameterSet]
) -> None:
    """
    Store the settled first pages as the run's own sweeps of those sets, so that no page is asked for twice.

    One that came after the session's window has closed is left out: it may be another session's.
    """
    for parameters in sets:
        page = seen.first_pages.get(parameters)
        if page and page.fetched_at < session.window_ends_at:
            prefix = raw.sweep_prefix(session.session_date, parameters, page.fetched_at)
            raw.write_page(store, prefix, page, run_id)


def calls_of(counted: Counted) -> dict[str, int]:
    """Return what looking has cost, as :data:`kiwoom_provider.pipeline.summary.CALLS` names it."""
    calls = counted.calls
    return {"calls": calls.get(api.API_ID, 0), "reference_calls": calls.get(ka10059.API_ID, 0)}


def _changed(table: pa.Table, before: Before, probe: ParameterSet) -> _Changed:
    if before.session_date is None:
        return _Changed.FIRST
    unchanged = is_unchanged(table, before.tables.get(probe))
    if unchanged:
        return _Changed.SAME
    return _Changed.GAP if unchanged is None or probe not in before.trusted else _Changed.CHANGED


def _is_settled(proof: ProofSetting, dated: _Dated, changed: _Changed) -> bool:
    """Both: dated and not the previous session's; by change alone where the host has no dated sibling."""
    if proof is ProofSetting.DATED:
        return dated is _Dated.EQUAL
    if proof is ProofSetting.CHANGED or dated is _Dated.REFUSED:
        return changed is _Changed.CHANGED
    return dated is _Dated.EQUAL and changed is not _Changed.SAME

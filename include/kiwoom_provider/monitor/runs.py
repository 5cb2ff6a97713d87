"""A run's summary as it is stored, of this release or an older one, read into facts."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets import layout
from kiwoom_provider.monitor.states import Damaged, Flow, PlaceSize, Published, Run, SweepTime, Top, TopList, TopTrade
from kiwoom_provider.quality.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_provider.datasets.store import Store

MOST_BYTES = 16 * 2**20
"""Of any object that the page reads; the largest that an audit writes, its page for people, has about 300 kB."""
KEPT = 2048
"""Summaries kept in memory, at about 12 kB each; they never change once written."""


@lru_cache(maxsize=KEPT)
def read_run(store: Store, key: str) -> Run | Damaged:
    """
    Read the summary at ``key``, once.

    :raises OSError: when the store does not give it; that is not remembered.
    """
    return parse_run(key, store.read(key, MOST_BYTES))


def parse_run(key: str, data: bytes) -> Run | Damaged:
    """Read a summary's bytes; whatever is wrong with them is told, never raised."""
    try:
        return _run(run_name(key), json.loads(data))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        return damaged(key, error)


def damaged(key: str, error: Exception) -> Damaged:
    """Return a run whose summary cannot be read."""
    return Damaged(run_name(key), unreadable(key, error))


def unreadable(key: str, error: Exception) -> str:
    """Say which object cannot be read, and why; what a store's client says may hold anything, so only its kind."""
    cause = error.__cause__ or error
    why = f"{type(cause).__name__}: {cause}" if isinstance(cause, ValueError | LookupError) else type(cause).__name__
    return f"{key.rsplit('/', 1)[-1]} cannot be read ({why})"


def run_name(key: str) -> str:
    """Return what a run is called in URLs, out of the key of its summary."""
    return key.rsplit("/", 1)[-1].removesuffix(f".{layout.SUMMARY}")


def _run(name: str, data: Mapping[str, Any]) -> Run:
    proof, flows = data["proof"], data.get("flows") or {}
    return Run(
        id=name,
        session_date=date.fromisoformat(data["session_date"]),
        run_id=data["run_id"],
        mode=data["mode"],
        audited_at=datetime.fromisoformat(data["audited_at"]),
        verdict=Verdict(data["audit"]),
        rules={status: int(count) for status, count in data["rules"].items()},
        proof=proof["outcome"],
        proved_by=proof["how"],
        findings=tuple(data["findings"]),
        **{field: int(data[field]) for field in _FIGURES},
        published=_published(data["published"]),
        unit=flows.get("unit", "KRW million"),
        flows=tuple(_flows(flows.get("net", {}))),
        sizes=tuple(PlaceSize(**size) for size in data.get("sizes") or ()),
        sweep=_sweep(data.get("sweep")),
        calendar_warnings=tuple(data.get("calendar_warnings") or ()),
    )


_FIGURES = ("sets", "rows", "pages", "bytes", "calls", "reference_calls", "refused")


def _published(data: Mapping[str, Any] | None) -> Published | None:
    return Published(data["rows"], data["bytes"], data["sha256"], data["path"]) if data else None


def _flows(net: Mapping[str, Mapping[str, Mapping[str, int]]]) -> list[Flow]:
    return [
        Flow(market, venue, investor, int(amount))
        for market, venues in net.items()
        for venue, investors in venues.items()
        for investor, amount in investors.items()
    ]


def _sweep(data: Mapping[str, Any] | None) -> SweepTime | None:
    if not data:
        return None
    began, ended = (datetime.fromisoformat(data[name]) for name in ("began", "ended"))
    return SweepTime(began, ended, data.get("rate"), data.get("floor_s"), data.get("waited_s"))


def parse_top(data: bytes) -> Top:
    """
    Read a run's top lists.

    :raises ValueError: when they are damaged; also LookupError and TypeError.
    """
    found = json.loads(data)
    return Top(found["unit"], tuple(_top_list(entry) for entry in found["lists"]))


def _top_list(entry: Mapping[str, Any]) -> TopList:
    buys, sells = (tuple(TopTrade(*trade) for trade in entry[name]) for name in ("buys", "sells"))
    return TopList(entry["market"], entry["venue"], entry["investor"], buys, sells)

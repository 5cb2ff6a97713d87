"""Published sessions for tests, made of literals."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from kiwoom_provider.datasets import investor_trading, ka10066, layout, securities
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.parameters import ParameterSet
from pages import page, row

STORED = ("2026-11-18", "2026-11-19", "2026-11-20")


def publish(root, day: str, sets) -> None:
    """Put the table of (market, venue, measure, side, rows) in its place under ``root``."""
    tables = {}
    for market, venue, measure, side, rows in sets:
        parameters = ParameterSet.parse(market, venue, measure, side)
        tables[parameters] = ka10066.parse([page(rows)], parameters)
    known_from = datetime.fromisoformat(f"{day}T12:30:00+00:00")
    table = investor_trading.with_published_at(
        investor_trading.build(tables), dict.fromkeys((parameters.place for parameters in tables), known_from)
    )
    sweeps = json.dumps({parameters.path: "a sweep" for parameters in tables})
    data = investor_trading.encode(table, {"session_date": day, "sweeps": sweeps})
    Store.open(f"file://{root}").write(layout.published_key(date.fromisoformat(day)), data)


def small_session(flow: int):
    """Return net amounts in which foreigners bought ``flow`` of 삼성전자 at KRX, and 7 at NXT."""
    samsung = row(frgnr_invsr=str(flow), flu_rt="+0.57")
    ecopro = row("247540", stk_nm="에코프로비엠", frgnr_invsr="-40")
    return [
        ("KOSPI", "KRX", "amount", "net", [samsung, row("000020", stk_nm="동화약품")]),
        ("KOSPI", "NXT", "amount", "net", [row("005930_NX", frgnr_invsr="7")]),
        ("KOSDAQ", "KRX", "amount", "net", [ecopro]),
    ]


def publish_three(root) -> None:
    """Publish Wednesday to Friday; foreigners bought 100, 200 and 300."""
    for day, flow in zip(STORED, (100, 200, 300), strict=True):
        publish(root, day, small_session(flow))


AUDITED = {
    "session_date": "2026-11-20",
    "run_id": "scheduled__2026-11-20",
    "mode": "live",
    "audited_at": "2026-11-20T11:45:00.250000+00:00",
    "audit": "warned",
    "rules": {"pass": 27, "warn": 1, "fail": 0, "error": 0, "not_applicable": 2},
    "proof": {"outcome": "proved", "how": "the dated rows of 72 stocks are the session's"},
    "findings": [],
    "sets": 36,
    "rows": 42654,
    "pages": 450,
    "bytes": 9000000,
    "calls": 451,
    "reference_calls": 75,
    "refused": 1,
    "published": {"rows": 85296, "bytes": 1069619, "sha256": "ab" * 32, "path": "file:///data/part-0.parquet"},
}
"""A published run's summary, as it is kept."""


def keep_summary(root, run) -> None:
    """Put a run's summary and the page beside it in their places under ``root``."""
    store = Store.open(f"file://{root}")
    day, audited_at = date.fromisoformat(run["session_date"]), datetime.fromisoformat(run["audited_at"])
    key = layout.report_key(day, run["run_id"], audited_at, "summary.json")
    store.write(key, json.dumps(run).encode())
    store.write(key.replace("summary.json", "html"), b"<!doctype html>")


@dataclass(frozen=True)
class Listed:
    """A row of ka10099, as the API's sheet describes it."""

    code: str = "005930"
    name: str = "삼성전자"
    listed_shares: int | None = 5919637922
    listed_on: date | None = date(1975, 6, 11)
    market_code: str = "0"
    sector: str = "전기/전자"
    company_class: str = ""
    audit_info: str = "정상"
    state: str = "증거금20%|담보대출|신용가능"
    order_warning: str = "0"
    is_on_nxt: bool = True


def store_securities(root, day: str, boards) -> None:
    """Put the securities of a session in their place under ``root``."""
    session_date, fetched_at = date.fromisoformat(day), datetime.fromisoformat(f"{day}T12:12:00+00:00")
    data = securities.encode(securities.build(boards), session_date, fetched_at, "1.0.0", session_date)
    Store.open(root).write(layout.securities_key(session_date), data)

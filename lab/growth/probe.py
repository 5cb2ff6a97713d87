"""
What a root costs to ask: the gap list, the reader and the page, in a process of its own; prints JSON.

    python -m lab.growth.probe ROOT STOCK
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets.store import Store
from lab.growth.file_calls import LISTED, READ, FileCalls
from lab.growth.stage import LAST, NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

ROUNDS = 5
YEAR = 250


def main() -> None:
    """Measure the root that the command line names."""
    root, stock = Path(sys.argv[1]), sys.argv[2]
    warnings.simplefilter("ignore")  # the gaps are meant
    calls = FileCalls(str(root))
    found: dict[str, float] = {}
    for name, work in {**_stored_questions(root, stock), **_pages(root)}.items():
        found |= _measure(name, work, calls)
    print(json.dumps(found))


def _measure(name: str, work: Callable[[], object], calls: FileCalls) -> dict[str, float]:
    """Return seconds of the first time and the best of later ones, and what one of these lists and reads."""
    taken, spent = [], []
    for _ in range(ROUNDS):
        calls.take()
        began, used = time.perf_counter(), time.process_time()
        result = work()
        taken.append(time.perf_counter() - began)
        spent.append(time.process_time() - used)
    counted = calls.take()
    found = {f"{name}|s, first time": taken[0], f"{name}|s, later": min(taken[1:])}
    found[f"{name}|s of CPU, later"] = min(spent[1:])
    found |= {f"{name}|{kind}": counted[kind] for kind in (LISTED, READ)}
    return found | ({f"{name}|found": result} if isinstance(result, int) else {})


def _stored_questions(root: Path, stock: str) -> dict[str, Callable[[], object]]:
    from kiwoom_provider.datasets.layout import published_sessions
    from kiwoom_provider.datasets.reader import read_investor_trading
    from kiwoom_provider.krx import calendar
    from kiwoom_provider.pipeline.gap_list import gaps

    store, krx = Store.open(root.as_uri()), calendar()
    days = sorted(published_sessions(store))

    def read(first: int, **wanted: Any) -> object:
        return read_investor_trading(str(root), days[first], days[-1], **wanted).shape

    return {
        "gap list": lambda: len(gaps(store, krx, NOW)),
        "reader: a session": lambda: read(-1),
        f"reader: a stock, last {YEAR} sessions": lambda: read(-min(YEAR, len(days)), stocks=stock),
        "reader: a stock, all sessions": lambda: read(0, stocks=stock),
    }


def _pages(root: Path) -> dict[str, Callable[[], object]]:
    """Return what asks the page as the API server mounts it; who may see it is the one thing left out."""
    os.environ["AIRFLOW_VAR_KIWOOM_DATA_ROOT"] = root.as_uri()
    os.environ["KIWOOM_DEMO_CLOCK"] = f"{NOW.isoformat()}@{datetime.now(UTC).timestamp():.3f}x1"
    from kiwoom_provider.monitor import access
    from kiwoom_provider.monitor.app import make_app

    async def admit(_: object) -> None:
        return None

    access._refusal = admit  # type: ignore[assignment]
    app = make_app()
    asked = {"overview": "/", "a session": f"/sessions/{LAST}", "a plot": "/data/flows?venue=KRX"}
    return {f"page: {name}": _asker(app, path) for name, path in asked.items()}


def _asker(app: FastAPI, asked: str) -> Callable[[], object]:
    path, _, query = asked.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
    }
    scope |= {"query_string": query.encode(), "headers": [], "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1)}

    async def ask() -> None:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b""}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await app(dict(scope), receive, send)  # type: ignore[arg-type]
        if sent[0]["status"] != 200:  # noqa: PLR2004
            raise RuntimeError(f"{asked} was answered with {sent[0]['status']}: {sent[1:]}"[:2000])

    return lambda: asyncio.run(ask())


if __name__ == "__main__":
    main()

"""
The floor: the same sets in the same files, by a bare script without Airflow.

Some threads walk through the sets; a call goes out as soon as the rate permits one. Every page is stored
as it came and every set is typed, by the provider's own writers, so that nothing but the machinery differs.

    python -m benchmarks.floor http://127.0.0.1:8900 /tmp/data 5
"""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock, local
from typing import TYPE_CHECKING

import requests

from kiwoom_provider.api import ka10066 as api
from kiwoom_provider.api.page import Page
from kiwoom_provider.datasets import raw
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import SessionWindow, calendar
from kiwoom_provider.parameters import ParameterSet, parameter_sets
from kiwoom_provider.pipeline.sweep import write_partition

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = {"appkey": "simulator-app-key", "secretkey": "simulator-secret-key"}
STREAMS = 8
MARGIN_S = 0.012  # the server counts arrivals, and no two calls take equally long to arrive


class Pace:
    """At most ``per_second`` calls within any second; 0 is without limit."""

    def __init__(self, per_second: int) -> None:
        self._sent: deque[float] = deque(maxlen=per_second or 1)
        self._is_limited = bool(per_second)
        self._lock = Lock()

    def wait(self) -> None:
        """Return when one more call may go out."""
        with self._lock:
            if self._is_limited and len(self._sent) == self._sent.maxlen:
                time.sleep(max(0.0, self._sent[0] + 1 + MARGIN_S - time.monotonic()))
            self._sent.append(time.monotonic())


class Script:
    """Fetches whole sets from ``url`` into ``store``."""

    def __init__(self, url: str, store: Store, session: SessionWindow, per_second: int) -> None:
        self._url, self._store, self._session = url, store, session
        self._pace, self._kept = Pace(per_second), local()
        answer = requests.post(f"{url}/oauth2/token", json=KEYS | {"grant_type": "client_credentials"}, timeout=20)
        self._token = answer.json()["token"]

    def fetch(self, parameters: ParameterSet) -> int:
        """Store and type one set; return its pages."""
        pages: list[Page] = []
        for page in self._pages(parameters):
            prefix = raw.sweep_prefix(self._session.session_date, parameters, (pages or [page])[0].fetched_at)
            raw.write_page(self._store, prefix, page, "floor")
            pages.append(page)
        write_partition(self._store, self._session, raw.Sweep(prefix, parameters, "floor", tuple(pages)))
        return len(pages)

    def _pages(self, parameters: ParameterSet) -> Iterator[Page]:
        body, key, number = api.request_body(parameters), "", 1
        while True:
            headers = {"api-id": api.API_ID, "authorization": f"Bearer {self._token}"}
            if key:
                headers |= {"cont-yn": "Y", "next-key": key}
            answer = self._post(body, headers)
            told = {name.lower(): value for name, value in answer.headers.items()}
            more = told["cont-yn"] == "Y"
            yield Page(
                api.API_ID, number, body, key, 200, more, told["next-key"], answer.content, datetime.now(UTC), told
            )
            if not more:
                return
            key, number = told["next-key"], number + 1

    def _post(self, body: dict[str, str], headers: dict[str, str]) -> requests.Response:
        """Call when it is permitted; again where calls arrived closer together than they were sent."""
        while True:
            self._pace.wait()
            answer = self._http().post(f"{self._url}{api.PATH}", data=json.dumps(body), headers=headers, timeout=20)
            if answer.status_code != requests.codes.too_many_requests:
                answer.raise_for_status()
                return answer

    def _http(self) -> requests.Session:
        kept: requests.Session | None = getattr(self._kept, "http", None)
        if kept is None:
            kept = self._kept.http = requests.Session()
            kept.headers["Content-Type"] = "application/json;charset=UTF-8"
        return kept


def main(url: str, folder: str, per_second: str, session_date: str) -> None:
    """Run the floor and say how long it took."""
    started = time.monotonic()
    session = calendar().session(date.fromisoformat(session_date))
    script = Script(url, Store.open(Path(folder).as_uri()), session, int(per_second))
    with ThreadPoolExecutor(STREAMS) as streams:
        pages = sum(streams.map(script.fetch, parameter_sets({})))
    print(json.dumps({"pages": pages, "seconds": time.monotonic() - started}))


if __name__ == "__main__":
    main(*sys.argv[1:])

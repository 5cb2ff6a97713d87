"""What the benchmarks work on: one simulated session at full size, fetched once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.floor import Script
from kiwoom_provider.datasets.raw import Sweep, load_sweeps
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import SessionWindow, calendar
from kiwoom_provider.parameters import ParameterSet, parameter_sets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SESSION_DATE = date(2026, 11, 20)
LARGEST = ParameterSet.parse("KOSDAQ", "KRX", "amount", "net")


def session() -> SessionWindow:
    """Return the session that the benchmarks are about."""
    return calendar().session(SESSION_DATE)


@contextmanager
def store_sets(sets: Sequence[ParameterSet] | None = None) -> Iterator[Path]:
    """Fetch sets (all 36 by default) without a rate into a new folder, which goes on leaving."""
    from kiwoom_simulator.server import serve

    with (
        TemporaryDirectory(prefix="kiwoom-bench-") as folder,
        serve(rate=0, now=f"{SESSION_DATE}T21:20", speed=0) as simulator,
    ):
        script = Script(simulator.url, Store.open(Path(folder).as_uri()), session(), 0)
        with ThreadPoolExecutor(2) as streams:
            list(streams.map(script.fetch, sets or parameter_sets({})))
        yield Path(folder)


def largest(folder: Path) -> Sweep:
    """Return the raw sweep of the largest set: KOSDAQ at KRX, about 1,824 stocks."""
    return load_sweeps(Store.open(folder.as_uri()), SESSION_DATE, LARGEST)[LARGEST][0]

"""
Every fault of the night's matrix on the history's road: what is published is right, or nothing is.

Each strikes the answers of ka10059 once, on some of them, or always, over real HTTP; a task is tried again as Airflow
would. Ends with 1 when a published cell is not the simulator's truth.

    python -m lab history faults [--only TEXT]
"""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kiwoom_provider.api import retrying_transport as retry
from kiwoom_provider.api.errors import KiwoomError
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.hooks.kiwoom import KiwoomHook
from kiwoom_simulator.faults import Fault
from kiwoom_simulator.server import serve
from lab.faults.matrix import CODES, HTTP, PAGING
from lab.history.cells import compare
from lab.history.rebuild import Rebuilt, fetch, keep_master, plan_of, publish
from lab.local.deployment import SIMULATOR_KEYS, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

START, LAST = date(2026, 11, 19), date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
STOCKS = "KOSPI=4,KOSDAQ=3"
TRIES = 4
"""Of a task, at once: Airflow's minutes between them are not waited for."""
FASTER = 100
"""How much faster waiting goes by: a refused call is repeated after ten seconds, a dead token after half a minute."""
WHERE = {"once": "{0}@ka10059:call=5*1", "seven times": "{0}@ka10059:after=3*7", "always": "{0}@ka10059"}


@dataclass(frozen=True)
class Outcome:
    """One fault's end: ``right`` and whole, ``partly`` right and the rest named, ``refused``, or ``WRONG``."""

    fault: str
    lasting: str
    end: str
    cells: int
    wrong: int
    note: str


def main(arguments: list[str]) -> int:
    """Play, and print a table."""
    parser = ArgumentParser("python -m lab history faults", description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", default="", help="faults whose name holds this")
    only = parser.parse_args(arguments).only
    os.fsync = lambda _: None  # type: ignore[assignment]  # what is compared need not survive a power cut
    retry.FIRST_PAUSE_S = retry.LONGEST_PAUSE_S = 0.001
    began = time.monotonic()
    outcomes = list(_print_table(_play(only)))
    ends = Counter(outcome.end for outcome in outcomes)
    cells, wrong = sum(one.cells for one in outcomes), sum(one.wrong for one in outcomes)
    told = ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
    took_s = time.monotonic() - began
    print(f"\n{len(outcomes)} histories: {told}; {wrong} of {cells:,} published cells wrong; {took_s:.0f} s")
    return int(wrong > 0)


def _print_table(outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    print("| fault | strikes | end | cells | wrong | what was said |\n| --- | --- | --- | ---: | ---: | --- |")
    for one in outcomes:
        print(f"| `{one.fault}` | {one.lasting} | {one.end} | {one.cells:,} | {one.wrong} | {one.note} |", flush=True)
        yield one


def _play(only: str) -> Iterator[Outcome]:
    with TemporaryDirectory(prefix="kiwoom-history-") as folder:
        for number, fault in enumerate({**HTTP, **CODES, **PAGING}):
            for lasting, text in WHERE.items():
                if only in f"{fault} {lasting}":
                    yield _one(Path(folder) / f"{number}-{lasting[0]}", fault, lasting, text.format(fault))


def _one(folder: Path, fault: str, lasting: str, text: str) -> Outcome:
    options: dict[str, Any] = {"rate": 0, "now": NOW.isoformat(), "speed": 0, "stocks": STOCKS, "settle_at": "18:10"}
    store = Store.open((folder / "data").as_uri())
    with serve(**options) as simulator, closing(_hook(simulator.url, folder)) as hook:
        keep_master(store, hook, LAST)
        plan = plan_of(store, START, LAST, NOW, venues=["KRX"])
        simulator.control._simulator.switches.add(Fault.parse(text))
        said, done = "", Rebuilt()
        for _ in range(TRIES):
            try:
                fetch(store, hook, plan, NOW)
            except KiwoomError as error:
                said = f"{type(error).__name__}: {error}"
                if error.is_final:
                    break
            else:
                done = publish(store, hook, plan, NOW)
                said = "; ".join([*map(str, done.refused), *(why.splitlines()[0] for why in done.withheld.values())])
                break
        world = simulator.control._simulator.world
    wrong = cells = 0
    stocks = 0
    for day in done.published:
        differ, compared, held = compare(world, store, day)
        wrong, cells, stocks = wrong + differ, cells + compared, stocks + held
    whole = 7 * len(plan.sessions)
    end = "WRONG" if wrong else "right" if stocks == whole else "partly" if stocks else "refused"
    return Outcome(fault, lasting, end, cells, wrong, said.replace("|", "/").replace("\n", " ")[:110])


def _hook(url: str, folder: Path) -> KiwoomHook:
    extra: dict[str, object] = {"requests_per_second": "unlimited", "timeout_s": 1, "state_dir": str(folder / "state")}
    os.environ["AIRFLOW_HOME"] = str(folder / "airflow")
    os.environ["AIRFLOW_CONN_KIWOOM_DEFAULT"] = Target(url, *SIMULATOR_KEYS, extra).connection()
    os.environ["KIWOOM_DEMO_CLOCK"] = f"{NOW.isoformat()}@{time.time()}"
    hook = KiwoomHook()
    _speed_up(hook)
    return hook


def _speed_up(hook: KiwoomHook) -> None:
    """Let the rate limiter and the token wait as long as always, by a clock that runs faster."""
    limiter, began = hook.client._limiter, time.time()
    limiter._sleep = hook.client.tokens._sleep = lambda wait_s: time.sleep(wait_s / FASTER)
    limiter._state.now_ms = lambda: round((began + (time.time() - began) * FASTER) * 1000)  # type: ignore[method-assign]

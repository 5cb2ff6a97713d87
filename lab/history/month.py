"""
A month with a lost night, an unproved one and a withheld venue, repaired from ka10059; every cell against the truth.

    python -m lab history month
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.monthly import finished_months, make_month
from kiwoom_provider.datasets.parquet import read_table
from kiwoom_provider.datasets.reader import read_investor_trading
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.pipeline.errors import SessionError
from kiwoom_provider.pipeline.gap_list import gaps
from kiwoom_provider.pipeline.plan import Mode, Plan
from kiwoom_provider.pipeline.publish import Publisher
from kiwoom_provider.proof.session_proof import ProofSetting
from kiwoom_simulator.faults import Fault
from kiwoom_simulator.options import Options
from kiwoom_simulator.simulator import Simulator
from lab.archive.night import Source
from lab.history.night import DatedNight
from lab.history.rebuild import fetch, keep_master, plan_of, publish
from lab.year.cells import wrong_cells

if TYPE_CHECKING:
    from kiwoom_provider.krx import SessionWindow

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 30)
LOST, UNPROVED, WITHHELD = date(2026, 10, 7), date(2026, 10, 14), date(2026, 10, 21)


@dataclass(frozen=True)
class LateNight(DatedNight):
    """A night whose evidence time has come without the proof of all: what is proved is published, the rest kept."""

    def publish_late(self, simulator: Simulator) -> str:
        """Sweep, and publish what is proved at the evidence time; return why the session is not published."""
        source = Source(simulator, self.session.settles_at.astimezone(UTC) + timedelta(minutes=41), 0.0)
        run_id = f"scheduled__{self.session.key}"
        for parameters in self.sets:
            self._fetch(source, run_id, parameters)
        now = self.session.evidence_at.astimezone(UTC) + timedelta(minutes=1)
        plan = Plan(session=self.session, session_before=self.before.session_date, mode=Mode.LIVE, sets=self.sets)
        publisher = Publisher(self.store, plan, run_id, ProofSetting.DATED)
        examined = publisher.withhold(publisher.examine(), now)
        report, _ = publisher.audit_and_report(examined, now)
        try:
            publisher.publish(examined, report, now)
        except SessionError as error:
            return type(error).__name__
        return f"published without {', '.join(report.withheld)}" if report.withheld else "published whole"


def main(arguments: list[str]) -> int:
    """Play the month, repair it, and print what became of every odd session; 1 when a cell is wrong."""
    parser = ArgumentParser("python -m lab history month", description=__doc__.split("\n\n")[0])
    parser.add_argument("--stocks", type=int, default=20, help="in each market")
    stocks = parser.parse_args(arguments).stocks
    os.fsync = lambda _: None  # type: ignore[assignment]  # what is compared need not survive a power cut
    sizes = f"KOSPI={stocks},KOSDAQ={stocks}"
    simulator = Simulator(Options.of(stocks=sizes, rate=0, token_life_s=1e9, settle_at="18:10"))
    with TemporaryDirectory(prefix="kiwoom-history-") as folder:
        store = Store.open(Path(folder).as_uri())
        return _play(store, simulator)


def _play(store: Store, simulator: Simulator) -> int:
    sessions = calendar().sessions(FIRST, LAST)
    said = {session.session_date: _night(store, simulator, session) for session in sessions}
    now = calendar().session(LAST).window_ends_at.astimezone(UTC) + timedelta(hours=2)
    source = Source(simulator, now, 0.0)
    keep_master(store, source, LAST)
    found = (gap.session.session_date for gap in gaps(store, calendar(), now, FIRST))
    listed = [day for day in found if day <= LAST]
    swept = store.read(layout.published_key(WITHHELD))
    plan = plan_of(store, FIRST, LAST, now)
    calls = fetch(store, source, plan, now)
    done = publish(store, source, plan, now)
    print(f"gap list before: {', '.join(map(str, listed))}")
    print(f"rebuilt: {', '.join(map(str, plan.sessions))}, {calls} calls\n")
    print("| session | its night | after the repair | made of | cells | wrong |")
    print("| --- | --- | --- | --- | ---: | ---: |")
    wrong = 0
    for day, night in said.items():
        data = store.read(layout.published_key(day)) if store.exists(layout.published_key(day)) else b""
        differ, cells = wrong_cells(simulator.world, data, day) if data else (1, 0)
        wrong += differ
        if day in (LOST, UNPROVED, WITHHELD) or differ:
            state = "published" if data else f"not published: {done.withheld.get(day)}"
            sources = _sources(store, day) if data else ""
            print(f"| {day} | {night} | {state} | {sources} | {cells:,} | {differ} |")
    month = finished_months(store, calendar(), now)
    made = make_month(store, "2026-10", "lab") if "2026-10" in month else None
    frame = read_investor_trading(store, FIRST, LAST, stocks=_any_stock(store))
    kept = [key for key in store.list("raw/published") if "replaced-" in key]
    is_kept = any(store.read(key) == swept for key in kept)
    print(f"\n{len(said)} sessions, {wrong} wrong cells; month file of {made and made['sessions']} sessions; ")
    print(f"rebuilt by df.attrs: {frame.attrs['rebuilt_sessions']}; the swept file of {WITHHELD} is kept: {is_kept}")
    return int(bool(wrong) or bool(frame.attrs["missing_sessions"]) or not is_kept)


def _night(store: Store, simulator: Simulator, session: SessionWindow) -> str:
    before = calendar().previous(session.session_date)
    if session.session_date == LOST:
        return "lost: nothing ran"
    fault = {UNPROVED: "error=1902@ka10059", WITHHELD: "error=1902@ka10059:venue=NXT"}.get(session.session_date)
    if fault is None:
        DatedNight(store, session, before).lay(simulator)
        return "published"
    simulator.switches.clear()
    simulator.switches.add(Fault.parse(fault))
    try:
        return LateNight(store, session, before).publish_late(simulator)
    finally:
        simulator.switches.clear()


def _sources(store: Store, day: date) -> str:
    table = read_table(store.read(layout.published_key(day)), ["venue", "source"])
    pairs = sorted({(row["venue"], row["source"]) for row in table.to_pylist()})
    return ", ".join(f"{venue} {source}" for venue, source in pairs)


def _any_stock(store: Store) -> str:
    table = read_table(store.read(layout.published_key(LAST)), ["stock_code"])
    return str(table["stock_code"][0])

"""
The calls of a first night and of an ordinary one, by the simulator's own count: the real DAG, all sets, full size.

Those of ka10059 are told apart by the day that they ask for: tonight's rows, and the session before once more.

    python -m lab calls
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.parameters import Market, Measure, Side, Venue
from kiwoom_simulator.server import serve
from lab.nights.home import make_home, migrated_database
from lab.nights.stage import Night, Worker

NIGHTS = {"first": "2026-11-16", "ordinary": "2026-11-17"}
API_IDS = ("ka10066", "ka10059", "ka10051", "ka10099", "au10001")
BEFORE = {"first": 486, "ordinary": 72}
"""Calls beside ka10066's in version 1, all of ka10059."""
ALL_SETS: dict[str, Any] = {
    "markets": [str(Market.KOSPI), str(Market.KOSDAQ)],
    "venues": [str(venue) for venue in Venue],
    "measures": [str(measure) for measure in Measure],
    "sides": [str(side) for side in Side],
}


def main(arguments: list[str]) -> int:
    """Play both nights and print a table; return 1 when one of them is not published."""
    parser = ArgumentParser("python -m lab calls", description=__doc__.split("\n\n")[0])
    parser.add_argument("--stocks", help="a smaller market, KOSPI=N,KOSDAQ=N (default: the real size)")
    asked = parser.parse_args(arguments)
    options = {"stocks": asked.stocks} if asked.stocks else {}
    with TemporaryDirectory(prefix="calls-") as name, serve(rate=0, settle_at="18:10", **options) as simulator:
        folder = Path(name)
        worker = Worker(make_home(folder / "home", migrated_database(folder / "database")))
        store = Store.open((folder / "data").as_uri())
        night = Night(worker, store, simulator.url, simulator.control, folder)
        try:
            return _play(night)
        finally:
            worker.close()


def _play(night: Night) -> int:
    heads = ["night", *API_IDS, "the session before again", "all others beside ka10066", "in version 1"]
    print("| " + " | ".join(heads) + " |\n| --- |" + " ---: |" * (len(heads) - 1))
    states = []
    for name, day in NIGHTS.items():
        night.at(f"{day}T21:10:01").control.reset_counts()
        states.append(night.run(day, **ALL_SETS).state)
        served = {api_id: night.control.count(api_id).served for api_id in API_IDS}
        again = sum(not entry.asked.endswith(day) for entry in night.control.log("ka10059"))
        beside = served["ka10059"] - again + served["ka10051"] + served["ka10099"]
        print(f"| {name} | " + " | ".join(map(str, [*served.values(), again, beside, BEFORE[name]])) + " |", flush=True)
    return int(states != ["success"] * len(NIGHTS))

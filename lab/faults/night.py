"""A small night with one fault in it: three sets of three pages, retries that come at once, and what became of it."""

from __future__ import annotations

import re
import shutil
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets.store import Store
from lab.local.deployment import SIMULATOR_KEYS, Target
from lab.nights.stage import Night, Worker

if TYPE_CHECKING:
    from pathlib import Path

    from kiwoom_simulator.server import Running
    from lab.faults.proxy import Proxy
    from lab.faults.trouble import Trouble
    from lab.nights.stage import Outcome

STOCKS = "KOSPI=230,KOSDAQ=120"
"""Three pages of KOSPI: first, middle and last."""
SIDES: dict[str, Any] = {"sides": ["net", "buy", "sell"]}
MONDAY, TUESDAY = "2026-11-16", "2026-11-17"
EXTRA: dict[str, object] = {"requests_per_second": "unlimited", "timeout_s": 0.6, "max_pages": 8}


class RetryingWorker(Worker):
    """The process that runs the DAG."""

    module = "lab.faults.player"


@dataclass
class TroubledNight(Night):
    """
    A night of the matrix.

    :ivar trouble: what the data root does during the next run.
    """

    trouble: Trouble | None = None
    proxy: Proxy | None = None
    extra: dict[str, object] = field(default_factory=lambda: dict(EXTRA))
    app_key: str = SIMULATOR_KEYS[0]
    secret_key: str = SIMULATOR_KEYS[1]

    def start(self, **request: Any) -> Path:
        """Ask for a run, with the trouble."""
        given = asdict(replace(self.trouble, root=self.store.root)) if self.trouble else None
        return super().start(**request, trouble=given)

    def variables(self) -> dict[str, str]:
        """Return the environment, with this night's connection."""
        extra = self.extra | {"state_dir": str(self.folder / "state")}
        target = Target(self.url, self.app_key, self.secret_key, extra)
        return super().variables() | {"AIRFLOW_CONN_KIWOOM_DEFAULT": target.connection()}

    def quiet(self) -> None:
        """End every fault."""
        self.control.clear_faults()
        self.trouble = None
        if self.proxy:
            self.proxy.clear()

    def struck(self, outcome: Outcome) -> int:
        """Return how often the fault has struck."""
        by_storage = int(re.findall(r"^\[trouble\] struck (\d+) times", outcome.log, re.MULTILINE)[-1])
        return by_storage + int(sum(self.control.faults().values())) + (self.proxy.struck if self.proxy else 0)

    def tonight(self) -> Outcome:
        """Run Tuesday's session at the settle time."""
        return self.at(f"{TUESDAY}T21:10:01").run(TUESDAY, kind="scheduled", **SIDES)

    def later(self) -> Outcome:
        """Run the same session once more in the same night."""
        return self.at("2026-11-18T05:40").run(TUESDAY, **SIDES)


def stage(worker: Worker, folder: Path, monday: Path, running: Running, url: str = "") -> TroubledNight:
    """Return a night before which Monday was published."""
    shutil.copytree(monday, folder / "data")
    store = Store.open((folder / "data").as_uri())
    return TroubledNight(worker, store, url or running.url, running.control, folder)

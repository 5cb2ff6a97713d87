"""What all tests share: a migrated database, made once, who runs what, and one line on what was left out."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadScopeScheduling

from lab.nights.home import make_home, migrated_database

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_FIRST = ("system", "monitor/test_access.py", "monitor/test_browser.py")
"""Below `tests/`: what takes tens of seconds, so that no worker is left alone with it at the end."""


class ByFile(LoadScopeScheduling):
    """
    A file's tests run in one worker, which makes its fixtures once; so do those that share one Airflow.

    The thorough nights are so many that an Airflow in each worker is worth its start.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        shares = file.startswith("tests/system/") and self.config.option.markexpr != "thorough"
        return "tests/system" if shares else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False  # the order is that of the collection
    return ByFile(config, log)


def pytest_collection_modifyitems(items):
    def place(item):
        below = item.nodeid.removeprefix("tests/")
        return next((number for number, name in enumerate(LONGEST_FIRST) if below.startswith(name)), len(LONGEST_FIRST))

    items.sort(key=place)


@pytest.fixture(scope="session")
def database(request) -> Path:
    """Return Airflow's migrated database, to be copied; kept from one run of pytest to the next."""
    return migrated_database(request.config.rootpath / ".pytest_cache" / "airflow")


@pytest.fixture(scope="session")
def new_home(database, tmp_path_factory):
    """Return a maker of Airflow homes."""
    return lambda: make_home(tmp_path_factory.mktemp("airflow") / "home", database)


def pytest_terminal_summary(terminalreporter):
    """Say in one line what was left out, and by which command it comes; with ``--durations``, the seconds by folder."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", ())
    )
    if reasons:
        listed = "; ".join(f"{count} ({reason})" for reason, count in sorted(reasons.items()))
        terminalreporter.write_line(f"Left out: {listed}", yellow=True)
    if terminalreporter.config.option.durations is not None:
        seconds = Counter()
        for report in chain(*terminalreporter.stats.values()):
            seconds[report.nodeid.partition("::")[0].split("/")[1]] += getattr(report, "duration", 0.0)
        listed = ", ".join(f"{folder} {spent:.0f}" for folder, spent in seconds.most_common())
        terminalreporter.write_line(f"Seconds by folder, of all workers: {listed}")

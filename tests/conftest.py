"""What all tests share: a migrated database, made once, who runs what, and one line on what was left out."""

from __future__ import annotations

import gc
import os
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadScopeScheduling

from lab.nights.home import make_home, migrated_database

if TYPE_CHECKING:
    from pathlib import Path

gc.disable()  # until everything is imported: pytest_collection_finish

TOGETHER = {
    "tests/system/test_secrets.py": "an Airflow that tries again",
    "tests/lab/test_fault_matrix.py": "an Airflow that tries again",
    "tests/system/": "an Airflow",
    "tests/monitor/test_browser.py": "an API server",
    "tests/monitor/test_access.py": "an API server",
    "tests/deploy/test_wheel.py": "an Airflow with the wheel",
    "tests/docs/test_downstream_dag.py": "an Airflow in the tests' own process",
    "tests/docs/test_second_tr_dag.py": "an Airflow in the tests' own process",
    "tests/timetables/test_in_airflow.py": "an Airflow in the tests' own process",
}
"""What starts within tens of seconds, and which files share it. They come first, so that no worker ends alone."""
LONG = (
    "tests/quality/test_faults.py",
    "tests/ask/test_ask.py",
    "tests/lab/test_year.py",
    "tests/lab/test_witnesses.py",
    "tests/history/test_rebuild.py",
    "tests/shared_state/test_processes.py",
    "tests/lab/test_archive.py",
    "tests/storage/test_wire_faults.py",
    "tests/monitor/test_page.py",
)
"""Files of five seconds and more by themselves: they come next."""


def pytest_addoption(parser):
    parser.addoption("--write-documents", action="store_true", help="write the tables that tests make: make docs")


def shared(file: str) -> str | None:
    """Return the name of what a file shares with others; None for nothing."""
    return next((name for below, name in TOGETHER.items() if file.startswith(below)), None)


class ByFile(LoadScopeScheduling):
    """
    A file's tests run in one worker, which makes its fixtures once; so do those that share one Airflow.

    The thorough nights are so many that an Airflow in each worker is worth its start.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if self.config.option.markexpr == "thorough" else shared(file) or file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """One more than there are processors: whatever a test waits for, another one runs."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False  # the order is that of the collection
    return ByFile(config, log)


def pytest_collection_modifyitems(items):
    places = {name: place for place, name in enumerate((*dict.fromkeys(TOGETHER.values()), *LONG))}

    def place(item):
        file = item.nodeid.partition("::")[0]
        return places.get(shared(file) or file, len(places))

    items.sort(key=place)


def pytest_collection_finish():
    """Look for garbage from now on, and not among what Airflow and five thousand tests have brought."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure():
    """Let all be freed at the end, else DuckDB's bindings tell of leaks as the process exits."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def database(request) -> Path:
    """Return Airflow's migrated database, to be copied; kept from one run of pytest to the next."""
    return migrated_database(request.config.rootpath / ".pytest_cache" / "airflow")


@pytest.fixture(scope="session")
def new_home(database, tmp_path_factory):
    """Return a maker of Airflow homes."""
    return lambda: make_home(tmp_path_factory.mktemp("airflow") / "home", database)


@pytest.fixture(scope="session")
def matrix(new_home, tmp_path_factory):
    """Return what plays nights of the fault matrix, in an Airflow that tries again."""
    from lab.faults.night import RetryingWorker
    from lab.faults.play import matrix_nights

    worker = RetryingWorker(new_home())
    yield matrix_nights(worker, tmp_path_factory.mktemp("matrix"))
    worker.close()


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

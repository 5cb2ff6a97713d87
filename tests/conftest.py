"""What all tests share: a migrated database, made once, and one line on what was left out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from lab.nights.home import make_home, migrated_database

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def database(request) -> Path:
    """Return Airflow's migrated database, to be copied; kept from one run of pytest to the next."""
    return migrated_database(request.config.rootpath / ".pytest_cache" / "airflow")


@pytest.fixture(scope="session")
def new_home(database, tmp_path_factory):
    """Return a maker of Airflow homes."""
    return lambda: make_home(tmp_path_factory.mktemp("airflow") / "home", database)


def pytest_terminal_summary(terminalreporter):
    """Say in one line what was left out, and by which command it comes."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", ())
    )
    if reasons:
        listed = "; ".join(f"{count} ({reason})" for reason, count in sorted(reasons.items()))
        terminalreporter.write_line(f"Left out: {listed}", yellow=True)

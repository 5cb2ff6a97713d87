"""
How many cases: some hundred a target in the suite, more with ``KIWOOM_FUZZ_CASES`` set to a number.

In the suite the cases are the same each time; with a number they are drawn anew.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

from fuzz.material import CASES

VARIABLE = "KIWOOM_FUZZ_CASES"

settings.register_profile(
    "fuzz",
    max_examples=int(os.environ.get(VARIABLE, "150")),
    derandomize=VARIABLE not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("fuzz")


def pytest_sessionfinish(session):
    """Hand the counts of a worker on to the process that started it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["fuzz cases"] = dict(CASES)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    CASES.update(getattr(node, "workeroutput", {}).get("fuzz cases", {}))


def pytest_terminal_summary(terminalreporter):
    """Say how many cases each target had."""
    if VARIABLE not in os.environ:
        return
    terminalreporter.section("fuzz cases")
    for name, count in sorted(CASES.items()):
        terminalreporter.write_line(f"{count:>8} {name}")
    terminalreporter.write_line(f"{sum(CASES.values()):>8} in all")

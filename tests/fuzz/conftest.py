"""
How many cases: some hundred a target in the suite, more with ``KIWOOM_FUZZ_CASES`` set to a number.

In the suite the cases are the same each time; with a number they are drawn anew.
"""

import os

from hypothesis import HealthCheck, settings

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


def pytest_terminal_summary(terminalreporter):
    """Say how many cases each target had."""
    if VARIABLE not in os.environ:
        return
    from fuzz.material import CASES

    terminalreporter.section("fuzz cases")
    for name, count in sorted(CASES.items()):
        terminalreporter.write_line(f"{count:>8} {name}")
    terminalreporter.write_line(f"{sum(CASES.values()):>8} in all")

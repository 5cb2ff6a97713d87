"""
A fixed part of the fault matrix, through the real DAG; all of it: ``make chaos``.

A night ends in one of two ways: what is published is what a fault-free night publishes, or nothing is published and
the log says why. Whatever was stored is kept, and the session can be made without the fault.
"""

from __future__ import annotations

import pytest

from lab.faults.matrix import cells

SURVIVED, REFUSED = "survived", "refused"
PART = {
    "http=503 · middle page · 7 times": SURVIVED,
    "hang · first page · 7 times": SURVIVED,
    "half-body · ka10059 · 7 times": SURVIVED,
    "limit=50 · token · 7 times": SURVIVED,
    "reset · between sets · always": REFUSED,
    "cut-json · last page · always": REFUSED,
    "error=8001 · token · always": REFUSED,
    "page-again · middle page · 1 times": SURVIVED,
    "stall · last page · 7 times": SURVIVED,
    "answered-twice · middle page · 7 times": SURVIVED,
    "ENOSPC at write · raw page · 1 times": SURVIVED,
    "ENOSPC at write · publish · always": REFUSED,
}
THOROUGH = {
    "hang · first page · 7 times",
    "half-body · ka10059 · 7 times",
    "reset · between sets · always",
    "page-again · middle page · 1 times",
    "stall · last page · 7 times",
    "ENOSPC at write · raw page · 1 times",
}
"""The half that `make thorough` plays."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.thorough] if name in THOROUGH else []) for name in PART]
)
def test_a_night_with_a_fault_ends_right(matrix, name):
    (cell,) = (cell for cell in cells() if cell.name == name)
    verdict = matrix.play(cell)
    assert verdict.why == []
    assert verdict.end == PART[name]


def test_every_night_of_the_matrix_has_a_name_of_its_own():
    names = [cell.name for cell in cells()]
    assert len(set(names)) == len(names) > 400

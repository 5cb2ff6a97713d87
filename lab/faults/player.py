"""
Runs the real DAG as ``lab/nights/worker.py`` does, with retries, and with a data root that gives trouble.

Whatever waits for minutes waits for a moment, so that a night takes seconds.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_SLEEP_S = 0.02


def _shortly(sleep: Callable[[float], None], seconds: float) -> None:
    sleep(min(seconds, LONGEST_SLEEP_S))


time.sleep = partial(_shortly, time.sleep)  # before anything takes it for its own

from lab.faults.trouble import Trouble, give_trouble  # noqa: E402
from lab.nights.worker import DagRunner, main  # noqa: E402


class RetryingRunner(DagRunner):
    """A runner where a task is tried three times; ``trouble`` in a request is what the storage does meanwhile."""

    retries = 2

    def perform(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run with the trouble that the request brings."""
        with give_trouble(Trouble(**given) if (given := request.pop("trouble", None)) else None) as struck:
            answer = super().perform(request)
        print(f"[trouble] struck {struck()} times")
        return answer


if __name__ == "__main__":
    main(RetryingRunner)

"""
Runs the real DAG as ``tests/system/worker.py`` does, with retries, and with a data root that gives trouble.

Whatever waits for minutes waits for a moment, so that a night takes seconds.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "system"), str(TESTS.parent / "include")]

LONGEST_SLEEP_S = 0.02


def _shortly(sleep, seconds: float) -> None:
    sleep(min(seconds, LONGEST_SLEEP_S))


time.sleep = partial(_shortly, time.sleep)  # before anything takes it for its own

from jsonschema import Draft202012Validator  # noqa: E402
from worker import Theatre, main  # noqa: E402 - found by the path above

from chaos.trouble import Trouble, troubled  # noqa: E402

# The DAG's params are held against their schema hundreds of times a run: the schema itself need not be.
Draft202012Validator.check_schema = classmethod(lambda *_, **__: None)


class Player(Theatre):
    """A theatre where a task is tried three times; ``trouble`` in a request is what the storage does meanwhile."""

    retries = 2

    def perform(self, request: dict) -> dict:
        with troubled(Trouble(**given) if (given := request.pop("trouble", None)) else None) as struck:
            answer = super().perform(request)
        print(f"[trouble] struck {struck()} times")  # noqa: T201 - it goes into the run's log
        return answer


if __name__ == "__main__":
    main(Player)

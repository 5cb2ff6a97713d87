"""
How Airflow tries a failed task again: until no try can help, with growing pauses.

The package's errors know themselves whether they are final; whatever else is raised (the object store's client,
Airflow's own when its API server is away) is tried again. A task whose session is over raises a final error,
so the number of tries only has to outlast the longest window.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import RetryAction, RetryDecision, RetryPolicy

from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context


def is_dags_test(arguments: Sequence[str] = sys.argv) -> bool:
    """Say whether this process is ``airflow dags test``: everything runs in it, without an API server to be away."""
    return list(arguments[1:3]) == ["dags", "test"]


def end_dags_test() -> None:
    """
    End the process if it is ``airflow dags test``; operators call it when they are told to stop.

    There Airflow's handler of SIGTERM stays after the first task, and only tells that task: a run that waits for its
    next try would never end.
    """
    if is_dags_test():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)


class RetryUnlessFinal(RetryPolicy):
    """Fail at once for an error of the package that is final; try again for every other."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,  # noqa: ARG002  Airflow's
        max_tries: int,  # noqa: ARG002
        context: Context | None = None,  # noqa: ARG002
    ) -> RetryDecision:
        """Return what Airflow does with the failure; the pause is the task's own."""
        if isinstance(exception, KiwoomProviderError) and (
            exception.is_final or (exception.is_final_without_server and is_dags_test())
        ):
            return RetryDecision(RetryAction.FAIL, reason=f"{type(exception).__name__}: no later try can help")
        return RetryDecision(RetryAction.RETRY, reason=f"{type(exception).__name__}: a later try may succeed")


RETRY_POLICY = RetryUnlessFinal()
RETRY_ARGUMENTS: dict[str, Any] = {
    "retries": 2000,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=10),
    "retry_policy": RETRY_POLICY,
}
"""
A task's arguments: pauses of half a minute, then twice as long each time, to ten minutes.

They last thirteen days, and so outlast the longest window (eight days, in October 2025). Airflow draws each pause
below the longest between one and two times its length, so that tasks which failed together come back apart.
"""

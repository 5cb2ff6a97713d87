"""Put finished months of the published table into one file each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiwoom_provider.operators.base import SessionOperator, check_conf, open_calendar

if TYPE_CHECKING:
    from airflow.sdk import Context


class MakeMonthsOperator(SessionOperator):
    """
    Make the files of months that are over, where they are lacking or a session of theirs has changed.

    The param ``months`` names them (``2026-11``); without it, of a run that a published session has started, its own
    month and the one before; of any other run all.

    :returns: what was made by month: sessions, rows, bytes and URL; None where nothing had to be.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        """Find what is finished, and make it."""
        from kiwoom_provider import __version__
        from kiwoom_provider.clock import SystemClock
        from kiwoom_provider.datasets.monthly import finished_months, make_month
        from kiwoom_provider.datasets.window import read_window

        check_conf(context)
        store = self.store()
        finished = finished_months(store, open_calendar(read_window(store)), SystemClock().now())
        made = {month: make_month(store, month, __version__) for month in _wanted(context, finished)}
        for month, file in made.items():
            self.log.info("%s: %s", month, file or "is of the daily files as they are")
        return made


def _wanted(context: Context, finished: list[str]) -> list[str]:
    if named := context["params"].get("months"):
        unfinished = [month for month in named if month not in finished]
        if unfinished:
            raise ValueError(f"not over yet, or nothing of it is published: {', '.join(unfinished)}")
        return list(named)
    if key := context.get("partition_key"):
        return [month for month in finished if month <= key[:7]][-2:]
    return finished

"""Put finished months of the published table into one file each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiwoom_provider.operators.base import SessionOperator, open_calendar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context


class MakeMonthsOperator(SessionOperator):
    """
    Make the files of months that are over, where they are lacking or a session of theirs has changed.

    :param months: names such as ``2026-11`` (templated); empty for those of the partition key.
    :param partition_key: a session, whose month and the one before are looked at (templated); empty for every month.
    :returns: what was made by month: sessions, rows, bytes and URL; None where nothing had to be.
    """

    template_fields: Sequence[str] = (*SessionOperator.template_fields, "months", "partition_key")

    def __init__(self, *, months: Sequence[str] | None = None, partition_key: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.months = months
        self.partition_key = partition_key

    def execute(self, context: Context) -> dict[str, Any]:
        """Find what is finished, and make it."""
        from kiwoom_provider import __version__
        from kiwoom_provider.clock import SystemClock
        from kiwoom_provider.datasets.monthly import finished_months, make_month
        from kiwoom_provider.datasets.window import read_window

        self.check_conf(context)
        store = self.store()
        finished = finished_months(store, open_calendar(read_window(store)), SystemClock().now())
        made = {month: make_month(store, month, __version__) for month in self._months_to_make(finished)}
        for month, file in made.items():
            self.log.info("%s: %s", month, file or "is of the daily files as they are")
        return made

    def _months_to_make(self, finished: list[str]) -> list[str]:
        if self.months:
            unfinished = [month for month in self.months if month not in finished]
            if unfinished:
                raise ValueError(f"not over yet, or nothing of it is published: {', '.join(unfinished)}")
            return list(self.months)
        if self.partition_key:
            return [month for month in finished if month <= self.partition_key[:7]][-2:]
        return finished

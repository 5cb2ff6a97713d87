"""A second opinion on the calendar, beside the fetching: it takes seconds and decides nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kiwoom_provider.locale import message
from kiwoom_provider.operators.base import PlannedOperator, open_calendar, read_plan

if TYPE_CHECKING:
    from airflow.sdk import Context

    from kiwoom_provider.locale import Message

BEFORE, AFTER = timedelta(days=7), timedelta(days=31)


class CheckCalendarOperator(PlannedOperator):
    """
    Warn of what a second calendar sees otherwise around the session, and of closed days that hold data.

    It never fails: a cross-check that cannot run is one of its warnings, and holds up no publication.

    :returns: the warnings, each a message of one or two plain sentences in its JSON-ready form.
    """

    def execute(self, context: Context) -> list[dict[str, Any]]:  # noqa: ARG002 - Airflow's
        """Compare, and say what a person should look at."""
        try:
            found = self._compare()
        except Exception as error:
            self.log.exception("The calendar's cross-check could not run")
            name = type(error).__name__
            found = [message("the cross-check could not run ({error}): see the log of check_calendar", error=name)]
        for text in found:
            self.log.warning("Calendar: %s", text)
        return [text.to_json() for text in found]

    def _compare(self) -> list[Message]:
        from kiwoom_provider.datasets import layout
        from kiwoom_provider.datasets.layout import stored_sessions
        from kiwoom_provider.krx import closures_with_data
        from kiwoom_provider.krx.cross_check import cross_check

        krx, day = open_calendar(), read_plan(self.plan).session.session_date
        around = cross_check(krx.rules, day - BEFORE, day + AFTER)
        ending = krx.end_warning(day)
        stored = stored_sessions(self.store(), layout.PARTITIONS)
        return [*([ending] if ending else []), *around, *closures_with_data(krx, stored)]

"""The deadline of a session's run: a time of day before the session's window ends, whatever is cleared."""

from __future__ import annotations

import logging
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import BaseDeadlineReference, DeadlineAlert

from kiwoom_provider.alerts import session_is_late
from kiwoom_provider.krx import CalendarError, Window, calendar, overrides_path, parse_session_date
from kiwoom_provider.parameters import check_names
from kiwoom_provider.retries import is_dags_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session as DatabaseSession

log = logging.getLogger(__name__)


class SessionDeadline(BaseDeadlineReference):
    """
    The moment at which a run's session is late: ``alert_time`` of the window, on the day that the window ends.

    Airflow evaluates it once, when the run is created, and finds the class by the plugin. Nothing else of a DAG
    sees a run's whole conf then, so a run by hand that cannot be right is refused here: no run comes of it, and
    the API answers with the message (Airflow's own params take a name that they do not know).

    :param window: when a session may be fetched; None is the package's own window.
    :param params: names of the DAG's params; none of them for no check.
    """

    required_kwargs = frozenset({"dag_id", "run_id"})

    def __init__(self, window: Window | None = None, params: Iterable[str] = ()) -> None:
        self.window = window or Window()
        self.params = tuple(params)

    def serialize_reference(self) -> dict[str, Any]:
        """Return the window and the params' names, JSON-ready."""
        return super().serialize_reference() | {"window": self.window.to_json(), "params": list(self.params)}

    @classmethod
    def deserialize_reference(cls, reference_data: Mapping[str, Any]) -> Self:
        """Rebuild it from :meth:`serialize_reference`'s output."""
        window = Window.from_json(reference_data["window"], "the deadline's window")
        return cls(window, reference_data.get("params", ()))  # stored by an earlier release, it has none

    def _evaluate_with(self, *, session: DatabaseSession, dag_id: str, run_id: str) -> datetime | None:
        """
        Return the moment, None for a run that comes after it: a replay is not late.

        :raises ParameterError: for a run by hand whose conf names what is no param.
        :raises CalendarError: for a run by hand of a day that is no session.
        """
        from airflow.models import DagRun
        from airflow.utils.types import DagRunType
        from sqlalchemy import select

        columns = select(DagRun.partition_key, DagRun.conf, DagRun.run_after, DagRun.run_type)
        found = session.execute(columns.where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)).one()
        key, conf, run_after, run_type = found[0], found[1] or {}, found[2], found[3]
        if run_type == DagRunType.MANUAL and self.params:
            self._check(conf)
        try:
            alert_at = self._alert_at(conf.get("session_date") or key, run_after)
        except CalendarError as error:  # the run will say so itself
            log.warning("Run %s has no deadline: %s", run_id, error)
            return None
        return alert_at if alert_at > run_after else None

    def _check(self, conf: Mapping[str, Any]) -> None:
        check_names(conf, self.params)
        if asked := conf.get("session_date"):
            calendar(self.window, overrides=overrides_path()).session(parse_session_date(asked))

    def _alert_at(self, asked: str | None, run_after: datetime) -> datetime:
        krx = calendar(self.window, overrides=overrides_path())
        if asked:
            return krx.session(parse_session_date(asked)).alert_at
        return (krx.window_open_at(run_after) or krx.next_to_settle(run_after)).alert_at


def session_deadlines(
    window: Window, params: Iterable[str] = (), arguments: list[str] = sys.argv
) -> list[DeadlineAlert]:
    """
    Return the DAG's deadline alerts.

    None in a process of ``airflow dags test``: Airflow 3.3.2 takes a deadline for the id of a stored one when such
    a run succeeds, and fails on that. Nobody waits for the alert of a test run.
    """
    if is_dags_test(arguments):
        return []
    alert = DeadlineAlert(
        name="session is late",
        reference=SessionDeadline(window, params),
        interval=timedelta(),
        callback=AsyncCallback(session_is_late),
    )
    return [alert]

"""One run for each KRX session, in Airflow's partitioned scheduling (Airflow 3.3)."""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

import pendulum
from airflow.exceptions import AirflowTimetableInvalid, InvalidPartitionKeyError
from airflow.sdk.timezone import utcnow
from airflow.timetables.base import DagRunInfo, DataInterval, Timetable

from kiwoom_provider.krx import (
    KST,
    CalendarError,
    KrxCalendar,
    OutOfRangeError,
    OverrideError,
    SessionWindow,
    Window,
    calendar,
    check_overrides,
    overrides_path,
    parse_session_date,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow.timetables.base import TimeRestriction
    from airflow.utils.types import DagRunType

log = logging.getLogger(__name__)

DEFAULT_WINDOW = Window()


class KrxSessionTimetable(Timetable):
    """
    Run once for each KRX session, at the settle time of the session's day.

    The partition key is the session, ``2026-11-20``; the partition date is that day's midnight in KST.
    Without catch-up the next run is the session whose window is open now, else the next one to settle:
    a session whose window has closed can no longer be fetched and is not scheduled.

    :param settle_time: time of the session's day (KST) at which the run starts.
    :param window_end: time of the next session's day (KST) until which the data may be fetched.
    :param now: where the present instant comes from.
    :raises WindowError: when a time of day could file one session's data under another.
    """

    partitioned = True

    def __init__(
        self,
        *,
        settle_time: time = DEFAULT_WINDOW.settle_time,
        window_end: time = DEFAULT_WINDOW.window_end,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        Window(settle_time=settle_time, window_end=window_end).check()
        self.settle_time, self.window_end, self._now = settle_time, window_end, now
        self.description = (
            f"Every KRX session at {settle_time:%H:%M} KST, to be fetched until {window_end:%H:%M} KST "
            "of the next session; no run on closed days; the partition is the session's day"
        )

    @property
    def summary(self) -> str:
        """What the list of DAGs shows."""
        return f"KRX sessions, {self.settle_time:%H:%M} KST"

    def validate(self) -> None:
        """
        Check what the deployment configured; called whenever the DAG is parsed.

        :raises AirflowTimetableInvalid: when the override file cannot be used, naming file and line.
        """
        try:
            check_overrides(overrides_path())
        except OverrideError as error:
            raise AirflowTimetableInvalid(str(error)) from None

    def serialize(self) -> dict[str, Any]:
        """Return the arguments, JSON-ready."""
        return {"settle_time": self.settle_time.isoformat(), "window_end": self.window_end.isoformat()}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """Rebuild the timetable from :meth:`serialize`'s output."""
        return cls(
            settle_time=time.fromisoformat(data["settle_time"]),
            window_end=time.fromisoformat(data["window_end"]),
        )

    def next_dagrun_info_v2(
        self, *, last_dagrun_info: DagRunInfo | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Return the next session's run, None after the DAG's end date or the calendar's last day."""
        try:
            session = self._next_session(last_dagrun_info, restriction)
        except OutOfRangeError as error:
            log.error("No further run can be scheduled: %s", error)  # noqa: TRY400 - the message says it all
            return None
        if restriction.latest is not None and restriction.latest < session.settles_at:
            return None
        return _run_info(session)

    def iter_partition_dagrun_infos(self, *, earliest: datetime, latest: datetime) -> Iterator[DagRunInfo]:
        """
        Yield the run of every session from ``earliest`` to ``latest``, read as wall clock in KST.

        Each run's ``run_after`` is its settle time, so a session that is not over waits for it.

        :raises InvalidBackfillDate: when the calendar does not know the days; the API answers with it.
        """
        start, end = self.localize_partition_datetime(earliest), self.localize_partition_datetime(latest)
        try:
            sessions = self._calendar().sessions(start.astimezone(KST).date(), end.astimezone(KST).date())
        except OutOfRangeError as error:
            from airflow.models.backfill import InvalidBackfillDate

            raise InvalidBackfillDate(str(error)) from None
        yield from (_run_info(session) for session in sessions if start <= _midnight(session.session_date))

    def localize_partition_datetime(self, dt: datetime) -> pendulum.DateTime:
        """Read the wall clock of ``dt``, whatever its zone, as KST."""
        return _utc(dt.replace(tzinfo=KST))

    def infer_manual_data_interval(self, *, run_after: pendulum.DateTime) -> DataInterval:
        """Return the moment of the run: a manual run's session is resolved by the run, not by its date."""
        return DataInterval.exact(run_after)

    def generate_run_id(
        self,
        *,
        run_type: DagRunType,
        run_after: pendulum.DateTime,
        data_interval: DataInterval | None,  # noqa: ARG002 - Airflow's signature; partitions have none
        **extra: Any,
    ) -> str:
        """
        Return an id that a person can read: ``scheduled__2026-11-20__5f0c91ab``.

        A run without partition key shows when it was asked for, in KST. The tail keeps ids apart, since
        a session may be run again.
        """
        name = extra.get("partition_key") or run_after.astimezone(KST).isoformat(timespec="seconds")
        return run_type.generate_run_id(suffix=f"{name}__{secrets.token_hex(4)}")

    def _decode_partition_date(self, partition_key: str) -> pendulum.DateTime:
        try:
            return _midnight(self._calendar().session(parse_session_date(partition_key)).session_date)
        except CalendarError as error:
            raise InvalidPartitionKeyError(f"partition key {partition_key!r}: {error}") from None

    def _next_session(self, last: DagRunInfo | None, restriction: TimeRestriction) -> SessionWindow:
        """Return the latest of those that each bound allows first."""
        known = self._calendar()
        bounds = []
        if last is not None:
            bounds.append(known.next(_session_date(last)))
        if restriction.earliest is not None:
            bounds.append(known.next_to_settle(max(restriction.earliest, _midnight(known.rules.known.first))))
        if not restriction.catchup or not bounds:
            now = (self._now or utcnow)()
            bounds.append(known.window_open_at(now) or known.next_to_settle(now))
        return max(bounds, key=lambda session: session.session_date)

    def _calendar(self) -> KrxCalendar:
        window = Window(settle_time=self.settle_time, window_end=self.window_end)
        return calendar(window, overrides=overrides_path())


def _run_info(session: SessionWindow) -> DagRunInfo:
    return DagRunInfo(
        run_after=_utc(session.settles_at),
        data_interval=None,
        partition_date=_midnight(session.session_date),
        partition_key=session.key,
    )


def _session_date(info: DagRunInfo) -> date:
    """Return the day of an earlier run, of which Airflow sometimes gives the date and not the key."""
    return (info.partition_date or info.run_after).astimezone(KST).date()


def _midnight(day: date) -> pendulum.DateTime:
    return _utc(datetime.combine(day, time(), KST))


def _utc(moment: datetime) -> pendulum.DateTime:
    return pendulum.instance(moment.astimezone(UTC))

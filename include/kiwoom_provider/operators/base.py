"""What every task of a session needs: the connection, the data root, the session's window."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.hooks.kiwoom import KiwoomHook
    from kiwoom_provider.krx import Handed, KrxCalendar, Session
    from kiwoom_provider.proof.documents import ProofSetting


class SessionOperator(BaseOperator):
    """
    Base of the tasks of a session.

    :param kiwoom_conn_id: the Kiwoom connection.
    :param settle_time: time of day in KST from which a session may be fetched.
    :param window_end: time of day in KST on the day of the next session, until which it may.
    """

    def __init__(
        self,
        *,
        kiwoom_conn_id: str = "kiwoom_default",
        settle_time: time = time(20, 30),
        window_end: time = time(7, 0),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kiwoom_conn_id = kiwoom_conn_id
        self.settle_time = settle_time
        self.window_end = window_end

    def hook(self) -> KiwoomHook:
        """Return the hook of the task's connection."""
        from kiwoom_provider.hooks.kiwoom import KiwoomHook

        return KiwoomHook(self.kiwoom_conn_id)

    def krx(self) -> KrxCalendar:
        """
        Return the KRX calendar with this task's window and the deployment's own overrides.

        :raises CalendarError: for a window or an override file that cannot be right.
        """
        from kiwoom_provider.krx import calendar, overrides_path

        return calendar(settle_time=self.settle_time, window_end=self.window_end, overrides=overrides_path())

    def known(self, session_date: date, handed: Mapping[str, str] | None = None) -> Handed:
        """
        Return the session of a day and the day before it: as handed over, else by the calendar.

        :raises WindowError: when what is handed over is malformed or not of that session.
        :raises CalendarError: when the day is no session.
        """
        from kiwoom_provider.krx import Handed

        if handed is not None:
            return Handed.from_json(handed, session_date, self.settle_time, self.window_end)
        session = self.krx().session(session_date)
        return Handed(session, self.session_before(session))

    def session_before(self, session: Session) -> date:
        """Return the day of the session right before ``session``, by the calendar."""
        return self.krx().previous(session.date).date

    def store(self) -> Store:
        """
        Open the data root that the Airflow Variable ``kiwoom_data_root`` names.

        :raises DataRootError: when the Variable is missing or is no URL that can be opened.
        """
        from kiwoom_provider.data_root import open_data_root

        return open_data_root()

    def proof_setting(self, given: str | None) -> ProofSetting:
        """
        Return how a session must be proved: as given, else as the Airflow Variable ``kiwoom_proof`` says.

        :raises ParameterError: when there is no such way.
        """
        from kiwoom_provider.proof.documents import ProofSetting
        from kiwoom_provider.variables import optional_variable

        return ProofSetting.parse(optional_variable("kiwoom_proof", ProofSetting.BOTH) if given is None else given)

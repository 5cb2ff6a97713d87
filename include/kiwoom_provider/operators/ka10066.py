"""Fetch one parameter set of ka10066 (장마감후투자자별매매) for one session."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from kiwoom_provider.operators.base import SessionOperator
from kiwoom_provider.parameters import ParameterSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from kiwoom_provider.krx import Session


class Ka10066Operator(SessionOperator):
    """
    Page through ka10066 for one parameter set, keep every page as it came, and write the typed partition.

    A retry goes on after the last page that is stored. In a replay no call is made: the partition is
    rebuilt from the stored pages.

    :param session_date: the session, ``YYYY-MM-DD`` (templated).
    :param market: ``KOSPI``, ``KOSDAQ`` or ``ALL`` (templated).
    :param venue: ``KRX``, ``NXT`` or ``CONSOLIDATED`` (templated).
    :param measure: ``amount`` (KRW million) or ``quantity`` (shares) (templated).
    :param side: ``net``, ``buy`` or ``sell`` (templated).
    :param mode: ``live`` to call the API, ``replay`` to rebuild from raw (templated).
    :returns: a summary: label, rows, pages, calls, calls of ka10059, refused calls, bytes of raw, path
        of the partition.
    """

    template_fields: Sequence[str] = ("session_date", "market", "venue", "measure", "side", "mode")
    ui_color = "#e8f0fe"

    def __init__(
        self,
        *,
        session_date: str,
        market: str,
        venue: str,
        measure: str,
        side: str,
        mode: str = "live",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.session_date = session_date
        self.market = market
        self.venue = venue
        self.measure = measure
        self.side = side
        self.mode = mode

    def execute(self, context: Context) -> dict[str, Any]:
        """Fetch or rebuild; bad values are refused by name before any call."""
        from kiwoom_provider.krx import parse_session_date
        from kiwoom_provider.pipeline.plan import Mode
        from kiwoom_provider.pipeline.replay import rebuild

        parameters = ParameterSet.parse(self.market, self.venue, self.measure, self.side)
        session = self.krx().session(parse_session_date(self.session_date))
        if Mode.parse(self.mode) is Mode.REPLAY:
            return rebuild(self.store(), session, parameters).to_json() | {"reference_calls": 0, "refused": 0}
        return self._collect(session, parameters, context["run_id"])

    def _collect(self, session: Session, parameters: ParameterSet, run_id: str) -> dict[str, Any]:
        from kiwoom_provider.pipeline.evidence import Evidence
        from kiwoom_provider.pipeline.plan import check_served
        from kiwoom_provider.pipeline.sweep import Collector

        store = self.store()
        with closing(self.hook()) as hook:
            check_served(hook, [parameters])
            summary = Collector(store, hook, session, run_id, hook.clock).collect(parameters)
            references = Evidence(store, session.date, self.session_before(session)).gather(hook, parameters)
            return summary.to_json() | {"reference_calls": references, "refused": hook.refused}

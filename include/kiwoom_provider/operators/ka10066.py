"""Fetch one parameter set of ka10066 (장마감후투자자별매매) for one session."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from kiwoom_provider.links.session import DataLink
from kiwoom_provider.operators.base import SessionOperator
from kiwoom_provider.parameters import ParameterSet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.sdk import Context

    from kiwoom_provider.krx import Handed


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
    :param handed: the session's window as :meth:`kiwoom_provider.krx.Handed.to_json`; without it the calendar is
        asked, which takes a task some memory and time.
    :returns: :class:`kiwoom_provider.pipeline.sweep.SweepSummary` in its JSON-ready form, with the calls of
        ka10059, the refused calls, and the calls a second that are permitted in the end (None without limit).
    """

    template_fields: Sequence[str] = ("session_date", "market", "venue", "measure", "side", "mode")
    operator_extra_links = (DataLink(),)
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
        handed: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.session_date = session_date
        self.market = market
        self.venue = venue
        self.measure = measure
        self.side = side
        self.mode = mode
        self.handed = handed

    def execute(self, context: Context) -> dict[str, Any]:
        """Fetch or rebuild; bad values are refused by name before any call."""
        from kiwoom_provider.krx import parse_session_date
        from kiwoom_provider.pipeline.plan import Mode
        from kiwoom_provider.pipeline.replay import rebuild

        parameters = ParameterSet.parse(self.market, self.venue, self.measure, self.side)
        known = self.known(parse_session_date(self.session_date), self.handed)
        if Mode.parse(self.mode) is Mode.REPLAY:
            summary = rebuild(self.store(), known.session, parameters)
            return summary.to_json() | {"reference_calls": 0, "refused": 0, "rate": None}
        return self._collect(known, parameters, context["run_id"])

    def _collect(self, known: Handed, parameters: ParameterSet, run_id: str) -> dict[str, Any]:
        from kiwoom_provider import metrics
        from kiwoom_provider.api import ka10066 as api
        from kiwoom_provider.pipeline.plan import check_served
        from kiwoom_provider.pipeline.sweep import Collector
        from kiwoom_provider.proof.evidence import EvidenceStore

        store = self.store()
        with closing(self.hook()) as hook:
            check_served(hook, [parameters])
            summary = Collector(store, hook, known.session, run_id, hook.clock, known.before).collect(parameters)
            references = EvidenceStore(store, known.session.date, known.before).gather(hook, parameters)
            metrics.fetched(parameters, pages=summary.calls, rows=summary.rows)
            counted = {"reference_calls": references, "refused": hook.refused, "rate": hook.rate(api.API_ID)}
            return summary.to_json() | counted

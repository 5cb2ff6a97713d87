"""One run of a session in a few figures: what the page, the commands and people read first."""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.columns import UNITS
from kiwoom_provider.datasets.published import Release
from kiwoom_provider.documents import MOST_TEXT, Count, Document, DocumentError, Figure, Instant, Text
from kiwoom_provider.locale import Message
from kiwoom_provider.parameters import Measure, Venue
from kiwoom_provider.pipeline.plan import Mode
from kiwoom_provider.pipeline.sweep_summary import Rate, Seconds, read_sweep_summaries
from kiwoom_provider.proof.session_proof import Outcome
from kiwoom_provider.quality.results import Coverage, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.pipeline.plan import Plan
    from kiwoom_provider.pipeline.sweep_summary import SweepSummary
    from kiwoom_provider.quality.results import AuditReport

log = logging.getLogger(__name__)

CALLS = ("calls", "reference_calls", "total_calls", "refused")
"""Calls of ka10066 that brought a page, calls of ka10059 and of ka10051, and calls refused as too many."""
MOST_BYTES = 256 * 2**10
"""Of a stored summary; one of all sets has about 12 kB."""
MOST_ENTRIES = 1000
KRW_MILLION = UNITS[Measure.AMOUNT]


def _to_message(value: object) -> object:
    """Read what an older release wrote as English text."""
    return Message(id=value[:MOST_TEXT]) if isinstance(value, str) else value


def _or_empty(value: object) -> object:
    return () if value is None else (value,) if isinstance(value, str) else value


Sentence = Annotated[Message, BeforeValidator(_to_message)]
Sentences = Annotated[tuple[Sentence, ...], Field(max_length=MOST_ENTRIES), BeforeValidator(_or_empty)]


class ProofSummary(Document):
    """The proof's outcome, None when no evidence was given, and how it was proved, in its own words."""

    outcome: Outcome | None = None
    how: Sentences = ()


class PublishedFile(Document):
    """The published file: its rows, bytes, SHA-256 in hex and URL."""

    rows: Count
    bytes: Count
    sha256: Text
    path: Text


class PlaceSize(Document):
    """Rows (of all sets) and distinct stocks at one market and venue."""

    market: Text
    venue: Text
    rows: Count
    stocks: Count


class Flows(Document):
    """Net flows by market, venue and investor, in ``unit``: KRW million, or shares where no amounts were asked for."""

    unit: Text = KRW_MILLION
    net: Annotated[dict[Text, dict[Text, dict[Text, Figure]]], Field(max_length=10)] = Field(default_factory=dict)

    def at(self, market: str, venue: str) -> dict[str, int]:
        """Return the net of each investor at one market and venue; empty where there is none."""
        return self.net.get(market, {}).get(venue, {})


class SweepTime(Document):
    """
    How long the fetching of a run took, against what the permitted rate allows.

    :param began: first fetch began.
    :param ended: last fetch ended.
    :param calls: what the fetches called; looking for settlement is not among it. None in older summaries.
    :param rate: permitted calls a second, None when it is not known or not limited.
    :param floor_s: ``calls`` ÷ ``rate``; None without a rate.
    :param waited_s: what the fetches waited for the rate limit, all together.
    """

    began: Instant
    ended: Instant
    calls: Count | None = None
    rate: Rate | None = None
    floor_s: Seconds | None = None
    waited_s: Seconds | None = None

    @property
    def seconds(self) -> float:
        """Seconds from the first fetch's begin to the last one's end."""
        return (self.ended - self.began).total_seconds()


class Summary(Document):
    """
    A run's summary, kept beside its report. What an older release did not write is empty or None.

    :param rules: how many rules ended with each status.
    :param findings: up to three worst blocking findings, each a sentence.
    :param sets: parameter sets of the run.
    :param calls: calls of ka10066 that brought a page, looks for settlement included.
    :param reference_calls: calls of ka10059.
    :param total_calls: calls of ka10051; 0 in older summaries.
    :param refused: calls refused as too many.
    :param published: None when nothing was published.
    :param calendar_warnings: what the calendar's cross-check said during the run.
    :param release: a person's decision to publish in spite of findings.
    :param lowered: ids of the rules that block by default, and only warn in this deployment.
    :param withheld: venues that are stored, not proved, and not published with the others.
    :param coverage: how much of their market the rebuilt ones cover.
    :param blocking: ids of the rules that kept the session from publication.
    :param sweeps: the raw sweep's folder of every stored set, by the set's path: what a release covers.
    """

    session_date: date
    run_id: Text
    mode: Mode
    audited_at: Instant
    audit: Verdict
    rules: dict[Status, Count]
    proof: ProofSummary
    findings: Sentences
    sets: Count
    rows: Count
    pages: Count
    bytes: Count
    calls: Count
    reference_calls: Count
    total_calls: Count = 0
    refused: Count
    published: PublishedFile | None
    sizes: Annotated[tuple[PlaceSize, ...], Field(max_length=MOST_ENTRIES), BeforeValidator(_or_empty)] = ()
    flows: Annotated[Flows, BeforeValidator(lambda value: value or {})] = Flows()
    sweep: SweepTime | None = None
    calendar_warnings: Sentences = ()
    release: Release | None = None
    lowered: Annotated[tuple[Text, ...], Field(max_length=MOST_ENTRIES)] = ()
    withheld: tuple[Venue, ...] = ()
    coverage: Annotated[tuple[Coverage, ...], Field(max_length=MOST_ENTRIES)] = ()
    blocking: Annotated[tuple[Text, ...], Field(max_length=MOST_ENTRIES)] = ()
    sweeps: Annotated[dict[Text, Text], Field(max_length=MOST_ENTRIES)] = Field(default_factory=dict)


def summarise(
    plan: Plan,
    report: AuditReport,
    fetched: Iterable[object],
    looked: Mapping[str, int],
    published: PublishedFile | None,
    *,
    calendar_warnings: Iterable[object] = (),
    sweeps: Mapping[str, str] | None = None,
) -> Summary:
    """
    Return a run's summary.

    :param fetched: what every ``fetch`` task returned.
    :param looked: calls that waiting for settlement took.
    :param published: None when nothing was.
    :param calendar_warnings: what ``check_calendar`` returned: messages in their JSON-ready form.
    :param sweeps: the raw sweep's folder of every stored set, by the set's path.
    """
    told = read_sweep_summaries(fetched)
    if report.audited_at is None:
        raise ValueError(f"the audit of session {plan.session.key} does not say when it was made")
    return Summary(
        session_date=plan.session.session_date,
        run_id=report.run_id,
        mode=plan.mode,
        audited_at=report.audited_at,
        audit=report.status,
        rules={status: report.count(status) for status in Status},
        proof=ProofSummary(outcome=report.proof.outcome, how=report.proof.how) if report.proof else ProofSummary(),
        findings=tuple(result.sentence() for result in report.worst()),
        sets=len(plan.sets),
        **{name: sum(getattr(entry, name) for entry in told) for name in ("rows", "pages", "bytes")},
        **{name: looked.get(name, 0) + sum(getattr(entry, name) for entry in told) for name in CALLS},
        published=published,
        sizes=_sizes(report),
        flows=_flows(report),
        sweep=_sweep(told),
        calendar_warnings=tuple(Message.from_json(_to_message(text), "a warning") for text in calendar_warnings),
        release=report.release,
        lowered=report.lowered,
        withheld=report.withheld,
        coverage=report.coverage,
        blocking=tuple(result.id for result in report.blocking),
        sweeps=dict(sweeps or {}),
    )


def _sizes(report: AuditReport) -> tuple[PlaceSize, ...]:
    """Return rows and stocks by market and venue; the audit holds that all sets of a place have the same stocks."""
    rows: dict[tuple[str, ...], list[int]] = {}
    for entry in report.sets:
        place = (str(entry.parameters.market), str(entry.parameters.venue))
        rows.setdefault(place, []).append(entry.rows or 0)
    return tuple(
        PlaceSize(market=market, venue=venue, rows=sum(counts), stocks=max(counts))
        for (market, venue), counts in rows.items()
    )


def _flows(report: AuditReport) -> Flows:
    """Return the report's net flows by market, venue and investor, with their unit once."""
    net: dict[str, dict[str, dict[str, int]]] = {}
    for flow in report.flows:
        net.setdefault(str(flow.market), {}).setdefault(str(flow.venue), {})[flow.investor] = flow.net
    return Flows(unit=report.flows[0].unit, net=net) if net else Flows()


def _sweep(fetched: Sequence[SweepSummary]) -> SweepTime | None:
    """Return the time that fetching took, None when nothing was called."""
    timed = [(entry.began, entry.ended, entry) for entry in fetched if entry.calls and entry.began and entry.ended]
    if not timed:
        return None
    rate = min((entry.rate for *_, entry in timed if entry.rate), default=None)
    calls = sum(entry.calls for *_, entry in timed)
    return SweepTime(
        began=min(began for began, *_ in timed),
        ended=max(ended for _, ended, _ in timed),
        calls=calls,
        rate=rate,
        floor_s=round(calls / rate, 3) if rate else None,
        waited_s=round(sum(entry.waited_s for *_, entry in timed), 3),
    )


def write_summary(store: Store, summary: Summary) -> None:
    """Keep a run's summary beside its report."""
    key = layout.report_key(summary.session_date, summary.run_id, summary.audited_at, layout.SUMMARY)
    store.write(key, summary.to_bytes())


def read_summary(store: Store, key: str) -> Summary:
    """
    Read one run's summary.

    :raises DocumentError: when it is damaged.
    :raises StoreError: when the root does not give it.
    """
    return Summary.from_bytes(store.read(key, most=MOST_BYTES), key)


def newest_summary(store: Store) -> Summary | None:
    """Return the newest session's newest summary that can be read and tells sizes, among the ten newest."""
    keys = [key for key in store.list(layout.REPORTS) if layout.is_summary(key)]
    for key in sorted(keys, reverse=True)[:10]:
        try:
            found = read_summary(store, key)
        except DocumentError:
            continue
        if found.sizes:
            return found
    return None


def read_summaries(store: Store, prefix: str = layout.REPORTS) -> list[Summary]:
    """Return the summaries of every run under ``prefix``, oldest first in a session; a damaged one is only logged."""
    found = []
    for key in store.list(prefix):
        if layout.is_summary(key):
            try:
                found.append(read_summary(store, key))
            except DocumentError as error:
                log.warning("%s", error)
    return found

"""
What has been changed of a session's figures since it was published by them, told the night after.

The exchange reclassifies trades towards the next dawn, and whether Kiwoom takes that over is open. So with every night
the reference rows of the session before are looked at again: most of them stand among the hundred dated rows of
tonight's answers, the others are asked for. Nothing published is changed by itself.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING

from kiwoom_provider.api.errors import KiwoomError
from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.datasets import layout
from kiwoom_provider.documents import Count, Document, DocumentError, Figure, Instant, Text
from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.proof.session_proof import OfSet

if TYPE_CHECKING:
    from datetime import datetime

    from kiwoom_provider.api.call_source import CallSource
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.proof.dated_evidence import DatedEvidence
    from kiwoom_provider.proof.dated_rows import DatedFlows
    from kiwoom_provider.proof.evidence import EvidenceStore
    from kiwoom_provider.proof.session_proof import ReferenceRow

log = logging.getLogger(__name__)

LARGE_SHARE = 0.05
"""Part of the compared rows from which a session is worth rebuilding: a few tickers are restated on many days."""


class RestatedRow(OfSet):
    """A reference stock's day, as it was published and as ka10059 says now; only the elements that differ."""

    stock_code: Text
    published: dict[str, Figure]
    now: dict[str, Figure]


class Restatements(Document):
    """
    What has changed of a session since it was published.

    :param asked_at: when it was looked at.
    :param compared: reference rows that were found again.
    """

    session_date: date
    asked_at: Instant
    compared: Count
    rows: tuple[RestatedRow, ...] = ()

    @property
    def is_large(self) -> bool:
        """Whether so much has changed that the session is worth rebuilding from the dated sibling."""
        return len(self.rows) > LARGE_SHARE * self.compared


def look_again(
    before: EvidenceStore, tonight: DatedEvidence, source: CallSource, asked_at: datetime, *, since: datetime
) -> tuple[Restatements | None, int]:
    """
    Hold the session before against what ka10059 says of it now, and keep the result.

    :param before: the evidence of the session before, whose kept proof names its reference rows.
    :param tonight: tonight's answers.
    :param since: from when an answer that is kept of the session before is tonight's.
    :returns: the restatements, None where no proof with reference rows is kept; and the calls made.
    """
    proof = before.kept_proof()
    if proof is None or not proof.rows:
        return None, 0
    found, calls = _ask_again(before, tonight, source, proof.rows, since)
    rows = tuple(changed for row, now in found if (changed := _difference(row, now)))
    result = Restatements(session_date=before.session_date, asked_at=asked_at, compared=len(found), rows=rows)
    before.store.write(layout.restatements_key(before.session_date, asked_at), result.to_bytes())
    return result, calls


def ask_ahead(
    before: EvidenceStore, tonight: DatedEvidence, source: CallSource, parameters: ParameterSet, *, since: datetime
) -> None:
    """
    Ask for one set's rows of the session before while others are swept, so that :func:`look_again` finds them kept.

    What cannot be had is only said in the log. Nothing is asked for where ka10059 has said nothing of the set tonight.
    """
    try:
        proof = before.kept_proof() if tonight.newest(parameters) else None
        if proof and (rows := tuple(row for row in proof.rows if row.parameters == parameters)):
            _ask_again(before, tonight, source, rows, since)
    except KiwoomProviderError as error:
        log.warning("%s of %s could not be looked at again: %s", parameters.label, before.session_date, error)


def read_restatements(store: Store, session_date: date) -> list[Restatements]:
    """Return all that were kept of a session, oldest first; one that cannot be read is left out, and said."""
    found = []
    for key in store.list(layout.session_prefix(layout.RESTATEMENTS, session_date)):
        try:
            found.append(Restatements.from_bytes(store.read(key), key))
        except DocumentError as error:
            log.warning("%s", error)
    return found


def _ask_again(
    before: EvidenceStore,
    tonight: DatedEvidence,
    source: CallSource,
    rows: tuple[ReferenceRow, ...],
    since: datetime,
) -> tuple[list[tuple[ReferenceRow, DatedFlows]], int]:
    """Return the rows with what is said of them now; asking ends where ka10059 does not answer."""
    found, calls, can_ask = [], 0, True
    among = [_find_among(tonight, row, before.session_date) for row in rows]
    kept = before.read_dated(sets={row.parameters for row, now in zip(rows, among, strict=True) if now is None})
    for row, found_among in zip(rows, among, strict=True):
        now = found_among or _find_asked_again(since, kept, row)
        if now is None and can_ask:
            calls += 1
            try:
                kept = before.ask(source, kept, row.parameters, row.stock_code)
                now = kept.versions(row.parameters, row.stock_code)[-1].row
            except KiwoomError as error:
                log.warning("%s of %s cannot be asked for again: %s", row.stock_code, before.session_date, error)
                can_ask = False
        if now is not None:
            found.append((row, now))
    return found, calls


def _find_among(tonight: DatedEvidence, row: ReferenceRow, day: date) -> DatedFlows | None:
    """Return the stock's row of an earlier day, as it stands in tonight's answer."""
    answer = tonight.newest(row.parameters).get(row.stock_code)
    return next((one for one in answer.earlier if one.day == day), None) if answer else None


def _find_asked_again(since: datetime, kept: DatedEvidence, row: ReferenceRow) -> DatedFlows | None:
    """Return the stock's row of the day itself, if it was asked for again tonight."""
    answer = kept.newest(row.parameters).get(row.stock_code)
    return answer.row if answer and answer.fetched_at and answer.fetched_at >= since else None


def _difference(row: ReferenceRow, now: DatedFlows) -> RestatedRow | None:
    published = tuple(row.dated[name] for name in INVESTOR_ELEMENTS)
    if now.equals(published, row.measure):
        return None
    pairs = zip(INVESTOR_ELEMENTS, published, now.fields, strict=True)
    changed = [(name, old, new) for name, old, new in pairs if old != new]
    return RestatedRow(
        **RestatedRow.of(row.parameters),
        stock_code=row.stock_code,
        published={name: old for name, old, _ in changed},
        now={name: new for name, _, new in changed},
    )

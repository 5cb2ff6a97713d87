"""The audits of all runs as a table, for people who have only Python."""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.layout import stored_sessions
from kiwoom_provider.datasets.reader import MissingDataWarning, NoDataError
from kiwoom_provider.datasets.selection import Selection
from kiwoom_provider.datasets.store import Store, StoreError
from kiwoom_provider.documents import DocumentError
from kiwoom_provider.pipeline.summary import read_summary
from kiwoom_provider.proof.restatements import read_restatements
from kiwoom_provider.quality.results import Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    import pandas as pd

    from kiwoom_provider.datasets.store import Root
    from kiwoom_provider.pipeline.summary import Summary

log = logging.getLogger(__name__)

FIGURES = ("sets", "rows", "pages", "calls", "reference_calls", "refused")


def read_audit_history(root: Root, start: str | date | None = None, end: str | date | None = None) -> pd.DataFrame:
    """
    Return one row an audited run of the sessions from ``start`` to ``end``, both inclusive, oldest first.

    ``session_date`` datetime64[us]; ``audited_at`` datetime64[us, UTC]; ``run_id``, ``mode`` (``live`` or
    ``replay``), ``verdict`` (``passed``, ``warned``, ``blocked`` or ``released``), ``proof`` (``proved``,
    ``unproved`` or ``disproved``) str; a count a status in ``rules_pass``, ``rules_warn``, ``rules_fail``,
    ``rules_error`` and ``rules_not_applicable``; ``sets``, ``rows`` (of all sets), ``pages``, ``calls``
    (pages had from the API), ``reference_calls`` (of ka10059), ``refused`` (calls over the rate);
    ``published`` bool; ``sha256`` of the published file, NA when nothing was published; ``worst``, the
    worst blocking finding in a sentence, NA when none blocks; ``lowered``, ids of the rules that block by default and
    only warned in this deployment, ``""`` without any; ``restated_rows``, how many of the session's dated
    reference rows ka10059 had changed by the next night, NA when it was not asked again. Whole numbers are int64,
    ``restated_rows`` Int64. ``df.attrs["unreadable"]``
    names the summaries that are damaged and left out.

    :param root: as for :func:`kiwoom_provider.datasets.reader.read_investor_trading`.
    :param start: a day, ``YYYY-MM-DD`` or a date; None for the first that is stored.
    :raises SessionDateError: for a malformed date, or a start after the end.
    :raises DataRootError: for a URL that cannot be opened.
    :raises NoDataError: when no run of those sessions was audited.
    :warns MissingDataWarning: for summaries that cannot be read.
    """
    import pandas as pd

    selection = Selection.parse(start, end)
    store = Store.open(root)
    stored = sorted(stored_sessions(store, layout.REPORTS))
    days = [day for day in stored if selection.has(day)]
    rows, unreadable = _rows(store, days)
    if unreadable:
        shown = ", ".join(unreadable[:5]) + (", …" if len(unreadable) > 5 else "")  # noqa: PLR2004 - what a line holds
        text = f"{len(unreadable)} audit summaries cannot be read and are left out: {shown}"
        warnings.warn(text, MissingDataWarning, stacklevel=2)
    if not rows:
        known = f"stored are {stored[0]} to {stored[-1]}" if stored else "none is stored at all"
        raise NoDataError(f"no audit {selection.range} under {store.name}; {known}")
    restated = {day: len(found[-1].rows) for day in days if (found := read_restatements(store, day))}
    texts = dict.fromkeys(("run_id", "mode", "verdict", "proof", "sha256", "worst", "lowered"), "str")
    times = {"session_date": "datetime64[us]", "audited_at": "datetime64[us, UTC]"}
    frame = pd.DataFrame(rows)
    frame["restated_rows"] = pd.array([restated.get(day) for day in frame["session_date"]], dtype="Int64")
    frame = frame.astype(texts | times)
    frame.attrs["unreadable"] = unreadable
    return frame


def _rows(store: Store, days: Iterable[date]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return a row a run, and the URLs of the summaries that are damaged or of another format."""
    prefixes = (layout.session_prefix(layout.REPORTS, day) for day in days)
    keys = [key for prefix in prefixes for key in store.list(prefix) if layout.is_summary(key)]
    rows, unreadable = [], []
    for key in keys:
        try:
            rows.append(_row(read_summary(store, key)))
        except (DocumentError, KeyError, StoreError, FileNotFoundError) as error:
            log.warning("%s cannot be read: %s", store.url(key), error)
            unreadable.append(store.url(key))
    return rows, unreadable


def _row(run: Summary) -> dict[str, Any]:
    return {
        "session_date": run.session_date,
        "run_id": run.run_id,
        "mode": str(run.mode),
        "audited_at": run.audited_at,
        "verdict": str(run.audit),
        "proof": str(run.proof.outcome) if run.proof.outcome else None,
        **{f"rules_{status}": run.rules[status] for status in Status},
        **{name: getattr(run, name) for name in FIGURES},
        "published": run.published is not None,
        "sha256": run.published.sha256 if run.published else None,
        "worst": next(map(str, run.findings), None),
        "lowered": ", ".join(run.lowered),
    }

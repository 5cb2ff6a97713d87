"""
Where everything lies under the data root. Keys are relative, with ``/`` between parts.

::

    raw/ka10066/session_date=2026-11-20/market=KOSPI/venue=KRX/measure=amount/side=net/
        sweep=20261120T113005.123456Z/page-0001.json.gz      the API's pages as they came
    raw/ka10059/session_date=2026-11-20/market=KOSPI/venue=KRX/measure=amount/side=net/
        005930.20261120T121000.123456Z.json.gz               the dated sibling's answers, the proof's evidence
    raw/ka10059/session_date=2026-11-20/proved.json          the proof that let the session be published
    raw/ka10051/session_date=2026-11-20/market=KOSPI/venue=KRX/measure=amount/side=net/<time>.json.gz   dated totals
    raw/ka10099/session_date=2026-11-20/market=KOSPI/<time>.json.gz   the day's list of stocks
    raw/ka10059_history/until=2026-11-20/venue=KRX/005930.jsonl.gz   a stock's dated rows of the hundred sessions before
    raw/ka10059_history/plans/<run>.json                     what a run of the history does
    raw/ka10059_history/calls/day=2026-11-20/<task>-<time>-1.120   calls that a task of the history reserved of a day
    raw/published/session_date=2026-11-20/first.json         since when the published figures could be known
    raw/published/session_date=2026-11-20/replaced-<sha256>.parquet   a published file that the history replaced
    ka10066/session_date=2026-11-20/market=KOSPI/venue=KRX/measure=amount/side=net/part-0.parquet
    ka10059/session_date=2026-11-20/market=…/part-0.parquet  a set rebuilt from the dated sibling
    investor_trading/session_date=2026-11-20/part-0.parquet
    investor_trading_monthly/month=2026-11/part-0.parquet    a finished month of them in one file, by stock
    quality/window.json                                      the times of day of the newest run, for page and gap list
    securities/session_date=2026-11-20/part-0.parquet        the securities master of the day
    quality/session_date=2026-11-20/<time>-<run>.json|.html|.ko.html|.summary.json|.top.json   reports, one per run
    restatements/session_date=2026-11-20/<time>.json         what ka10059 has changed since, as the next night saw it
    quarantine/investor_trading/session_date=2026-11-20/<run>.parquet   what the audit refused
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.parameters import ParameterSet, Venue

RAW = "raw/ka10066"
RAW_REFERENCE = "raw/ka10059"
RAW_TOTALS = "raw/ka10051"
RAW_SECURITIES = "raw/ka10099"
RAW_PUBLISHED = "raw/published"
RESTATEMENTS = "restatements"
RAW_HISTORY = "raw/ka10059_history"
PARTITIONS = "ka10066"
REBUILT_PARTITIONS = "ka10059"
PUBLISHED = "investor_trading"
MONTHLY = "investor_trading_monthly"
SECURITIES = "securities"
REPORTS = "quality"
QUARANTINE = "quarantine/investor_trading"

SUMMARY = "summary.json"
TOP = "top.json"

SESSION = "session_date="
"""Begins the name of a session's folder, before its day."""

RUN_NAME = re.compile(r"[0-9]{8}T[0-9]{6}\.[0-9]{6}Z-[0-9a-f]{12}")
"""What :func:`run_name` makes."""

_SESSION = re.compile(rf"{SESSION}(\d{{4}}-\d{{2}}-\d{{2}})")


def session_prefix(dataset: str, session_date: date) -> str:
    """Return ``<dataset>/session_date=YYYY-MM-DD``."""
    return f"{dataset}/{SESSION}{session_date:%Y-%m-%d}"


def session_of(key: str) -> date | None:
    """Return the day that a key names; None when it names none, or a day that is not in the calendar."""
    found = _SESSION.search(key)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def raw_prefix(session_date: date, parameters: ParameterSet) -> str:
    """Return the folder of all sweeps of one parameter set."""
    return f"{session_prefix(RAW, session_date)}/{parameters.path}"


def partition_key(session_date: date, parameters: ParameterSet, dataset: str = PARTITIONS) -> str:
    """Return the key of one typed partition, swept or rebuilt."""
    return f"{session_prefix(dataset, session_date)}/{parameters.path}/part-0.parquet"


def history_key(until: date, venue: Venue, code: str) -> str:
    """Return the key of a stock's dated answers for the sessions that end with ``until``."""
    return f"{RAW_HISTORY}/until={until:%Y-%m-%d}/venue={venue}/{code}.jsonl.gz"


def history_calls_prefix(day: date) -> str:
    """Return the folder of what says how many calls the history has made on a day in Korea."""
    return f"{RAW_HISTORY}/calls/day={day:%Y-%m-%d}"


def published_key(session_date: date) -> str:
    """Return the key of a session's published table."""
    return f"{session_prefix(PUBLISHED, session_date)}/part-0.parquet"


def monthly_key(month: str) -> str:
    """Return the key of a month's published sessions in one file; ``month`` is such as ``2026-11``."""
    return f"{MONTHLY}/month={month}/part-0.parquet"


def securities_key(session_date: date) -> str:
    """Return the key of a session's securities."""
    return f"{session_prefix(SECURITIES, session_date)}/part-0.parquet"


def first_publications_key(session_date: date) -> str:
    """Return the key of what says when a session's figures were published first."""
    return f"{session_prefix(RAW_PUBLISHED, session_date)}/first.json"


def history_plan_key(run_id: str) -> str:
    """Return the key of what a rebuilding decided."""
    return f"{RAW_HISTORY}/plans/{run_tag(run_id)}.json"


def replaced_key(session_date: date, sha256: str) -> str:
    """Return the key of a published file that was replaced, kept as evidence."""
    return f"{session_prefix(RAW_PUBLISHED, session_date)}/replaced-{sha256[:12]}.parquet"


def candidate_key(session_date: date, run_id: str) -> str:
    """Return the key of what a run was refused to publish."""
    return f"{session_prefix(QUARANTINE, session_date)}/{run_tag(run_id)}.parquet"


def report_key(session_date: date, run_id: str, written_at: datetime, suffix: str) -> str:
    """Return the key of one form of a run's audit report; ``suffix`` is such as ``json`` or ``ko.html``."""
    return f"{session_prefix(REPORTS, session_date)}/{run_name(run_id, written_at)}.{suffix}"


def run_name(run_id: str, written_at: datetime) -> str:
    """Return what one audit of a run is called: ``20261120T113005.123456Z-0a1b2c3d4e5f``."""
    return f"{stamp(written_at)}-{run_tag(run_id)}"


def restatements_key(session_date: date, written_at: datetime) -> str:
    """Return the key of what has changed of a session since it was published, as seen at ``written_at``."""
    return f"{session_prefix(RESTATEMENTS, session_date)}/{stamp(written_at)}.json"


def is_summary(key: str) -> bool:
    """Tell whether a key is that of a run's summary, of which every audited run has one."""
    return key.endswith(f".{SUMMARY}")


def stamp(instant: datetime) -> str:
    """Return a UTC instant as sortable text: ``20261120T113005.123456Z``."""
    return instant.strftime("%Y%m%dT%H%M%S.%fZ")


def run_tag(run_id: str) -> str:
    """Return a short name for a run that is safe in any key, and the same for the same run."""
    return hashlib.sha256(run_id.encode(errors="surrogatepass")).hexdigest()[:12]


def stored_sessions(store: Store, dataset: str) -> set[date]:
    """Return the sessions that ``dataset`` has a folder of; a killed write or a removal can leave one empty."""
    return _sessions(store.children(dataset))


def published_sessions(store: Store) -> set[date]:
    """Return the sessions of which the published table is there: one object each, and no empty folder."""
    return _sessions(store.list(PUBLISHED))


def newest_published(store: Store) -> date | None:
    """Return the newest of :func:`published_sessions`, None without any: one listing of names and a look or two."""
    newest_first = sorted(stored_sessions(store, PUBLISHED), reverse=True)
    return next((day for day in newest_first if store.exists(published_key(day))), None)


def _sessions(keys: Iterable[str]) -> set[date]:
    return {day for key in keys if (day := session_of(key))}

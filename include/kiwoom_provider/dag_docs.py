"""Texts that the Airflow UI shows for the DAG and its tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.history import AFTER_MARKET_SINCE, CALLS_A_DAY, NXT_SINCE, SHARE

if TYPE_CHECKING:
    from kiwoom_provider.krx import Window

_NIGHT_DOC = """
### 장마감후투자자별매매 (ka10066): after-close trading by investor

How much individuals, foreigners and each kind of institution bought and sold, for every stock of KOSPI and
KOSDAQ, at KRX, at NXT and consolidated (통합).

#### When it runs

Once for every KRX session, at {window.settle_time:%H:%M} KST; the run's partition key is the session. The API has no
history: a session can be fetched until {window.window_end:%H:%M} KST of the next session, and never again.

#### What it needs

The connection `kiwoom_default` of type **Kiwoom** (its Test button tries it), and the Variable
`kiwoom_data_root`: the URL of the place for the data.

#### What it writes there

| dataset | what it is |
| --- | --- |
| `raw/ka10066/` | the API's pages as they came: evidence |
| `ka10066/` | one parameter set a file, typed, the API's own element names |
| `investor_trading/` | **what to read**: published only after the audit has passed |
| `quality/` | the audit's reports, one per run |
| `quarantine/` | what the audit refused |

#### How a DAG follows it

By `PartitionedAssetTimetable` on the asset `investor_trading`: one run a session, with its partition key. By a
plain `schedule=[Asset("investor_trading")]` it would never run, and Airflow would not say so.

#### When it fails

1. Read the last error of the failed task: it says what happened, where, and what to do.
2. While the window is open, clear the failed task: it goes on after the pages that are stored.
3. After the window, trigger a run for the session: when its raw is complete, everything is rebuilt from it
without a call.
4. When `quality_check` failed, its log names the report. What was published before stays as it was.
"""


def night_doc(window: Window) -> str:
    """Return what the DAG says of itself, with the times of day of its window."""
    return _NIGHT_DOC.format(window=window)


RELEASE_DOC = """
### Release a quarantined session

Publishes what the audit refused, because a person has looked and says why it is right. The right to trigger this
DAG is the right to release: give it to few.

Name the report that you looked at and exactly the rules that block. What is published is what that report is of:
when a set was fetched again since, the release is refused. A disproved session cannot be released. Your name, the
rules and the reason stand in the log, the report, the summary, the asset event, and `df.attrs` of the reader.
"""

TASK_DOCS = {
    "resolve_release": "Reads the report and refuses what is no release by a person. Calls nothing.",
    "resolve_session": (
        "Decides which session the run is about, and whether it is **live** or a **replay** from raw. "
        "Fails at once when the API can no longer serve the session."
    ),
    "await_settlement": (
        "Waits, without holding a worker, until the API's data is proved to be the session's: ka10059's dated "
        "rows equal it, and it differs from the previous stored session. The log says what was seen at each look."
    ),
    "fetch": (
        "One task per parameter set: pages through ka10066, keeps every page as it came, writes the typed "
        "partition. Clear it to go on after the last stored page."
    ),
    "check_calendar": (
        "Compares the calendar with a second one in the weeks around the session, while the sets are fetched. It "
        "warns and decides nothing: when a warning is right, add an override."
    ),
    "assemble": "Sees that every set is stored and typed, before the session is audited as a whole.",
    "quality_check": (
        "Audits the session and publishes `investor_trading`, or keeps it in quarantine and fails "
        "with the worst findings. The report is written either way."
    ),
}

HISTORY_DOC = f"""
### 종목별투자자기관별 (ka10059): sessions rebuilt from the dated sibling

For an empty table, and for a night that was lost: any range of sessions since 2010, stock by stock, a hundred sessions
a call. What comes of it goes through the same audit and is published in the same table, marked `source = ka10059`.

#### What it takes

`plan` says it before the first call: how many calls, how long, how many of today's. It keeps to {SHARE:.0%} of the
rate and to {CALLS_A_DAY:,} calls a day, then goes on the next day by itself; while a session's own night
goes on, it waits. A killed task goes on after the last answer that is stored.

#### What it is, and what it is not

Delisted stocks answer nothing, so old sessions lack them; names and markets are those of the newest securities that a
night has kept. The close since {AFTER_MARKET_SINCE} is the last after-market trade. Before {NXT_SINCE} there was no
NXT. What is published already stays, unless `replace` is asked for; then the old file is kept under `raw/published/`.
"""

MONTHLY_DOC = """
### Months in one file

`investor_trading_monthly/month=…/part-0.parquet` has the rows of a finished month's sessions, sorted by stock: a
year of one stock is twelve small reads instead of 250. It is made when a month is over, and again when one of its
sessions is published anew. `read_investor_trading` takes whole months from it, and only while the daily files are
those that it was made of; the daily files stay what is true.

A run by hand makes every month that is over and lacking; `python -m kiwoom_provider.months` does the same.
"""

"""Kiwoom ka10066 (장마감후투자자별매매): every KRX session, proved, audited and published as Parquet."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from airflow.sdk import DAG, Param

from kiwoom_provider.alerts import run_failed
from kiwoom_provider.assets import INVESTOR_TRADING
from kiwoom_provider.dag_docs import TASK_DOCS, night_doc
from kiwoom_provider.deadline import session_deadlines
from kiwoom_provider.krx import Window
from kiwoom_provider.operators.calendar import CheckCalendarOperator
from kiwoom_provider.operators.investor_trading import AssembleOperator, QualityCheckOperator
from kiwoom_provider.operators.ka10066 import Ka10066Operator
from kiwoom_provider.operators.session import ResolveSessionOperator
from kiwoom_provider.parameters import DEFAULT_MARKETS, Market, Measure, Side, Venue
from kiwoom_provider.retries import RETRY_ARGUMENTS
from kiwoom_provider.sensors.settlement import SettlementSensor
from kiwoom_provider.timetables.krx import KrxSessionTimetable

if TYPE_CHECKING:
    from collections.abc import Iterable

WINDOW = Window(settle_time=time(21, 10), window_end=time(7, 0))
"""When a session may be fetched (KST). Tasks, deadline, page and gap list all take it from here."""
LONGEST_RUN = timedelta(days=14)
"""Longer than any window: before ten days without a session (Chuseok 2017) one is open for eleven."""
RUNS_AT_ONCE = 4
"""A session that does not settle, and beside it replays and repairs of others."""
FETCH_AT_ONCE = 8
"""Streams that share the rate: some wait for answers and some start while the rest use it whole."""


def choices(kind: Iterable[str], default: Iterable[str], title: str, help_text: str) -> Param:
    """Return a form field for several names of one parameter; an emptied one is its default."""
    names = [str(member) for member in kind]
    return Param(
        [str(member) for member in default],
        type=["null", "array"],
        items={"type": "string", "enum": names},
        examples=names,
        uniqueItems=True,
        title=title,
        description_md=help_text,
    )


PARAMS = {
    "session_date": Param(
        None,
        type=["null", "string"],
        format="date",
        title="Session",
        description_md="Leave empty for the KRX session whose window is open now. "
        "An earlier session is rebuilt from its stored raw, without a call.",
    ),
    "markets": choices(
        Market,
        DEFAULT_MARKETS,
        "Markets",
        "`KOSPI` 유가증권, `KOSDAQ` 코스닥. `ALL` 전체 is both as one, not saying which.",
    ),
    "venues": choices(
        Venue,
        Venue,
        "Venues",
        "`NXT` 넥스트레이드, `CONSOLIDATED` 통합. All of them: those that the host serves.",
    ),
    "measures": choices(Measure, Measure, "Measures", "`amount` 금액, in KRW million; `quantity` 수량, in shares."),
    "sides": choices(Side, Side, "Sides", "`net` 순매수, `buy` 매수, `sell` 매도."),
}

with DAG(
    dag_id="ka10066_investor_trading",
    dag_display_name="ka10066 장마감후투자자별매매 · Investor trading",
    description="After-close trading by investor for every KRX session: proved, audited, published as Parquet",
    doc_md=night_doc(WINDOW),
    schedule=KrxSessionTimetable(settle_time=WINDOW.settle_time, window_end=WINDOW.window_end),
    catchup=False,
    deadline=session_deadlines(WINDOW, PARAMS),
    dagrun_timeout=LONGEST_RUN,
    max_active_runs=RUNS_AT_ONCE,
    on_failure_callback=run_failed,
    tags=["krx", "kiwoom", "ka10066", "투자자별매매"],
    default_args={"owner": "market-data", "execution_timeout": timedelta(minutes=30), **RETRY_ARGUMENTS},
    params=PARAMS,
) as dag:
    resolve_session = ResolveSessionOperator(
        task_id="resolve_session",
        session_date=dag.param("session_date"),
        partition_key="{{ partition_key or '' }}",
        markets=dag.param("markets"),
        venues=dag.param("venues"),
        measures=dag.param("measures"),
        sides=dag.param("sides"),
        window=WINDOW,
        conf_names=dag.params,
        doc_md=TASK_DOCS["resolve_session"],
    )
    await_settlement = SettlementSensor(
        task_id="await_settlement", plan=resolve_session.output, doc_md=TASK_DOCS["await_settlement"]
    )
    fetch = Ka10066Operator.partial(
        task_id="fetch",
        plan=resolve_session.output,
        map_index_template="{{ task.market }} · {{ task.venue }} · {{ task.measure }} · {{ task.side }}",
        max_active_tis_per_dagrun=FETCH_AT_ONCE,
        execution_timeout=timedelta(hours=2),
        doc_md=TASK_DOCS["fetch"],
    ).expand_kwargs(await_settlement.output)
    check_calendar = CheckCalendarOperator(
        task_id="check_calendar", plan=resolve_session.output, doc_md=TASK_DOCS["check_calendar"]
    )
    assemble = AssembleOperator(task_id="assemble", plan=resolve_session.output, doc_md=TASK_DOCS["assemble"])
    quality_check = QualityCheckOperator(
        task_id="quality_check",
        plan=resolve_session.output,
        fetched=fetch.output,
        looked=await_settlement.output["looked"],
        calendar_warnings=check_calendar.output,
        outlets=[INVESTOR_TRADING],
        doc_md=TASK_DOCS["quality_check"],
    )
    fetch >> assemble >> quality_check

"""Sessions that were not swept, rebuilt from ka10059 (종목별투자자기관별), audited and published as any other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.sdk import DAG, Param

from kiwoom_provider.alerts import run_failed
from kiwoom_provider.assets import INVESTOR_TRADING
from kiwoom_provider.dag_docs import HISTORY_DOC
from kiwoom_provider.operators.history import (
    STREAMS,
    FetchHistoryOperator,
    HistoryPartsOperator,
    PivotHistoryOperator,
    PlanHistoryOperator,
    PublishHistoryOperator,
)
from kiwoom_provider.parameters import DEFAULT_MARKETS, Market, Measure, Side, Venue
from kiwoom_provider.retries import RETRY_ARGUMENTS

if TYPE_CHECKING:
    from collections.abc import Iterable


def choices(kind: Iterable[str], default: Iterable[str], title: str) -> Param:
    """Return a form field for several names of one parameter."""
    names = [str(member) for member in kind]
    items = {"type": "string", "enum": names}
    return Param(
        [str(member) for member in default],
        type="array",
        items=items,
        examples=names,
        minItems=1,
        uniqueItems=True,
        title=title,
    )


def day(title: str) -> Param:
    """Return a form field for a day."""
    return Param(None, type=["null", "string"], format="date", title=title)


with DAG(
    dag_id="ka10059_history",
    dag_display_name="ka10059 종목별투자자기관별 · History and repair",
    description="Sessions that were not swept, rebuilt from the dated sibling, audited and published",
    doc_md=HISTORY_DOC,
    schedule=None,
    catchup=False,
    max_active_runs=1,  # without a timeout: years of sessions are weeks of calls
    on_failure_callback=run_failed,
    tags=["krx", "kiwoom", "ka10059", "투자자별매매"],
    default_args={
        "owner": "market-data",
        "execution_timeout": timedelta(hours=2),
        **RETRY_ARGUMENTS,
        "retries": 450,  # three days at least: a weekend without service; no window ends, so then somebody has to know
    },
    params={
        "start": day("First session"),
        "end": day("Last session"),
        "markets": choices((Market.KOSPI, Market.KOSDAQ), DEFAULT_MARKETS, "Markets"),
        "venues": choices(Venue, Venue, "Venues"),
        "measures": choices(Measure, Measure, "Measures"),
        "sides": choices(Side, Side, "Sides"),
        "stocks": Param(
            None,
            type=["null", "array"],
            items={"type": "string", "pattern": "^[0-9A-Z]{6}$"},
            title="Stocks",
            description_md="Codes such as `005930`; empty is every stock that is listed now.",
        ),
        "replace": Param(
            default=False,
            type="boolean",
            title="Replace what is published",
            description_md="The old file is kept as evidence. Without it only what is lacking is rebuilt.",
        ),
    },
) as dag:
    plan = PlanHistoryOperator(
        task_id="plan",
        conf_names=dag.params,
        start=dag.param("start"),
        end=dag.param("end"),
        markets=dag.param("markets"),
        venues=dag.param("venues"),
        measures=dag.param("measures"),
        sides=dag.param("sides"),
        stocks=dag.param("stocks"),
        replace=dag.param("replace"),
    )
    list_chunks = HistoryPartsOperator(task_id="list_chunks", plan=plan.output, part="chunks")
    fetch = FetchHistoryOperator.partial(
        task_id="fetch",
        plan=plan.output,
        map_index_template="{{ task.what }}",
        max_active_tis_per_dagrun=STREAMS,
    ).expand_kwargs(list_chunks.output)
    list_places = HistoryPartsOperator(task_id="list_places", plan=plan.output, part="places")
    pivot = PivotHistoryOperator.partial(
        task_id="pivot",
        plan=plan.output,
        map_index_template="{{ task.what }}",
        max_active_tis_per_dagrun=2,
    ).expand_kwargs(list_places.output)
    list_sessions = HistoryPartsOperator(task_id="list_sessions", plan=plan.output, part="sessions")
    publish = PublishHistoryOperator.partial(
        task_id="publish",
        plan=plan.output,
        map_index_template="{{ task.session_date }}",
        max_active_tis_per_dagrun=2,
        outlets=[INVESTOR_TRADING],
    ).expand_kwargs(list_sessions.output)
    fetch >> pivot >> publish

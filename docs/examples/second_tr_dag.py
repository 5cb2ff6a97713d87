"""
Another TR of Kiwoom's, through the same hook: ka10059 (종목별투자자기관별) for a watch list.

:class:`~kiwoom_provider.hooks.kiwoom.KiwoomHook` knows no TR: it takes an api-id, a path and a body, and brings token,
call budget, retries and the errors of the package. Copy this beside your other DAGs, put your TR in the three
constants, and read the elements that its sheet names.
"""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, ObjectStoragePath, Param, Variable, get_current_context, task

from kiwoom_provider.retries import RETRY_POLICY

if TYPE_CHECKING:
    from kiwoom_provider.api.page import Page

API_ID = "ka10059"
PATH = "/api/dostk/stkinfo"
LIST_ELEMENT = "stk_invsr_orgn"


@task
def stocks() -> list[str]:
    """Return the run's stock codes."""
    return get_current_context()["params"]["stocks"]


@task(map_index_template="{{ task.op_kwargs['stock'] }}", max_active_tis_per_dagrun=4)
def fetch(stock: str) -> dict[str, Any]:
    """Keep the newest hundred sessions of one stock, in KRW million, as they came; return what was kept."""
    from kiwoom_provider.hooks.kiwoom import KiwoomHook

    day = get_current_context()["params"]["until"].replace("-", "")
    body = {"dt": day, "stk_cd": stock, "amt_qty_tp": "1", "trde_tp": "0", "unit_tp": "1"}
    with closing(KiwoomHook()) as hook:
        page = hook.call(API_ID, PATH, body)  # hook.pages(...) walks a TR that has more than one page
    return {"stock": stock, "sessions": len(page.rows(LIST_ELEMENT)), "path": keep(page, stock, day)}


def keep(page: Page, stock: str, day: str) -> str:
    """Write the rows, one JSON object a line, all text as it came; `api.numbers.parse_int` reads such as `--28837`."""
    target = ObjectStoragePath(Variable.get("kiwoom_data_root")) / "watch_list" / f"{stock}-{day}.jsonl"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in page.rows(LIST_ELEMENT)))
    return str(target)


with DAG(
    dag_id="watch_list_flows",
    description="The last hundred sessions of a few stocks, from ka10059",
    schedule=None,
    catchup=False,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=2), "retry_policy": RETRY_POLICY},
    params={
        "stocks": Param(["005930", "000660"], type="array", items={"type": "string", "pattern": "^[0-9A-Z]{6}$"}),
        "until": Param("2026-11-20", type="string", format="date", title="Newest session"),
    },
    tags=["krx", "example"],
):
    fetch.expand(stock=stocks())

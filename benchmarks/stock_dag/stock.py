"""
What one would write with Airflow's stock parts: HttpOperator, a pagination function, a one-slot pool, pandas.

It has no proof, no audit, no resume and no raw pages; it is here to be measured against.
"""

from __future__ import annotations

import os
import time
from itertools import product
from typing import Any

from airflow.providers.http.operators.http import HttpOperator
from airflow.sdk import DAG, task

RATE = float(os.environ.get("BENCH_RATE") or 0) or 1000
PLACE = os.environ.get("BENCH_STOCK", "/nowhere")
SETS = [
    {"mrkt_tp": market, "amt_qty_tp": measure, "trde_tp": side, "stex_tp": venue}
    for market, venue, measure, side in product(("001", "101"), "123", "12", "012")
]


def next_page(response: Any) -> dict[str, Any] | None:
    """Ask for the next page while there is one, not faster than is permitted."""
    time.sleep(1 / RATE)
    if response.headers.get("cont-yn") == "Y":
        return {"headers": {"cont-yn": "Y", "next-key": response.headers["next-key"]}}
    return None


def rows_of(responses: Any) -> list[dict[str, str]]:
    """Join the rows of all pages."""
    return [row for response in responses for row in response.json()["opaf_invsr_trde"]]


with DAG(dag_id="stock", schedule=None):
    token = HttpOperator(
        task_id="token",
        http_conn_id="stock_http",
        endpoint="/oauth2/token",
        data='{"grant_type":"client_credentials","appkey":"simulator-app-key","secretkey":"simulator-secret-key"}',
        headers={"Content-Type": "application/json"},
        response_filter=lambda response: response.json()["token"],
    )
    fetch = HttpOperator.partial(
        task_id="fetch",
        http_conn_id="stock_http",
        endpoint="/api/dostk/mrkcond",
        pool="kiwoom",
        headers={
            "Content-Type": "application/json",
            "api-id": "ka10066",
            "authorization": "Bearer {{ ti.xcom_pull(task_ids='token') }}",
        },
        pagination_function=next_page,
        response_filter=rows_of,
    ).expand(data=[str(one).replace("'", '"') for one in SETS])

    @task
    def save(rows: Any, ti: Any = None) -> str:
        """Write one set."""
        import pandas as pd

        names = SETS[ti.map_index]
        frame = pd.DataFrame(rows).assign(**names)
        numbers = [name for name in frame if name not in ("stk_cd", "stk_nm", *names)]
        for name in numbers:
            cleaned = frame[name].str.replace("--", "-").str.replace(",", "").str.strip()
            frame[name] = pd.to_numeric(cleaned, errors="coerce")
        path = f"{PLACE}/{ti.map_index}.parquet"
        frame.to_parquet(path)
        return path

    @task
    def join(paths: Any) -> None:
        """Write the whole."""
        import pandas as pd

        pd.concat([pd.read_parquet(path) for path in paths]).to_parquet(f"{PLACE}/all.parquet")

    token >> fetch
    join(save.expand(rows=fetch.output))

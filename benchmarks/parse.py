"""Reading a set's pages and writing its typed file, against bare decoding and writing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.sample import LARGEST, largest, session, store_sets
from kiwoom_provider.api.ka10066 import LIST_ELEMENT, ROW_ELEMENTS
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.pipeline.sweep import write_partition
from lab.measure import in_turns

if TYPE_CHECKING:
    from pathlib import Path

    from kiwoom_provider.datasets.raw import Sweep

FLOOR = (
    "floor: json.loads of the same bytes, a list per column, pyarrow.table of the texts as they are plus the "
    "arrival, write_table with zstd 3; ours adds the exact types, every check, sorting, provenance and fsync"
)


def figures(rounds: int) -> list[Figure]:
    """Measure."""
    with store_sets([LARGEST]) as folder:
        sweep, store, when = largest(folder), Store.open(folder.as_uri()), session()
        rows = sum(sweep.page_sizes)

        def ours() -> None:
            undecoded = replace(sweep, pages=tuple(replace(page) for page in sweep.pages))
            write_partition(store, when, undecoded)

        times = in_turns({"floor": lambda: bare(sweep, folder / "floor.parquet"), "ours": ours}, rounds)
    conditions = f"{rows:,} rows in {len(sweep.pages)} pages; medians of {rounds}, in turns; {FLOOR}"
    return [
        Figure("parse, type and write one set", times["ours"] / times["floor"], "×", "≤ 2", conditions),
        Figure("the same in milliseconds", times["ours"] * 1000, "ms", "", f"floor {times['floor'] * 1000:.1f} ms"),
    ]


def bare(sweep: Sweep, path: Path) -> None:
    """Decode the pages and write their texts as they are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows, arrivals = [], []
    for page in sweep.pages:
        found = json.loads(page.body)[LIST_ELEMENT]
        rows += found
        arrivals += [page.fetched_at] * len(found)
    columns = {name: [row[name] for row in rows] for name in ROW_ELEMENTS}
    columns["fetched_at"] = pa.array(arrivals, pa.timestamp("us", tz="UTC"))
    pq.write_table(pa.table(columns), path, compression="zstd", compression_level=3)


def run(*, quick: bool) -> list[Figure]:
    """Measure for the table."""
    return figures(9 if quick else 41)

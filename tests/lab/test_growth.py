"""The benchmark of ten years counts what it says it counts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from lab.growth.table import markdown

COUNTED = """
import json, os, sys
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as pq
from lab.growth.file_calls import FileCalls

root = Path(sys.argv[1]) / "root"
(root / "a").mkdir(parents=True)
pq.write_table(pa.table({"n": [1]}), root / "a" / "table.parquet")
calls = FileCalls(str(root))
(root / "a" / "text").write_bytes(b"one")
(root / "a" / "text").read_bytes()
with pq.ParquetFile(str(root / "a" / "table.parquet"), memory_map=True):
    pass
list(os.walk(root))
os.listdir(root.parent)
(root.parent / "beside").write_bytes(b"")
print(json.dumps([calls.take(), calls.take()]))
"""


def test_listings_and_files_under_the_root_are_counted_and_no_others(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", COUNTED, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    counted, again = json.loads(done.stdout)
    assert counted == {"folders listed": 2, "files read": 2, "files written": 1}
    assert again == {"folders listed": 0, "files read": 0, "files written": 0}


def test_a_row_shows_every_number_of_sessions_and_the_last_against_the_second():
    table = {
        "gap list|s": {10: 0.1, 250: 0.5, 2_500: 1.0},
        "gap list|folders listed": {10: 2, 250: 6, 2_500: 10},
        "gap list|files read": {10: 0, 250: 2, 2_500: 10},
    }
    assert markdown(table).splitlines() == [
        "| what | | 10 | 250 | 2,500 | 2,500 : 250 |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
        "| gap list | s | 0.100 | 0.500 | 1 | 2.00 |",
        "| gap list | folders listed / files read | 2 / 0 | 6 / 2 | 10 / 10 | 2.50 |",
    ]


def test_of_two_numbers_of_sessions_the_last_stands_against_the_first():
    assert markdown({"gap list|s": {10: 0.1, 25: 0.5}}).splitlines() == [
        "| what | | 10 | 25 | 25 : 10 |",
        "| --- | --- | ---: | ---: | ---: |",
        "| gap list | s | 0.100 | 0.500 | 5.00 |",
    ]

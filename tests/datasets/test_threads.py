"""No Parquet file is read with pyarrow's threads: a short process that did so aborts at its exit now and then."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import kiwoom_provider

ROOT = Path(__file__).parents[2]


def reads():
    """Yield every call that reads rows of a Parquet file, as it stands in the package."""
    for path in Path(kiwoom_provider.__file__).parent.rglob("*.py"):
        text = path.read_text("utf-8")
        for node in ast.walk(ast.parse(text)) if "ParquetFile" in text or "row_group" in text else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                of_a_file = "ParquetFile(" in ast.unparse(node.func) or ast.unparse(node.func) == "file.read"
                if node.func.attr.startswith("read_row_group") or (node.func.attr == "read" and of_a_file):
                    yield path.name, node


@pytest.mark.parametrize("folder", ["include/kiwoom_simulator", "include/kiwoom_provider", "lab", "scripts"])
def test_no_command_reads_by_what_has_threads_unless_told(folder):
    calls = [
        ast.unparse(node)
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"pq.read_table", "pd.read_parquet"}
    ]
    assert [call for call in calls if "use_threads=False, pre_buffer=False" not in call] == []


def test_every_read_of_a_parquet_file_says_so():
    found = list(reads())
    assert len(found) >= 5
    with_threads = [name for name, node in found if "use_threads=False" not in ast.unparse(node)]
    assert with_threads == []

"""What a fetch task, and the audit, must not import: 36 fetches start in a night, and the audit is its last seconds."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import json, sys
from datetime import UTC, date, datetime
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from pages import page, row
from kiwoom_provider.datasets import ka10066
from kiwoom_provider.datasets.raw import Sweep
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.pipeline.sweep import write_partition
from kiwoom_provider.proof.earlier import EarlierSessions
from kiwoom_provider.proof.tables import FlowTable, compare, reference_stocks

store, parameters = Store.open(Path(sys.argv[2]).as_uri()), ParameterSet.parse("KOSPI", "KRX", "amount", "net")
session = calendar().session(date(2026, 11, 20))
write_partition(store, session, Sweep("raw", parameters, "run", (page([row("000020"), row("005930")]),)))
table = ka10066.read_partition(store, session.session_date, parameters)
assert EarlierSessions.read(store, date(2026, 11, 23), session.session_date, [parameters]).of(parameters)
flows = FlowTable.of(table)
assert not compare(flows, flows).is_changed
assert reference_stocks(flows) == ["000020", "005930"]
print("pandas" in sys.modules)

from kiwoom_provider.datasets.published import FirstPublications
from kiwoom_provider.pipeline.assemble import SessionTables
from kiwoom_provider.pipeline.top import top_lists
from kiwoom_provider.quality.audit import audit
from kiwoom_provider.quality.audit_input import AuditInput

window = (session.settles_at, session.window_ends_at)
tables = SessionTables(session.session_date, {parameters: table})
audit(AuditInput(session.session_date, (parameters,), tables.tables, published=tables.tables, window=window))
top_lists(tables.tables)
now = datetime(2026, 11, 20, 13, tzinfo=UTC)
first = FirstPublications.read(store, session.session_date).with_published(tables.metadata("sweep"), now)
assert tables.encode(first=first)[0] == 24
print("pandas" in sys.modules)
"""


def test_neither_typing_nor_proving_nor_auditing_nor_publishing_a_set_imports_pandas(tmp_path):
    tests = __file__.rpartition("/pipeline/")[0]
    command = [sys.executable, "-c", PROGRAM, tests, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["False", "False"]

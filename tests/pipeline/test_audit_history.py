"""The audits of all runs as a table."""

from __future__ import annotations

import json
from datetime import UTC

import pandas as pd
import pytest

from kiwoom_provider.datasets.reader import MissingDataWarning, NoDataError
from kiwoom_provider.datasets.store import DataRootError
from kiwoom_provider.krx import SessionDateError
from kiwoom_provider.pipeline.audit_history import read_audit_history
from published import AUDITED, keep_summary

BLOCKED = AUDITED | {
    "run_id": "manual__again",
    "mode": "replay",
    "audited_at": "2026-11-20T13:00:00+00:00",
    "audit": "blocked",
    "rules": {"pass": 26, "warn": 0, "fail": 1, "error": 1, "not_applicable": 2},
    "findings": ["buy_minus_sell_is_net (fail): 1 of 9 cells", "second"],
    "published": None,
}


@pytest.fixture
def root(tmp_path):
    for run in (AUDITED, BLOCKED, AUDITED | {"session_date": "2026-11-19", "run_id": "the-day-before"}):
        keep_summary(tmp_path, run)
    return tmp_path


def test_every_run_is_a_row_oldest_first(root):
    assert read_audit_history(root)["run_id"].tolist() == ["the-day-before", "scheduled__2026-11-20", "manual__again"]


def test_a_published_run_says_what_came_of_it(root):
    row = read_audit_history(root, "2026-11-20", "2026-11-20").iloc[0].to_dict()

    assert row == {
        "session_date": pd.Timestamp("2026-11-20"),
        "run_id": "scheduled__2026-11-20",
        "mode": "live",
        "audited_at": pd.Timestamp(2026, 11, 20, 11, 45, 0, 250000, tzinfo=UTC),
        "verdict": "warned",
        "proof": "proved",
        "rules_pass": 27,
        "rules_warn": 1,
        "rules_fail": 0,
        "rules_error": 0,
        "rules_not_applicable": 2,
        "sets": 36,
        "rows": 42654,
        "pages": 450,
        "calls": 451,
        "reference_calls": 75,
        "refused": 1,
        "published": True,
        "sha256": "ab" * 32,
        "worst": row["worst"],
        "lowered": "",
        "restated_rows": row["restated_rows"],
    }
    assert pd.isna(row["worst"])


def test_a_run_that_published_nothing_says_so_and_why(root):
    blocked = read_audit_history(root).iloc[-1]

    assert not blocked["published"]
    assert pd.isna(blocked["sha256"])
    assert blocked["worst"] == "buy_minus_sell_is_net (fail): 1 of 9 cells"


def test_what_the_deployment_lowered_stands_beside_the_verdict(root):
    keep_summary(root, AUDITED | {"session_date": "2026-11-18", "lowered": ["page_sizes", "stocks_stay"]})
    assert read_audit_history(root)["lowered"].tolist() == ["page_sizes, stocks_stay", "", "", ""]


def test_dtypes_are_those_documented(root):
    dtypes = {name: str(dtype) for name, dtype in read_audit_history(root).dtypes.items()}

    assert (dtypes["session_date"], dtypes["audited_at"]) == ("datetime64[us]", "datetime64[us, UTC]")
    assert (dtypes["published"], dtypes["rules_pass"], dtypes["worst"]) == ("bool", "int64", "str")


def test_only_runs_of_the_range_are_read(root):
    (root / "quality/session_date=2026-11-20").rename(root / "quality/session_date=2026-11-24")

    assert read_audit_history(root, end="2026-11-23")["run_id"].tolist() == ["the-day-before"]


def test_a_range_without_audits_says_what_is_stored(root):
    with pytest.raises(
        NoDataError, match=r"no audit from 2026-12-01 to the last .* stored are 2026-11-19 to 2026-11-20"
    ):
        read_audit_history(root, "2026-12-01")


def test_a_root_without_any_audit_says_so(tmp_path):
    with pytest.raises(NoDataError, match="none is stored at all"):
        read_audit_history(tmp_path)


def test_a_malformed_date_is_refused_before_the_root_is_opened():
    with pytest.raises(SessionDateError, match="start: session_date '20261120'"):
        read_audit_history("nosuch://root", "20261120")


def test_a_root_that_cannot_be_opened_is_refused():
    with pytest.raises(DataRootError, match="unknown scheme 'nosuch'"):
        read_audit_history("nosuch://root")


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"null", b'{"session_date": "2026-11-20"}'])
def test_a_damaged_summary_is_left_out_warned_of_and_named(root, damage):
    (key,) = (root / "quality/session_date=2026-11-19").glob("*.summary.json")
    key.write_bytes(damage)

    with pytest.warns(MissingDataWarning, match="1 audit summaries cannot be read and are left out: file:///") as said:
        runs = read_audit_history(root)

    assert runs["run_id"].tolist() == ["scheduled__2026-11-20", "manual__again"]
    assert runs.attrs["unreadable"] == [f"file://{key}"]
    assert said[0].filename == __file__


def test_what_was_restated_of_a_session_stands_beside_its_runs(root):
    asked = {"session_date": "2026-11-19", "asked_at": "2026-11-20T12:20:00+00:00", "compared": 72}
    row = {"market": "KOSPI", "venue": "KRX", "measure": "amount", "side": "net", "stock_code": "005930"}
    changed = row | {"published": {"ind_invsr": 1}, "now": {"ind_invsr": 2}}
    folder = root / "restatements/session_date=2026-11-19"
    folder.mkdir(parents=True)
    (folder / "20261120T122000.000000Z.json").write_text(json.dumps(asked | {"rows": [changed]}))

    runs = read_audit_history(root)

    assert runs["restated_rows"].tolist() == [1, pd.NA, pd.NA]
    assert str(runs["restated_rows"].dtype) == "Int64"

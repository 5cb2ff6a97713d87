"""The archive that the API server opens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kiwoom_provider.datasets.store import DataRootError
from kiwoom_provider.krx import OverrideError
from kiwoom_provider.monitor.deployment import archive

ROOT = "AIRFLOW_VAR_KIWOOM_DATA_ROOT"


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    monkeypatch.setenv(ROOT, tmp_path.as_uri())
    for name in ("KIWOOM_DEMO_CLOCK", "KIWOOM_KRX_OVERRIDES"):
        monkeypatch.delenv(name, raising=False)


def test_the_data_root_is_the_variables(tmp_path):
    assert archive().store.root == str(tmp_path)


def test_the_variable_is_read_anew_each_time(tmp_path, monkeypatch):
    archive()
    monkeypatch.setenv(ROOT, (tmp_path / "moved").as_uri())
    assert archive().store.root == str(tmp_path / "moved")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "the Airflow Variable kiwoom_data_root is not set"),
        ("/var/lib/kiwoom", "is not a URL"),
        ("nowhere://bucket", "unknown scheme 'nowhere'"),
    ],
)
def test_a_data_root_that_cannot_be_opened_says_what_to_do(monkeypatch, value, message):
    monkeypatch.setenv(ROOT, value)
    with pytest.raises(DataRootError, match=message):
        archive()


def test_it_lives_by_the_real_clock():
    assert abs(archive().clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_demonstration_is_shown_at_its_own_time(monkeypatch):
    monkeypatch.setenv("KIWOOM_DEMO_CLOCK", f"2026-03-10T21:00:00+09:00@{datetime.now(UTC).timestamp()}")
    assert archive().clock.now().date().isoformat() == "2026-03-10"


def test_calendar_overrides_that_cannot_be_read_are_named(monkeypatch):
    monkeypatch.setenv("KIWOOM_KRX_OVERRIDES", "relative.yaml")
    with pytest.raises(OverrideError, match="must hold an absolute path"):
        archive()

"""How the page comes into Airflow: in the API server alone, and never at its cost."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kiwoom_provider import plugin
from kiwoom_provider.monitor import app
from lab.nights.stage import environment

PROGRAM = """
import sys
from airflow import plugins_manager
plugins_manager.ensure_plugins_loaded()
assert not plugins_manager.get_import_errors()
assert "kiwoom_provider.timetables.krx.KrxSessionTimetable" in plugins_manager.get_timetables_plugins()
plugins_manager.get_operator_extra_links()
print(sorted({"fastapi", "pandas", "pyarrow", "numpy", "bokeh", "holidays"} & set(sys.modules)))
print([entry["name"] for entry in plugins_manager.get_fastapi_plugins()[0]], "fastapi" in sys.modules)
print(sorted({"pandas", "pyarrow", "numpy", "bokeh", "holidays"} & set(sys.modules)))
"""


@pytest.fixture(autouse=True)
def fresh():
    plugin.fastapi_apps.cache_clear()
    yield
    plugin.fastapi_apps.cache_clear()


def test_only_who_asks_for_the_page_imports_what_it_needs(tmp_path):
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-3:] == ["[]", "['Kiwoom'] True", "[]"]


def test_a_page_that_cannot_be_made_is_logged_and_left_out(monkeypatch, caplog):
    monkeypatch.setattr(app, "make_app", lambda: 1 / 0)

    assert plugin.fastapi_apps() == []
    assert "The Kiwoom page cannot be shown" in caplog.text


@pytest.mark.parametrize(
    ("base_url", "href"),
    [
        ("https://airflow.example.org", "/kiwoom/"),
        ("https://example.org/airflow/", "/airflow/kiwoom/"),
        ("/", "/kiwoom/"),
    ],
)
def test_the_navigation_leads_to_where_the_page_is(monkeypatch, base_url, href):
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", base_url)

    (view,) = plugin.external_views()

    assert (view["href"], view["url_route"], view["destination"]) == (href, "kiwoom", "nav")

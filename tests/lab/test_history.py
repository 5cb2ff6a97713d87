"""The history's labs: what they compare, and that a difference is counted."""

from __future__ import annotations

import os

import pandas as pd
import pytest

from kiwoom_provider.api import retrying_transport as retry
from lab.history import beside, command, faults, month, year
from lab.history.year import KEYS


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch):
    """The labs leave out waiting for the disk and between tries; the other tests do not."""
    monkeypatch.setattr(os, "fsync", os.fsync)
    for name in ("FIRST_PAUSE_S", "LONGEST_PAUSE_S"):
        monkeypatch.setattr(retry, name, getattr(retry, name))
    for name in ("AIRFLOW_HOME", "AIRFLOW_CONN_KIWOOM_DEFAULT", "KIWOOM_DEMO_CLOCK"):
        monkeypatch.setenv(name, os.environ.get(name, ""))


def rows(**changed):
    row = {"market": "KOSPI", "venue": "KRX", "stock_code": "005930", "investor": "bank", "stock_name": "삼성전자"}
    row |= {"net_amount": 7, "source": "ka10066", "published_at": "then"} | changed
    return pd.DataFrame([row]).astype({"net_amount": "Int64"}).set_index(KEYS)


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (rows(source="ka10059", published_at="now"), {"cells equal": 2}),
        (rows(net_amount=8), {"cells equal": 1, "**cells that differ: net_amount**": 1}),
        (rows(stock_name="다른이름"), {"cells equal": 1, "names of stocks renamed since": 1}),
    ],
    ids=["same", "figure", "name"],
)
def test_a_cell_that_differs_is_counted_by_what_it_is(later, said):
    assert dict(year._cells(rows(), later)) == said


def test_a_blank_of_the_night_is_a_zero_of_the_history():
    counted = year._cells(rows(net_amount=None), rows(net_amount=0))

    assert dict(counted) == {"cells equal": 1, "cells that the night left blank and ka10059 has as 0": 1}


def test_a_row_that_lacks_has_its_reason_or_none():
    place = ("KOSPI", "NXT", "005930", "bank")

    assert year._absent(place, set(), set()) == "rows of stocks delisted since"
    assert year._absent(place, set(), {"005930"}) == "rows of stocks that have left the market, or NXT, since"
    assert year._absent(place, {("KOSPI", "NXT", "005930")}, {"005930"}).startswith("**")


@pytest.mark.thorough
def test_nights_and_the_same_sessions_rebuilt_are_equal(capsys):
    assert year.main(["--sessions", "3", "--stocks", "20"]) == 0
    assert " 0 unexplained" in capsys.readouterr().out


@pytest.mark.thorough
def test_a_history_that_nights_interrupt_makes_no_call_twice(capsys):
    assert beside.main(["--sessions", "3", "--nights", "1"]) == 0
    assert "3 sessions rebuilt beside 1 nights, 42 of 42 calls planned" in capsys.readouterr().out


@pytest.mark.thorough
def test_a_month_is_repaired(capsys):
    assert month.main(["--stocks", "4"]) == 0
    assert "published without NXT" in capsys.readouterr().out


@pytest.mark.thorough
def test_a_fault_costs_no_cell(capsys):
    assert faults.main(["--only", "http=503 once"]) == 0
    assert "| right |" in capsys.readouterr().out


def test_the_command_lists_what_there_is(capsys):
    assert command.main(["--help"]) == 0
    assert command.main(["nothing"]) == 2
    assert "beside" in capsys.readouterr().out

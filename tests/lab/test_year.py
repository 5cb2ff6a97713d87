"""A simulated year: what it brings, and what becomes of its nights."""

from __future__ import annotations

import io
from datetime import date

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import parameter_sets
from lab.archive.archive import sessions_until
from lab.archive.night import ArchivedNight, simulator_of
from lab.year import pairs, year
from lab.year.cells import wrong_cells
from lab.year.happenings import bring, oddities_of
from lab.year.stage import Stage

THURSDAY = date(2026, 11, 19)


def test_the_oddities_of_a_year_can_be_told_to_the_simulator():
    days = [session.session_date for session in sessions_until(THURSDAY, 220)]
    simulator = simulator_of({"KOSPI": 20, "KOSDAQ": 20})
    for texts in oddities_of(days, 1).values():
        bring(simulator, texts)
        assert len(simulator.switches.counts()) == sum("@" in text for text in texts)
    assert oddities_of(days, 1) == oddities_of(days, 1) != oddities_of(days, 2)


def test_nothing_is_brought_to_no_nights_as_with_a_universe_of_their_own():
    assert oddities_of([], 1) == {}


def test_a_wrong_cell_is_counted(tmp_path):
    store, simulator = Store.open(tmp_path.as_uri()), simulator_of({"KOSPI": 20, "KOSDAQ": 20})
    ArchivedNight(store, calendar().session(THURSDAY), calendar().previous(THURSDAY)).lay(simulator)
    data = store.read(layout.published_key(THURSDAY))
    wrong, cells = wrong_cells(simulator.world, data, THURSDAY)
    assert (wrong, cells) == (0, 8190)  # 91 places, six sets, twelve investors and three prices
    table = pq.read_table(io.BytesIO(data))
    first = pc.equal(pc.cumulative_sum(pc.cast(pc.is_valid(table["net_amount"]), "int64")), 1)
    changed = pc.if_else(first, pc.add(table["net_amount"], 1), table["net_amount"])
    spoiled = io.BytesIO()
    pq.write_table(table.set_column(table.schema.get_field_index("net_amount"), "net_amount", changed), spoiled)
    assert wrong_cells(simulator.world, spoiled.getvalue(), THURSDAY)[0] == 1


@pytest.mark.thorough
def test_the_nights_of_a_year_are_published_right(capsys):
    status = year.main(["--sessions", "3", "--until", "2026-11-19", "--stocks", "120", "--processes", "1"])
    assert status == 0
    assert ": 0 withheld, 0 of " in capsys.readouterr().out


def test_a_revision_in_the_middle_of_a_sweep_is_published_as_revised(tmp_path):
    """Pages of before it agree with each other, and with later ones of their sets are no day's figures."""
    (case,) = (case for case in pairs.CASES if case.number == 10)
    night = pairs.play(Stage(tmp_path, 120, pairs.SETS), [case])
    assert (night.published_at, night.wrong, night.cells) == ("21:13", 0, 24_660)


@pytest.mark.parametrize(
    ("after_market", "published_at"), [("21:11", "21:12"), ("21:15", "21:17")], ids=["in mid-sweep", "after it"]
)
def test_a_market_whose_after_market_comes_later_than_the_other_s_is_fetched_again(
    tmp_path, after_market, published_at
):
    """A look takes the venue for final by KOSPI alone; the sweep's own proof does not."""
    sets = tuple(parameter_sets({"venues": ["KRX"]}))
    night = Stage(tmp_path, 120, sets).play([f"settle 16:00/20:50,KOSDAQ=16:00/{after_market}"])
    assert (night.published_at, night.wrong, night.cells) == (published_at, 0, 21_600)

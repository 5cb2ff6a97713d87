"""The four parameters, and one choice of all four."""

from __future__ import annotations

import pytest

from kiwoom_provider.parameters import Market, Measure, ParameterError, ParameterSet, Side, Venue, parameter_sets


def test_codes_are_those_of_the_apis_sheet():
    assert {m: m.code for m in Market} == {"KOSPI": "001", "KOSDAQ": "101", "ALL": "000"}
    assert {m: m.code for m in Measure} == {"amount": "1", "quantity": "2"}
    assert {s: s.code for s in Side} == {"net": "0", "buy": "1", "sell": "2"}
    assert {v: v.code for v in Venue} == {"KRX": "1", "NXT": "2", "CONSOLIDATED": "3"}


def test_all_54_combinations_are_valid_and_distinct():
    lists = {"markets": list(Market), "venues": list(Venue), "measures": list(Measure), "sides": list(Side)}

    assert len({parameters.path for parameters in parameter_sets(lists)}) == 54


def test_by_default_there_are_36_without_the_union_of_markets():
    sets = parameter_sets({})

    assert len(sets) == 36
    assert Market.ALL not in {parameters.market for parameters in sets}


def test_a_name_given_twice_counts_once():
    assert len(parameter_sets({"markets": ["KOSPI", "KOSPI"], "venues": ["KRX"]})) == 6


def test_a_set_reads_itself_back_from_its_path():
    parameters = ParameterSet.parse("KOSDAQ", "CONSOLIDATED", "quantity", "sell")

    assert parameters.path == "market=KOSDAQ/venue=CONSOLIDATED/measure=quantity/side=sell"
    assert ParameterSet.from_path(f"ka10066/session_date=2026-11-20/{parameters.path}/part-0.parquet") == parameters


@pytest.mark.parametrize("path", ["", "market=KOSPI", "market=../venue=KRX/measure=amount/side=net"])
def test_a_path_that_names_no_set_is_refused(path):
    with pytest.raises(ParameterError):
        ParameterSet.from_path(path)


@pytest.mark.parametrize("name", ["kospi", "001", "", None, 1])
def test_only_public_names_are_taken(name):
    with pytest.raises(ParameterError, match="is not one of: KOSPI, KOSDAQ, ALL"):
        Market.parse(name)

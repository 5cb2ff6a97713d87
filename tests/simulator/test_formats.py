"""How numbers are written."""

from __future__ import annotations

import re

import pytest

from kiwoom_simulator.formats import Formats, change, price, rate, signed_count, wild

PARTS = ("ind_invsr", "frgnr_invsr", "orgn", "natn", "etc_corp")


def test_recorded_prices_carry_the_direction_as_their_sign():
    written = [price(Formats.RECORDED, 7410, sign, "x") for sign in (1, 2, 3, 4, 5)]
    assert written == ["+7410", "+7410", "7410", "-7410", "-7410"]


def test_recorded_changes_and_rates_are_signed_with_two_decimals():
    assert [change(Formats.RECORDED, value, "x") for value in (50, 0, -50)] == ["+50", "0", "-50"]
    assert [rate(Formats.RECORDED, value, "x") for value in (5, 0, -67)] == ["+0.05", "0.00", "-0.67"]


def test_plain_numbers_have_a_single_minus_and_nothing_else():
    assert price(Formats.PLAIN, 7410, 5, "x") == "7410"
    assert [change(Formats.PLAIN, value, "x") for value in (50, -50)] == ["50", "-50"]
    assert [rate(Formats.PLAIN, value, "x") for value in (1234, -67)] == ["12.34", "-0.67"]


def test_the_dated_sibling_doubles_the_minus_and_writes_a_plus():
    assert [signed_count(Formats.RECORDED, value, "x") for value in (-28837, 64891, 0)] == [
        "--28837",
        "+64891",
        "0",
    ]


def test_wild_numbers_take_every_form_that_was_seen_and_mean_the_same():
    below = {wild(-28837, f"cell{n}") for n in range(200)}
    above = {wild(28837, f"cell{n}") for n in range(200)}
    zero = {wild(0, f"cell{n}") for n in range(200)}
    assert below == {"-28837", "--28837", "-28,837", "--28,837", "-000028837", "--000028837"}
    assert above == {"28837", "+28837", "28,837", "+28,837", "000028837", "+000028837"}
    assert zero == {"0", "-0", "+0", "00"}


def test_a_wild_cell_is_written_the_same_way_every_time():
    assert len({wild(-28837, "005930natn") for _ in range(20)}) == 1


def test_recorded_investor_fields_have_a_single_minus_and_no_plus(api):
    cells = [row[name] for row in api.rows() for name in PARTS]
    assert all(re.fullmatch(r"-?\d+", cell) for cell in cells)
    assert any(cell.startswith("-") for cell in cells)


def test_wild_rows_leave_changes_of_untraded_stocks_blank_but_never_investors(wild_api):
    rows = wild_api.rows(market="KOSDAQ")
    blank = [row for row in rows if row["pred_pre"] == ""]
    assert blank
    assert all(row["flu_rt"] == "" and row["ind_invsr"] != "" for row in blank)


@pytest.mark.parametrize("formats", ["plain", "recorded", "wild"])
def test_every_format_says_the_same_numbers(start, formats):
    plain, other = start(formats="plain").rows(), start(formats=formats).rows()
    for expected, row in zip(plain, other, strict=True):
        for name in PARTS:
            assert int(row[name].replace(",", "").replace("--", "-")) == int(expected[name])

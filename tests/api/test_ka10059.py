"""The dated sibling's answers, read row by row."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kiwoom_provider.api import ka10059
from kiwoom_provider.api.errors import ProtocolError, RejectedError, TransientError, UnsupportedError
from kiwoom_provider.api.numbers import NumberFormatError
from kiwoom_provider.api.page import Page

# Recorded on a real account after the close of 2026-09-30: 005930, amounts, net.
SEPTEMBER_30 = {
    "dt": "20260930", "cur_prc": "-269500", "pre_sig": "5", "pred_pre": "-3000", "flu_rt": "-110",
    "acc_trde_qty": "16477580", "acc_trde_prica": "4456294", "ind_invsr": "687635", "frgnr_invsr": "-865578",
    "orgn": "-382209", "fnnc_invt": "-336241", "insrnc": "-8254", "invtrt": "64403", "etc_fnnc": "103",
    "bank": "-1", "penfnd_etc": "-18498", "samo_fund": "-83721", "natn": "0", "etc_corp": "556618",
    "natfor": "3534",
}  # fmt: skip
BLANK = dict.fromkeys(SEPTEMBER_30, "")


def answer(*rows, **other):
    body = {"stk_invsr_orgn": list(rows), "return_code": 0, "return_msg": ""} | other
    body = {name: value for name, value in body.items() if value is not ...}
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    text = json.dumps(body).encode()
    return Page("ka10059", 1, {}, "", 200, cont_yn=False, next_key="", body=text, fetched_at=at)


def test_a_recorded_row_is_read_whole():
    (row,) = ka10059.read_rows(answer(SEPTEMBER_30))
    assert row.session_date == date(2026, 9, 30)
    assert row.close_price == 269500
    assert row.change == -3000
    assert row.change_rate == Decimal("-1.10")
    assert row.volume == 16477580
    assert row.turnover == 4456294
    assert row.flows == (687635, -865578, -382209, -336241, -8254, 64403, 103, -1, -18498, -83721, 0, 556618)
    assert row.other_foreign == 3534
    assert row.saturated == ()


def test_all_rows_of_an_answer_come_newest_first():
    rows = [SEPTEMBER_30 | {"dt": day} for day in ("20260928", "20260930", "20260929")]
    found = ka10059.read_rows(answer(*rows))
    assert [row.session_date.day for row in found] == [30, 29, 28]


@pytest.mark.parametrize(
    "nothing",
    [
        answer(),
        answer(BLANK),
        answer(dict.fromkeys(SEPTEMBER_30, "   ")),
        answer(dict.fromkeys(SEPTEMBER_30, "0")),
        answer({}),
        answer(stk_invsr_orgn=...),
        answer(stk_invsr_orgn=None),
    ],
)
def test_an_answer_that_says_nothing_is_a_stock_that_is_not_served(nothing):
    assert ka10059.read_rows(nothing) == ()


def test_so_are_the_refusals_of_an_unknown_stock():
    assert ka10059.is_not_served(RejectedError("x", code="1902"))
    assert ka10059.is_not_served(RejectedError("x", code="1903"))
    assert ka10059.is_not_served(UnsupportedError("x", code="8104"))
    assert not ka10059.is_not_served(RejectedError("x", code="1504"))
    assert not ka10059.is_not_served(TransientError("x"))


def test_a_day_whose_figures_are_not_there_yet_has_a_row_of_blanks():
    (row,) = ka10059.read_rows(answer(BLANK | {"dt": "20261120"}))
    assert row.session_date == date(2026, 11, 20)
    assert (row.volume, row.flows, row.other_foreign) == (None, (None,) * 12, None)


def test_sells_keep_the_sign_with_which_they_came():
    (row,) = ka10059.read_rows(answer(SEPTEMBER_30 | {"ind_invsr": "--5290376"}))
    assert row.flows[0] == -5290376


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("+38", "0.38"),
        ("+698", "6.98"),
        ("-110", "-1.10"),
        ("0", "0.00"),
        ("-1.10", "-1.10"),
        ("0.5", "0.50"),
        (" -7 ", "-0.07"),
    ],
)
def test_the_change_is_in_hundredths_without_a_point_and_either_form_is_read(text, rate):
    (row,) = ka10059.read_rows(answer(SEPTEMBER_30 | {"flu_rt": text}))
    assert row.change_rate == Decimal(rate)


def test_an_overflowed_counter_is_named_and_no_figure():
    (row,) = ka10059.read_rows(answer(SEPTEMBER_30 | {"acc_trde_qty": "4294967295", "orgn": "-2147483"}))
    assert (row.volume, row.flows[2]) == (None, None)
    assert row.saturated == ("acc_trde_qty", "orgn")


def test_elements_beside_date_and_flows_may_be_absent():
    bare = {name: value for name, value in SEPTEMBER_30.items() if name not in ("acc_trde_qty", "flu_rt", "cur_prc")}
    (row,) = ka10059.read_rows(answer(bare))
    assert (row.volume, row.change_rate, row.close_price) == (None, None, None)


@pytest.mark.parametrize("dt", ["", "2026-09-30", "20261332", "2026W011", "today", "０２０２６０９３"])
def test_a_row_with_flows_and_no_date_breaks_the_spec(dt):
    with pytest.raises(ProtocolError, match="whose dt is"):
        ka10059.read_rows(answer(SEPTEMBER_30 | {"dt": dt}))


def test_a_row_without_a_flow_breaks_the_spec():
    with pytest.raises(ProtocolError, match="no text in element natfor"):
        ka10059.read_rows(answer({name: text for name, text in SEPTEMBER_30.items() if name != "natfor"}))


def test_a_cell_that_is_no_number_is_refused():
    with pytest.raises(NumberFormatError):
        ka10059.read_rows(answer(SEPTEMBER_30 | {"bank": "1e3"}))


def test_a_day_that_comes_twice_is_one_day_unless_its_rows_differ():
    assert len(ka10059.read_rows(answer(SEPTEMBER_30, SEPTEMBER_30))) == 1
    with pytest.raises(ProtocolError, match="two rows of 2026-09-30 that differ"):
        ka10059.read_rows(answer(SEPTEMBER_30, SEPTEMBER_30 | {"orgn": "1"}))

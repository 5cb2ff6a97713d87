"""What an offender of a rule links to."""

from __future__ import annotations

import pytest

from kiwoom_provider.monitor.cell_query import cell_query


@pytest.mark.parametrize(
    ("label", "field", "venue", "investor", "column"),
    [
        ("KOSPI · KRX · amount · net", "foreigner", "KRX", "foreigner", "net_amount"),
        ("KOSDAQ · NXT · quantity · buy", "financial investment", "NXT", "financial_investment", "buy_quantity"),
        ("KOSPI · CONSOLIDATED · amount · sell", "cur_prc", "CONSOLIDATED", "individual", "close_price"),
        ("KOSPI · KRX", None, "KRX", "individual", "net_amount"),
    ],
)
def test_an_offender_names_its_figure(label, field, venue, investor, column):
    assert cell_query(label, "005930", field) == {
        "code": "005930",
        "venue": venue,
        "investor": investor,
        "column": column,
    }


@pytest.mark.parametrize(
    ("label", "code"), [("KOSPI · KRX · amount · net", None), ("the session", "005930"), ("", "x")]
)
def test_an_offender_that_is_no_figure_of_a_stock_has_no_link(label, code):
    assert cell_query(label, code, "foreigner") is None

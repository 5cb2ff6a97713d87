"""Messages say the same in both languages, and what they cannot translate stays readable."""

from __future__ import annotations

import pytest

from kiwoom_provider.documents import DocumentError
from kiwoom_provider.locale import Language, Message, investor, label, message, translate, translator
from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side, Venue

FAILING = message("{failing} of {checked} fail", failing=3, checked=12_000)


def test_values_stand_where_each_language_wants_them():
    assert translate(FAILING, Language.ENGLISH) == "3 of 12,000 fail"
    assert translate(FAILING, Language.KOREAN) == "12,000건 중 3건 위반"


def test_a_message_prints_as_english():
    assert str(FAILING) == "3 of 12,000 fail"


def test_a_text_given_as_a_value_stands_for_itself_and_a_message_is_translated():
    assert translate(message("{name}", name="amount"), "ko") == "amount"
    assert translate(message("{name}", name=message("amount")), "ko") == "금액"


def test_several_values_are_joined_by_commas():
    assert str(message("{codes}", codes=("005930", 7, message("amount")))) == "005930, 7, amount"


def test_a_text_that_the_catalogue_does_not_have_stays_english():
    assert translate(message("a rule of last year said: {this}", this="that"), "ko") == "a rule of last year said: that"


def test_a_place_without_a_value_stays_as_it_is_written():
    assert str(message("{failing} of {checked} fail", failing=3)) == "3 of {checked} fail"


def test_braces_inside_a_value_are_not_places():
    assert str(message("{a}", a="{b}", b="c")) == "{b}"


def test_a_value_cannot_reach_into_objects():
    assert (
        str(Message(id="{a.__class__} {a[0]} {a!r:>99999}", arguments={"a": "x"}))
        == "{a.__class__} {a[0]} {a!r:>99999}"
    )


def test_an_empty_text_is_not_the_catalogues_header():
    assert translate("", "ko") == ""


def test_labels_are_translated_term_by_term():
    parameters = ParameterSet(Market.KOSDAQ, Venue.CONSOLIDATED, Measure.QUANTITY, Side.SELL)
    assert translate(label(parameters), "ko") == "코스닥 · 통합 · 수량 · 매도"
    assert translate(label(parameters), "en") == "KOSDAQ · CONSOLIDATED · quantity · sell"


def test_investors_are_called_as_the_sheet_calls_them():
    assert translate(investor("financial_investment"), "en") == "financial investment"
    assert translate(investor("financial_investment"), "ko") == "금융투자"


def test_templates_say_texts_with_values_by_name():
    say = translator("ko")
    assert say("{failing} of {checked} fail", failing=1, checked=2) == "2건 중 1건 위반"
    assert say(FAILING) == "12,000건 중 3건 위반"


def test_another_language_is_refused():
    with pytest.raises(ValueError, match="'fr' is not a valid Language"):
        translate(FAILING, "fr")


def test_a_message_goes_through_json_unchanged():
    given = message("{a} {b} {c} {d} {e}", a=1, b="2", c=2.5, d=FAILING, e=("x", FAILING))
    assert Message.from_bytes(given.to_bytes(), "a message") == given
    assert Message.from_json(given.to_json(), "a message") == given


@pytest.mark.parametrize(
    "data",
    [
        {"id": "x" * 2001},
        {"id": "x", "arguments": {"a": "y" * 2001}},
        {"id": "x", "arguments": {"a": 2**64}},
        {"id": "x", "arguments": {"a": None}},
        {"id": "x", "other": 1},
        {"arguments": {}},
        "x",
    ],
    ids=["long text", "long value", "large number", "null", "unknown element", "no text", "no object"],
)
def test_what_is_no_message_is_refused(data):
    with pytest.raises(DocumentError, match="a stored message cannot be read"):
        Message.from_json(data, "a stored message")

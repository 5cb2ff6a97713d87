"""The catalogue has every text that people read, in Korean, and is compiled."""

from __future__ import annotations

import pytest

from kiwoom_provider.datasets.columns import INVESTORS
from kiwoom_provider.krx import calendar
from kiwoom_provider.locale import investor, translate
from scripts import catalogue


def test_every_text_in_code_and_templates_stands_in_the_catalogue_and_no_other():
    assert set(catalogue.translations()) == catalogue.texts()


def test_every_text_has_a_translation_with_the_same_places_for_values():
    assert catalogue.wrong(catalogue.translations()) == []


def test_the_compiled_catalogue_is_the_sources():
    assert catalogue.KOREAN.with_suffix(".mo").read_bytes() == catalogue.compile_catalogue(catalogue.translations())


def test_the_source_is_written_as_the_command_writes_it():
    assert catalogue.KOREAN.read_text("utf-8") == catalogue.source_of(catalogue.translations())


def test_every_closed_day_is_called_by_its_korean_name():
    reasons = set(calendar().rules.holidays.values())
    assert "National Foundation Day; The day preceding Chuseok" in reasons
    assert translate("National Foundation Day; The day preceding Chuseok", "ko") == "개천절; 추석 전날"
    assert [reason for reason in reasons if any("a" <= letter <= "z" for letter in translate(reason, "ko"))] == []


def test_investors_have_the_sheets_terms():
    assert {i.name: translate(investor(i.name), "ko") for i in INVESTORS} == {i.name: i.korean for i in INVESTORS}


@pytest.mark.parametrize("korean", ["", "건", "{count}건 {more}", "{others}건"])
def test_a_translation_that_is_missing_or_lacks_a_value_is_named(korean):
    assert catalogue.wrong({"{count} rows": korean, "Rows": "행"}) == ["{count} rows"]

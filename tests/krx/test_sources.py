"""The public calendar below, and our own shipped facts."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date

import pytest

from kiwoom_provider.krx import CalendarError
from kiwoom_provider.krx.overrides import KnownDays, shipped_facts
from kiwoom_provider.krx.rules import exchange_holidays

PROBE = """
import datetime, time
time.tzset()
from kiwoom_provider.krx import calendar
krx = calendar()
now = datetime.datetime.fromisoformat("2026-11-20T12:10:00+00:00")
print(krx.window_open_at(now), krx.session(datetime.date(2026, 11, 20)).settles_at, end=" ")
print(krx.closed_reason(datetime.date(2026, 7, 17)))
"""


def test_a_range_beyond_what_the_public_calendar_knows_is_refused():
    with pytest.raises(CalendarError, match="the holidays package knows KRX from 2000 to 2100"):
        exchange_holidays(KnownDays(first=date(2099, 1, 1), last=date(2101, 12, 31)))


def test_the_shipped_facts_reach_from_2010_to_2027_and_say_why():
    known, facts = shipped_facts()
    assert (known.first, known.last) == (date(2010, 1, 1), date(2027, 12, 31))
    assert known.reason
    assert known.source
    assert facts == {}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/New_York"])
@pytest.mark.parametrize("language", ["C.UTF-8", "ko_KR.UTF-8"])
def test_the_machines_zone_and_language_change_no_answer(zone, language):
    environment = {**os.environ, "TZ": zone, "LANG": language, "LC_ALL": language, "LANGUAGE": language[:2]}
    done = subprocess.run(
        [sys.executable, "-c", PROBE], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "2026-11-20 2026-11-20 21:10:00+09:00 Constitution Day\n"

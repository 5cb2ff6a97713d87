"""Weekends, holidays known and unknown, the year's first day, and the days around now."""

from __future__ import annotations

from system.truth import DISPROVED, TODAY, TOMORROW, assert_evidence, days_published


def test_on_a_weekend_the_run_takes_fridays_session(first_night, published):
    published(first_night, first_night.at("2026-11-21T12:00").run(), "2026-11-20")


def test_a_weekend_day_is_refused_when_the_run_is_asked_for(first_night, case):
    message = first_night.at("2026-11-21T21:20").refusal(session_date="2026-11-21")
    assert message.startswith("2026-11-21 is not a KRX session")
    assert "2026-11-20 and 2026-11-23" in message
    case.refused.append(message)


def test_a_holiday_known_to_the_calendar_is_refused_when_the_run_is_asked_for(first_night, case):
    message = first_night.at("2026-10-09T21:20").refusal(session_date="2026-10-09")
    assert message.startswith("2026-10-09 is not a KRX session")
    case.refused.append(message)


def test_a_misspelt_param_is_refused_when_the_run_is_asked_for(first_night, case):
    message = first_night.refusal(sessiondate="2026-11-16")
    assert message.startswith("the run's conf names sessiondate; the params are: session_date, markets, venues")
    case.refused.append(message)


def test_on_a_known_holiday_the_run_takes_the_session_before(first_night, published):
    published(first_night, first_night.at("2026-10-09T21:20").run(), "2026-10-08")


def test_a_holiday_known_to_nobody(night, refused):
    night.control.close_day(TODAY)
    outcome = night.run(TODAY)
    refused(night, outcome, "quality_check", DISPROVED, "an unknown closed day is added with an override")
    assert_evidence(night, TODAY, sets=2)
    assert days_published(night) == ["2026-11-16"]


def test_a_holiday_known_to_nobody_on_the_first_night(first_night, refused):
    first_night.control.close_day(TODAY)
    refused(first_night, first_night.run(TODAY), "quality_check", DISPROVED, "is that of 2026-11-16")
    assert days_published(first_night) == []


def test_a_holiday_known_to_nobody_with_proof_by_change(night, refused):
    night.proof = "changed"
    night.control.close_day(TODAY)
    refused(night, night.run(TODAY), "quality_check", DISPROVED)


def test_the_session_after_a_holiday_known_to_nobody(night, refused, published):
    night.control.close_day(TODAY)
    refused(night, night.run(TODAY), "quality_check", DISPROVED)
    published(night, night.at("2026-11-18T21:11").run(TOMORROW), TOMORROW)
    assert days_published(night) == ["2026-11-16", TOMORROW]


def test_the_first_session_of_the_year(first_night, published):
    published(first_night, first_night.at("2026-01-02T21:11").run("2026-01-02"), "2026-01-02")


def test_the_day_of_the_university_entrance_test(first_night, published):
    outcome = first_night.at("2026-11-19T16:00").run(session_date="2026-11-19")
    published(first_night, outcome, "2026-11-19")
    assert f"{first_night.waits[0]:%d %H:%M}" == "19 21:10"


def test_a_manual_run_at_noon_is_told_when_the_next_window_opens(night, refused):
    outcome = night.at("2026-11-17T12:00").run()
    refused(night, outcome, "resolve_session", "SessionNotDueError", "the next window opens at 2026-11-17 21:10 KST")


def test_a_session_in_the_future_is_refused(night, refused):
    refused(night, night.run(session_date=TOMORROW), "resolve_session", "session_date 2026-11-18 is in the future")

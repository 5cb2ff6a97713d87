"""A deployment's own override file: what it changes, and what is refused at load."""

from __future__ import annotations

import os
from datetime import date, time
from pathlib import Path

import pytest

from kiwoom_provider.krx import NotASessionError, OverrideError, calendar, check_overrides, overrides_path

CLOSURE = """\
days:
  - day: 2026-11-20
    kind: closed
    reason: declared at short notice
    source: https://example.invalid/notice
"""


def test_a_declared_closure_is_no_session(write):
    assert not calendar(overrides=write(CLOSURE)).is_session(date(2026, 11, 20))


def test_a_declared_closure_moves_the_end_of_the_window_before_it(write):
    before = calendar(overrides=write(CLOSURE)).session(date(2026, 11, 19))
    assert before.window_ends_at.isoformat() == "2026-11-23T07:00:00+09:00"


def test_a_declared_closure_is_named_with_reason_file_and_line(write):
    file = write(CLOSURE)
    with pytest.raises(NotASessionError) as caught:
        calendar(overrides=file).session(date(2026, 11, 20))
    assert f"(declared at short notice: {file}, line 2)" in str(caught.value)


def test_a_day_that_turned_out_open_is_a_session(write):
    file = write("days:\n- {day: 2026-07-17, kind: open, reason: withdrawn, source: notice}\n")
    assert calendar(overrides=file).session(date(2026, 7, 17)).opens_at.time() == time(9)


def test_a_day_that_turned_out_open_may_have_odd_hours(write):
    text = "days:\n- {day: 2026-07-17, kind: open, opens: 10:00, closes: 14:00, reason: r, source: s}\n"
    session = calendar(overrides=write(text)).session(date(2026, 7, 17))
    assert (session.opens_at.time(), session.closes_at.time()) == (time(10), time(14))


def test_odd_hours_take_effect(write):
    text = "days:\n- {day: 2026-11-20, kind: hours, opens: 09:00, closes: 12:30, reason: r, source: s}\n"
    assert calendar(overrides=write(text)).session(date(2026, 11, 20)).closes_at.time() == time(12, 30)


def test_a_deployments_entry_stands_above_the_packages(write):
    text = "days:\n- {day: 2026-11-19, kind: hours, opens: 11:00, closes: 16:30, reason: r, source: s}\n"
    assert calendar(overrides=write(text)).session(date(2026, 11, 19)).opens_at.time() == time(11)


def test_closing_a_day_that_is_closed_already_changes_nothing(write):
    text = "days:\n- {day: 2026-12-25, kind: closed, reason: r, source: s}\n"
    assert calendar(overrides=write(text)).previous(date(2026, 12, 28)).key == "2026-12-24"


def test_a_file_without_entries_changes_nothing(write):
    assert calendar(overrides=write("days: []\n")).is_session(date(2026, 11, 20))


def test_a_change_of_the_file_is_seen_without_a_restart(write):
    file = write("days: []\n")
    assert calendar(overrides=file).is_session(date(2026, 11, 20))
    write(CLOSURE)
    assert not calendar(overrides=file).is_session(date(2026, 11, 20))


def test_a_change_that_keeps_the_files_size_is_seen(write):
    file = write(CLOSURE)
    calendar(overrides=file)
    write(CLOSURE.replace("2026-11-20", "2026-11-18"))
    os.utime(file, ns=(1, 1))
    assert calendar(overrides=file).is_session(date(2026, 11, 20))


GOOD_DAY = "  - {day: 2026-11-20, kind: closed, reason: r, source: s}\n"


@pytest.mark.parametrize(
    ("line", "problem", "text"),
    [
        (1, "unknown key 'closures' in the file; known are days", "closures: []\n"),
        (1, "unknown key 'known' in the file; known are days", "known: {first: 2020-01-01}\ndays: []\n"),
        (5, "unknown key 'because' in this day", CLOSURE.replace("source:", "because:")),
        (3, "2026-11-20 stands on line 2 already", "days:\n" + GOOD_DAY + GOOD_DAY),
        (2, "'2026-11-31' is not a day written YYYY-MM-DD", CLOSURE.replace("2026-11-20", "2026-11-31")),
        (2, "'20261120' is not a day written YYYY-MM-DD", CLOSURE.replace("2026-11-20", "20261120")),
        (2, "2026-11-21 is a Saturday: KRX has no sessions", CLOSURE.replace("2026-11-20", "2026-11-21")),
        (2, "2026-11-22 is a Sunday: KRX has no sessions", CLOSURE.replace("2026-11-20", "2026-11-22")),
        (2, "2028-01-03 is outside the days that", CLOSURE.replace("2026-11-20", "2028-01-03")),
        (2, "2019-12-30 is outside the days that", CLOSURE.replace("2026-11-20", "2019-12-30")),
        (2, "this day has no reason", CLOSURE.replace("    reason: declared at short notice\n", "")),
        (2, "this day has no reason", CLOSURE.replace("declared at short notice", "")),
        (2, "this day has no reason", CLOSURE.replace("declared at short notice", "'  '")),
        (2, "this day has no source", CLOSURE.replace("https://example.invalid/notice", "~")),
        (2, "this day has no kind", CLOSURE.replace("    kind: closed\n", "")),
        (
            2,
            "this day has no day",
            CLOSURE.replace("day: 2026-11-20", "kind: closed", 1).replace("    kind: closed\n", ""),
        ),
        (3, "kind 'shut' is not one of: closed, open, hours", CLOSURE.replace("closed", "shut")),
        (4, "'kind' stands twice in this day", CLOSURE.replace("    reason:", "    kind: open\n    reason:")),
        (
            4,
            "reason in this day must be a single value",
            CLOSURE.replace("declared at short notice", "[a, b]"),
        ),
        (2, "this day has no opens", CLOSURE.replace("closed", "hours")),
        (
            4,
            "opens '9am' is not a time written HH:MM",
            CLOSURE.replace("closed", "hours\n    opens: 9am\n    closes: 10:00"),
        ),
        (
            4,
            "opens '25:00' is not a time written",
            CLOSURE.replace("closed", "hours\n    opens: 25:00\n    closes: 10:00"),
        ),
        (
            2,
            "it opens at 16:30:00 but closes at 10:00:00",
            CLOSURE.replace("closed", "hours\n    opens: 16:30\n    closes: 10:00"),
        ),
        (
            2,
            "it opens at 10:00:00 but closes at 10:00:00",
            CLOSURE.replace("closed", "hours\n    opens: 10:00\n    closes: 10:00"),
        ),
        (2, "this day has no closes", CLOSURE.replace("closed", "open\n    opens: 10:00")),
        (4, "a closed day has no opens and no closes", CLOSURE.replace("closed", "closed\n    opens: 10:00")),
        (1, "the file must be a mapping, with the names days", "- 2026-11-20\n"),
        (1, "the file must be a mapping, with the names days", "2026-11-20\n"),
        (1, "the file must be a mapping, with the names days", ""),
        (1, "days must be a list", "days:\n"),
        (1, "days must be a list", "days: 2026-11-20\n"),
        (2, "this day must be a mapping", "days:\n  - 2026-11-20\n"),
        (3, "this is not YAML", "days:\n  - day: 2026-11-20\n   kind: closed\n"),
        (2, "this is not YAML", "days: [\n"),
    ],
)
def test_a_bad_entry_is_refused_at_load_with_file_and_line(write, line, problem, text):
    file = write(text)
    with pytest.raises(OverrideError) as caught:
        calendar(overrides=file)
    assert str(caught.value).startswith(f"{file}, line {line}: ")
    assert problem in str(caught.value)


def test_a_missing_file_is_refused_by_name(tmp_path):
    file = tmp_path / "nowhere.yaml"
    with pytest.raises(OverrideError, match=r"nowhere\.yaml: the override file cannot be read \(No such file"):
        calendar(overrides=file)


def test_a_directory_is_refused_by_name(tmp_path):
    with pytest.raises(OverrideError, match="cannot be read"):
        calendar(overrides=tmp_path)


def test_a_file_that_is_not_text_is_refused_by_name(tmp_path):
    file = tmp_path / "closures.yaml"
    file.write_bytes(b"days: \xff\xfe")
    with pytest.raises(OverrideError, match=r"closures\.yaml: the override file is not UTF-8 text"):
        calendar(overrides=file)


def test_a_bad_file_is_refused_again_and_again(write):
    file = write("- 1\n")
    for _ in range(2):
        with pytest.raises(OverrideError):
            calendar(overrides=file)


def test_checking_a_file_finds_its_errors_without_a_calendar(write):
    with pytest.raises(OverrideError, match="line 1"):
        check_overrides(write("- 1\n"))


def test_checking_no_file_finds_nothing():
    check_overrides(None)


def test_the_environment_names_the_file():
    assert overrides_path({"KIWOOM_KRX_OVERRIDES": "/etc/kiwoom/closures.yaml"}) == Path("/etc/kiwoom/closures.yaml")


@pytest.mark.parametrize("environment", [{}, {"KIWOOM_KRX_OVERRIDES": ""}, {"KIWOOM_KRX_OVERRIDES": " "}])
def test_without_the_variable_there_is_no_file(environment):
    assert overrides_path(environment) is None


def test_a_relative_path_in_the_environment_is_refused():
    with pytest.raises(OverrideError, match="KIWOOM_KRX_OVERRIDES must hold an absolute path"):
        overrides_path({"KIWOOM_KRX_OVERRIDES": "closures.yaml"})

"""A deployment's own override file: what it changes, and what is refused at load."""

from __future__ import annotations

import os
from datetime import date
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


def test_a_declared_closure_is_named_with_reason_and_file(write):
    file = write(CLOSURE)
    with pytest.raises(NotASessionError) as caught:
        calendar(overrides=file).session(date(2026, 11, 20))
    assert f"(declared at short notice: {file})" in str(caught.value)


def test_a_day_that_turned_out_open_is_a_session(write):
    file = write("days:\n- {day: 2026-07-17, kind: open, reason: withdrawn, source: notice}\n")
    assert calendar(overrides=file).is_session(date(2026, 7, 17))


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
    ("problem", "text"),
    [
        ("closures: Extra inputs are not permitted", "days: []\nclosures: []\n"),
        ("known: Extra inputs are not permitted", "known: {first: 2020-01-01}\ndays: []\n"),
        ("days.0.because: Extra inputs", CLOSURE + "    because: r\n"),
        ("days.0.opens: Extra inputs", CLOSURE + "    opens: 10:00\n"),
        ("2026-11-20 stands there twice", "days:\n" + GOOD_DAY + GOOD_DAY),
        ("this is not YAML: day ", CLOSURE.replace("2026-11-20", "2026-11-31")),
        ("days.0.day: Value error, 20261120 is not a day written YYYY", CLOSURE.replace("2026-11-20", "20261120")),
        ("days.0.day: Value error, '20 Nov' is not a day", CLOSURE.replace("2026-11-20", "20 Nov")),
        ("2026-11-21 is a Saturday: KRX has no sessions", CLOSURE.replace("2026-11-20", "2026-11-21")),
        ("2026-11-22 is a Sunday: KRX has no sessions", CLOSURE.replace("2026-11-20", "2026-11-22")),
        ("2028-01-03 is outside the days that", CLOSURE.replace("2026-11-20", "2028-01-03")),
        ("2009-12-30 is outside the days that", CLOSURE.replace("2026-11-20", "2009-12-30")),
        ("days.0.reason: Field required", CLOSURE.replace("    reason: declared at short notice\n", "")),
        ("days.0.reason: ", CLOSURE.replace("declared at short notice", "")),
        ("days.0.reason: ", CLOSURE.replace("declared at short notice", "'  '")),
        ("days.0.reason: ", CLOSURE.replace("declared at short notice", "[a, b]")),
        ("days.0.source: ", CLOSURE.replace("https://example.invalid/notice", "~")),
        ("days.0.kind: Field required", CLOSURE.replace("    kind: closed\n", "")),
        ("days.0.kind: Input should be 'closed' or 'open'", CLOSURE.replace("closed", "shut")),
        ("the whole: Input should be", "- 2026-11-20\n"),
        ("the whole: Input should be", "2026-11-20\n"),
        ("the whole: Input should be", ""),
        ("days: Input should be a valid tuple", "days:\n"),
        ("days: Input should be a valid tuple", "days: 2026-11-20\n"),
        ("days.0: Input should be", "days:\n  - 2026-11-20\n"),
        ("this is not YAML: ", "days:\n  - day: 2026-11-20\n   kind: closed\n"),
        ("this is not YAML: ", "days: [\n"),
    ],
)
def test_a_bad_entry_is_refused_at_load_with_file_and_entry(write, problem, text):
    file = write(text)
    with pytest.raises(OverrideError) as caught:
        calendar(overrides=file)
    assert str(caught.value).startswith(f"{file}: ")
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
    with pytest.raises(OverrideError, match="Input should be"):
        check_overrides(write("- 1\n"))


def test_checking_no_file_finds_nothing():
    assert check_overrides(None) == "No override file: KIWOOM_KRX_OVERRIDES is not set."


def test_a_file_that_is_right_is_said_to_be(write):
    file = write(CLOSURE)
    assert check_overrides(file) == f"{file}: all is well, 1 overridden days."


def test_the_environment_names_the_file():
    assert overrides_path({"KIWOOM_KRX_OVERRIDES": "/etc/kiwoom/closures.yaml"}) == Path("/etc/kiwoom/closures.yaml")


@pytest.mark.parametrize("environment", [{}, {"KIWOOM_KRX_OVERRIDES": ""}, {"KIWOOM_KRX_OVERRIDES": " "}])
def test_without_the_variable_there_is_no_file(environment):
    assert overrides_path(environment) is None


def test_a_relative_path_in_the_environment_is_refused():
    with pytest.raises(OverrideError, match="KIWOOM_KRX_OVERRIDES must hold an absolute path"):
        overrides_path({"KIWOOM_KRX_OVERRIDES": "closures.yaml"})

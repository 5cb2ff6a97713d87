"""A listing of names that begin alike, such as a year's sessions, asks the store for these alone."""

from __future__ import annotations

YEARS = ["a/day=2025-12-30/part-0", "a/day=2026-01-02/k=1/part-0", "a/day=2026-11-20/part-0"]


def test_only_names_of_the_beginning_are_listed(pair):
    for key in YEARS:
        pair[0].write(key, b"one")
    assert pair[1].list("a", "day=2026-") == ["a/day=2026-01-02/k=1/part-0", "a/day=2026-11-20/part-0"]


def test_a_beginning_that_nothing_has_lists_as_empty(pair):
    pair[0].write(YEARS[0], b"one")
    assert pair[1].list("a", "day=2027-") == []


def test_names_below_need_not_begin_so(pair):
    pair[0].write("a/day=2026-11-20/other/part-0", b"one")
    assert pair[1].list("a", "day=2026-11-20") == ["a/day=2026-11-20/other/part-0"]


def test_a_place_that_is_not_there_has_no_names_of_any_beginning(pair):
    assert pair[1].list("nothing", "day=") == []

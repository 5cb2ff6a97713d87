from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiwoom_provider.api.errors import ProtocolError
from kiwoom_provider.api.page import Page
from kiwoom_provider.api.paginator import iter_pages


def page(number, sent, next_key, *, more):
    return Page("ka10066", number, {}, sent, 200, more, next_key, b"{}", datetime(2026, 11, 20, tzinfo=UTC))


class Sweep:
    """Answers like a server whose pages follow these keys; the last page has none."""

    def __init__(self, *keys, endless=False):
        self.keys = ["", *keys]
        self.endless = endless
        self.asked = []

    def __call__(self, *, next_key, number):
        self.asked.append((number, next_key))
        place = number - 1
        more = place + 1 < len(self.keys)
        if self.endless:
            return page(number, next_key, f"k{number}", more=True)
        return page(number, next_key, self.keys[place + 1] if more else "", more=more)


def test_a_sweep_follows_the_keys_to_the_page_that_announces_no_more():
    sweep = Sweep("a", "b", "c")
    assert [p.number for p in iter_pages(sweep)] == [1, 2, 3, 4]
    assert sweep.asked == [(1, ""), (2, "a"), (3, "b"), (4, "c")]


def test_a_sweep_of_one_page_asks_once():
    sweep = Sweep()
    assert len(list(iter_pages(sweep))) == 1


def test_no_page_is_asked_for_before_it_is_wanted():
    sweep = Sweep("a", "b")
    pages = iter_pages(sweep)
    next(pages)
    assert sweep.asked == [(1, "")]


def test_a_sweep_goes_on_after_the_last_stored_page():
    sweep = Sweep("a", "b", "c")
    start = page(2, "a", "b", more=True)
    assert [p.number for p in iter_pages(sweep, start)] == [3, 4]
    assert sweep.asked == [(3, "b"), (4, "c")]


def test_nothing_is_asked_when_the_stored_sweep_is_whole():
    sweep = Sweep()
    assert list(iter_pages(sweep, page(4, "c", "", more=False))) == []
    assert sweep.asked == []


def test_more_announced_without_a_key_is_an_error():
    with pytest.raises(ProtocolError, match=r"page 1 announces more .* without a next-key"):
        list(iter_pages(lambda **_: page(1, "", "", more=True)))


@pytest.mark.parametrize("loop", [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "d", "b"]])
def test_a_repeated_key_is_an_error(loop):
    with pytest.raises(ProtocolError, match="loop"):
        list(iter_pages(Sweep(*loop)))


def test_a_key_that_the_stored_page_was_asked_by_is_a_repeated_one():
    with pytest.raises(ProtocolError, match="loop"):
        list(iter_pages(Sweep("a", "b", "a"), page(2, "a", "b", more=True)))


def test_never_ending_pages_are_an_error_and_not_a_shorter_sweep():
    sweep = Sweep(endless=True)
    with pytest.raises(ProtocolError, match="after 5 pages"):
        list(iter_pages(sweep, max_pages=5))
    assert len(sweep.asked) == 5


def test_the_page_cap_counts_the_stored_pages_too():
    sweep = Sweep(endless=True)
    with pytest.raises(ProtocolError, match="after 5 pages"):
        list(iter_pages(sweep, page(3, "k2", "k3", more=True), max_pages=5))
    assert [number for number, _ in sweep.asked] == [4, 5]


def test_the_page_that_breaks_the_spec_is_handed_out_before_the_error_and_stays_with_it():
    pages = iter_pages(Sweep("a", "a"))
    seen = [next(pages), next(pages)]
    with pytest.raises(ProtocolError) as caught:
        next(pages)
    assert caught.value.response_page is seen[-1]
    assert caught.value.page == 2


@given(st.lists(st.text("abc", min_size=1, max_size=2), max_size=30))
def test_whatever_the_keys_a_sweep_ends_whole_or_in_an_error(keys):
    sweep = Sweep(*keys)
    try:
        count = len(list(iter_pages(sweep)))
    except ProtocolError:
        assert len(set(keys)) < len(keys)
    else:
        assert count == len(keys) + 1
        assert len(set(keys)) == len(keys)

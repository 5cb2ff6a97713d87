"""The Test button, over real HTTP."""

from datetime import timedelta

import pytest

from kiwoom_provider.api.page import Page
from kiwoom_provider.hooks.kiwoom import KiwoomHook
from kiwoom_provider.settings import HostKind, Settings


def press(simulator, connect, **fields):
    connect(simulator.url, **fields)
    return KiwoomHook().test_connection()


def test_a_good_connection_says_what_it_reached(simulator, connect):
    good, words = press(simulator, connect)
    assert good
    assert simulator.url in words
    assert "simulator" in words
    assert simulator.control.count("ka10059").served == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("error=8050/3@au10001", "register this machine's outgoing IP"),
        ("error=8010/3@ka10059", "register this machine's outgoing IP"),
        ("error=8030/2@au10001", "key and host do not match"),
        ("error=8031/3@ka10059", "key and host do not match"),
        ("html@au10001", "maintenance"),
    ],
)
def test_what_stands_in_the_way_is_said_in_words(fault, words, simulator, connect, monkeypatch):
    monkeypatch.setattr("kiwoom_provider.api.retrying_transport.FIRST_PAUSE_S", 0)
    simulator.control.fault(fault)
    good, said = press(simulator, connect)
    assert not good
    assert words in said


def test_a_wrong_secret_is_said_without_repeating_it(simulator, connect):
    good, said = press(simulator, connect, password="my-wrong-secret")
    assert not good
    assert "[8002]" in said
    assert "my-wrong-secret" not in said


def test_a_half_filled_form_names_the_field(simulator, connect):
    good, said = press(simulator, connect, login="")
    assert not good
    assert "login is empty" in said


def test_an_unreachable_host_is_said_so(connect, monkeypatch):
    monkeypatch.setattr("kiwoom_provider.api.retrying_transport.FIRST_PAUSE_S", 0)
    connect("http://127.0.0.1:9")
    good, said = KiwoomHook().test_connection()
    assert not good
    assert "refused" in said


def test_a_host_that_does_not_serve_the_trial_call_has_let_us_in_all_the_same(simulator, connect):
    simulator.control.fault("unsupported@ka10059")
    good, _ = press(simulator, connect)
    assert good


@pytest.mark.parametrize(("kind", "words"), [(HostKind.LIVE, "LIVE"), (HostKind.MOCK, "MOCK")])
def test_live_or_mock_is_said_plainly(kind, words, simulator, connect, monkeypatch):
    monkeypatch.setattr(Settings, "kind", property(lambda _: kind))
    good, said = press(simulator, connect)
    assert good
    assert words in said


def test_a_clock_that_is_off_is_told_by_how_much(simulator, connect, monkeypatch):
    monkeypatch.setattr(Settings, "kind", property(lambda _: HostKind.LIVE))
    monkeypatch.setattr(Page, "clock_skew", property(lambda _: timedelta(seconds=-4000)))
    good, said = press(simulator, connect)
    assert not good
    assert "-4000 s off" in said

"""An object store that refuses, breaks off, loses answers or is not there: the old object, and a message that helps."""

from __future__ import annotations

import pytest
from wire import Fault

from kiwoom_provider.datasets.store import StoreError

OLD, NEW = b"old" * 100_000, b"new" * 100_000
ACTIONS = {
    "write": lambda store: store.write("a/part-0", NEW),
    "read": lambda store: store.read("a/part-0"),
    "list": lambda store: store.list("a"),
    "list the folders": lambda store: store.children("a"),
    "look for": lambda store: store.exists("a/part-0"),
    "remove": lambda store: store.remove(["a/part-0"]),
    "probe": lambda store: store.check_writable(),
}


@pytest.fixture
def old(other):
    other.write("a/part-0", OLD)
    return other


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.FORBIDDEN, Fault.CUT_UPLOAD, Fault.STALLED])
def test_an_upload_that_fails_leaves_the_old_object(fault, s3, old, line):
    line.rule = lambda kind, _key: fault if kind == "PUT" else None

    with pytest.raises(StoreError, match=r"cannot write a/part-0 under kiwoom_data_root kiwoom/.*Check the cred"):
        s3.write("a/part-0", NEW)

    assert old.read("a/part-0") == OLD
    assert old.list("") == ["a/part-0"]


def test_an_upload_whose_answer_is_lost_is_reported_and_can_be_done_again(s3, old, line):
    line.rule = lambda kind, _key: Fault.LOST_ANSWER if kind == "PUT" else None
    with pytest.raises(StoreError, match="cannot write"):
        s3.write("a/part-0", NEW)
    line.rule = None

    s3.write("a/part-0", NEW)

    assert old.read("a/part-0") == NEW


def test_a_slow_upload_arrives_whole(s3, old, line):
    line.rule = lambda kind, _key: Fault.SLOW if kind == "PUT" else None

    s3.write("a/part-0", NEW)

    assert old.read("a/part-0") == NEW


@pytest.mark.usefixtures("old")
def test_an_answer_that_breaks_off_is_never_taken_for_the_object(s3, line):
    line.rule = lambda kind, _key: Fault.CUT_ANSWER if kind == "GET" else None

    with pytest.raises(StoreError, match="cannot read a/part-0"):
        s3.read("a/part-0")


def test_a_passing_refusal_is_ridden_out_without_an_error(line, keys, old, opened):
    patient = opened(line.url, keys, old.root, attempts=3, retries={"total_max_attempts": 3})
    refusals = iter([Fault.REFUSED, Fault.CUT_UPLOAD])
    line.rule = lambda kind, _key: next(refusals, None) if kind == "PUT" else None

    patient.write("a/part-0", NEW)

    assert old.read("a/part-0") == NEW


@pytest.mark.parametrize("action", ACTIONS)
def test_a_wrong_secret_is_refused_with_a_message_that_holds_no_secret(action, line, keys, old, opened):
    store = opened(line.url, (keys[0], "a-secret-that-is-wrong"), old.root)

    with pytest.raises(StoreError, match="Check the credentials") as raised:
        ACTIONS[action](store)

    assert "a-secret-that-is-wrong" not in str(raised.value)
    assert keys[0] not in str(raised.value)
    assert old.read("a/part-0") == OLD


@pytest.mark.parametrize("action", ACTIONS)
def test_a_store_that_is_not_there_is_named_by_its_root(action, keys, opened):
    store = opened("http://127.0.0.1:9", keys, "kiwoom/data")

    with pytest.raises(StoreError, match=r"under kiwoom_data_root kiwoom/data: .*127\.0\.0\.1:9"):
        ACTIONS[action](store)


def test_a_missing_bucket_is_found_before_anything_depends_on_it(line, keys, opened):
    store = opened(line.url, keys, "no-such-bucket/data")

    with pytest.raises(StoreError, match="The specified bucket does not exist"):
        store.check_writable()


def test_a_root_that_takes_and_does_not_give_is_found_before_anything_depends_on_it(s3, line):
    line.rule = lambda kind, _key: Fault.FORBIDDEN if kind == "GET" else None

    with pytest.raises(StoreError, match=r"cannot read \.writable-"):
        s3.check_writable()


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize(
    ("action", "requests"),
    [
        (lambda store: store.write("a/part-1", NEW), {"PUT": 1}),
        (lambda store: store.read("a/part-0"), {"GET": 1}),
        (lambda store: store.list("a"), {"LIST": 1}),
        (lambda store: store.children("a"), {"LIST": 1}),
        (lambda store: store.exists("a/part-0"), {"HEAD": 1}),
        (lambda store: store.remove(["a/part-0"]), {"DELETE": 1}),
        (lambda store: store.check_writable(), {"PUT": 1, "GET": 1, "DELETE": 1}),
    ],
    ids=["write", "read", "list", "children", "exists", "remove", "probe"],
)
def test_each_step_is_one_request(action, requests, s3, line):
    action(s3)

    assert dict(line.count()) == requests


def test_an_object_many_times_the_size_of_ours_is_one_put(s3, line):
    s3.write("a/part-0", bytes(30_000_000))

    assert dict(line.count()) == {"PUT": 1}

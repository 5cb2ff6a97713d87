"""An object store that refuses, breaks off, loses answers or is not there: the old object, and a message that helps."""

from __future__ import annotations

import pytest

from kiwoom_provider.datasets.store import StoreError
from storage.stores import NOWHERE, WRONG_KEY
from storage.wire import Fault

OLD, NEW = b"old" * 100_000, b"new" * 100_000
ABSENT = {"s3": "The specified bucket does not exist", "abfs": "The specified container does not exist"}
ACTIONS = {
    "write": lambda store: store.write("a/part-0", NEW),
    "read": lambda store: store.read("a/part-0"),
    "list": lambda store: store.list("a"),
    "list the folders": lambda store: store.children("a"),
    "look for": lambda store: store.exists("a/part-0"),
    "remove": lambda store: store.remove(["a/part-0"]),
    "probe": lambda store: store.check_writable(),
}
REQUESTS = {
    "write": {"s3": {"PUT": 1}, "abfs": {"PUT": 1}},
    "read": {"s3": {"GET": 1}, "abfs": {"GET": 1}},
    "list": {"s3": {"LIST": 1}, "abfs": {"HEAD": 1, "LIST": 1}},
    "list the folders": {"s3": {"LIST": 1}, "abfs": {"LIST": 2}},
    "look for": {"s3": {"HEAD": 1}, "abfs": {"HEAD": 1}},
    "remove": {"s3": {"DELETE": 1}, "abfs": {"DELETE": 1}},
    "probe": {"s3": {"PUT": 1, "GET": 1, "DELETE": 1}, "abfs": {"PUT": 1, "GET": 1, "DELETE": 1}},
}


REMEDY = {
    Fault.REFUSED: "Check that the place exists",
    Fault.FORBIDDEN: "Check the credentials",
    Fault.CUT_UPLOAD: "Its server does not answer",
    Fault.STALLED: "Its server does not answer",
}


@pytest.fixture
def old(theirs):
    theirs.write("a/part-0", OLD)
    return theirs


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.FORBIDDEN, Fault.CUT_UPLOAD, Fault.STALLED])
def test_an_upload_that_fails_leaves_the_old_object_and_says_what_to_look_at(fault, mine, old, line, kind):
    line.rule = lambda kind, _key: fault if kind == "PUT" else None

    with pytest.raises(StoreError, match=rf"(?s)cannot write a/part-0 under .* {kind}://kiwoom/.*\. {REMEDY[fault]}"):
        mine.write("a/part-0", NEW)

    assert old.read("a/part-0") == OLD
    assert old.list("") == ["a/part-0"]


def test_an_upload_whose_answer_is_lost_is_reported_and_can_be_done_again(mine, old, line):
    line.rule = lambda kind, _key: Fault.LOST_ANSWER if kind == "PUT" else None
    with pytest.raises(StoreError, match="cannot write"):
        mine.write("a/part-0", NEW)
    line.rule = None

    mine.write("a/part-0", NEW)

    assert old.read("a/part-0") == NEW


def test_a_slow_upload_arrives_whole(mine, old, line):
    line.rule = lambda kind, _key: Fault.SLOW if kind == "PUT" else None

    mine.write("a/part-0", NEW)

    assert old.read("a/part-0") == NEW


@pytest.mark.usefixtures("old")
def test_an_answer_that_breaks_off_is_never_taken_for_the_object(mine, line):
    line.rule = lambda kind, _key: Fault.CUT_ANSWER if kind == "GET" else None

    with pytest.raises(StoreError, match="cannot read a/part-0"):
        mine.read("a/part-0")


def test_a_passing_refusal_is_ridden_out_without_an_error(line, service, old):
    patient = service.open(old.root, url=line.url, attempts=3)
    refusals = iter([Fault.REFUSED, Fault.CUT_UPLOAD])
    line.rule = lambda kind, _key: next(refusals, None) if kind == "PUT" else None

    patient.write("a/part-0", NEW)

    assert old.read("a/part-0") == NEW


@pytest.mark.parametrize("action", ACTIONS)
def test_a_wrong_secret_is_refused_with_a_message_that_holds_no_secret(action, service, old):
    store = service.open(old.root, key=WRONG_KEY[service.kind])

    with pytest.raises(StoreError, match="Check the credentials") as raised:
        ACTIONS[action](store)

    assert WRONG_KEY[service.kind] not in str(raised.value)
    assert service.server.access_key not in str(raised.value)
    assert old.read("a/part-0") == OLD


@pytest.mark.parametrize("action", ACTIONS)
def test_a_store_that_is_not_there_is_named_by_its_root_and_no_credentials_are_doubted(action, service, kind):
    store = service.open("kiwoom/data", url=NOWHERE)

    with pytest.raises(StoreError, match=rf"under kiwoom_data_root {kind}://kiwoom/data: .*127\.0\.0\.1:9") as raised:
        ACTIONS[action](store)

    assert str(raised.value).endswith(
        "Its server does not answer from here: check the endpoint's address and the network"
    )


def test_a_missing_bucket_is_found_before_anything_depends_on_it(service):
    store = service.open("no-such-bucket/data")

    with pytest.raises(StoreError, match=ABSENT[service.kind]):
        store.check_writable()


def test_a_root_that_takes_and_does_not_give_is_found_before_anything_depends_on_it(mine, line):
    line.rule = lambda kind, _key: Fault.FORBIDDEN if kind == "GET" else None

    with pytest.raises(StoreError, match=r"cannot read \.writable-"):
        mine.check_writable()


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize("action", ACTIONS)
def test_each_step_costs_the_requests_that_are_stated(action, mine, line, kind):
    ACTIONS[action](mine)

    assert dict(line.count()) == REQUESTS[action][kind]


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")  # of Azure's client, from 1 MB
def test_an_object_many_times_the_size_of_ours_is_one_put(mine, line):
    mine.write("a/part-0", bytes(30_000_000))

    assert dict(line.count()) == {"PUT": 1}

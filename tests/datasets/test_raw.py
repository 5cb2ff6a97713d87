"""Raw sweeps: stored as they came, verified when read."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from kiwoom_provider.api.ka10066 import request_body
from kiwoom_provider.datasets import raw
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.parameters import ParameterSet
from pages import page, row

SESSION = date(2026, 11, 20)
SET = ParameterSet.parse("KOSPI", "KRX", "amount", "net")
STARTED = datetime(2026, 11, 20, 11, 40, 1, tzinfo=UTC)
FOLDER = (
    "raw/ka10066/session_date=2026-11-20/market=KOSPI/venue=KRX/measure=amount/side=net/sweep=20261120T114001.000000Z"
)


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path.as_uri())


@pytest.fixture
def stored(store):
    """A complete sweep of two pages."""
    prefix = raw.sweep_prefix(SESSION, SET, STARTED)
    raw.write_page(store, prefix, page([row("000020")], 1, following="K1"), "run-a")
    raw.write_page(store, prefix, page([row("005930")], 2, sent="K1"), "run-a")
    return store


def fetched(one, at):
    return replace(one, fetched_at=at)


def sweeps(store):
    return raw.load_sweeps(store, SESSION, SET).get(SET, [])


def test_a_sweep_lies_under_its_session_set_and_start(stored):
    assert stored.list("raw") == [f"{FOLDER}/page-0001.json.gz", f"{FOLDER}/page-0002.json.gz"]


def test_a_stored_page_comes_back_as_it_was():
    before = page([row()], 3, sent="K2", following="K3")

    after, run_id = raw.unpack(raw.pack(before, "run-a"))

    assert after == before
    assert run_id == "run-a"


def test_a_body_that_is_no_text_is_kept_byte_for_byte():
    before = page([row()])
    object.__setattr__(before, "body", b"\xff\xfe\x00not utf-8")

    assert raw.unpack(raw.pack(before, "r"))[0].body == b"\xff\xfe\x00not utf-8"


def test_the_same_page_gives_the_same_bytes():
    assert raw.pack(page([row()]), "r") == raw.pack(page([row()]), "r")


def test_a_stored_page_can_be_read_with_zcat_and_json(stored):
    envelope = json.loads(gzip.decompress(stored.read(f"{FOLDER}/page-0002.json.gz")))

    assert envelope["request"] == {"mrkt_tp": "001", "amt_qty_tp": "1", "trde_tp": "0", "stex_tp": "1"}
    assert envelope["fetched_at"] == "2026-11-20T11:40:02+00:00"
    assert json.loads(envelope["body"])["opaf_invsr_trde"][0]["stk_cd"] == "005930"


def test_a_sweep_whose_last_page_says_so_is_complete(stored):
    (sweep,) = sweeps(stored)

    assert sweep.is_complete
    assert sweep.page_sizes == (1, 1)
    assert sweep.run_id == "run-a"


def test_a_sweep_without_its_last_page_is_not_complete(stored):
    stored.remove([f"{FOLDER}/page-0002.json.gz"])

    assert not sweeps(stored)[0].is_complete


def test_a_sweep_ends_before_a_missing_page(stored):
    stored.remove([f"{FOLDER}/page-0001.json.gz"])

    assert sweeps(stored)[0].pages == ()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:40],
        lambda _data: b"",
        lambda _data: b"no gzip",
        lambda _data: gzip.compress(b"[]"),
        lambda data: gzip.compress(gzip.decompress(data).replace(b"005930", b"005931")),
        lambda data: gzip.compress(gzip.decompress(data).replace(b'"sent_next_key":"K1"', b'"sent_next_key":"K9"')),
    ],
    ids=["cut", "empty", "no gzip", "other json", "one digit changed", "other key"],
)
def test_a_damaged_page_ends_its_sweep_before_it(stored, damage):
    key = f"{FOLDER}/page-0002.json.gz"
    stored.write(key, damage(stored.read(key)))

    assert [page.number for page in sweeps(stored)[0].pages] == [1]


def test_sweeps_of_a_set_come_oldest_first(stored):
    later = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    raw.write_page(stored, raw.sweep_prefix(SESSION, SET, later), fetched(page([row("000020")]), later), "run-b")

    assert [sweep.run_id for sweep in sweeps(stored)] == ["run-a", "run-b"]


def test_equal_answers_have_equal_digests_whenever_they_came(stored):
    later = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    prefix = raw.sweep_prefix(SESSION, SET, later)
    raw.write_page(stored, prefix, fetched(page([row("000020")], 1, following="K1"), later), "run-b")
    raw.write_page(stored, prefix, page([row("005930")], 2, sent="K1"), "run-b")

    first, second = sweeps(stored)

    assert first.digest == second.digest


OTHER = ParameterSet.parse("KOSPI", "KRX", "amount", "buy")


@pytest.mark.parametrize(
    ("stranger", "run_id"),
    [
        (page([row("005930")], 2, sent="K1"), "run-b"),
        (replace(page([row("005930")], 2, sent="K1"), request=request_body(OTHER)), "run-a"),
        (replace(page([row("005930")], 2, sent="K1"), api_id="ka10059"), "run-a"),
    ],
    ids=["another run's", "another set's", "another TR's"],
)
def test_a_page_that_was_moved_here_is_not_taken(stored, stranger, run_id):
    raw.write_page(stored, FOLDER, stranger, run_id)

    assert [page.number for page in sweeps(stored)[0].pages] == [1]


def test_a_first_page_that_was_moved_here_from_another_sweep_is_not_taken(stored):
    moved = fetched(page([row("000020")]), datetime(2026, 11, 19, 11, 40, 1, tzinfo=UTC))
    raw.write_page(stored, FOLDER, moved, "run-a")

    assert sweeps(stored)[0].pages == ()


def test_a_page_that_would_unpack_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(raw, "MOST_BYTES", 2**20)

    with pytest.raises(raw.RawError, match="a stored page: is larger than 1 MiB"):
        raw.unpack(gzip.compress(b" " * 2**24))


def changed(**fields):
    envelope = json.loads(gzip.decompress(raw.pack(page([row("000020")], 1), "run-a")))
    return gzip.compress(json.dumps(envelope | fields).encode())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"format": 2}, "a stored page cannot be read: format: it is 2, and this version reads 1"),
        ({"format": 0}, "format: it is 0, and this version reads 1"),
        ({"format": "1"}, "format: it is str, and this version reads 1"),
        ({"later": 1}, "later: Extra inputs are not permitted"),
        ({"number": 0}, "number: Input should be greater than or equal to 1"),
        ({"number": 10**30}, "number: Input should be less than or equal to 9999"),
        ({"cont_yn": "Y"}, "cont_yn: Input should be a valid boolean"),
        ({"run_id": "r" * 2001}, "run_id: String should have at most 2000 characters"),
        ({"headers": {f"h{n}": "" for n in range(101)}}, "headers: Dictionary should have at most 100 items"),
        ({"fetched_at": "2026-11-20T11:40:01"}, "fetched_at: Input should have timezone info"),
        ({"body_base64": "AAAA"}, "a stored page: it holds no body, or two"),
    ],
)
def test_an_envelope_of_another_format_or_beyond_its_bounds_is_refused_by_its_element(fields, message):
    with pytest.raises(raw.RawError) as raised:
        raw.unpack(changed(**fields))

    assert message in str(raised.value)


def test_a_page_written_by_version_0_is_read():
    """The text is what the first version wrote: offset as +00:00, no element more."""
    assert json.loads(gzip.decompress(changed()))["fetched_at"] == "2026-11-20T11:40:01+00:00"
    assert raw.unpack(changed())[1] == "run-a"

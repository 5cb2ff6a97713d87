"""Raw pages tampered with on disk: what is damaged or of another set, sweep or session is never taken."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from fuzz.material import JSON, fuzzed
from kiwoom_provider.api import ka10066
from kiwoom_provider.datasets import raw
from kiwoom_provider.parameters import ParameterSet
from pages import page, row

SESSIONS = (date(2026, 11, 19), date(2026, 11, 20))
SETS = (ParameterSet.parse("KOSPI", "KRX", "amount", "net"), ParameterSet.parse("KOSDAQ", "NXT", "quantity", "buy"))
FIELDS = ("number", "request", "sent_next_key", "status", "cont_yn", "next_key", "headers", "fetched_at", "run_id",
          "sha256", "body", "api_id", "format")  # fmt: skip


class Objects(dict):
    """A store in memory, and what was done to it."""

    def __init__(self, *args):
        super().__init__(*args)
        self.done = []

    def __repr__(self):
        return f"Objects({self.done})"

    def read(self, key):
        try:
            return self[key]
        except KeyError:
            raise FileNotFoundError(key) from None

    def write(self, key, data):
        self[key] = data

    def list(self, prefix):
        return sorted(key for key in self if key.startswith(prefix))


def stored():
    """Three pages of two sets in two sessions; next-keys are alike everywhere, as they may be."""
    store = Objects()
    for session in SESSIONS:
        for parameters in SETS:
            started = datetime(session.year, session.month, session.day, 11, 40, 1, tzinfo=UTC)
            prefix = raw.sweep_prefix(session, parameters, started)
            keys = ("", "K1", "K2", "")
            for number in (1, 2, 3):
                one = page([row(f"{number:06d}")], number, sent=keys[number - 1], following=keys[number])
                object.__setattr__(one, "request", ka10066.request_body(parameters))
                object.__setattr__(one, "fetched_at", started + timedelta(seconds=number - 1))
                raw.write_page(store, prefix, one, f"run-{session}")
    return store


GOOD = stored()
WHOLE = {
    sweep.prefix: sweep.pages
    for session in SESSIONS
    for sweeps in raw.load_sweeps(GOOD, session).values()
    for sweep in sweeps
}
KEYS = sorted(GOOD)


def test_what_is_whole_is_read_whole():
    assert [len(pages) for pages in WHOLE.values()] == [3] * 4


def packed(value):
    return gzip.compress(json.dumps(value).encode(), mtime=0)


@st.composite
def tampered(draw):
    """Return the store with up to three objects damaged, cut, swapped, doubled, emptied or rewritten."""
    store = Objects(GOOD)
    for _ in range(draw(st.integers(1, 3))):
        key, other = draw(st.sampled_from(KEYS)), draw(st.sampled_from(KEYS))
        data = store[key]
        how = draw(st.sampled_from(["flip", "cut", "swap", "copy", "add", "field", "replace"]))
        store.done.append((how, key[23:], other[23:]))
        if how == "flip" and data:
            place = draw(st.integers(0, len(data) - 1))
            store[key] = data[:place] + bytes([data[place] ^ draw(st.integers(1, 255))]) + data[place + 1 :]
        elif how == "cut":
            store[key] = data[: draw(st.integers(0, len(data)))]
        elif how == "swap":
            store[key], store[other] = store[other], data
        elif how == "copy":
            store[other] = data
        elif how == "add":
            store[key] = data + draw(st.binary(max_size=20))
        elif how == "field":
            envelope = json.loads(gzip.decompress(GOOD[key]))
            envelope[draw(st.sampled_from(FIELDS))] = value = draw(JSON)
            store.done.append(value)
            store[key] = packed(envelope)
        else:
            store[key] = draw(st.one_of(st.binary(max_size=60), JSON.map(packed)))
    return store


@fuzzed(store=tampered())
def test_stored_raw(store):
    for session in SESSIONS:
        for parameters, sweeps in raw.load_sweeps(store, session).items():
            for sweep in sweeps:
                assert sweep.parameters == parameters
                bodies = [page.body for page in sweep.pages]
                assert bodies == [page.body for page in WHOLE[sweep.prefix]][: len(bodies)]
                for read, written in zip(sweep.pages, WHOLE[sweep.prefix], strict=False):
                    assert read.request == written.request
                    assert read.sent_next_key == written.sent_next_key

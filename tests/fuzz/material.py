"""What hostile input is made of: any JSON, good answers with something wrong, damaged bytes."""

from __future__ import annotations

import copy
import json
from collections import Counter
from functools import wraps

from hypothesis import given
from hypothesis import strategies as st

from kiwoom_provider.api.ka10066 import ROW_ELEMENTS
from pages import row

CASES: Counter[str] = Counter()
"""Cases run so far, by target."""

LONE_SURROGATES = st.text(st.characters(categories=("Cs", "Cc", "L", "N", "P")), max_size=12)
TEXTS = st.one_of(st.text(max_size=20), LONE_SURROGATES, st.sampled_from(["", "../../x", "\x00", "Y", "N", "9" * 400]))
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)
CELLS = st.text("+-0123456789,. ", max_size=24)
CODES = ("005930", "0156T0", "33626K", "000020")


def fuzzed(**strategies):
    """Run the test on drawn arguments, and count the cases."""

    def decorate(test):
        @wraps(test)
        def counted(*args, **drawn):
            CASES[test.__name__.removeprefix("test_")] += 1
            return test(*args, **drawn)

        return given(**strategies)(counted)

    return decorate


@st.composite
def answers(draw):
    """Return an answer's body: a good one, one with up to three things wrong, or anything at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.one_of(st.binary(max_size=200), JSON.map(dumped)))
    good = {"opaf_invsr_trde": [row(code) for code in CODES], "return_code": 0, "return_msg": "ok"}
    for _ in range(draw(st.integers(0, 3))):
        good = draw(changed(good))
    return draw(damaged(dumped(good)))


@st.composite
def changed(draw, payload):
    """Return the payload with one thing replaced, added or left out."""
    payload = copy.deepcopy(payload)
    rows = payload.get("opaf_invsr_trde") if isinstance(payload, dict) else None
    if isinstance(rows, list) and rows and isinstance(rows[0], dict) and draw(st.booleans()):
        target, names = draw(st.sampled_from(rows)), ROW_ELEMENTS
        value = draw(st.one_of(CELLS, TEXTS, JSON))
    else:
        target, names = payload, ("opaf_invsr_trde", "return_code", "return_msg", "more")
        value = draw(JSON)
    if isinstance(target, dict):
        name = draw(st.sampled_from(names))
        if draw(st.integers(0, 4)):
            target[name] = value
        else:
            target.pop(name, None)
    return payload


@st.composite
def damaged(draw, data):
    """Return the bytes as they are, cut, with bits flipped, or with bytes put in."""
    how = draw(st.integers(0, 7))
    if how > 2 or not data:
        return data
    place = draw(st.integers(0, len(data) - 1))
    if how == 0:
        return data[:place]
    if how == 1:
        return data[:place] + draw(st.binary(min_size=1, max_size=8)) + data[place:]
    return data[:place] + bytes([data[place] ^ (1 << draw(st.integers(0, 7)))]) + data[place + 1 :]


def dumped(value):
    """Return any value as JSON bytes, NaN and lone surrogates included."""
    return json.dumps(value, ensure_ascii=True).encode()

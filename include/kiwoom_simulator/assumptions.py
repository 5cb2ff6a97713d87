"""
What is not known of the live API, and each way that it may be: the table of open assumptions.

Written ``NAME=VALUE``, as in ``--assume sells=negative``; ``otherwise`` takes every one the other way at
once. The first value of each is what the simulator does unless told.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

OTHERWISE = "otherwise"


def _one_of(*values: str, text: str) -> str:
    chosen: str = field(default=values[0], metadata={"values": values, "text": text})
    return chosen


@dataclass(frozen=True, slots=True)
class Assumptions:
    """One value of each open assumption."""

    numbers: str = _one_of("recorded", "padded", "plain", "wild", text="how numbers are written")
    headers: str = _one_of("lower", "title", "upper", text="case of the answer's header names")
    tokens: str = _one_of("kill", "same", "keep", text="what a new token does to the older")
    return_code: str = _one_of("number", "text", text="the answer's return_code")
    limit_text: str = _one_of("named", "bare", text="whether an over-limit answer names its quota")
    limit_status: str = _one_of("429", "200", text="HTTP status of an over-limit answer")
    page_rows: str = _one_of("100", "60", "150", text="rows of a page of ka10066")
    page_order: str = _one_of("code", "volume", text="what rows of ka10066 are ordered by")
    next_key: str = _one_of("lasts", "token", "pause", text="a next-key dies with its token, or after a minute")
    nxt_code: str = _one_of("suffix", "plain", text="stk_cd of NXT's rows: 005930_NX or 005930")
    consolidated_code: str = _one_of("suffix", "plain", text="stk_cd of 통합's rows: 005930_AL or 005930")
    pre_sig: str = _one_of("three", "zero", text="pre_sig of a price that has not changed")
    sells: str = _one_of("positive", "negative", text="sign of ka10066's sells")
    dated_sells: str = _one_of("positive", "negative", text="sign of ka10059's sells")
    rounding: str = _one_of("rounded", "cut", text="amounts rounded to 백만원, or cut")
    untraded: str = _one_of("zeros", "blank", text="investor fields of a stock without trade")
    coverage: str = _one_of("whole", "short", text="buys and sells cover the volume, or it counts 2 % more")
    venues: str = _one_of("sum", "more", text="통합 is KRX + NXT, or has trades that neither has")
    dated_rate: str = _one_of("hundredths", "percent", text="flu_rt of ka10059: -110, or -1.10 for the same")
    dated_figures: str = _one_of("same", "other", text="ka10059's flows are ka10066's, or 2 % less throughout")
    dated_depth: str = _one_of("years", "page", text="how far back ka10059 goes: years, or a hundred sessions")
    dated_paging: str = _one_of("keys", "none", text="ka10059 pages on with keys, or ends after a hundred rows")
    dated_etn: str = _one_of("served", "unknown", text="whether ka10059 knows ETNs")
    unknown_code: str = _one_of("empty", "1902", "blank", "no-list", text="ka10059's answer to a code it does not know")
    unsettled_row: str = _one_of(
        "broken", "zeros", text="the day's row of ka10059 before it settles: 개인 0 and others in thousands, or zeros"
    )
    totals: str = _one_of("right", "differ", "million", text="ka10051: 5 % more than the rows' sum, or in 백만원")
    totals_closed_day: str = _one_of("last", "empty", text="ka10051 on a closed day: the last session's, or nothing")
    mock_venues: str = _one_of("krx", "all", text="venues that the mock host serves")

    @classmethod
    def parse(cls, texts: Iterable[str], basis: Assumptions | None = None) -> Assumptions:
        """
        Read ``NAME=VALUE`` texts, the later over the earlier, and those over ``basis``.

        :raises ValueError: naming what is not known.
        """
        chosen = basis or cls()
        for text in texts:
            chosen = otherwise() if text == OTHERWISE else replace(chosen, **_pair(text))
        return chosen


def values_of(name: str) -> tuple[str, ...]:
    """Return the values that an assumption can have, the simulator's own first."""
    found: tuple[str, ...] = _METADATA[name]["values"]
    return found


def texts() -> dict[str, str]:
    """Return what each assumption is about, by name."""
    return {name: f"{' | '.join(values_of(name))}: {about['text']}" for name, about in _METADATA.items()}


def otherwise() -> Assumptions:
    """Return every assumption taken the other way: its second value."""
    return Assumptions(**{name: values_of(name)[1] for name in _METADATA})


def _pair(text: str) -> dict[str, str]:
    name, _, value = text.partition("=")
    if name not in _METADATA:
        raise ValueError(f"{text!r}: there is no assumption {name!r}; there are: {', '.join(_METADATA)}, {OTHERWISE}")
    if value not in values_of(name):
        raise ValueError(f"{text!r}: {value!r} is not one of: {', '.join(values_of(name))}")
    return {name: value}


_METADATA = {one.name: one.metadata for one in fields(Assumptions)}

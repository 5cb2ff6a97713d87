"""A small market of our own: consistent unrounded trades, published with the rounding of the real thing."""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pytest

from kiwoom_provider.locale import message
from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side, Venue
from kiwoom_provider.proof.session_proof import Outcome, ReferenceRow, SessionProof, SetProof
from kiwoom_provider.quality.audit_input import AuditInput
from small_tables import DAY, DAY_BEFORE, ELEMENTS, FETCHED, table_of, typed
from witnesses import master_of, totals_of

if TYPE_CHECKING:
    import pyarrow as pa

UTC = dt.UTC
WINDOW = (dt.datetime(2026, 11, 20, 11, 30, tzinfo=UTC), dt.datetime(2026, 11, 22, 22, 0, tzinfo=UTC))
PARTIES = [0.55, 0.22, 0.06, 0.01, 0.03, 0.005, 0.01, 0.04, 0.03, 0.005, 0.039, 0.001]
"""Shares of trading: individual, foreigner, eight institutions, other corporation, natfor (unpublished)."""
HOW = (
    message("{count} of {all} sets equal ka10059's settled rows dated {day}", count=36, all=36, day="2026-11-20"),
    message("{count} of {all} sets differ from the session before", count=36, all=36),
)


def stocks_of(market: Market, count: int) -> tuple[list[str], list[str]]:
    first = 20 if market is Market.KOSPI else 10
    letter = "T" if market is Market.KOSPI else "K"
    codes = [f"{first + 30 * i:06d}" if i % 40 else f"{i:04d}{letter}0" for i in range(count)]
    names = [f"{market}<{i}>&Co" if i % 50 == 0 else f"종목{market}{i}" for i in range(count)]
    return codes, names


def gross(rng: np.random.Generator, volume: np.ndarray, price: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split each stock's volume among the parties: shares, and won at a price near the day's."""
    weights = rng.dirichlet(np.array(PARTIES) * 40, size=len(volume))
    shares = np.floor(volume[:, None] * weights).astype(np.int64)
    shares[:, 0] += volume - shares.sum(axis=1)
    paid = price[:, None] * rng.uniform(0.97, 1.03, shares.shape)
    return shares, np.floor(shares * paid).astype(np.int64)


def published(parties: np.ndarray, measure: Measure) -> np.ndarray:
    """Put 기관계 before its parts, leave natfor out, round won to a million."""
    fields = np.column_stack([parties[:, :2], parties[:, 2:10].sum(axis=1), parties[:, 2:11]])
    return fields if measure is Measure.QUANTITY else np.rint(fields / 1e6).astype(np.int64)


def market_tables(market: Market, count: int, seed: int, day: int, fetched_at) -> dict[ParameterSet, pa.Table]:
    codes, names = stocks_of(market, count)
    steady = np.random.default_rng([seed, int(market.code)])
    last = np.rint(np.exp(steady.normal(9, 1, count))).astype(np.int64) + 100
    on_nxt = steady.random(count) < 0.3
    size = steady.normal(11, 1.5, count)
    rng = np.random.default_rng([seed, int(market.code), day])
    for _ in range(day + 1):
        change = np.rint(last * steady.uniform(-0.2, 0.2, count)).astype(np.int64)
        last += change
    sign = np.where(change > 0, 2, np.where(change < 0, 5, 3))
    rate = np.rint(10_000 * change / (last - change)).astype(np.int64)
    volume = {Venue.KRX: np.floor(np.exp(size + rng.normal(0, 0.3, count))).astype(np.int64)}
    volume[Venue.KRX][rng.random(count) < 0.01] = 0
    volume[Venue.NXT] = np.where(on_nxt, volume[Venue.KRX] // 3, 0)
    trades = {v: {s: gross(rng, volume[v], last) for s in (Side.BUY, Side.SELL)} for v in volume}
    volume[Venue.CONSOLIDATED] = volume[Venue.KRX] + volume[Venue.NXT]
    trades[Venue.CONSOLIDATED] = {
        s: tuple(a + b for a, b in zip(trades[Venue.KRX][s], trades[Venue.NXT][s], strict=True))
        for s in (Side.BUY, Side.SELL)
    }
    tables = {}
    for venue in Venue:
        rows = np.flatnonzero(on_nxt) if venue is Venue.NXT else np.arange(count)
        quotes = {
            "cur_prc": last,
            "pre_sig": sign,
            "pred_pre": change,
            "flu_rt": rate,
            "trde_qty": volume[venue],
        }
        order = [int(i) for i in sorted(rows, key=lambda row: codes[row])]
        for measure, index in ((Measure.QUANTITY, 0), (Measure.AMOUNT, 1)):
            buy, sell = (trades[venue][side][index] for side in (Side.BUY, Side.SELL))
            for side, parties in ((Side.BUY, buy), (Side.SELL, sell), (Side.NET, buy - sell)):
                flows = published(parties, measure)[order]
                picked = {name: values[order] for name, values in quotes.items()}
                key = ParameterSet(market, venue, measure, side)
                tables[key] = typed([codes[i] for i in order], [names[i] for i in order], picked, flows, fetched_at)
    return tables


def pages_of(rows: int) -> tuple[int, ...]:
    full, rest = divmod(rows, 100)
    return (100,) * full + ((rest,) if rest else ())


def make_session(seed: int = 1, kospi: int = 250, kosdaq: int = 290, *, witnessed: bool = False) -> AuditInput:
    """A good session with the one before it, proved by one stock in every set."""

    def tables(day, fetched_at):
        return {
            **market_tables(Market.KOSPI, kospi, seed, day, fetched_at),
            **market_tables(Market.KOSDAQ, kosdaq, seed, day, fetched_at),
        }

    now, before = dict(sorted(tables(1, FETCHED).items())), tables(0, FETCHED - dt.timedelta(days=1))
    rows = tuple(
        ReferenceRow(
            **ReferenceRow.of(key),
            stock_code=table["stk_cd"][3].as_py(),
            dated={e: table[e][3].as_py() for e in ELEMENTS},
        )
        for key, table in now.items()
    )
    sets = tuple(SetProof(**SetProof.of(key), outcome=Outcome.PROVED, compared_with=(DAY_BEFORE,)) for key in now)
    return AuditInput(
        session_date=DAY,
        asked=tuple(now),
        tables=now,
        published=before,
        published_on=DAY_BEFORE,
        securities=master_of(now, DAY) if witnessed else None,
        totals=totals_of(now) if witnessed else {},
        page_sizes={key: pages_of(table.num_rows) for key, table in now.items()},
        proof=SessionProof(outcome=Outcome.PROVED, how=HOW, rows=rows, sets=sets),
        window=WINDOW,
    )


@pytest.fixture(scope="session")
def session_of():
    return make_session


@pytest.fixture(scope="session")
def good() -> AuditInput:
    """A good session of which neither the securities master nor the totals could be had."""
    return make_session()


@pytest.fixture(scope="session")
def witnessed() -> AuditInput:
    """A good session with both."""
    return make_session(witnessed=True)


@pytest.fixture(scope="session")
def sheet_of():
    """Return a builder of one typed table from investor fields alone, shape (stocks, 12)."""
    return table_of


@pytest.fixture(scope="session")
def typed_table():
    """Return the builder of a typed table: codes, names, quotes by element, investor fields."""
    return typed


class Prose(HTMLParser):
    """Collects a page's texts, without style and code."""

    def __init__(self):
        super().__init__()
        self.within, self.texts = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in {"meta", "br"}:
            self.within.append(tag)
        self.texts += [value for name, value in attrs if name == "aria-label"]

    def handle_endtag(self, _):
        self.within.pop()

    def handle_data(self, data):
        if not {"style", "code"} & set(self.within):
            self.texts.append(data)


@pytest.fixture(scope="session")
def english_in():
    """Return a finder of English in a page: two words or more in a row, beside names, codes and commands."""

    def find(html):
        prose = Prose()
        prose.feed(html)
        texts = [re.sub(r"python -m [\w.]+", "", text) for text in prose.texts]
        return [found[0] for text in texts for found in re.finditer(r"[A-Za-z']+(?: [A-Za-z']+)+", text)]

    return find

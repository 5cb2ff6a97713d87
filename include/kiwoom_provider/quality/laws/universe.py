"""Which stocks there are: between markets, between venues, and against the previous session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.parameters import Market, Venue
from kiwoom_provider.quality import tolerances
from kiwoom_provider.quality.tally import Tally, named

if TYPE_CHECKING:
    from kiwoom_provider.quality.sheet import Sheet
    from kiwoom_provider.quality.subject import Subject
    from kiwoom_provider.quality.tally import Finding

FIRST = "no set of these markets and venues is stored for a previous session"
_PAIR = (Market.KOSPI, Market.KOSDAQ)


def markets_disjoint(subject: Subject) -> Finding:
    """Check that no stock is in both KOSPI and KOSDAQ."""
    tally = Tally()
    for sheets in subject.along("market", _PAIR, tally):
        _outside(tally, sheets[Market.KOSPI], ~_among(sheets[Market.KOSPI], sheets[Market.KOSDAQ]), "not in KOSDAQ")
    return tally.finding("KOSPI and KOSDAQ were not asked for together")


def nxt_within_krx(subject: Subject) -> Finding:
    """Check that every stock on NXT is one of KRX's."""
    tally = Tally()
    for sheets in subject.along("venue", (Venue.KRX, Venue.NXT), tally):
        _outside(tally, sheets[Venue.NXT], _among(sheets[Venue.NXT], sheets[Venue.KRX]), "a stock of KRX")
    return tally.finding("KRX and NXT of one market were not asked for together")


def consolidated_is_krx(subject: Subject) -> Finding:
    """Check that 통합 has the stocks of KRX, neither more nor fewer."""
    tally = Tally()
    for sheets in subject.along("venue", (Venue.KRX, Venue.CONSOLIDATED), tally):
        krx, whole = sheets[Venue.KRX], sheets[Venue.CONSOLIDATED]
        _outside(tally, whole, _among(whole, krx), "a stock of KRX")
        _outside(tally, krx, _among(krx, whole), "a stock of CONSOLIDATED")
    return tally.finding("KRX and CONSOLIDATED of one market were not asked for together")


def all_is_both_markets(subject: Subject) -> Finding:
    """Check that ALL has the stocks of KOSPI and of KOSDAQ, with the same flows."""
    tally = Tally()
    for sheets in subject.along("market", (Market.ALL, *_PAIR), tally):
        whole = sheets[Market.ALL]
        found = np.zeros(len(whole.codes), dtype=bool)
        for market in _PAIR:
            part = sheets[market]
            inside = _among(part, whole)
            _outside(tally, part, inside, "a stock of ALL")
            found |= _among(whole, part)
            rows = np.searchsorted(whole.codes, part.codes[inside])
            same = (whole.flows[rows] == part.flows[inside]).all(axis=1)
            for code in part.codes[inside][~same]:
                tally.fault(1, part.label, "the same flows in ALL", "others", stock_code=str(code))
        _outside(tally, whole, found, "a stock of KOSPI or KOSDAQ")
    return tally.finding("ALL was not asked for together with KOSPI and KOSDAQ")


def usual_size(subject: Subject) -> Finding:
    """Check that KRX and 통합 have about as many stocks as were measured, with nothing to compare with."""
    if subject.given.previous:
        return Tally().finding("the stocks are compared with the previous session")
    tally = Tally()
    for (market, venue), sheet in subject.universes(tally).items():
        if venue is not Venue.NXT and market in tolerances.USUAL_STOCKS:
            least, most = tolerances.USUAL_STOCKS[market]
            tally.checked += 1
            if not least <= len(sheet.codes) <= most:
                tally.fault(1, sheet.place, f"{least:,} to {most:,} stocks", f"{len(sheet.codes):,}")
    if not tally.checked and not tally.broken:
        return Tally().finding("neither KRX nor CONSOLIDATED of one market was asked for")
    return tally.finding("no set was asked for")


def stocks_stay(subject: Subject) -> Finding:
    """Check that few of the previous session's stocks are gone."""
    tally = Tally()
    for before, now in _against_previous(subject, tally):
        gone = ~_among(before, now)
        tally.checked += len(gone)
        bound = _bound(len(gone), tolerances.UNIVERSE_SHARE, tolerances.UNIVERSE_LEAST)
        if gone.sum() > bound:
            _report(tally, now, before.codes[gone], f"at most {bound} of {len(gone):,} gone")
    return tally.finding(FIRST)


def no_gap(subject: Subject) -> Finding:
    """Check that no stretch of the previous session's stocks is missing, in the middle or at the end."""
    tally = Tally()
    for before, now in _against_previous(subject, tally):
        here = np.flatnonzero(np.concatenate(([True], _among(before, now), [True]))) - 1
        tally.checked += len(before.codes)
        for start, end in zip(here[:-1] + 1, here[1:], strict=True):
            most = tolerances.TAIL_ROWS if end == len(before.codes) else tolerances.GAP_ROWS
            if end - start > most:
                _report(tally, now, before.codes[start:end], f"at most {most} neighbours gone")
    return tally.finding(FIRST)


def few_are_new(subject: Subject) -> Finding:
    """Check that few stocks were not there in the previous session."""
    tally = Tally()
    for before, now in _against_previous(subject, tally):
        new = ~_among(now, before)
        tally.checked += len(new)
        bound = _bound(len(before.codes), tolerances.UNIVERSE_SHARE, tolerances.UNIVERSE_LEAST)
        if new.sum() > bound:
            _report(tally, now, now.codes[new], f"at most {bound} new", seen="new")
    return tally.finding(FIRST)


def stocks_keep_their_market(subject: Subject) -> Finding:
    """Check that few stocks are in another market than in the previous session."""
    tally = Tally()
    before = {code: p.market for p, sheet in subject.previous.items() if p.market in _PAIR for code in sheet.codes}
    for sheet in subject.universes(tally).values() if before else ():
        market = sheet.parameters.market
        moved = [c for c in sheet.codes.tolist() if market in _PAIR and before.get(c, market) is not market]
        tally.checked += len(sheet.codes)
        if len(moved) > tolerances.MOVED_STOCKS:
            text = f"at most {tolerances.MOVED_STOCKS} from another market"
            _report(tally, sheet, np.array(moved), text, seen="of the other market")
    return tally.finding(FIRST)


def names_stay(subject: Subject) -> Finding:
    """Check that few stocks have another name than in the previous session."""
    tally = Tally()
    for before, now in _against_previous(subject, tally):
        rows = np.flatnonzero(_among(now, before))
        old = before.names[np.searchsorted(before.codes, now.codes[rows])]
        renamed = rows[old != now.names[rows]]
        tally.checked += len(rows)
        bound = _bound(len(rows), tolerances.RENAMED_SHARE, tolerances.RENAMED_LEAST)
        if len(renamed) > bound:
            _report(tally, now, now.codes[renamed], f"at most {bound} renamed", seen="another name")
    return tally.finding(FIRST)


def _against_previous(subject: Subject, tally: Tally) -> list[tuple[Sheet, Sheet]]:
    """Pair each market and venue with the previous session's; first broken sets, then nothing to compare."""
    before = subject.previous_universes()
    if not before:
        return []
    now = subject.universes(tally)
    pairs = [(before[place], sheet) for place, sheet in now.items() if place in before]
    tally.entered = bool(pairs or tally.broken)
    return pairs


def _among(sheet: Sheet, other: Sheet) -> np.ndarray:
    """Return which stocks of ``sheet`` the other one has."""
    if np.array_equal(sheet.codes, other.codes):
        return np.ones(len(sheet.codes), dtype=bool)
    return np.isin(sheet.codes, other.codes, assume_unique=True)


def _outside(tally: Tally, sheet: Sheet, good: np.ndarray, expected: str) -> None:
    tally.checked += len(good)
    for row in np.flatnonzero(~good):
        stock = named(sheet, row)
        tally.fault(1, sheet.label, expected, "not so", **stock)


def _report(tally: Tally, sheet: Sheet, codes: np.ndarray, expected: str, seen: str = "gone") -> None:
    for code in codes:
        tally.fault(len(codes), sheet.place, expected, f"{seen}, one of {len(codes)}", stock_code=str(code))


def _bound(stocks: int, share: float, least: int) -> int:
    return max(least, int(stocks * share))

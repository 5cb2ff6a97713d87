"""Events: what the exchange, a venue or an issuer does, and the answers that tell of it."""

from __future__ import annotations

from datetime import date

import pytest

from kiwoom_simulator.events import KINDS, Event
from kiwoom_simulator.market import world_of
from kiwoom_simulator.parameters import Market, Selection, Venue

THURSDAY, FRIDAY = date(2026, 11, 19), date(2026, 11, 20)
SIZES = {"KOSPI": 400, "KOSDAQ": 400}


def world(*texts):
    return world_of(1, SIZES, events=tuple(Event.parse(text) for text in texts))


def names(told, market, day=FRIDAY):
    return {stock.code: stock.name for stock in told.listing(market, day).stocks}


def difference(text, market=Market.KOSPI):
    plain, told = names(world(), market), names(world(text), market)
    assert names(world(text), market, THURSDAY) == names(world(), market, THURSDAY)
    renamed = {code for code in plain.keys() & told.keys() if plain[code] != told[code]}
    return plain.keys() - told.keys(), told.keys() - plain.keys(), renamed


def test_stocks_leave_come_and_are_renamed():
    assert [len(codes) for codes in difference("delist=2@2026-11-20:market=KOSPI")] == [2, 0, 0]
    assert [len(codes) for codes in difference("list=3@2026-11-20:market=KOSPI")] == [0, 3, 0]
    assert [len(codes) for codes in difference("rename=5@2026-11-20:market=KOSPI")] == [0, 0, 5]
    assert difference("delist@2026-11-20:stock=005930") == ({"005930"}, set(), set())


def test_neighbouring_notes_mature():
    gone, _, _ = difference("mature=8@2026-11-20:market=KOSPI")
    codes = sorted(names(world(), Market.KOSPI))
    places = sorted(map(codes.index, gone))
    assert places == list(range(places[0], places[0] + 8))


def test_a_house_renames_its_whole_series():
    told = names(world("etn-rename=새롬@2026-11-20"), Market.KOSPI)
    series = [name for name in told.values() if name.startswith("새롬 ")]
    assert len(series) == len(difference("etn-rename=새롬@2026-11-20")[2]) > 10
    assert all("ETN" in name for name in series)


def test_a_stock_moves_from_kosdaq_to_kospi():
    gone, _, _ = difference("move@2026-11-20", Market.KOSDAQ)
    _, come, _ = difference("move@2026-11-20", Market.KOSPI)
    assert gone == come
    assert len(gone) == 1


def test_a_stock_stops_trading_at_its_last_price():
    told = world("suspend=2@2026-11-20:market=KOSDAQ")
    before, after = (told.day(Market.KOSDAQ, day) for day in (THURSDAY, FRIDAY))
    stopped = after.krx.suspended[:, 0] & ~before.krx.suspended[:, 0]
    assert stopped.sum() == 2
    assert not after.volume(Venue.KRX)[stopped].any()
    assert (after.krx.close[stopped] == after.krx.base[stopped]).all()


def test_nxt_reselects_its_list_until_the_next_quarter():
    plain, told = world(), world("nxt=5/9@2026-11-20:market=KOSDAQ")

    def members(of, day):
        return {stock.code for stock in of.listing(Market.KOSDAQ, day).stocks if stock.nxt}

    assert members(told, THURSDAY) == members(plain, THURSDAY)
    assert len(members(told, FRIDAY) - members(plain, FRIDAY)) == 5
    assert len(members(plain, FRIDAY) - members(told, FRIDAY)) == 9
    assert members(told, date(2027, 1, 4)) == members(plain, date(2027, 1, 4))


def test_each_quarter_begins_with_a_reselection():
    found = world_of().listing(Market.KOSDAQ, date(2026, 12, 30)), world_of().listing(Market.KOSDAQ, date(2027, 1, 4))
    old, new = ({stock.code for stock in listing.stocks if stock.nxt} for listing in found)
    assert len(old) == len(new) == 420
    assert 20 < len(new - old) < 100


def test_after_a_split_the_base_price_is_no_earlier_close():
    told = world("split=5@2026-11-20:stock=005930")
    before, after = (told.day(Market.KOSPI, day) for day in (THURSDAY, FRIDAY))
    row = after.listing.index["005930"]
    close, base = before.krx.close[before.listing.index["005930"], 0], after.krx.base[row, 0]
    assert base == pytest.approx(close / 5, rel=0.01)
    assert abs(after.quotes(Venue.KRX).rate[row, 0]) <= 3000


def test_a_stock_can_close_beyond_its_limit():
    told = world("beyond-limit=2@2026-11-20:market=KOSPI").day(Market.KOSPI, FRIDAY)
    rates = told.quotes(Venue.KRX).rate[:, 0]
    assert (rates > 3000).sum() == 2
    assert (told.krx.close > 0).all()


def test_prices_of_the_consolidated_market_lie_off_krx_s_grid_now_and_then():
    found = world_of().truth(Selection.of("KOSPI", "CONSOLIDATED", "amount", "net"), FRIDAY)
    krx = world_of().truth(Selection.of("KOSPI", "KRX", "amount", "net"), FRIDAY)
    assert 10 < (found.quotes.price != krx.quotes.price).sum() < 150


def test_the_dated_sibling_has_no_row_of_nxt_from_before_nxt_took_the_stock(start):
    api = start(event="nxt=1/0@2026-11-20:market=KOSPI,stock=000000", stocks="KOSPI=230,KOSDAQ=120")
    quarter = {row["stk_cd"][:6] for row in api.rows(venue="NXT")}
    api.control.set_clock("2026-09-30T21:00")
    before = {row["stk_cd"][:6] for row in api.rows(venue="NXT")}
    api.control.set_clock("2026-11-20T21:00")
    code = min(quarter - before)
    assert api.dated(f"{code}_NX", "20261120")[-1]["dt"] == "20261001"
    assert len(api.dated(code, "20261120")) == 100


def test_events_are_told_on_the_way_and_seen_in_the_state(api):
    api.control.event("delist@2026-11-20:stock=005930")
    assert "005930" not in {row["stk_cd"] for row in api.rows()}
    assert api.control.state()["events"] == ["delist@2026-11-20:stock=005930"]
    posted = api.http.post(f"{api.url}/_simulator/event", json={"event": "rename=2@2026-11-20"}, timeout=60)
    assert posted.json()["events"][-1] == "rename=2@2026-11-20"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_event_leaves_a_market_that_can_be_served(start, kind):
    api = start(event=f"{kind}@2026-11-20")
    codes = [row["stk_cd"] for row in api.rows(venue="CONSOLIDATED")]
    assert len(set(codes)) == len(codes) > 200
    assert [str(Event.parse(text)) for text in api.control.state()["events"]] == [f"{kind}@2026-11-20"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("rename", "is not KIND"),
        ("explode@2026-11-20", "'explode' is not one of"),
        ("rename=x@2026-11-20", "no number"),
        ("nxt=30@2026-11-20", "no number"),
        ("rename@2026-11-20:colour=red", "colour is not one of"),
        ("rename@2026-11-20:market=NYSE", "'NYSE' is not one of"),
        ("rename@2026-13-20", "event 'rename@2026-13-20': month must be"),
    ],
)
def test_an_event_that_cannot_be_read_is_refused(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        Event.parse(text)

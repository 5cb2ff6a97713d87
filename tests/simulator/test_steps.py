"""Flows come in steps: the regular session's, then the after-market's, then a revision."""

from __future__ import annotations

from datetime import date

import pytest

from kiwoom_simulator.market import truth, world_of
from kiwoom_simulator.parameters import Selection
from kiwoom_simulator.settlement import Step

GROUPS = ("ind_invsr", "frgnr_invsr", "orgn", "etc_corp", "natfor")
ALL_GROUPS = [0, 1, 2, 11, 12]
FRIDAY = date(2026, 11, 20)
SIZES = {"KOSPI": 230, "KOSDAQ": 120}


def number(text):
    return int(text.replace("--", "-"))


def flows(rows):
    return {row["stk_cd"]: tuple(number(row[name]) for name in ("ind_invsr", "orgn", "etc_corp")) for row in rows}


def expected(step, side="buy", venue="KRX"):
    found = truth(1, FRIDAY, "KOSPI", venue, "quantity", side, sizes=SIZES, step=step)
    return dict(zip(found.codes, map(tuple, found.unrounded[:, [0, 2, 11]].tolist()), strict=True))


@pytest.mark.parametrize(
    ("now", "step"),
    [
        ("2026-11-20T16:01", Step.REGULAR),
        ("2026-11-20T20:49", Step.REGULAR),
        ("2026-11-20T20:51", Step.COMPLETE),
        ("2026-11-21T05:29", Step.COMPLETE),
        ("2026-11-21T05:31", Step.REVISED),
    ],
)
def test_ka10066_takes_each_step_at_its_time(start, now, step):
    api = start(now=now, settle_at="16:00/20:50/29:30")
    assert flows(api.rows(measure="quantity", side="buy")) == expected(step)


def test_the_three_steps_are_three_different_sets_of_figures():
    assert len({tuple(sorted(expected(step).items())) for step in Step}) == 3


@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize("venue", ["KRX", "NXT", "CONSOLIDATED"])
def test_buys_and_sells_cover_the_volume_of_their_own_step_to_the_share(venue, side):
    day = world_of(1, SIZES)
    for market in ("KOSPI", "KOSDAQ"):
        selection = Selection.of(market, venue, "quantity", side)
        volumes = {step: day.truth(selection, FRIDAY, step=step).unrounded[:, ALL_GROUPS].sum(axis=1) for step in Step}
        trading = day.day(selection.market, FRIDAY)
        rows = trading.trades_on(selection.venue)[:, 0]
        assert (volumes[Step.REGULAR] == trading.regular(selection.venue).volume[rows, 0]).all()
        assert (volumes[Step.COMPLETE] == trading.complete(selection.venue).volume[rows, 0]).all()
        assert (volumes[Step.REVISED] == volumes[Step.COMPLETE]).all()
        assert 0.88 < volumes[Step.REGULAR].sum() / volumes[Step.COMPLETE].sum() < 0.99


def test_without_natfor_flows_fall_short_of_the_volume_by_less_than_a_fifth_of_a_percent():
    for market in ("KOSPI", "KOSDAQ"):
        bought = truth(1, FRIDAY, market, "KRX", "quantity", "buy")
        assert 0.00002 < bought.unrounded[:, 12].sum() / bought.volume.sum() < 0.002


def covered(row):
    return sum(number(row[name]) for name in GROUPS) / int(row["acc_trde_qty"])


@pytest.mark.parametrize(
    ("settle_at", "now", "share"),
    [
        ("16:00/20:50", "2026-11-20T20:30", (0.88, 0.995)),  # volume has the after-market, flows have not
        ("16:00/20:50", "2026-11-20T20:51", (1.0, 1.0)),
        ("16:00/20:50,volume=flows", "2026-11-20T20:30", (1.0, 1.0)),  # neither has it
        ("16:00/20:50,volume=flows", "2026-11-20T20:51", (1.0, 1.0)),
        ("16:00/20:50,volume.ka10059=21:00", "2026-11-20T20:55", (1.005, 1.14)),  # flows before volume
        ("16:00/20:50,ka10059=16:00/21:05", "2026-11-20T20:55", (0.88, 0.995)),
        ("16:00/never", "2026-11-21T06:00", (0.88, 0.995)),
    ],
)
def test_volume_takes_the_after_market_in_as_it_is_told(start, settle_at, now, share):
    row = start(now=now, settle_at=settle_at).dated("005930", "20261120", "quantity", "buy")[0]
    assert share[0] <= covered(row) <= share[1]
    assert row["dt"] == "20261120"


def test_a_market_can_settle_later_than_the_other(start):
    api = start(now="2026-11-20T21:00", settle_at="16:00/20:50,KOSDAQ=16:00/22:50")
    asked = ("20261120", "quantity", "buy")
    kospi, kosdaq = (api.dated(code, *asked)[0] for code in ("005930", "247540"))
    assert covered(kospi) == 1
    assert 0.88 <= covered(kosdaq) <= 0.995
    rows = api.rows(market="KOSDAQ", venue="KRX", measure="quantity", side="buy")
    assert kosdaq["ind_invsr"] == f"+{next(row['ind_invsr'] for row in rows if row['stk_cd'] == '247540')}"


def test_earlier_rows_are_complete_whatever_the_day_s_row_is(start):
    rows = start(now="2026-11-20T16:30", settle_at="16:00/20:50").dated("005930", "20261120", "quantity", "sell")
    assert covered(rows[0]) != 1
    assert {covered(row) for row in rows[1:]} == {1.0}


def test_volume_of_ka10066_and_of_its_dated_sibling_can_differ(start):
    api = start(now="2026-11-20T20:30", settle_at="16:00/20:50,volume.ka10066=flows")
    row = next(row for row in api.rows() if row["stk_cd"] == "005930")
    assert int(row["trde_qty"]) < int(api.dated("005930", "20261120")[0]["acc_trde_qty"])


def test_the_after_market_can_come_in_the_middle_of_a_sweep(start):
    api = start(settle_at="after=0/2")
    rows = flows(api.rows(measure="quantity", side="buy"))
    regular, complete = expected(Step.REGULAR), expected(Step.COMPLETE)
    codes = sorted(rows)
    assert [rows[code] for code in codes[:200]] == [regular[code] for code in codes[:200]]
    assert [rows[code] for code in codes[200:]] == [complete[code] for code in codes[200:]]


def test_a_hundred_dated_rows_are_what_ka10066_served_on_those_days(start):
    api = start(now="2026-11-20T22:00")
    dated = api.dated("005930_AL", "20261120", "amount", "net")
    assert len(dated) == 100
    for row in dated[::9]:
        api.control.set_clock(f"{row['dt'][:4]}-{row['dt'][4:6]}-{row['dt'][6:]}T22:00")
        page = api.call({"mrkt_tp": "001", "stex_tp": "3", "amt_qty_tp": "1", "trde_tp": "0"}).json()["opaf_invsr_trde"]
        undated = next(one for one in page if one["stk_cd"] == "005930_AL")
        assert {name: number(row[name]) for name in ("ind_invsr", "frgnr_invsr", "orgn", "natn", "etc_corp")} == {
            name: int(undated[name]) for name in ("ind_invsr", "frgnr_invsr", "orgn", "natn", "etc_corp")
        }
        assert (row["cur_prc"], row["acc_trde_qty"]) == (undated["cur_prc"], undated["trde_qty"])


def test_dates_can_be_walked_by_asking_for_the_day_before_the_oldest(api):
    first = api.dated("005930", "20261120")
    again = api.dated("005930", str(int(first[-1]["dt"]) - 1))
    assert again[0]["dt"] < first[-1]["dt"]
    days = [row["dt"] for row in (*first, *again)]
    pages = api.pages(
        {"dt": "20261120", "stk_cd": "005930", "amt_qty_tp": "1", "trde_tp": "0", "unit_tp": "1"},
        api_id="ka10059", most=2,
    )  # fmt: skip
    assert days == [row["dt"] for page in pages for row in page.json()["stk_invsr_orgn"]]


def test_rates_of_the_dated_sibling_come_in_hundredths_without_a_point(start):
    percent, hundredths = (
        start(assume=f"dated_rate={way}").dated("005930", "20261120")[0]["flu_rt"] for way in ("percent", "hundredths")
    )
    assert float(percent) == int(hundredths) / 100
    assert hundredths[0] in "+-"
    assert "." not in hundredths


def test_a_row_before_settlement_has_no_individuals_and_a_sum_that_breaks(start):
    api = start(now="2026-11-20T15:00")
    today, before, *_ = api.dated("005930", "20261120", "quantity")
    assert number(today["ind_invsr"]) == 0
    assert sum(number(today[name]) for name in GROUPS) != 0
    assert all(number(today[name]) % 1000 == 0 for name in GROUPS)
    assert sum(number(before[name]) for name in GROUPS) == 0


@pytest.mark.parametrize(
    "text", ["16:00/", "20:50/16:00", "16:00/20:50/21:00/22:00", "volume=soon", "after=", "noon", "16:00/x"]
)
def test_a_settlement_that_cannot_be_read_is_refused(api, text):
    with pytest.raises(ValueError, match=r"settlement|invalid literal"):
        api.control.settle(text)


@pytest.mark.parametrize("text", ["16:00/20:50,NXT=21:00,volume=flows", "after=0/20,volume.ka10059=21:00", "never"])
def test_a_settlement_reads_as_it_was_written(api, text):
    api.control.settle(text)
    assert api.control.state()["settlement"] == text


@pytest.mark.parametrize(
    ("assume", "complaint"),
    [("colour=red", "no assumption 'colour'"), ("dated_rate=thirds", "is not one of: hundredths, percent")],
)
def test_an_unknown_assumption_is_refused(start, assume, complaint):
    with pytest.raises(ValueError, match=complaint):
        start(assume=assume)

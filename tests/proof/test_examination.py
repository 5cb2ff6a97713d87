"""Proved, unproved or disproved: told from evidence alone, the same for a look and for a sweep."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dated import DAY, DAY_BEFORE, EVENING, NIGHT, answer, evidence, gross, refusal, row, sets
from kiwoom_provider.api.ka10051 import Total
from kiwoom_provider.parameters import ParameterSet, Venue
from kiwoom_provider.proof.earlier import EarlierSessions, EarlierSet
from kiwoom_provider.proof.examination import examine
from kiwoom_provider.proof.session_proof import FinalityLaw, Outcome, ProofSetting, SessionProof
from kiwoom_provider.proof.tables import FlowTable
from kiwoom_provider.proof.totals import spoken_pages
from sheets import flows, sheet, stocks

KRX, NXT = sets()["net"], sets("KOSPI/NXT")["net"]
AMOUNT = ParameterSet.parse("KOSPI", "KRX", "amount", "net")
NOW, YESTERDAY = sheet(stocks(6, first=10)), sheet(stocks(6, first=7))
BOTH, DATED, CHANGED = ProofSetting.BOTH, ProofSetting.DATED, ProofSetting.CHANGED
PROVED, UNPROVED, DISPROVED = Outcome.PROVED, Outcome.UNPROVED, Outcome.DISPROVED
TELLING = [60, -60, 40, 40, 0, -40, 0, 0, 0, 0, 0, -40]
WEEK_AGO = DAY - timedelta(days=7)
LATER = NIGHT + timedelta(minutes=10)
STANDING = NIGHT - timedelta(minutes=5)
"""21:10 in Seoul."""


def dated(first=60, code="000006", parameters=KRX, at=NIGHT):
    return answer(parameters, code, [row(DAY, flows(first), 60)], at)


def before(table=YESTERDAY, of=(KRX,), *, trusted=True):
    stored = {p: (EarlierSet(DAY_BEFORE, FlowTable.of(table)),) for p in of}
    return EarlierSessions(stored, {p: found[0] for p, found in stored.items()} if trusted else {})


NOTHING = EarlierSessions()


def judge(tables, answers, earlier=NOTHING, setting=BOTH):
    return examine(tables, evidence(*answers), earlier, setting)


def entry(*given, **more):
    (found,) = judge(*given, **more).sets
    return found


@pytest.mark.parametrize(
    ("setting", "answers", "earlier", "expected"),
    [
        (BOTH, [dated(), *gross()], before(), PROVED),
        (BOTH, [dated(), *gross()], NOTHING, PROVED),
        (BOTH, [dated(), *gross(code="000005")], NOTHING, PROVED),  # one stock shows that the place is final
        (BOTH, [dated()], before(), UNPROVED),  # nothing shows that the row is final
        (BOTH, [dated(), *gross(traded=54)], before(), UNPROVED),  # a tenth of the volume is not in yet
        (BOTH, [], before(), UNPROVED),
        (BOTH, [], NOTHING, UNPROVED),
        (BOTH, [dated(first=0), *gross()], before(), UNPROVED),
        (BOTH, [dated(first=61), *gross()], before(), UNPROVED),
        (BOTH, [dated(code="999999"), *gross()], before(), UNPROVED),
        (BOTH, [dated(), *gross()], before(NOW), DISPROVED),
        (BOTH, [dated(), *gross()], before(NOW, trusted=False), DISPROVED),
        (BOTH, [refusal(KRX, "000006")], before(), PROVED),
        (BOTH, [refusal(KRX, "000006")], before(trusted=False), UNPROVED),
        (BOTH, [refusal(KRX, "000006")], NOTHING, UNPROVED),
        (BOTH, [dated(), refusal(KRX, "000005")], before(), UNPROVED),  # the other is served, and its row not final
        (DATED, [dated(), *gross()], before(), PROVED),
        (DATED, [refusal(KRX, "000006")], before(), UNPROVED),
        (DATED, [], before(), UNPROVED),
        (CHANGED, [], before(), PROVED),
        (CHANGED, [], before(trusted=False), UNPROVED),
        (CHANGED, [], NOTHING, UNPROVED),
        (CHANGED, [], before(NOW), DISPROVED),
        (CHANGED, [dated(first=61)], before(), UNPROVED),
        (CHANGED, [dated(), *gross(traded=54)], before(), UNPROVED),
    ],
)
def test_one_set_is_judged_by_what_is_known_of_it(setting, answers, earlier, expected):
    assert judge({KRX: NOW}, answers, earlier, setting).outcome is expected


# A fetched row is identified among the dated ones


def test_a_row_of_an_earlier_day_disproves_and_the_day_is_named():
    now = sheet({"000006": TELLING})
    found = judge({KRX: now}, [answer(KRX, "000006", [row(DAY, flows(7), 60), row(WEEK_AGO, TELLING)]), *gross()])
    assert found.outcome is DISPROVED
    assert found.sets[0].earlier_days == {"000006": WEEK_AGO}
    assert [str(part) for part in found.how] == [
        "1 of 1 sets are another session's, first KOSPI · KRX · quantity · net",
        "the row of 000006 is that of 2026-11-13",
    ]


def test_an_earlier_days_row_disproves_also_while_the_day_has_none():
    now = sheet({"000006": TELLING})
    assert judge({KRX: now}, [answer(KRX, "000006", [row(DAY_BEFORE, TELLING)])]).outcome is DISPROVED


def test_a_row_that_equals_none_is_unexplained_and_not_disproved():
    found = entry({KRX: NOW}, [answer(KRX, "000006", [row(DAY, flows(61), 60), row(WEEK_AGO, flows(62))]), *gross()])
    assert (found.outcome, found.unexplained) == (UNPROVED, ("000006",))


def test_a_row_too_thin_to_name_its_day_disproves_nothing():
    found = entry({KRX: NOW}, [answer(KRX, "000006", [row(DAY, flows(61), 60), row(WEEK_AGO, flows(60))]), *gross()])
    assert (found.earlier_days, found.unexplained) == ({}, ("000006",))


@pytest.mark.parametrize(
    "told",
    [[row(DAY, flows(60), 60)], [row(DAY, flows(61), 60)], [row(WEEK_AGO, TELLING)]],
    ids=["agrees, or is not final", "equals none", "an earlier day's"],
)
def test_a_set_of_which_the_host_serves_one_stock_is_not_refused(told):
    now = sheet(stocks(5, first=10) | {"000006": TELLING if told[0].day == WEEK_AGO else 60})
    refused = refusal(KRX, "000005")
    for final in ([], gross()):
        assert not entry({KRX: now}, [answer(KRX, "000006", told), refused, *final]).is_refused
    assert entry({KRX: now}, [refused, *gross()]).is_refused


def test_a_row_of_the_day_that_an_earlier_day_has_too_names_no_day():
    now = sheet({"000006": TELLING})
    found = entry({KRX: now}, [answer(KRX, "000006", [row(DAY, TELLING, 60), row(WEEK_AGO, TELLING)]), *gross()])
    assert (found.outcome, found.not_final) == (UNPROVED, ("000006",))


def test_an_amount_may_be_a_million_off_and_a_quantity_may_not():
    assert entry({AMOUNT: NOW}, [dated(61, parameters=AMOUNT), *gross()]).outcome is PROVED
    assert entry({AMOUNT: NOW}, [dated(62, parameters=AMOUNT), *gross()]).unexplained == ("000006",)


@pytest.mark.parametrize(("left_over", "settled"), [(4, True), (5, False)])
def test_net_amounts_sum_to_zero_within_what_cutting_five_of_them_leaves(left_over, settled):
    told = answer(AMOUNT, "000006", [row(DAY, [60 + left_over, *flows(60)[1:]], 60)])
    assert told.is_settled is settled


def test_a_set_is_told_what_it_was_compared_with_and_how_many_stocks_are_unchanged():
    assert entry({KRX: NOW}, [], NOTHING).compared_with == ()
    found = entry({KRX: NOW}, [], before(NOW))
    assert (found.compared_with, found.unchanged_since, found.unchanged_stocks) == ((DAY_BEFORE,), DAY_BEFORE, 6)
    assert (entry({KRX: NOW}, [], before()).unchanged_since, entry({KRX: NOW}, [], before()).unchanged_stocks) == (
        None,
        0,
    )


def test_a_stock_whose_figures_are_not_there_yet_makes_the_set_late():
    now = sheet(stocks(5, first=10) | {"000006": [0] * 12})
    found = entry({KRX: now}, [dated(), *gross()])
    assert (found.outcome, found.is_late, found.late_stocks) == (UNPROVED, True, 1)


def test_zeros_that_equal_the_zeros_of_an_unsettled_row_agree_with_nothing():
    found = entry({KRX: sheet(stocks(5, first=10) | {"000006": [0] * 12})}, [dated(first=0), *gross()])
    assert (found.outcome, found.agreeing, found.late_stocks) == (UNPROVED, (), 0)


def test_a_figure_that_is_null_is_no_zero():
    now = sheet(stocks(5, first=10) | {"000006": [60, -60, None, *[0] * 9]})
    found = entry({KRX: now}, [dated(), *gross()])
    assert (found.outcome, found.agreeing, found.is_late) == (UNPROVED, (), True)


AWAITED = {"fetched": [0] * 12, "today": row(DAY, [0] * 12, 200_000), "earlier": [row(DAY_BEFORE, flows(9), 9)]}


@pytest.mark.parametrize(
    ("changed", "awaited"),
    [
        ({}, True),
        ({"today": None}, True),
        ({"earlier": [row(DAY_BEFORE, [0] * 12, 9), row(WEEK_AGO, flows(9), 9)]}, True),
        ({"earlier": [row(DAY_BEFORE, [0] * 12, 9)]}, False),  # it has never had any
        ({"earlier": [row(DAY_BEFORE, flows(9), 0)]}, False),
        ({"today": row(DAY, [0] * 12, 0)}, False),  # nothing was traded, says the dated row
        ({"fetched": flows(60)}, False),
        ({"traded": 5_000}, False),  # rounding may leave nothing of so little
        ({"side": "net"}, False),  # buyers and sellers may be equal
        ({"code": "999999"}, False),  # it is not in the set
    ],
    ids=str,
)
def test_a_busy_stock_without_buyers_in_both_trs_is_awaited_where_it_had_them_before(monkeypatch, changed, awaited):
    case = AWAITED | {"side": "buy", "traded": 200_000, "code": "000006"} | changed
    monkeypatch.setattr("sheets.TRADED", case["traded"])
    of, code = sets()[case["side"]], case["code"]
    told = answer(of, code, [*filter(None, [case["today"]]), *case["earlier"]])
    found = entry({of: sheet({"000005": 50, "000006": case["fetched"]})}, [told])
    assert found.not_final == (code,) * awaited
    assert (found.late_stocks, found.unexplained, found.agreeing) == (0, (), ())


@pytest.mark.parametrize(("volume", "late"), [(200_000, 9), (700, 0), (None, 9)])
def test_stocks_without_figures_are_late_unless_the_volume_counts_another_venue(monkeypatch, volume, late):
    monkeypatch.setattr("sheets.TRADED", 200_000)
    now = sheet(stocks(6, first=10) | {f"10000{n}": [0] * 12 for n in range(9)})
    found = entry({KRX: now}, [answer(KRX, "000006", [row(DAY, flows(60), volume)]), *gross()])
    assert (found.late_stocks, found.outcome) == (late, UNPROVED if late else PROVED)


def test_one_stock_with_the_dated_volume_shows_that_the_volume_is_the_venues_own(monkeypatch):
    monkeypatch.setattr("sheets.TRADED", 200_000)
    now = sheet(stocks(6, first=10) | {f"10000{n}": [0] * 12 for n in range(9)})
    told = [answer(KRX, f"00000{n}", [row(DAY, flows(10 * n), volume)]) for n, volume in ((5, 700), (6, 200_000))]
    assert entry({KRX: now}, [*told, *gross()]).late_stocks == 9


# Balanced is not final


def test_flows_that_lack_a_tenth_of_the_volume_are_not_final_and_the_share_is_said():
    found = judge({KRX: NOW}, [dated(), *gross(traded=54)], before())
    assert (found.sets[0].coverage, found.sets[0].not_final) == (0.9, ("000006",))
    assert "the flows cover 90.0 % of the volume: the after-market is not in yet" in str(found.how[-2])


def test_a_row_that_was_answered_before_the_day_was_final_is_not():
    early = [dated(at=EVENING), *gross(at=EVENING + timedelta(minutes=10))]
    assert entry({KRX: NOW}, early).not_final == ("000006",)


def test_a_volume_that_is_behind_the_live_one_is_not_final_in_the_evening():
    now = sheet(stocks(6, first=10))  # 5,000 shares each, and the dated rows say 60
    found = entry({KRX: now}, [dated(at=EVENING), *gross(at=EVENING)])
    assert (found.outcome, found.not_final, found.coverage) == (UNPROVED, ("000006",), 60 / 5000)


@pytest.mark.parametrize(("volume", "at"), [(5000, EVENING), (5001, EVENING), (None, EVENING), (60, STANDING)])
def test_a_volume_that_is_not_behind_or_after_figures_stand_still_holds_nothing_up(volume, at):
    told = answer(KRX, "000006", [row(DAY, flows(60), volume)], at)
    found = entry({KRX: NOW}, [told, *gross(volume=5000, traded=5000, at=EVENING)])
    assert (found.outcome, found.coverage) == (PROVED, None)


def test_the_proof_says_by_which_law_it_is_final():
    found = judge({KRX: NOW}, [dated(), *gross()])
    assert found.sets[0].finality is FinalityLaw.VOLUME
    assert "1 of 1 sets are final: their flows cover the volume" in [str(part) for part in found.how]


def test_change_alone_proves_only_what_was_fetched_late_enough(monkeypatch):
    monkeypatch.setattr("sheets.ARRIVED", EVENING)
    found = judge({KRX: sheet(stocks(6, first=10))}, [refusal(KRX, "000006")], before())
    assert found.outcome is UNPROVED
    assert "only when it is fetched from 21:10 KST on" in str(found.how[-2])


@pytest.mark.parametrize(("first_page", "outcome"), [(STANDING - timedelta(seconds=1), UNPROVED), (STANDING, PROVED)])
def test_change_alone_asks_it_of_the_first_page_too(monkeypatch, first_page, outcome):
    monkeypatch.setattr("sheets.ARRIVED", first_page)
    now = sheet(stocks(6, first=10), stocks(6, first=10, letter="1"))
    earlier = before(sheet(stocks(6, first=7), stocks(6, first=7, letter="1")))
    assert judge({KRX: now}, [], earlier, CHANGED).outcome is outcome


def test_one_stock_whose_row_is_not_final_keeps_the_set_unproved():
    early = answer(KRX, "000005", [row(DAY, flows(50), 5000)], EVENING)
    found = entry({KRX: NOW}, [dated(), early, *gross()])
    assert (found.outcome, found.agreeing, found.not_final) == (UNPROVED, ("000006",), ("000005",))


def test_a_set_whose_own_flows_lack_a_tenth_of_the_market_is_not_final():
    buys = sets()["buy"]
    whole = {"000006": [5000, *[0] * 11]}
    lacking = {f"00000{n}": [3000, *[0] * 11] for n in range(1, 6)}
    answers = gross(volume=5000, traded=5000)
    assert entry({buys: sheet(whole)}, answers).outcome is PROVED
    found = entry({buys: sheet(whole | lacking)}, answers)
    assert (found.outcome, round(found.coverage, 3)) == (UNPROVED, 0.667)


def bought(each):
    """Return a set of four stocks of 5,000 shares; the reference stock's listed investors bought 4,900 of them."""
    return sheet({"000006": [4900, *[0] * 11]} | {f"00000{n}": [each, *[0] * 11] for n in range(1, 4)})


def with_natfor(volume=5000, at=NIGHT):
    """Return the reference stock's final buys and sells; natfor took a fiftieth."""
    answers = gross(volume=volume, traded=4900, at=at)
    return [replace(one, rows=(row(DAY, [4900, *[0] * 11], volume, 100), *one.rows[1:])) for one in answers]


@pytest.mark.parametrize(("each", "outcome", "coverage"), [(4770, PROVED, None), (4650, UNPROVED, 0.9425)])
def test_a_set_may_leave_over_what_natfor_takes_twice(each, outcome, coverage):
    found = entry({sets()["buy"]: bought(each)}, with_natfor())
    assert (found.outcome, found.coverage) == (outcome, coverage)


def test_of_buys_and_sells_the_smaller_share_is_told_of_both_whatever_stands_before_them():
    given = {
        sets()["net"]: NOW,
        sets("KOSPI/NXT")["buy"]: NOW,
        sets()["buy"]: bought(4650),
        sets()["sell"]: bought(900),
    }
    found = judge(given, with_natfor()).sets
    assert [one.coverage for one in found] == [0.38, None, 0.38, 0.38]


def test_a_set_need_not_cover_a_volume_that_counts_another_venue_too():
    buys, nothing = sets()["buy"], answer(sets()["buy"], "000009", [row(DAY, [0] * 12, 0)])
    now = sheet({"000006": [700, *[0] * 11], "000009": 0})
    assert entry({buys: now}, [*gross(volume=700, traded=700), nothing]).outcome is PROVED


def test_a_set_need_not_cover_the_volume_where_earlier_days_do_not():
    buys, days = sets()["buy"], [row(DAY - timedelta(days=n), [100, *[0] * 11], 103) for n in range(1, 21)]
    today = row(DAY, [4900, *[0] * 11], 5000)
    looks = [answer(sets()[s], "000006", [today, *days], at) for at in (NIGHT, LATER) for s in ("buy", "sell")]
    found = entry({buys: bought(900)}, looks)
    assert (found.outcome, found.finality) == (PROVED, FinalityLaw.CLOCK)


def test_amounts_need_not_cover_the_volume():
    amounts = sets(measure="amount")["buy"]
    told = answer(amounts, "000006", [row(DAY, [4900, *[0] * 11], 5000)])
    assert entry({amounts: bought(900)}, [told, *with_natfor()]).outcome is PROVED


# Several sets


def test_one_unproved_set_keeps_the_session_unproved():
    found = judge({KRX: NOW, NXT: NOW}, [dated(), *gross()])
    assert found.outcome is UNPROVED
    assert "not proved: 1 sets, first KOSPI · NXT · quantity · net" in str(found.how[-2])


def test_one_disproved_set_disproves_the_session_whatever_else_is_proved():
    now = {AMOUNT: NOW, KRX: sheet({"000006": TELLING})}
    answers = [dated(parameters=AMOUNT), *gross(), answer(KRX, "000006", [row(WEEK_AGO, TELLING)])]
    found = judge(now, answers)
    assert ([entry.outcome for entry in found.sets], found.outcome) == ([PROVED, DISPROVED], DISPROVED)


def test_every_venue_has_an_outcome_of_its_own():
    found = judge({KRX: NOW, NXT: NOW, AMOUNT: NOW}, [dated(), dated(parameters=AMOUNT), *gross()])
    assert found.venues == {Venue.KRX: PROVED, Venue.NXT: UNPROVED}


def test_a_venue_without_the_dated_sibling_is_proved_by_its_own_change():
    answers = [dated(), *gross(), refusal(NXT, "000006")]
    assert judge({KRX: NOW, NXT: NOW}, answers, before(of=(KRX, NXT))).outcome is PROVED
    assert judge({KRX: NOW, NXT: NOW}, answers, before(of=(KRX,))).outcome is UNPROVED


def test_a_page_that_nothing_speaks_for_keeps_the_set_unproved():
    found = entry({KRX: sheet(stocks(6, first=10), stocks(3, first=5, letter="1"))}, [dated(), *gross()])
    assert (found.outcome, found.silent_pages) == (UNPROVED, ("100003",))


def test_a_page_that_differs_from_the_session_before_speaks_for_itself():
    pages = stocks(6, first=10), stocks(5, first=5, letter="1")
    earlier = before(sheet(stocks(6, first=7), stocks(5, first=3, letter="1")))
    assert entry({KRX: sheet(*pages)}, [dated(), *gross()]).silent_pages == ("100005",)
    assert entry({KRX: sheet(*pages)}, [dated(), *gross()], earlier).outcome is PROVED


def test_too_few_stocks_to_compare_are_no_change():
    few = before(sheet(stocks(4, first=7)))
    assert entry({KRX: NOW}, [], few, CHANGED).changed is False
    assert judge({KRX: NOW}, [], few, CHANGED).outcome is UNPROVED


def test_a_page_whose_stocks_the_sibling_does_not_serve_is_let_pass():
    now = sheet(stocks(6, first=10), stocks(3, first=5, letter="1"))
    assert judge({KRX: now}, [dated(), *gross(), refusal(KRX, "100003")]).outcome is PROVED


def test_no_set_proves_nothing():
    assert judge({}, []).outcome is UNPROVED


def test_the_dated_rows_of_the_examined_sets_go_into_the_proof():
    found = judge({KRX: NOW}, [dated(), dated(parameters=NXT), *gross()])
    assert [(r.parameters, r.stock_code, r.dated["ind_invsr"], r.versions) for r in found.rows] == [
        (KRX, "000006", 60, 1)
    ]


def test_of_a_revised_row_the_newest_version_counts_and_the_proof_says_so():
    found = judge({KRX: NOW}, [dated(first=61), dated(at=NIGHT + timedelta(hours=5)), *gross()])
    assert (found.outcome, found.rows[0].versions, found.rows[0].dated["ind_invsr"]) == (PROVED, 2, 60)
    assert found.rows[0].fetched_at == NIGHT + timedelta(hours=5)


def test_a_proof_reads_itself_back_and_that_of_an_older_release():
    found = judge({KRX: NOW}, [dated(), *gross()])
    assert SessionProof.from_bytes(found.to_bytes(), "it") == found
    older = b'{"outcome": "proved", "how": "2 of 2 sets equal", "rows": []}'
    assert str(SessionProof.from_bytes(older, "it").how[0]) == "2 of 2 sets equal"


# A market's totals speak for every page at once, beside dated rows, and never alone


THREE_PAGES = stocks(6, first=10), stocks(3, first=5, letter="1"), stocks(3, first=-30, letter="2")


def total(figure):
    """Return a total that the individuals buy from the foreigners, in thousand shares."""
    return Total((figure, -figure, *[0] * 10), 0)


def with_total(pages=THREE_PAGES, figure=60_000, first=60_000, answers=None):
    """Judge a net set whose individuals bought 60,000 shares in all, 60 in 천주."""
    now = sheet(*({code: value * 1000 for code, value in page.items()} for page in pages))
    agreeing = [answer(KRX, "000006", [row(DAY, flows(first), 60)]), *gross()]
    found = examine(
        {KRX: now}, evidence(*(agreeing if answers is None else answers)), NOTHING, BOTH, {KRX: total(figure)}
    )
    return found.sets[0]


def test_a_total_that_agrees_speaks_for_the_pages_that_nothing_else_speaks_for():
    found = with_total(figure=60)
    assert (found.outcome, found.total_agrees, found.total_pages, found.silent_pages) == (PROVED, True, 2, ())


@pytest.mark.parametrize("figure", [61, 59])
def test_a_total_is_rounded(figure):
    assert with_total(figure=figure).total_agrees


@pytest.mark.parametrize("figure", [62, 58, -60])
def test_a_total_that_differs_speaks_for_nothing_and_against_nothing(figure):
    found = with_total(figure=figure)
    assert (found.outcome, found.total_agrees, found.silent_pages) == (UNPROVED, False, ("100003", "200003"))
    assert with_total(pages=THREE_PAGES[:1], figure=figure).outcome is PROVED


def test_a_total_of_zeros_is_none():
    assert with_total(figure=0).total_agrees is None


def test_a_total_proves_nothing_without_a_dated_row():
    assert with_total(figure=60, answers=[]).outcome is UNPROVED
    assert with_total(figure=60, answers=[refusal(KRX, "000006")]).outcome is UNPROVED


def test_etns_are_not_in_the_total_and_it_does_not_speak_for_a_page_of_them():
    now = sheet(*({code: value * 1000 for code, value in page.items()} for page in THREE_PAGES))
    names = ["a stock"] * 9 + ["leveraged gold ETN"] * 3
    now = now.append_column("stk_nm", [names])
    answers = evidence(answer(KRX, "000006", [row(DAY, flows(60_000), 60)]), *gross())
    found = examine({KRX: now}, answers, NOTHING, BOTH, {KRX: total(240)}).sets[0]
    assert (found.total_agrees, found.total_pages, found.silent_pages) == (True, 1, ("200003",))


def test_a_stock_with_a_null_keeps_the_total_from_agreeing_and_an_etn_with_one_does_not():
    null, names = [None, *[0] * 11], [*["a stock"] * 5, None, "leveraged gold ETN"]
    tables = {
        AMOUNT: sheet(stocks(6, first=10), {"100001": null}),
        KRX: sheet(stocks(6, first=10_000), {"100001": null}).append_column("stk_nm", [names]),
    }
    found = examine(tables, evidence(), NOTHING, BOTH, {AMOUNT: total(2), KRX: total(210), NXT: total(5)})
    assert [entry.total_agrees for entry in found.sets] == [False, True]  # and NXT's is of a set that is not examined


# Buys and sells are spoken for by the net set, whose difference they are


def thousands(take):
    return sheet(*({code: take(value * 1000) for code, value in page.items()} for page in THREE_PAGES))


GROSS = {
    "net": thousands(lambda value: value),
    "buy": thousands(lambda value: [max(0, value), max(0, -value), *[0] * 10]),
    "sell": thousands(lambda value: [max(0, -value), max(0, value), *[0] * 10]),
}

OTHER_STOCKS = GROSS["sell"].set_column(0, "stk_cd", [[*GROSS["sell"]["stk_cd"].to_pylist()[:-1], "200009"]])


@pytest.mark.parametrize(
    ("tables", "figure", "tied"),
    [
        (GROSS, 60, [0, 3, 3]),
        (GROSS, 99, [0, 0, 0]),  # the net set itself is silent
        (GROSS | {"sell": GROSS["buy"]}, 60, [0, 0, 0]),
        (GROSS | {"sell": OTHER_STOCKS}, 60, [0, 0, 0]),
        ({side: GROSS[side] for side in ("net", "buy")}, 60, [0, 0]),
    ],
    ids=["all three", "a silent net set", "no difference", "other stocks", "two of three"],
)
def test_buys_and_sells_are_spoken_for_by_the_net_set(tables, figure, tied):
    given = {sets()[side]: table for side, table in tables.items()}
    found = examine(given, evidence(*gross()), NOTHING, BOTH, {KRX: total(figure)})
    assert [entry.tied_pages for entry in found.sets] == tied


def test_the_net_set_is_looked_at_before_its_buys_and_sells_in_whatever_order_they_come():
    given = {sets()[side]: GROSS[side] for side in ("buy", "sell", "net")}
    found = examine(given, evidence(*gross()), NOTHING, BOTH, {KRX: total(60)})
    assert [entry.tied_pages for entry in found.sets] == [3, 3, 0]


def test_a_page_with_one_row_that_is_not_the_difference_is_not_tied_and_the_others_are():
    def sold(code, value):
        return [max(0, -value) + 7 * (code == "100002"), max(0, value), *[0] * 10]

    odd = sheet(*({code: sold(code, value * 1000) for code, value in page.items()} for page in THREE_PAGES))
    given = {sets()[side]: table for side, table in (GROSS | {"sell": odd}).items()}
    found = examine(given, evidence(*gross()), NOTHING, BOTH, {KRX: total(60)})
    assert [entry.tied_pages for entry in found.sets] == [0, 2, 2]


def test_a_total_speaks_for_a_page_on_which_one_share_was_traded_and_for_none_without(monkeypatch):
    monkeypatch.setattr("sheets.TRADED", 1)
    table = FlowTable.of(sheet({"000001": 1}, {"000002": 0}))
    assert spoken_pages(table) == {int(table.arrivals.min())}


def test_a_dated_row_of_a_net_page_speaks_for_its_buys_and_sells():
    given = {sets()[side]: table for side, table in GROSS.items()}
    figures = {"000006": 60_000, "200003": -90_000}
    answers = [answer(KRX, code, [row(DAY, flows(figure), 60)]) for code, figure in figures.items()]
    net, buys, _ = examine(given, evidence(*answers, *gross()), NOTHING, BOTH).sets
    assert (net.silent_pages, buys.silent_pages, buys.tied_pages) == (("100003",), ("100003",), 2)

"""Flows against the volume, to the share: what is compared, where the bounds lie, and when the law blocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from dated import sets
from kiwoom_provider.locale import message
from kiwoom_provider.parameters import Measure, Side
from kiwoom_provider.proof.session_proof import FinalityLaw, Outcome, SessionProof, SetProof
from kiwoom_provider.quality.audit_input import AuditInput
from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.rules.volume import flows_cover_volume, other_foreigners_are_few, within_volume
from small_tables import put, told

NET, BUY, SELL = sets().values()
NXT = sets("KOSPI/NXT")["buy"]
AMOUNT = sets(measure="amount")["buy"]
DAY = date(2026, 11, 20)
VOLUME = 10**9
"""Shares of every stock, at 10,000 won."""


@pytest.fixture
def given(sheet_of):
    """Return an input of one set: the individuals' figure of each stock, and of the session published before."""

    def build(figures, of=BUY, before=None, proof=None):
        tables = {of: sheet_of([[figure, *[0] * 11] for figure in figures])}
        published = {} if before is None else {of: sheet_of([[before, *[0] * 11]] * 20)}
        return AuditInput(DAY, (of,), tables, published=published, proof=proof)

    return build


def proof(volume_at, clock_at=SELL):
    laws = {clock_at: FinalityLaw.CLOCK, volume_at: FinalityLaw.VOLUME}
    entries = [SetProof(**SetProof.of(p), outcome=Outcome.PROVED, finality=law) for p, law in laws.items()]
    return SessionProof(outcome=Outcome.PROVED, how=(message("it is so"),), sets=tuple(entries))


def counts(result):
    return result.failing, result.unusual


def test_buys_and_sells_in_shares_are_compared_and_no_others(good):
    rows = [t.num_rows for p, t in good.tables.items() if p.measure is Measure.QUANTITY and p.side is not Side.NET]
    assert (len(rows), flows_cover_volume.check(good).checked) == (12, 12)
    assert within_volume.check(good).checked == sum(rows)


@pytest.mark.parametrize("of", [NET, AMOUNT])
@pytest.mark.parametrize("law", [within_volume, flows_cover_volume])
def test_without_them_neither_law_applies(given, law, of):
    with pytest.raises(NotApplicable, match="neither buy nor sell quantities"):
        law.check(given([VOLUME] * 20, of))


def test_buy_amounts_alone_show_no_other_foreigners(given):
    with pytest.raises(NotApplicable, match="paid at many prices"):
        other_foreigners_are_few.check(given([VOLUME] * 20, AMOUNT))


def test_flows_may_be_the_volume_and_not_one_share_more(given):
    result = within_volume.check(given([VOLUME, VOLUME + 1, VOLUME - 1]))
    assert (result.checked, *counts(result)) == (3, 1, 0)
    assert (result.offenders[0].expected, result.offenders[0].seen) == (VOLUME, VOLUME + 1)


@pytest.mark.parametrize(("figure", "failing"), [(995_000_000, 0), (994_999_999, 1)])
def test_half_a_percent_of_the_volume_may_be_left_over(given, figure, failing):
    assert counts(flows_cover_volume.check(given([figure] * 20, before=VOLUME))) == (failing, 0)


@pytest.mark.parametrize(
    ("before", "found"),
    [
        (None, (1, 1)),  # nothing shows that the law holds here
        (VOLUME, (1, 0)),
        (995_000_000, (1, 0)),
        (994_000_000, (1, 1)),  # it did not hold the session before
        (970_000_000, (1, 1)),
        (960_000_000, (0, 0)),  # three times 4 % may be left over
    ],
)
def test_a_tenth_left_over_blocks_where_the_session_before_covered_its_volume(given, before, found):
    assert counts(flows_cover_volume.check(given([900_000_000] * 20, before=before))) == found


@pytest.mark.parametrize(("place", "found"), [(proof(BUY, NXT), (1, 0)), (proof(NXT), (1, 1)), (None, (1, 1))])
def test_or_where_the_dated_siblings_earlier_days_show_that_the_law_holds(given, place, found):
    assert counts(flows_cover_volume.check(given([900_000_000] * 20, proof=place))) == found


@pytest.mark.parametrize(("short", "found"), [(10, (1, 1)), (11, (1, 0))])
def test_ten_stocks_that_nobody_bought_do_not_block(given, short, found):
    figures = [VOLUME] * (40 - short) + [0] * short
    assert counts(flows_cover_volume.check(given(figures, proof=proof(BUY)))) == found


def test_without_those_ten_too_the_flows_must_be_below_the_bound(given):
    figures = [995_000_000] * 30 + [0] * 10
    assert counts(flows_cover_volume.check(given(figures, proof=proof(BUY)))) == (1, 1)
    assert counts(flows_cover_volume.check(given([994_999_999, *figures[1:]], proof=proof(BUY)))) == (1, 0)


@pytest.mark.parametrize("stocks", [1, 9, 10])
def test_nor_do_all_of_ten_stocks_or_fewer(given, stocks):
    assert counts(flows_cover_volume.check(given([0] * stocks, proof=proof(BUY)))) == (1, 1)


def test_what_the_flows_cover_is_told_in_per_cent_the_least_covered_set_first(given, sheet_of):
    lacking = given([900_000_000] * 20)
    worse = sheet_of([[876_540_000, *[0] * 11]] * 20)
    both = replace(lacking, asked=(BUY, SELL), tables={**lacking.tables, SELL: worse})
    assert told(flows_cover_volume.check(both)) == [
        (
            f"KOSPI · KRX · quantity · {side}",
            None,
            "at least 99.5 % of the volume",
            f"the flows cover {share} % of the volume: the after-market is not in yet",
        )
        for side, share in (("sell", "87.7"), ("buy", "90.0"))
    ]


def test_a_set_without_a_trade_ends_nothing(given, sheet_of):
    idle = sheet_of([[0] * 12])
    idle = idle.set_column(idle.column_names.index("trde_qty"), idle.schema.field("trde_qty"), [[0]])
    lacking = given([900_000_000] * 20)
    both = replace(lacking, asked=(NXT, BUY), tables={NXT: idle, **lacking.tables})
    result = flows_cover_volume.check(both)
    assert (result.checked, result.failing) == (1, 1)


@pytest.mark.parametrize(
    ("of", "figures", "failing"),
    [
        (NET, [VOLUME // 2, *[0] * 19], 0),
        (NET, [VOLUME // 2 + 1, *[0] * 19], 1),
        (NET, [-VOLUME // 2 - 1, *[0] * 19], 1),
        (NET, [VOLUME // 10] * 20, 0),
        (NET, [VOLUME // 10] * 19 + [VOLUME // 10 + 1], 1),  # all stocks together
        (BUY, [VOLUME // 2] * 20, 0),
        (BUY, [VOLUME // 2] * 19 + [VOLUME // 2 - 1], 1),
    ],
)
def test_what_is_left_over_is_half_of_a_stock_and_a_tenth_of_a_net_set(given, of, figures, failing):
    result = other_foreigners_are_few.check(given(figures, of))
    assert (result.checked, *counts(result)) == (21, failing, 0)


def test_what_is_left_over_is_told_with_its_bound_the_most_first(given):
    result = other_foreigners_are_few.check(given([0] * 17 + [600_000_000, -900_000_000, 700_000_000], NET))
    assert told(result) == [
        ("KOSPI · KRX · quantity · net", None, "at most 2,000,000,000 in all", "2200000000"),
        ("KOSPI · KRX · quantity · net", "000018", "at most 500,000,000", "900000000"),
        ("KOSPI · KRX · quantity · net", "000019", "at most 500,000,000", "700000000"),
        ("KOSPI · KRX · quantity · net", "000017", "at most 500,000,000", "600000000"),
    ]


@pytest.mark.parametrize(("more", "failing"), [(2, 0), (3, 1)])
def test_of_net_amounts_two_million_more_may_be_left_over_a_stock(given, more, failing):
    """The 20 stocks are traded for 200,000,000 million won."""
    figures = [1_000_002] * 19 + [1_000_000 + more]
    assert other_foreigners_are_few.check(given(figures, replace(NET, measure=Measure.AMOUNT))).failing == failing


def test_a_stock_is_active_from_a_hundred_million_won(given):
    idle = given([0, 0])
    table = put(idle.tables[BUY], trde_qty=[10_000, 9_999])
    result = other_foreigners_are_few.check(replace(idle, tables={BUY: table}))
    assert (result.checked, [code for _, code, *_ in told(result)]) == (2, ["000000"])


@pytest.mark.parametrize("blank", ["frgnr_invsr", "trde_qty"])
def test_a_stock_with_a_blank_is_not_compared(given, blank):
    whole = given([VOLUME] * 20 + [VOLUME + 1])
    table = whole.tables[BUY]
    at, kind = table.column_names.index(blank), table.schema.field(blank)
    cells = pa.array([*table[blank].to_pylist()[:-1], None], kind.type)
    one_blank = replace(whole, tables={BUY: table.set_column(at, kind, cells)})
    assert (within_volume.check(one_blank).checked, within_volume.check(one_blank).failing) == (20, 0)
    nobody = given([VOLUME] * 2 + [0])
    cells = pa.array([*nobody.tables[BUY][blank].to_pylist()[:-1], None], kind.type)
    one_blank = replace(nobody, tables={BUY: nobody.tables[BUY].set_column(at, kind, cells)})
    assert flows_cover_volume.check(one_blank).failing == 0

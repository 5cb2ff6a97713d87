"""What one answer of ka10059 says: its rows as numbers, the day that a row names, and which answer counts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from dated import DAY, DAY_BEFORE, EVENING, NIGHT, answer, evidence, gross, refusal, row, sets
from kiwoom_provider.api.ka10059 import ROW_ELEMENTS
from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.api.page import Page
from kiwoom_provider.parameters import Measure
from kiwoom_provider.proof.dated_rows import read

NET, BUY, SELL = sets().values()
AMOUNT = sets(measure="amount")["net"]
AT = datetime(2026, 11, 20, 12, 15, tzinfo=UTC)
ZEROS = [0] * 12
UNSETTLED = row(DAY, ZEROS, 60)


def page(*rows):
    body = json.dumps({"stk_invsr_orgn": rows, "return_code": 0, "return_msg": "ok"}).encode()
    return Page("ka10059", 1, {}, "", 200, cont_yn=False, next_key="", body=body, fetched_at=AT)


def cells(investors, natfor="0"):
    """Return a row as it comes, of which the first two investors are given."""
    figures = dict(zip(INVESTOR_ELEMENTS, [*investors, *["0"] * 10], strict=True))
    return dict.fromkeys(ROW_ELEMENTS, "1") | {"dt": "20261120"} | figures | {"natfor": natfor}


@pytest.mark.parametrize(
    ("of", "came", "natfor", "read_as"),
    [
        (SELL, ["-60", "-40"], "-5", (60, 40, 5)),  # each figure of a sell set may carry a minus
        (SELL, ["60", "40"], "5", (60, 40, 5)),
        (SELL, ["60", "-40"], "5", (60, -40, 5)),  # a correction among them is no sign of the set
        (SELL, ["-60", "1"], "0", (-60, 1, 0)),
        (BUY, ["-60", ""], "", (60, 0, 0)),
        (NET, ["-60", "-40"], "-5", (-60, -40, -5)),
        (NET, ["60", ""], "", (60, 0, 0)),  # a blank is a zero
    ],
)
def test_buys_and_sells_are_read_without_the_sign_of_their_side(of, came, natfor, read_as):
    told = read(page(cells(came, natfor)), DAY, of, "000006")
    assert told.fetched_at == AT
    assert (*told.row.fields[:2], told.row.other_foreign) == read_as
    assert told.row.fields[2:] == (0,) * 10


def test_an_answer_without_rows_is_a_refusal():
    told = read(page(), DAY, NET, "000006")
    assert (told.is_refused, told.rows, told.fetched_at) == (True, (), None)


def test_natfor_alone_is_a_figure():
    assert row(DAY, ZEROS, 60).is_empty
    assert not row(DAY, ZEROS, 60, other_foreign=5).is_empty


@pytest.mark.parametrize("left_over", [-1, 1])
def test_a_net_row_that_leaves_over_a_share_either_way_is_not_settled(left_over):
    assert not answer(NET, "000006", [row(DAY, [60 + left_over, -60, *[0] * 10], 60)]).is_settled


@pytest.mark.parametrize(("fetched", "same"), [(60, True), (59, False), (61, False), (None, False)])
def test_a_fetched_row_is_the_dated_one_to_the_share(fetched, same):
    assert row(DAY, [60, *[0] * 11]).equals((fetched, *[0] * 11), Measure.QUANTITY) is same


@pytest.mark.parametrize(
    ("fields", "day"),
    [
        ([50, -30, 20], DAY_BEFORE),  # three figures, 100 in all
        ([50, -30, 19], None),
        ([50, -50, 0], None),
        ([5000, -5000, 0], None),
    ],
)
def test_three_figures_that_are_a_hundred_in_all_name_their_day(fields, day):
    whole = (*fields, *[0] * 9)
    told = answer(NET, "000006", [row(DAY, [7, -7, *[0] * 10], 60), row(DAY_BEFORE, list(whole))])
    assert told.day_of(whole) == day
    assert told.day_of((whole[0] + 1, *whole[1:])) is None
    assert told.day_of((None, *whole[1:])) is None


# Which answer counts


def test_an_answer_takes_the_place_of_a_refusal():
    known = evidence(refusal(NET, "000006"), answer(NET, "000006", [UNSETTLED]))
    assert [one.is_refused for one in known.versions(NET, "000006")] == [False]
    assert len(known.with_answer(refusal(NET, "000006")).versions(NET, "000006")) == 1


def test_what_is_known_about_some_stocks_leaves_the_others_of_the_set_out_and_other_sets_whole():
    known = evidence(*gross(), *(answer(NET, code, [UNSETTLED]) for code in ("000005", "000006"))).about(
        NET, ["000006"]
    )
    assert (list(known.newest(NET)), list(known.newest(BUY))) == (["000006"], ["000006"])


def test_a_stock_is_asked_for_until_its_newest_row_is_settled_and_final():
    settled = answer(NET, "000006", [row(DAY, [60, -60, *[0] * 10], 60)])
    unsettled = answer(NET, "000006", [UNSETTLED], NIGHT + timedelta(minutes=1))
    early = answer(NET, "000005", settled.rows, EVENING)
    known = evidence(*gross(), settled, early)
    assert known.is_final(NET, "000006")
    assert not known.is_final(NET, "000005")
    assert not known.is_final(NET, "000009")
    assert not known.with_answer(unsettled).is_final(NET, "000006")


def test_rows_that_are_not_settled_show_nothing_of_their_place():
    zeros = [answer(of, "000006", [UNSETTLED, *gross()[0].rows[1:]], EVENING) for of in (BUY, SELL)]
    assert evidence(*zeros).finality_at(NET).law is None
    assert evidence(*zeros, *gross()).finality_at(NET).since == NIGHT


def test_net_amounts_that_stand_still_show_nothing_of_their_place():
    rows = [row(DAY, [60, -60, *[0] * 10], 60)]
    looks = [answer(AMOUNT, "000006", rows, NIGHT + timedelta(minutes=ten)) for ten in (0, 10)]
    assert evidence(*looks).finality_at(AMOUNT).law is None


def test_a_stock_whose_own_flows_lack_some_of_its_volume_is_not_final_though_its_place_is():
    net = answer(NET, "000006", [row(DAY, [60, -60, *[0] * 10], 60)])
    lacking = evidence(*gross("000005"), *gross("000006", traded=54)).finality_of(net)
    assert (lacking.since, lacking.coverage) == (None, 0.9)


@pytest.mark.parametrize("own", [{"volume": None}, {"at": NIGHT + timedelta(minutes=5)}])
def test_a_stock_that_shows_less_than_its_place_is_as_final_as_the_place(own):
    net = answer(NET, "000006", [row(DAY, [60, -60, *[0] * 10], 60)])
    assert evidence(*gross("000005"), *gross("000006", **own)).finality_of(net).since == NIGHT

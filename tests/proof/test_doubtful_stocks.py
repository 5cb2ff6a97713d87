"""Which single stocks are asked for because their figures may not be in yet."""

from __future__ import annotations

from kiwoom_provider.proof.tables import FlowTable, doubtful_stocks
from sheets import sheet, with_volumes

NONE, TOLD = [0] * 12, [9, *[0] * 11]
TELLING = [60, -60, 40, 40, 0, -40, 0, 0, 0, 0, 0, -40]
ACTIVE = 100_000
"""Shares from which a stock of 1,000 won is active: a hundred million won."""


def table(stocks):
    """Return a set of stocks by code: the shares traded, and the twelve fields."""
    made = sheet({code: fields for code, (_, fields) in stocks.items()})
    return FlowTable.of(with_volumes(made, *(volume for volume, _ in stocks.values())))


def test_active_stocks_without_any_figure_are_asked_for_the_busiest_first():
    now = table(
        {
            "000001": (ACTIVE, NONE),
            "000002": (ACTIVE + 5, NONE),
            "000003": (ACTIVE - 1, NONE),
            "000004": (ACTIVE + 9, TOLD),
            "000005": (ACTIVE + 7, [None, *[0] * 11]),  # what could not be read may be a figure
        }
    )
    assert doubtful_stocks(now, None) == ["000002", "000001"]
    assert doubtful_stocks(now, table({"000003": (ACTIVE, NONE)})) == ["000002", "000001"]


def test_stocks_that_have_the_very_figures_of_an_earlier_session_are_asked_for():
    now = {
        "000001": (5, TELLING),
        "000002": (9, TELLING),
        "000003": (9, TOLD),  # so little may repeat by chance
        "000004": (9, TELLING),
        "000005": (9, [None, *TELLING[1:]]),
    }
    before = now | {"000004": (9, [*TELLING[:-1], -41]), "000005": (9, [0, *TELLING[1:]])}
    assert doubtful_stocks(table(now), table(before)) == ["000002", "000001"]


def test_stocks_that_had_figures_and_are_not_there_are_asked_for_unless_they_moved():
    before = {
        "000001": (5, TOLD),
        "000002": (9, TOLD),
        "000003": (9, NONE),
        "000004": (9, TOLD),
        "000005": (9, TOLD),
    }
    now = table({"000004": (ACTIVE, [8, *[0] * 11])})
    assert doubtful_stocks(now, table(before), ["000005"]) == ["000002", "000001"]


def test_of_each_kind_five_are_asked_for():
    late = {f"00000{n}": (ACTIVE + n, NONE) for n in range(7)}
    same = {f"10000{n}": (n, TELLING) for n in range(7)}
    gone = {f"20000{n}": (n, TOLD) for n in range(7)}
    assert doubtful_stocks(table(late | same), table(same | gone)) == [
        f"{kind}0000{n}" for kind in "012" for n in (6, 5, 4, 3, 2)
    ]


def test_against_a_session_without_stocks_only_those_without_figures_are_asked_for():
    now = table({"000001": (ACTIVE, NONE), "000002": (9, TELLING)})
    assert doubtful_stocks(now, FlowTable.of(sheet({"000001": 0}).slice(0, 0))) == ["000001"]

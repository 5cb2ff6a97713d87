"""
What a real night may bring, each alone and in pairs, through every stage: published right, or withheld and why.

    python -m lab pairs --stocks 120
"""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kiwoom_provider.parameters import parameter_sets
from lab.year.happenings import SETTLE
from lab.year.stage import Stage, hurry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lab.year.stage import Outcome

SETS = tuple(parameter_sets({"markets": ["KOSPI"]}))
DAWN = "16:00/29:07"
"""07 past five: the figures come while the hosts are maintained."""


@dataclass(frozen=True)
class Case:
    """
    Something that a night may bring.

    :param brings: events of the market without their day, and oddities, see :mod:`lab.year.happenings`.
    """

    number: int
    text: str
    brings: tuple[str, ...]


CASES = (
    Case(1, "NXT takes a fifth of its list out, and the securities master cannot be had",
         ("event nxt=3/11:market=KOSPI", "http=503@ka10099")),
    Case(2, "an issuer renames its whole series of ETNs", ("event etn-rename=새롬",)),
    Case(3, "`pre_sig` 0 in a few rows", ("pre-sig=0@ka10066",)),
    Case(4, "ka10059 does not know ETNs: a row of blanks", ("dated_etn=unknown", "unknown_code=blank")),
    Case(5, "sells come with a minus sign", ("sells=negative", "dated_sells=negative")),
    Case(6, "numbers are padded with spaces", ("numbers=padded",)),
    Case(7, "amounts are cut instead of rounded", ("rounding=cut",)),
    Case(8, "blank fields of stocks that do not trade", ("event suspend=3", "untraded=blank")),
    Case(9, "NXT settles stock by stock until 22:30", ("unsettled-stocks=20:30-22:30/missing@ka10066:venue=NXT",)),
    Case(10, "figures are revised in the middle of the sweep", ("settle 16:00/20:50/21:11",)),
    Case(11, "nothing settles until the hosts are maintained, 05:05 to 05:10", (f"settle {DAWN}",)),
    Case(12, "counters that ran over", ("saturated=trde_qty@ka10066",)),
    Case(13, "splits, and closes 60 % above the base price", ("event split=2", "event beyond-limit=1")),
)  # fmt: skip
CONTRADICTIONS = (
    Case(14, "a set of sells with both signs", ("mixed-signs@ka10066:side=sell,venue=KRX",)),
    Case(15, "price 0 in every row of every set", ("zero-prices@ka10066",)),
    Case(16, "a page of zeros in every set", ("zero-flows@ka10066:page=1",)),
    Case(17, "an investor's counter that ran over", ("saturated=ind_invsr@ka10066:venue=KRX",)),
    Case(18, "the last page missing from every set of a market", ("cut-short@ka10066:page=1",)),
)
"""What no healthy night brings: withheld, with the reason."""


def play(stage: Stage, cases: Sequence[Case]) -> Outcome:
    """Play a night that brings these cases."""
    brings = [text for case in cases for text in case.brings]
    if {10, 11} <= {case.number for case in cases}:
        brings = [f"settle {DAWN}/29:12" if text.startswith(SETTLE) else text for text in brings]
    return stage.play(brings)


def row(cases: Sequence[Case], outcome: Outcome) -> str:
    """Return a night as a row of the table."""
    names = " + ".join(str(case.number) for case in cases)
    if not outcome.is_whole:
        return f"| {names} | withheld | | {outcome.reason} |"
    warned = ", ".join(f"`{rule}`" for rule in outcome.warned) or "–"
    return f"| {names} | published {outcome.published_at} | {outcome.wrong} of {outcome.cells:,} | {warned} |"


def main(arguments: list[str]) -> int:
    """Play all, and print a table; return 1 when a healthy night is withheld, another is not, or a cell is wrong."""
    parser = ArgumentParser("python -m lab pairs", description=__doc__.split("\n\n")[0])
    parser.add_argument("--stocks", type=int, default=120, help="in each market")
    parser.add_argument("--only", type=int, nargs="+", help="numbers of cases")
    asked = parser.parse_args(arguments)
    hurry()
    with TemporaryDirectory(prefix="pairs-") as folder:
        nights = list(_print_each(Stage(Path(folder), asked.stocks, SETS), _nights(asked.only)))
    healthy = [outcome for cases, outcome in nights if cases[0] in CASES]
    others = [outcome for cases, outcome in nights if cases[0] not in CASES]
    withheld = [outcome for outcome in healthy if not outcome.is_whole]
    let_through = [outcome for outcome in others if outcome.is_whole]
    wrong, cells = sum(outcome.wrong for _, outcome in nights), sum(outcome.cells for _, outcome in nights)
    print(f"\n{len(healthy)} healthy nights, {len(withheld)} withheld; {wrong} of {cells:,} published cells wrong; "
          f"{len(others)} others, {len(let_through)} published")  # fmt: skip
    return int(bool(withheld or let_through or wrong))


def _nights(only: Sequence[int] | None) -> Iterator[tuple[Case, ...]]:
    cases = [case for case in (*CASES, *CONTRADICTIONS) if only is None or case.number in only]
    yield from ((case,) for case in cases)
    yield from combinations([case for case in cases if case in CASES], 2)


def _print_each(stage: Stage, nights: Iterator[tuple[Case, ...]]) -> Iterator[tuple[tuple[Case, ...], Outcome]]:
    print("| brings | outcome | wrong cells | warned, or withheld by |\n| --- | --- | --- | --- |")
    for cases in nights:
        outcome = play(stage, cases)
        print(row(cases, outcome), flush=True)
        yield cases, outcome

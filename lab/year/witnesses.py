"""
Each witness right, silent, late and contradicting, alone and in pairs, through every stage, with what ka10066 serves.

Every published cell is compared with the simulator's truth. On each night a stock is listed, one is delisted and four
notes mature, so that a list of the day before is another one.

    python -m lab witnesses --write docs/evidence/witnesses.md
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kiwoom_provider.parameters import parameter_sets
from lab.year.stage import Stage, Stored, hurry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lab.year.stage import Outcome

SETS = tuple(parameter_sets({"markets": ["KOSPI"], "venues": ["KRX"]}))
LOOK_EVERY, LONGEST_PAUSE = timedelta(hours=1), timedelta(hours=4)
BEGIN, END = "<!-- table -->", "<!-- end of table -->"
MARKET = ("event list=1:market=KOSPI", "event delist=1:market=KOSPI", "event mature=4:market=KOSPI")
FIRST, LAST = "16:00/20:50", "16:00/22:50"
"""The regular session's figures, and when the after-market's are added to them."""


@dataclass(frozen=True)
class State:
    """
    What a witness, or ka10066 itself, does on a night.

    :param assume: assumptions of the API that hold on every day, not on this night alone.
    :param is_paired: ka10066: whether two witnesses at a time are not right, too.
    :param proves: a witness: whether the night can be proved; ka10066: whether its figures become the day's.
    """

    of: str
    text: str
    brings: tuple[str, ...] = ()
    stored: Stored = Stored.BEFORE
    assume: tuple[str, ...] = ()
    is_paired: bool = True
    proves: bool = True


SWEPT = (
    State("ka10066", "right"),
    State("ka10066", "the regular session's until 22:50, then all", (f"settle {FIRST},ka10066={LAST}",)),
    State("ka10066", "the regular session's, for ever", ("settle ka10066=16:00/never",), proves=False),
    State("ka10066", "the day before's, for ever", ("settle ka10066=never",), proves=False),
    State("ka10066", "right, and on no day do flows cover the volume", assume=("coverage=short",), is_paired=False),
    State("ka10066", "every set without its last page", ("cut-short@ka10066:page=1",), is_paired=False, proves=False),
)
RIGHT = State("all", "right")
ERRORS = {"UnprovedSessionError": "unproved", "DisprovedSessionError": "disproved"}
WITNESSES = (
    State("ka10059", "not served", ("unsupported@ka10059",), proves=False),
    State("ka10059", "away", ("http=503@ka10059",), proves=False),
    State("ka10059", "late: all at 22:50", (f"settle ka10059={LAST}",)),
    State("ka10059", "the regular session's, for ever", ("settle ka10059=16:00/never",), proves=False),
    State("ka10059", "the day before's", ("stale@ka10059",), proves=False),
    State("ka10051", "away", ("http=503@ka10051",)),
    State("ka10051", "late: all at 22:50", (f"settle ka10051={LAST}",)),
    State("ka10051", "the day before's", ("stale@ka10051",)),
    State("ka10051", "in the wrong unit", ("wrong-units@ka10051",)),
    State("ka10051", "the other market's", ("other-market@ka10051",)),
    State("ka10099", "away", ("http=503@ka10099",)),
    State("ka10099", "the day before's", ("stale@ka10099",)),
    State("ka10099", "half a board", ("half-list@ka10099",)),
    State("session before", "none", stored=Stored.NOTHING),
    State("session before", "not stored, an earlier one is", stored=Stored.EARLIER),
    State("session before", "damaged", stored=Stored.DAMAGED),
)
BY_CHANGE = "not served"
"""By its difference from the published session before a night is proved where ka10059 is not served at all."""


@dataclass(frozen=True)
class Night:
    """What ka10066 serves, the witnesses that are not right, and what became of it."""

    swept: State
    witnesses: tuple[State, ...]
    outcome: Outcome

    @property
    def is_healthy(self) -> bool:
        """Whether it is the session's and can be proved, so that it must be published."""
        dated = next((w for w in self.witnesses if w.of == "ka10059"), RIGHT)
        by_change = dated.text == BY_CHANGE and all(w.stored is Stored.BEFORE for w in self.witnesses)
        return self.swept.proves and (dated.proves or by_change)

    @property
    def is_as_due(self) -> bool:
        """Whether it was published whole and right where it is healthy, and nothing wrong in any case."""
        if self.is_healthy:
            return self.outcome.is_whole and not self.outcome.wrong
        return not self.outcome.published_at

    def __str__(self) -> str:
        outcome = self.outcome
        if outcome.published_at:
            short = f" without {', '.join(outcome.left_out)}" if outcome.left_out else ""
            said = f"{outcome.published_at}{short}" + (f", {outcome.wrong} WRONG" if outcome.wrong else "")
        else:
            said = ERRORS.get(outcome.error, "blocked")
        return said if self.is_as_due else f"**{said}**"


def main(arguments: list[str]) -> int:
    """Play all, and print or write the tables; return 1 when a healthy night is withheld or a cell is wrong."""
    parser = ArgumentParser("python -m lab witnesses", description=__doc__.split("\n\n")[0])
    parser.add_argument("--stocks", type=int, default=120, help="in each market")
    parser.add_argument("--swept", type=int, nargs="+", help="numbers of what ka10066 serves, from 1 on")
    parser.add_argument("--witness", help="only nights on which this one is not right, such as ka10099")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--write", type=Path, help="a document that takes the tables between its marks")
    asked = parser.parse_args(arguments)
    swept = [SWEPT[number - 1] for number in asked.swept or range(1, len(SWEPT) + 1)]
    play_all = partial(_play_all, stocks=asked.stocks, only=asked.witness)
    with ProcessPoolExecutor(min(asked.processes, len(swept))) as pool:
        nights = [night for found in pool.map(play_all, swept) for night in found]
    text = "\n\n".join([_sum_up(nights), _numbers(), *(_table(one, nights) for one in swept)])
    print(text)
    if asked.write:
        before, _, rest = asked.write.read_text().partition(BEGIN)
        asked.write.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}")
    return int(not all(night.is_as_due for night in nights))


def play(stage: Stage, swept: State, witnesses: Sequence[State]) -> Night:
    """Play a night of what ka10066 serves, with some witnesses that are not right."""
    brings = [text for state in (swept, *witnesses) for text in state.brings]
    stored = next((w.stored for w in witnesses if w.stored is not Stored.BEFORE), Stored.BEFORE)
    return Night(swept, tuple(witnesses), stage.play([*MARKET, *brings], stored))


def _combinations(only: str | None, *, is_paired: bool) -> Iterator[tuple[State, ...]]:
    pairs = [pair for pair in combinations(WITNESSES, 2) if pair[0].of != pair[1].of] if is_paired else []
    for chosen in ((), *((one,) for one in WITNESSES), *pairs):
        if only is None or only in {state.of for state in chosen}:
            yield chosen


def _play_all(swept: State, stocks: int, only: str | None) -> list[Night]:
    hurry()
    nights = []
    with TemporaryDirectory(prefix="witnesses-") as folder:
        stage = Stage(
            Path(folder),
            stocks,
            SETS,
            tuple(Stored),
            assume=swept.assume,
            look_every=LOOK_EVERY,
            longest_pause=LONGEST_PAUSE,
        )
        for chosen in _combinations(only, is_paired=swept.is_paired):
            night = play(stage, swept, chosen)
            nights.append(night)
            if not night.is_as_due:
                who = "; ".join(f"{state.of} {state.text}" for state in (swept, *chosen))
                print(f"NOT AS DUE: {who}: {night} {night.outcome.reason}", flush=True)
    return nights


def _sum_up(nights: Sequence[Night]) -> str:
    healthy = [night for night in nights if night.is_healthy]
    withheld = sum(not night.outcome.is_whole for night in healthy)
    others = [night for night in nights if not night.is_healthy]
    published = sum(bool(night.outcome.published_at) for night in others)
    wrong, cells = sum(n.outcome.wrong for n in nights), sum(n.outcome.cells for n in nights)
    unproved = sum(night.swept.proves for night in others)
    return (
        f"{len(nights)} nights. Healthy ones that a witness proves: {len(healthy)}, **withheld {withheld}**; cells "
        f"published: {cells:,}, **wrong {wrong}**. Right ones that nothing proves: {unproved}; others that are not the "
        f"day's: {len(others) - unproved}; of both **published {published}**."
    )


def _table(swept: State, nights: Sequence[Night]) -> str:
    found = {night.witnesses: str(night) for night in nights if night.swept == swept}
    others = WITNESSES if swept.is_paired else ()
    head = ["", "alone", *map(str, range(1, len(others) + 1))]
    lines = [f"### ka10066: {swept.text}", "", _line(head), _line(["---"] * len(head))]
    lines[0] += f" – with every witness right: {found[()]}" if () in found else ""
    for number, one in enumerate(WITNESSES, 1):
        cells = [found.get(tuple(sorted((one, other), key=WITNESSES.index)), "") for other in others]
        lines.append(_line([str(number), found.get((one,), ""), *cells]))
    return "\n".join(lines)


def _numbers() -> str:
    rows = [_line([str(number), state.of, state.text]) for number, state in enumerate(WITNESSES, 1)]
    return "\n".join([_line(["", "witness", "says"]), _line(["---"] * 3), *rows])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"

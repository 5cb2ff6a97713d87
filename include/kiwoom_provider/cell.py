"""``python -m kiwoom_provider.cell``: one published figure beside the text of the raw page that it comes from."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING

from kiwoom_provider.data_root import ROOT_IN_ENVIRONMENT, exit_status, open_named_root
from kiwoom_provider.datasets.cell_lookup import CellLookup
from kiwoom_provider.krx import parse_session_date

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from kiwoom_provider.datasets.cell_lookup import Cell


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line a stage; return 0 when they agree, 1 when not, 2 when it could not be found out."""
    made = ArgumentParser("python -m kiwoom_provider.cell", description="A figure, from what is published to raw.")
    made.add_argument("session_date", help="YYYY-MM-DD")
    made.add_argument("stock_code", help="such as 196170")
    made.add_argument("venue", help="KRX, NXT or CONSOLIDATED")
    made.add_argument("investor", help="such as foreigner")
    made.add_argument("column", help="such as net_amount")
    made.add_argument("--root", help=f"the data root, a path or URL (default: ${ROOT_IN_ENVIRONMENT})")
    asked = made.parse_args(arguments)
    return exit_status(lambda: _tell(asked))


def _tell(asked: Namespace) -> int:
    lookup = CellLookup(open_named_root(asked.root), parse_session_date(asked.session_date))
    cell = lookup.find(asked.stock_code, asked.venue, asked.investor, asked.column)
    for line in lines(cell):
        sys.stdout.write(f"{line}\n")
    return 0 if cell.agrees else 1


def lines(cell: Cell) -> list[str]:
    """Return the figure in words, a line a stage."""
    head = f"{cell.session_date} {cell.stock_code} {cell.parameters.label} {cell.investor} {cell.column} ({cell.unit})"
    found = [head]
    for place in cell.stages:
        name = cell.column if place.stage == "published" else cell.element
        value = json.dumps(place.value, ensure_ascii=False, default=str)
        found.append(
            f"{place.stage:<10}{name:<16}{value:>16}  {place.key}" + (f"  ({place.note})" if place.note else "")
        )
    if cell.proof:
        found.append(f"{'proof':<10}{cell.proof.outcome}: {cell.proof.how}")
    return found


if __name__ == "__main__":
    sys.exit(main())

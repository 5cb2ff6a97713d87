"""What an answer of rows is made from, and the rows, page by page: the same for every api-id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_simulator.parameters import Query
    from kiwoom_simulator.settlement import Moment

Rows: TypeAlias = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Source:
    """
    What an answer is made from: what was asked, and what is served at this moment.

    The rest is for faults. ``stale`` figures are the session before's. ``wrong_units`` are amounts in
    thousand won and quantities in thousand shares. ``unsettled`` is the part (0 to 1) of ka10066's stocks
    whose investors are not there yet, and how that looks: ``zero``, ``missing`` (no row) or ``before``.
    """

    query: Query
    moment: Moment
    stale: bool = False
    wrong_units: bool = False
    unsettled: tuple[float, str] = (0.0, "zero")


@dataclass(frozen=True, slots=True)
class Table:
    """
    The rows of a page (1-based), and whether there are more after it.

    ``pages`` is how many there are, 0: not known; ``stocks`` and ``page_rows`` how many rows in all and on a
    page. Without ``has_list`` the answer has no list element.
    """

    rows: Callable[[int], Rows]
    more: Callable[[int], bool]
    pages: int = 1
    stocks: int = 0
    page_rows: int = 1
    has_list: bool = True

    def size(self, page: int) -> int:
        """Return how many of the stocks are on a page."""
        begin = ((page - 1) % self.pages) * self.page_rows
        return min(self.page_rows, self.stocks - begin)


def single(rows: Rows, *, has_list: bool = True) -> Table:
    """Return a table of one page."""
    return Table(lambda _page: rows, lambda _page: False, has_list=has_list)

"""From a rule's worst offender to its figure: published, typed, the text of the raw page, the dated row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.datasets.cell_lookup import COLUMNS, ELEMENTS, Cell, CellLookup, NoCellError
from kiwoom_provider.datasets.investor_trading import PRICE_COLUMNS
from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.locale import message
from kiwoom_provider.monitor.errors import DamagedError, NotFoundError, PageAddressError, PageError
from kiwoom_provider.parameters import ParameterError, Venue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kiwoom_provider.datasets.store import Store

_PRICES = {element: name for name, element, *_ in PRICE_COLUMNS}
STAGES = {
    "published": message("Published table"),
    "typed": message("Typed sets"),
    "raw": message("Raw pages"),
    "ka10059": message("Dated row (ka10059)"),
}


def cell_query(label: str, stock_code: str | None, field: str | None) -> dict[str, str] | None:
    """
    Return what names a figure in the address of its page, None for an offender that is no figure of a stock.

    :param label: of the offender's set, ``KOSPI · KRX · amount · net``, or market and venue alone.
    :param field: an investor's name with or without underscores, or an element such as ``cur_prc``.
    """
    _, venue, measure, side = [*label.split(" · "), *[""] * 4][:4]
    if not stock_code or venue not in Venue.__members__:
        return None
    name = (field or "").replace(" ", "_")
    column = _PRICES.get(name, f"{side or 'net'}_{measure or 'amount'}")
    investor = name if name in ELEMENTS else next(iter(ELEMENTS))
    return {"code": stock_code, "venue": venue, "investor": investor, "column": column}


def find_cell(store: Store, day: date, asked: Mapping[str, str]) -> Cell:
    """
    Return a figure at every stage.

    :param asked: ``code``, ``venue``, ``investor`` and ``column``.
    :raises PageAddressError: for a venue, an investor or a column that there is not.
    :raises NotFoundError: when no stage has it.
    :raises DamagedError: when an object on its way cannot be read.
    """
    code, venue, investor, column = (asked.get(name, "") for name in ("code", "venue", "investor", "column"))
    try:
        return CellLookup(store, day).find(code, venue, investor, column)
    except PageError:
        raise
    except ParameterError as error:
        known = (*Venue.__members__, *ELEMENTS, *COLUMNS)
        text = "{name} {value} is not one of: {known}"
        said = message(text, name="cell", value=f"{venue} {investor} {column}"[:80], known=known)
        raise PageAddressError(said) from error
    except NoCellError as error:
        if error.__cause__:  # an object is there, and cannot be read
            raise _damaged_error(code, error.__cause__) from error
        said = message(
            "{code} at {venue} is in no stored set of session {day}", code=code[:20], venue=venue, day=str(day)
        )
        raise NotFoundError(said) from error
    except KiwoomProviderError as error:
        raise _damaged_error(code, error) from error


def _damaged_error(code: str, error: BaseException) -> DamagedError:
    return DamagedError(message("{name} cannot be read ({why})", name=code[:20], why=type(error).__name__))

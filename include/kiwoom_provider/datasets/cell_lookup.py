"""One figure on its whole way: the published value, the typed cell, the text of the raw page, the witness's row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiwoom_provider.api import ka10059
from kiwoom_provider.api import ka10066 as api
from kiwoom_provider.api.errors import ProtocolError
from kiwoom_provider.datasets import ka10066, layout, raw
from kiwoom_provider.datasets.columns import INVESTORS, UNITS
from kiwoom_provider.datasets.investor_trading import FLOWS, PRICE_COLUMNS
from kiwoom_provider.datasets.parquet import file_metadata, read_table
from kiwoom_provider.datasets.published import ProofNote, PublishedMetadata
from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.parameters import DEFAULT_MARKETS, Market, Measure, ParameterError, ParameterSet, Side, Venue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import pyarrow as pa

    from kiwoom_provider.datasets.store import Store

ELEMENTS = {investor.name: investor.element for investor in INVESTORS}
COLUMNS = (*(name for name, _, _ in FLOWS), *(name for name, *_ in PRICE_COLUMNS))
"""The columns that hold a figure."""


class NoCellError(KiwoomProviderError, LookupError):
    """No such figure is stored; the message says how far it was looked for."""

    is_final = True
    remedy = "correct the stock, the investor or the column"


@dataclass(frozen=True, slots=True)
class CellStage:
    """
    The figure at one stage of its way.

    :param stage: ``published``, ``typed``, ``raw`` or ``ka10059``.
    :param value: a number, None where it is null, or the API's own text.
    :param key: the object that holds it.
    :param note: what else is to be known, such as the page's row.
    """

    stage: str
    value: object
    key: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """
    A figure of one session, stock, venue, investor and column, at every stage where it is stored.

    :param parameters: the parameter set that the figure comes from.
    :param element: its element in the API's answer.
    :param proof: what the published file says of how the session was proved.
    """

    session_date: date
    stock_code: str
    parameters: ParameterSet
    investor: str
    column: str
    element: str
    stages: tuple[CellStage, ...]
    proof: ProofNote | None = None

    @property
    def unit(self) -> str:
        """The figure's unit."""
        flows = {name: UNITS[measure] for name, measure, _ in FLOWS}
        return (flows | {name: unit for name, _, _, unit in PRICE_COLUMNS})[self.column]

    @property
    def agrees(self) -> bool:
        """Whether what is published is what is typed; also when only one of them is there."""
        values = [place.value for place in self.stages if place.stage in ("published", "typed")]
        return len(set(values)) <= 1


@dataclass(frozen=True, slots=True)
class CellLookup:
    """Finds figures of one session under a root."""

    root: Store
    session_date: date

    def find(self, code: str, venue: str, investor: str, column: str) -> Cell:
        """
        Return one figure at every stage.

        :raises ParameterError: for a venue, an investor or a column that there is not.
        :raises NoCellError: when no stage has it.
        :raises DocumentError: when what the published file says of itself cannot be read.
        :raises StoreError: when the root cannot be read.
        """
        if investor not in ELEMENTS:
            raise ParameterError(f"investor {investor!r} is not one of: {', '.join(ELEMENTS)}")
        if column not in COLUMNS:
            raise ParameterError(f"column {column!r} is not one of: {', '.join(COLUMNS)}")
        at, element = Venue.parse(venue), _element(investor, column)
        published = self._find_published(code, at, investor, column)
        markets = [Market.parse(row["market"]) for row, _ in published] or [*DEFAULT_MARKETS, Market.ALL]
        for parameters in _sets(markets, at, column):
            if places := self._find_below(parameters, code, element):
                above = [place for _, place in published]
                found = (*above, *places)
                return Cell(self.session_date, code, parameters, investor, column, element, found, self._proof)
        raise NoCellError(
            f"{code} at {at} is in no stored set of session {self.session_date} under {self.root.name}: "
            "is the code right, and does the venue trade it?"
        )

    def _find_published(
        self, code: str, venue: Venue, investor: str, column: str
    ) -> list[tuple[dict[str, Any], CellStage]]:
        """Return the published row and its figure; empty where there is none."""
        import pyarrow.compute as pc

        key = layout.published_key(self.session_date)
        table = self._table(key)
        if table is None:
            return []
        for name, value in (("stock_code", code), ("venue", str(venue)), ("investor", investor)):
            table = table.filter(pc.equal(table[name], value))
        return [
            (row, CellStage("published", row[column], key, _publication_note(row))) for row in table.to_pylist()[:1]
        ]

    @property
    def _proof(self) -> ProofNote | None:
        return PublishedMetadata.read(self.root, self.session_date).proof

    def _find_below(self, parameters: ParameterSet, code: str, element: str) -> list[CellStage]:
        """Return the figure in the typed set, in the raw page and in the dated sibling; empty where none has it."""
        import pyarrow.compute as pc

        key = layout.partition_key(self.session_date, parameters)
        table = self._table(key)
        rows = table.filter(pc.equal(table["stk_cd"], code)).to_pylist() if table is not None else []
        if table is None or not rows:
            return []
        said = file_metadata(table.schema)
        sign = f"sells came {said['sell_sign']}" if "sell_sign" in said else ""
        found = [CellStage("typed", rows[0][element], key, sign)]
        found.extend(self._find_raw(said.get("sweep", ""), code, element, parameters.venue))
        found.extend(self._find_dated(parameters, code, element))
        return found

    def _find_raw(self, folder: str, code: str, element: str, venue: Venue) -> Iterator[CellStage]:
        """Yield the very text of the raw page that the typed set was made of."""
        allowed = {f"{code}{suffix}" for suffix in ka10066.SUFFIXES[venue]}
        for key in self.root.list(folder) if folder else []:
            if not raw.page_number(key):
                continue
            page, _ = raw.unpack(self.root.read(key))
            for number, row in enumerate(page.rows(api.LIST_ELEMENT), 1):
                if row.get("stk_cd") in allowed:
                    yield CellStage(
                        "raw", row.get(element), key, f"row {number}, fetched {page.fetched_at:%H:%M:%S} UTC"
                    )
                    return

    def _find_dated(self, parameters: ParameterSet, code: str, element: str) -> Iterator[CellStage]:
        """Yield what ka10059 said of this stock and session, in every answer that is kept."""
        folder = f"{layout.session_prefix(layout.RAW_REFERENCE, self.session_date)}/{parameters.path}"
        for key in self.root.list(folder, beginning=code):
            try:
                page, _ = raw.unpack(self.root.read(key))
                rows = page.payload.get(ka10059.LIST_ELEMENT) or []
            except (raw.RawError, ProtocolError) as error:
                yield CellStage("ka10059", None, key, f"cannot be read: {error}")
                continue
            wanted = f"{self.session_date:%Y%m%d}"
            said = [row for row in rows if isinstance(row, dict) and str(row.get("dt")).strip() == wanted]
            name = _DATED_ELEMENTS.get(element, element)
            note = f"fetched {page.fetched_at:%Y-%m-%d %H:%M:%S} UTC"
            yield CellStage(
                "ka10059", said[0].get(name) if said else None, key, note if said else f"no row of it, {note}"
            )

    def _table(self, key: str) -> pa.Table | None:
        import pyarrow as pa

        try:
            return read_table(self.root.read(key))
        except FileNotFoundError:
            return None
        except pa.ArrowException as error:
            raise NoCellError(f"{self.root.url(key)} cannot be read: {error}") from error


_DATED_ELEMENTS = {"trde_qty": "acc_trde_qty"}


def _element(investor: str, column: str) -> str:
    prices: dict[str, Any] = {name: element for name, element, _, _ in PRICE_COLUMNS}
    return str(prices.get(column, ELEMENTS[investor]))


def _publication_note(row: dict[str, Any]) -> str:
    since = row.get("published_at")
    return ", ".join(filter(None, [row["market"], row.get("source"), since and f"known since {since:%F %T} UTC"]))


def _sets(markets: list[Market], venue: Venue, column: str) -> list[ParameterSet]:
    """Return the sets that the column can come from, in the order in which the published table takes them."""
    flows = {name: (measure, side) for name, measure, side in FLOWS}
    pairs = [flows[column]] if column in flows else [(measure, side) for measure in Measure for side in Side]
    return sorted(ParameterSet(m, venue, measure, side) for m in markets for measure, side in pairs)

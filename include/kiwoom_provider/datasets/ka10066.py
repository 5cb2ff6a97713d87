"""
One parameter set, typed: the API's own element names, one row a stock, sorted by ``stk_cd``.

Prices are in 원, ``trde_qty`` in shares, ``flu_rt`` in %, the twelve investor fields in KRW million
or shares by the set's measure, ``fetched_at`` in UTC. Blank stays null.

Sells are stored without a sign, whichever way a set of them came: ``kiwoom.sell_sign`` in the file's metadata
says it (``positive``, ``negative``, ``mixed`` as they came, or ``none`` where all are zero). Counters that stand at
the end of a 32-bit range are no numbers: they are null, and ``kiwoom.saturated`` names them.
"""

from __future__ import annotations

from array import array
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from kiwoom_provider.api.errors import ProtocolError
from kiwoom_provider.api.ka10066 import API_ID, INVESTOR_ELEMENTS, LIST_ELEMENT, ROW_ELEMENTS
from kiwoom_provider.api.page import clean_text
from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.columns import INVESTORS, UNITS
from kiwoom_provider.datasets.parquet import encode_table, file_metadata, read_table, to_metadata
from kiwoom_provider.parameters import Side, Venue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    import pyarrow as pa

    from kiwoom_provider.api.page import Page
    from kiwoom_provider.datasets.raw import Sweep
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.parameters import ParameterSet

SUFFIXES = {Venue.KRX: ("",), Venue.NXT: ("_NX", ""), Venue.CONSOLIDATED: ("_AL", "")}
"""Venue suffixes that ``stk_cd`` may carry; ``_NX`` is expected but was not seen, so none is taken too."""

WRITER_OPTIONS = {"compression_level": 3, "use_dictionary": False}
"""How a typed partition is written."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PRICES = {"cur_prc": ("현재가", "KRW"), "pred_pre": ("전일대비", "KRW"), "trde_qty": ("거래량", "shares")}


@cache
def schema(measure: str) -> pa.Schema:
    """Return the typed schema; field metadata names unit, Korean term and API element."""
    import pyarrow as pa

    def field(name: str, kind: pa.DataType, korean: str, unit: str) -> pa.Field:
        return pa.field(name, kind, metadata={"unit": unit, "korean": korean, "element": name})

    return pa.schema(
        [
            field("stk_cd", pa.string(), "종목코드", "code"),
            field("stk_nm", pa.string(), "종목명", "name"),
            field("cur_prc", pa.int64(), *_PRICES["cur_prc"]),
            field("pre_sig", pa.int8(), "대비기호", "1 to 5"),
            field("pred_pre", pa.int64(), *_PRICES["pred_pre"]),
            field("flu_rt", pa.decimal128(9, 2), "등락률", "%"),
            field("trde_qty", pa.int64(), *_PRICES["trde_qty"]),
            *(field(i.element, pa.int64(), i.korean, UNITS[measure]) for i in INVESTORS),
            pa.field("fetched_at", pa.timestamp("us", tz="UTC"), metadata={"unit": "UTC"}),
        ]
    )


def parse(pages: Sequence[Page], parameters: ParameterSet) -> pa.Table:
    """
    Turn a sweep's pages into the typed table; what its numbers were like stands in its schema's metadata.

    :raises ProtocolError: when a row lacks an element or a stock's venue suffix is another venue's.
    :raises NumberFormatError: naming the column, the stock and the cell that is no number.
    """
    import pyarrow as pa

    from kiwoom_provider.api import numbers

    cells, arrivals = _cells(pages, parameters)
    cells["stk_nm"] = [clean_text(name) if isinstance(name, str) else name for name in cells["stk_nm"]]
    text = {name: _text(name, column) for name, column in cells.items()}
    codes = text["stk_cd"]
    typed: dict[str, pa.Array] = {"stk_cd": codes, "stk_nm": text["stk_nm"]}
    typed["pre_sig"] = _within("pre_sig", numbers.parse_int64(text["pre_sig"], "pre_sig", codes), _small)
    saturated = []
    for name in ("cur_prc", "pred_pre", "trde_qty", *INVESTOR_ELEMENTS):
        typed[name] = numbers.parse_int64(text[name], name, codes)
        saturated += _find_saturated(name, typed[name], text[name], codes)
    typed["cur_prc"] = _within("cur_prc", typed["cur_prc"], _magnitude)
    facts: dict[str, object] = {"saturated": saturated} if saturated else {}
    if parameters.side is Side.SELL:
        facts["sell_sign"] = sign = sell_sign([typed[name] for name in INVESTOR_ELEMENTS])
        if sign == "negative":
            typed |= {name: _magnitude(typed[name]) for name in INVESTOR_ELEMENTS}
    typed["flu_rt"] = numbers.parse_decimal(text["flu_rt"], "flu_rt", codes)
    typed["fetched_at"] = pa.Array.from_buffers(
        pa.timestamp("us", tz="UTC"), len(arrivals), [None, pa.py_buffer(array("q", arrivals))]
    )
    shape = schema(parameters.measure)
    table = pa.Table.from_arrays([typed[name] for name in shape.names], schema=shape)
    return table.replace_schema_metadata(to_metadata(facts))


def extra_elements(pages: Sequence[Page]) -> tuple[str, ...]:
    """Return row elements that the API's sheet does not name, cut and sorted: a change of the API to look at."""
    known = set(ROW_ELEMENTS)
    names = {name for page in pages for row in page.rows(LIST_ELEMENT) if row.keys() != known for name in row}
    return tuple(sorted({clean_text(name) for name in names - known}))


def encode(table: pa.Table, sweep: Sweep, session_date: date, package_version: str) -> bytes:
    """Return the partition file's bytes: the same sweep gives the same bytes."""
    facts: dict[str, object] = {
        "session_date": session_date.isoformat(),
        "parameters": sweep.parameters.path,
        "sweep": sweep.prefix,
        "sweep_sha256": sweep.digest,
        "collected_by_run": sweep.run_id,
        "page_sizes": sweep.page_sizes,
        "extra_elements": extra_elements(sweep.pages),
        "package_version": package_version,
    }
    return encode_table(table, {**file_metadata(table.schema), **facts}, **WRITER_OPTIONS)


def read_partition(
    store: Store, session_date: date, parameters: ParameterSet, columns: Sequence[str] | None = None
) -> pa.Table:
    """
    Read one stored partition, with the file's metadata on its schema.

    :param columns: those to read; None reads all.
    :raises FileNotFoundError: when the set is not stored for that session.
    """
    return read_table(store.read(layout.partition_key(session_date, parameters)), columns)


def read_partitions(store: Store, session_date: date, sets: Iterable[ParameterSet]) -> dict[ParameterSet, pa.Table]:
    """Return the stored partitions of a session; sets that are not stored are left out."""
    tables: dict[ParameterSet, pa.Table] = {}
    for parameters in sets:
        with suppress(FileNotFoundError):
            tables[parameters] = read_partition(store, session_date, parameters)
    return tables


def _cells(pages: Sequence[Page], parameters: ParameterSet) -> tuple[dict[str, list[str]], list[int]]:
    """Return the texts of every element and the page's arrival of every row, in the order of the bare codes."""
    rows = [row for page in pages for row in page.rows(LIST_ELEMENT)]
    try:
        received = [row["stk_cd"] for row in rows]
        _text("stk_cd", received)  # refuses what is no text
        codes = _bare_codes(received, parameters)
        order = sorted(range(len(rows)), key=codes.__getitem__)  # here, since Arrow's sorting costs a fetch 0.6 MB
        rows = [rows[place] for place in order]
        cells = {name: [row[name] for row in rows] for name in ROW_ELEMENTS}
    except KeyError as error:
        name = error.args[0]
        number = next(p.number for p in pages for row in p.rows(LIST_ELEMENT) if name not in row)
        raise _broken(f"a row lacks the element {name}", number) from None
    arrivals = _arrivals(pages)
    return cells | {"stk_cd": sorted(codes)}, [arrivals[place] for place in order]


def _arrivals(pages: Sequence[Page]) -> list[int]:
    """Return the page's arrival for every row, in the pages' order, as Arrow keeps it: microseconds since 1970."""
    arrivals: list[int] = []
    for page in pages:
        since_us = (page.fetched_at - _EPOCH) // timedelta(microseconds=1)
        arrivals += [since_us] * len(page.rows(LIST_ELEMENT))
    return arrivals


def _text(name: str, cells: list[str]) -> pa.StringArray:
    from kiwoom_provider.datasets.arrow import text_array

    try:
        return text_array(cells)
    except (TypeError, UnicodeEncodeError) as error:
        raise _broken(f"element {name} holds something else than text: {error}", None) from None


def _broken(message: str, page: int | None) -> ProtocolError:
    return ProtocolError(message, api_id=API_ID, page=page)


def _bare_codes(codes: list[str], parameters: ParameterSet) -> list[str]:
    """Strip the venue suffix; one that belongs to another venue means the wrong set was served."""
    allowed = SUFFIXES[parameters.venue]
    bare = []
    for code in codes:
        stem, mark, tail = code.partition("_")
        if not (stem.isascii() and stem.isalnum()) or mark + tail not in allowed:  # a code becomes part of a key
            raise _broken(f"stk_cd {code!r} is not a stock of venue {parameters.venue}", None)
        bare.append(stem)
    return bare


def sell_sign(columns: Sequence[pa.Array]) -> str:
    """Return which sign the sells of a set carry: ``positive``, ``negative``, ``mixed``, or ``none`` without any."""
    import pyarrow.compute as pc

    ends = [pc.min_max(column).as_py() for column in columns]
    is_negative = any(end["min"] is not None and end["min"] < 0 for end in ends)
    is_positive = any(end["max"] is not None and end["max"] > 0 for end in ends)
    return {(True, True): "mixed", (True, False): "negative", (False, True): "positive"}.get(
        (is_negative, is_positive), "none"
    )


def _find_saturated(name: str, column: pa.Array, text: pa.Array, codes: pa.Array) -> list[tuple[str, str, str]]:
    """Return element, stock and text of every cell that is null and not blank: a counter at its end."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not column.null_count:
        return []
    at = pc.and_(pc.is_null(column), pc.cast(pc.binary_length(pc.ascii_trim(text, " ")), pa.bool_()))
    named = zip(codes.filter(at).to_pylist(), text.filter(at).to_pylist(), strict=True)
    return [(name, code, clean_text(cell.strip(" "))) for code, cell in named]


def _magnitude(numbers: pa.Array) -> pa.Array:
    """Drop the sign: ``cur_prc`` carries the day's direction as its sign, and sells may carry one too."""
    import pyarrow.compute as pc

    return pc.abs_checked(numbers)


def _small(signs: pa.Array) -> pa.Array:
    import pyarrow as pa

    return signs.cast(pa.int8())


def _within(name: str, numbers: pa.Array, narrow: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Bring the numbers into the column's type; one that has no place in it breaks the spec."""
    import pyarrow as pa

    try:
        return narrow(numbers)
    except pa.ArrowInvalid as error:
        raise _broken(f"element {name} holds a number beyond its range: {error}", None) from None


def repeated_codes(table: pa.Table) -> list[str]:
    """Return every ``stk_cd`` that stands in more than one row, sorted."""
    counts = Counter(table["stk_cd"].to_pylist())
    return sorted(code for code, times in counts.items() if times > 1)

"""The matrix: every fault, where it strikes, and what a refusal has to say about it. One table."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from lab.faults.proxy import Aim
from lab.faults.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_SET_CALLS = 6
"""Token, a page and two dated rows of the look, two pages: then the first set is whole."""

PLACES = {
    "token": Aim("au10001"),
    "look": Aim("ka10066", side="net", page=1),
    "first page": Aim("ka10066", side="buy", page=1),
    "middle page": Aim("ka10066", side="buy", page=2),
    "last page": Aim("ka10066", side="buy", page=3),
    "between sets": Aim(after=FIRST_SET_CALLS),
    "ka10059": Aim("ka10059"),
}
"""``between sets`` is everything from then on; ``look`` is the first page of the first set, asked before the sweep."""
PAGES = ("look", "first page", "middle page", "last page")
EVERYWHERE = tuple(PLACES)
ONE_OF_EACH = ("token", "middle page", "ka10059")


@dataclass(frozen=True, slots=True)
class Cell:
    """
    One night of the matrix.

    :param times: how often the fault strikes; 0 is always.
    :param says: a refusal's warnings and errors hold one of these.
    :param strikes: ``simulator`` and ``proxy`` take the fault's name, ``storage`` a trouble.
    """

    fault: str
    where: str
    times: int
    says: tuple[str, ...]
    strikes: str = "simulator"
    trouble: Trouble | None = None

    @property
    def lasting(self) -> str:
        """How often it strikes, in words."""
        return f"{self.times} times" if self.times else "always"

    @property
    def name(self) -> str:
        """Fault, place and how often."""
        return f"{self.fault} · {self.where} · {self.lasting}"

    @property
    def text(self) -> str:
        """The fault as the simulator reads it."""
        aim = PLACES[self.where]
        fields = {"side": aim.side, "page": aim.page, "after": aim.after}
        place = ",".join(f"{name}={value}" for name, value in fields.items() if value)
        return f"{self.fault}@{aim.api_id}:{place}" + (f"*{self.times}" if self.times else "")


HTTP = {
    "http=500": ("HTTP 500",),
    "http=502": ("HTTP 502",),
    "http=503": ("HTTP 503",),
    "http=404": ("HTTP 404",),
    "html": ("the answer is not JSON, HTTP 200",),
    "redirect": ("HTTP 302",),
    "hang": ("no whole answer within",),
    "drip=5": ("no whole answer within",),
    "reset": ("no answer",),
    "half-body": ("no answer",),
    "cut-json": ("is not a JSON object in UTF-8",),
    "content-type": (),
    "charset": ("is not a JSON object in UTF-8",),
    "gzip": (),
    "bomb=20": ("larger than 16 MiB",),
    "limit=50": ("too many calls",),
    "limit-bare": ("too many calls",),
    "limit-200=50": ("too many calls",),
    "dead-tokens": ("[8005]",),
    "no-code": ("has no return_code",),
    "bare-list": ("is not a JSON object",),
}
"""A refusal of none of these words is right for a fault that has to be survived."""
LASTING = ("http=503", "html", "hang", "reset", "cut-json", "limit-bare", "dead-tokens")
"""Played without an end at every place; the others at one."""
ENDLESS = ("endless", "key-loop", "disorder", "extra-element", "string-code")
"""Played without an end as well."""
ELSEWHERE_ALIKE = (
    *("http=502", "http=404", "redirect", "content-type", "charset", "gzip", "bomb=20", "no-code", "bare-list"),
)
"""Judged by the same lines as a fault that is played everywhere; played at one place a TR."""
OF_DATA = ("no-code", "bare-list")
"""The simulator does them to data only."""
CODES = {
    "error=1504": ("[1504]",),
    "error=1517": ("[1517]",),
    "error=1634": ("[1634]",),
    "error=1701": ("[1701]",),
    "error=1902": ("[1902]",),
    "error=1999": ("[1999]",),
    "error=8001": ("[8001]",),
    "error=8005": ("[8005]",),
    "error=8010": ("[8010]",),
    "error=8104": ("[8104]",),
    "error=0/9": ("return_code 9",),
    "error=0/20": ("return_code 20",),
}
PAGING = {
    "no-key": ("without a next-key",),
    "same-key": ("repeats a next-key",),
    "key-loop": ("repeats a next-key",),
    "endless": ("announces more after 8 pages", "came more than once"),
    "cut-short": ("same_stocks", "full_last_page"),
    "no-headers": ("same_stocks", "full_last_page"),
    "empty-page": ("page_sizes", "same_stocks"),
    "empty-list": ("empty list", "page_sizes"),
    "page-again": ("came more than once",),
    "overlap": ("came more than once",),
    "twice": ("came more than once",),
    "disorder": (),
    "missing-stock": ("same_stocks", "page_sizes"),
    "extra-element": (),
    "missing-element": ("lacks the element natn",),
    "renamed-element": ("lacks the element natn",),
    "null-cell": ("natn",),
    "blank-cell": ("investor_nulls",),
    "garbage-cell": ("natn",),
    "number-cell": ("natn",),
    "cell-off": ("buy_minus_sell_is_net",),
    "no-list": ("has no list of rows",),
    "null-list": ("has no list of rows",),
    "string-code": (),
    "stale": ("another session's",),
    "swapped-sides": ("another session's", "buy_minus_sell_is_net"),
}
TRANSPORT = {
    "latency": (),
    "pieces": (),
    "connect-reset": ("no answer",),
    "answer-lost": ("no answer",),
    "reset-midway": ("no answer",),
    "stall": ("no whole answer within",),
    "slow-rate": ("no whole answer within",),
    "cut-head": ("is not a JSON object in UTF-8", "is not JSON"),
    "no-length": ("is not a JSON object in UTF-8",),
    "garbage": ("no answer",),
    "answered-twice": ("repeats a next-key", "came more than once"),
}
WRITES = {
    "root": r"^/\.writable-|^\.writable-",
    "raw page": r"^raw/ka10066/.*side=buy/.*page-0002",
    "dated row": r"^raw/ka10059/.*side=buy/",
    "partition": r"^ka10066/.*side=buy/",
    "proof": r"proved\.json$",
    "publish": r"^investor_trading/",
    "report": r"^quality/.*(?<!summary)\.json$",
    "report page": r"^quality/.*\.html$",
    "summary": r"^quality/.*summary\.json$",
}
STORAGE = {
    "open": ("EROFS", ("Read-only file system",)),
    "write": ("ENOSPC", ("No space left on device",)),
    "sync": ("EIO", ("Input/output error",)),
    "rename": ("EIO", ("Input/output error",)),
    "renamed": ("EIO", ("Input/output error",)),
}
READS = {name: WRITES[name] for name in ("dated row", "partition")}


def cells() -> Iterator[Cell]:
    """Every night of the matrix; a fault that passes is long enough for an attempt of the task to be lost on it."""
    for (fault, says), where in product(HTTP.items(), EVERYWHERE):
        if fault in OF_DATA and where == "token":
            continue
        if fault not in ELSEWHERE_ALIKE or where in ONE_OF_EACH:
            yield Cell(fault, where, 7, says)
        if fault in LASTING or where == "middle page":
            yield Cell(fault, where, 0, says)
    for (fault, says), where in product(CODES.items(), ("look", *ONE_OF_EACH)):
        yield Cell(fault, where, 0, says)
    for (fault, says), where in product(PAGING.items(), PAGES[1:]):
        yield Cell(fault, where, 1, says)
    for fault, where in product(ENDLESS, ("look", "last page")):
        yield Cell(fault, where, 0, PAGING[fault])
    for (fault, says), where in product(TRANSPORT.items(), EVERYWHERE):
        yield Cell(fault, where, 7, says, "proxy")
        if where == "middle page":
            yield Cell(fault, where, 0, says, "proxy")
    yield from _storage()


def _storage() -> Iterator[Cell]:
    for (where, key), (step, (code, says)), times in product(WRITES.items(), STORAGE.items(), (1, 0)):
        if times or step in ("open", "write"):
            yield Cell(f"{code} at {step}", where, times, says, "storage", Trouble("", key, step, code, times))
    for (where, key), times in product(READS.items(), (1, 0)):
        trouble = Trouble("", key, "read", "EIO", times)
        yield Cell("EIO at read", where, times, ("Input/output error",), "storage", trouble)
    for lag_s, where in product(("0.2", "600"), ("raw/ka10066", "raw/ka10059", "ka10066", "")):
        trouble = Trouble("", f"^{where}", "list", lag_s)
        yield Cell(f"listed {lag_s} s late", where or "all", 0, ("not proved", "no dated"), "storage", trouble)

"""The table of the kinds of faults."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """What of an answer a kind of fault touches."""

    INSTEAD = "instead"
    SOURCE = "source"
    ROWS = "rows"
    PAGING = "paging"
    ENVELOPE = "envelope"
    WIRE = "wire"


KINDS: dict[str, tuple[Stage, str]] = {
    "http": (Stage.INSTEAD, "HTML page under the HTTP status VALUE (500)"),
    "html": (Stage.INSTEAD, "HTML page with HTTP 200, as during maintenance"),
    "redirect": (Stage.INSTEAD, "HTTP 302 to an HTML page"),
    "limit": (Stage.INSTEAD, "over the limit: HTTP 429 naming the quota VALUE (the one in force, else 1)"),
    "limit-bare": (Stage.INSTEAD, "HTTP 429 that names no quota"),
    "limit-200": (Stage.INSTEAD, "over the limit with HTTP 200, naming the quota VALUE"),
    "error": (Stage.INSTEAD, "error answer VALUE = code[/return_code[/status]], such as 1902 or 0/20/200"),
    "dead-tokens": (Stage.INSTEAD, "every token dies, and the call is answered 8005"),
    "unsupported": (Stage.INSTEAD, "not supported by the mock: 8104 with return_code 20"),
    "key-refused": (
        Stage.INSTEAD,
        "next-key of another token (VALUE token), or older than VALUE seconds: 1517",
    ),
    "stale": (Stage.SOURCE, "investor fields of the session before the settled one"),
    "swapped-sides": (Stage.SOURCE, "buys where sells were asked for, and the reverse"),
    "wrong-units": (Stage.SOURCE, "amounts in thousand won, quantities in thousand shares"),
    "empty-page": (Stage.ROWS, "no rows, paging goes on"),
    "page-again": (Stage.ROWS, "the rows of the page before"),
    "overlap": (Stage.ROWS, "begins with the last VALUE (10) rows of the page before"),
    "disorder": (Stage.ROWS, "rows in reverse order"),
    "twice": (Stage.ROWS, "the first row once more at the end"),
    "missing-stock": (Stage.ROWS, "without the stock VALUE (the first row)"),
    "extra-element": (Stage.ROWS, "an element VALUE (new_elmt) that nobody knows"),
    "missing-element": (Stage.ROWS, "without the element VALUE (natn)"),
    "renamed-element": (Stage.ROWS, "the element VALUE (natn) under another name"),
    "cell-off": (Stage.ROWS, "one cell wrong: element VALUE (frgnr_invsr) of the first row, plus 1000"),
    "blank-cell": (Stage.ROWS, "element VALUE (natn) of the first row blank"),
    "null-cell": (Stage.ROWS, "element VALUE (natn) of the first row null"),
    "garbage-cell": (Stage.ROWS, "element VALUE (natn) of the first row is no number"),
    "number-cell": (Stage.ROWS, "element VALUE (natn) of the first row is a JSON number"),
    "no-key": (Stage.PAGING, "cont-yn: Y without a next-key"),
    "same-key": (Stage.PAGING, "the next-key that was sent, again"),
    "key-loop": (Stage.PAGING, "after page 3, on to page 1: a loop of three keys"),
    "endless": (Stage.PAGING, "never a last page, always a new key"),
    "cut-short": (Stage.PAGING, "cont-yn: N although there is more"),
    "empty-list": (Stage.ENVELOPE, "an empty list, and no more pages"),
    "no-list": (Stage.ENVELOPE, "no list element at all"),
    "null-list": (Stage.ENVELOPE, "null for the list"),
    "string-code": (Stage.ENVELOPE, "return_code as a string"),
    "no-code": (Stage.ENVELOPE, "no return_code and no return_msg"),
    "bare-list": (Stage.ENVELOPE, "a JSON list instead of an object"),
    "delay": (Stage.WIRE, "the answer comes VALUE (1) real seconds late"),
    "hang": (Stage.WIRE, "never an answer"),
    "drip": (Stage.WIRE, "the body arrives in twenty pieces over VALUE (20) real seconds"),
    "reset": (Stage.WIRE, "connection reset"),
    "half-body": (Stage.WIRE, "connection closed in the middle of the body"),
    "cut-json": (Stage.WIRE, "a whole answer whose JSON breaks off"),
    "content-type": (Stage.WIRE, "JSON under Content-Type text/html"),
    "charset": (Stage.WIRE, "body in EUC-KR under charset=UTF-8"),
    "gzip": (Stage.WIRE, "body compressed, unasked"),
    "bomb": (Stage.WIRE, "compressed body of VALUE (64) MiB once opened"),
    "no-headers": (Stage.WIRE, "without api-id, cont-yn and next-key"),
}
"""Every kind: what it touches, and what it does."""

"""
Raw sweeps: the API's pages as they came, kept before anything is made of them.

A *sweep* is one pass through all pages of one parameter set. Its folder is named by the instant of
its first page; a page is one gzip object holding a JSON envelope with the request, the paging
headers, the instant of arrival, the run that fetched it, the body's SHA-256 and the body itself.
A sweep is complete when its last page says that nothing follows; nothing else marks it, so nothing
can disagree with the pages.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import re
import zlib
from dataclasses import dataclass, replace
from datetime import datetime  # noqa: TC003 - pydantic reads it from the annotation
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import ConfigDict, Field, field_serializer, field_validator
from pydantic_core import PydanticCustomError

from kiwoom_provider.api import ka10066
from kiwoom_provider.api.page import Page
from kiwoom_provider.datasets import layout
from kiwoom_provider.documents import Document, DocumentError, Instant, Text
from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.parameters import ParameterSet

FORMAT = 1
MOST_BYTES = 128 * 2**20  # an envelope around the largest body that is accepted, escaped at its worst
_PAGE = re.compile(r"/page-(\d{4})\.json\.gz$")
_PAGE_FIELDS = (
    "api_id", "number", "request", "sent_next_key", "status", "cont_yn", "next_key", "fetched_at", "headers"
)  # fmt: skip

_Header = Annotated[str, Field(max_length=10_000)]
_Texts = Annotated[dict[Text, _Header], Field(max_length=100)]


class RawError(KiwoomProviderError):
    """A stored page is damaged, or the pages of a sweep do not follow from each other."""

    remedy = "inside the window the set starts over by itself; later restore the object from a backup"


class Envelope(Document):
    """
    One page as it is stored: request, paging headers, arrival, the run that fetched it, and the body.

    :param body: the answer's text; ``body_base64`` in its place for bytes that are no UTF-8.
    :param sha256: of the body's bytes.
    """

    model_config = ConfigDict(strict=True)

    format: Literal[1]
    api_id: Text
    number: Annotated[int, Field(ge=1, le=9999)]
    request: _Texts
    sent_next_key: _Header
    status: Annotated[int, Field(ge=100, le=599)]
    cont_yn: bool
    next_key: _Header
    headers: _Texts
    fetched_at: Instant
    run_id: Text
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    body: str | None = None
    body_base64: str | None = None

    def content(self) -> bytes:
        """
        Return the body's bytes.

        :raises ValueError: when there is none, or two.
        """
        if (self.body is None) == (self.body_base64 is None):
            raise ValueError("it holds no body, or two")
        return self.body.encode() if self.body is not None else base64.b64decode(self.body_base64 or "", validate=True)

    @field_validator("format", mode="before")
    @classmethod
    def _is_known(cls, found: object) -> object:
        if type(found) is not int or found != FORMAT:
            shown = found if type(found) is int else type(found).__name__
            raise PydanticCustomError("format", f"it is {shown}, and this version reads {FORMAT}")
        return found

    @field_serializer("fetched_at")
    def _offset(self, fetched_at: datetime) -> str:
        return fetched_at.isoformat()


@dataclass(frozen=True)
class Sweep:
    """One pass through the pages of one parameter set, as stored and verified."""

    prefix: str
    parameters: ParameterSet
    run_id: str
    pages: tuple[Page, ...]

    @property
    def is_complete(self) -> bool:
        """Whether the last page said that nothing follows."""
        return bool(self.pages) and self.pages[-1].is_last

    @property
    def digest(self) -> str:
        """SHA-256 over the bodies in order: equal digests, equal answers."""
        return digest(self.pages)

    @property
    def page_sizes(self) -> tuple[int, ...]:
        """Rows per page, in order."""
        return tuple(len(page.rows(ka10066.LIST_ELEMENT)) for page in self.pages)


def digest(pages: Iterable[Page]) -> str:
    """Return the SHA-256 over the bodies in order."""
    total = hashlib.sha256()
    for page in pages:
        total.update(hashlib.sha256(page.body).digest())
    return total.hexdigest()


def write_page(store: Store, prefix: str, page: Page, run_id: str) -> int:
    """
    Store one page of the sweep at ``prefix``.

    :returns: the bytes written.
    """
    data = pack(page, run_id)
    store.write(page_key(prefix, page.number), data)
    return len(data)


def page_key(prefix: str, number: int) -> str:
    """Return the key of a sweep's page."""
    return f"{prefix}/page-{number:04d}.json.gz"


def page_number(key: str) -> int:
    """Return the number of the page that a key names, 0 when it names none."""
    found = _PAGE.search(key)
    return int(found[1]) if found else 0


def sweep_prefix(session_date: date, parameters: ParameterSet, started_at: datetime) -> str:
    """Return the folder of a sweep that starts at ``started_at`` (UTC)."""
    return f"{layout.raw_prefix(session_date, parameters)}/sweep={layout.stamp(started_at)}"


def load_sweeps(
    store: Store, session_date: date, parameters: ParameterSet | None = None
) -> dict[ParameterSet, list[Sweep]]:
    """
    Read and verify the stored sweeps of a session, oldest first, for one parameter set or all.

    A page that is damaged, or was moved here from another set, sweep or run, ends its sweep before it, so the
    sweep counts as incomplete there.
    """
    from kiwoom_provider.parameters import ParameterSet

    prefix = (
        layout.raw_prefix(session_date, parameters) if parameters else layout.session_prefix(layout.RAW, session_date)
    )
    folders: dict[str, list[str]] = {}
    for key in store.list(prefix):
        folder, _, name = key.rpartition("/")
        if name.startswith("page-"):
            folders.setdefault(folder, []).append(key)
    sweeps: dict[ParameterSet, list[Sweep]] = {}
    for folder, keys in sorted(folders.items(), key=lambda item: item[0].rpartition("/")[2]):
        sweep = _load(store, folder, keys)
        sweeps.setdefault(ParameterSet.from_path(folder), []).append(sweep)
    return sweeps


def _load(store: Store, folder: str, keys: list[str]) -> Sweep:
    from kiwoom_provider.parameters import ParameterSet

    sweep = Sweep(folder, ParameterSet.from_path(folder), "", ())
    for number in range(1, len(keys) + 1):
        try:
            page, run_id = unpack(store.read(page_key(folder, number)))
            _check_follows(sweep.pages, page, number)
            _check_belongs(sweep, page, run_id)
        except (RawError, FileNotFoundError):
            break
        sweep = replace(sweep, run_id=run_id, pages=(*sweep.pages, page))
    return sweep


def _check_follows(pages: tuple[Page, ...], page: Page, number: int) -> None:
    expected_key = pages[-1].next_key if pages else ""
    if page.number != number or page.sent_next_key != expected_key or (pages and pages[-1].is_last):
        raise RawError(f"page {number} does not follow from the page before it")


def _check_belongs(sweep: Sweep, page: Page, run_id: str) -> None:
    """Refuse a page that was moved here; next-keys alone need not differ between sweeps."""
    is_sweeps = run_id == sweep.run_id if sweep.pages else sweep.prefix.endswith(f"={layout.stamp(page.fetched_at)}")
    is_sets = page.api_id == ka10066.API_ID and dict(page.request) == ka10066.request_body(sweep.parameters)
    if not (is_sweeps and is_sets):
        raise RawError(f"page {page.number} was fetched for another set, or in another sweep")


def pack(page: Page, run_id: str) -> bytes:
    """
    Return a page as its stored envelope; the same page gives the same bytes.

    :raises DocumentError: for a page that no answer of the API can be.
    """
    envelope = Envelope.from_json(
        {
            "format": FORMAT,
            **{name: getattr(page, name) for name in _PAGE_FIELDS},
            "request": dict(page.request),
            "headers": dict(page.headers),
            "run_id": run_id,
            "sha256": hashlib.sha256(page.body).hexdigest(),
            **_body_fields(page.body),
        },
        f"{page.api_id} page {page.number}",
    )
    return gzip.compress(envelope.model_dump_json(exclude_none=True).encode(), compresslevel=6, mtime=0)


def unpack(data: bytes) -> tuple[Page, str]:
    """
    Read an envelope back, with the run that fetched the page.

    :raises RawError: when it is damaged, of another format or does not hold what its checksum says.
    """
    try:
        envelope = Envelope.from_bytes(_unzip(data), "a stored page")
        body = envelope.content()
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise RawError(f"{error}" if isinstance(error, DocumentError) else f"a stored page: {error}") from error
    if hashlib.sha256(body).hexdigest() != envelope.sha256:
        raise RawError("a stored page's body does not match its checksum")
    return Page(body=body, **{name: getattr(envelope, name) for name in _PAGE_FIELDS}), envelope.run_id


def _unzip(data: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        text = stream.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise ValueError(f"is larger than {MOST_BYTES // 2**20} MiB, which none is")
    return text


def _body_fields(body: bytes) -> dict[str, str]:
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}

"""Looks for secrets in everything that a night leaves behind: files, database cells, arguments of processes."""

from __future__ import annotations

import base64
import gzip
import io
import os
import sqlite3
import zlib
from contextlib import closing, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, quote_plus

import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def forms(secret: str) -> set[bytes]:
    """Return a secret as it is, URL-encoded, JSON-escaped, and inside base64 of either alphabet, wherever it begins."""
    plain = {secret, quote(secret, safe=""), quote_plus(secret), secret.replace("/", "\\/")}
    return {text.encode() for text in plain} | set(_base64(secret.encode()))


def _base64(data: bytes) -> Iterator[bytes]:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for shift in range(3):
            text = encode(b"\0" * shift + data)
            whole = 4 * ((shift + len(data)) // 3)  # what follows may change the rest
            yield text[-(-shift * 4 // 3) + (shift > 0) : whole]


class SecretForms:
    """What must not be found: every form of every secret."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._forms = {form for secret in secrets for form in forms(secret)}

    def are_in(self, data: bytes) -> bool:
        return any(form in data for form in self._forms)


def in_files(folder: Path, wanted: SecretForms) -> list[str]:
    """Return the files under a folder that hold a secret, as they lie or unpacked."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [str(path.relative_to(folder)) for path in files if any(map(wanted.are_in, _contents(path)))]


def _contents(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    yield data
    yield from _unpacked(data)
    if path.suffix == ".parquet":
        table = pq.read_table(io.BytesIO(data))
        yield repr(table.schema.metadata).encode() + table.schema.to_string().encode()
        yield repr(table.to_pylist()).encode()


def _unpacked(data: bytes) -> Iterator[bytes]:
    for unpack in (gzip.decompress, zlib.decompress):
        with suppress(OSError, EOFError, zlib.error):
            yield unpack(data)


def in_database(path: Path, wanted: SecretForms) -> list[str]:
    """Return the columns of a SQLite database that hold a secret, as ``table.column``, packed cells unpacked."""
    with closing(sqlite3.connect(path)) as database:
        return sorted(
            f"{table}.{column}"
            for table, columns in _columns(database).items()
            for number, column in enumerate(columns)
            if any(wanted.are_in(cell) for row in _rows(database, table) for cell in _cells(row[number]))
        )


def rows_of(path: Path, table: str) -> int:
    """Return how many rows a table has."""
    with closing(sqlite3.connect(path)) as database:
        return len(_rows(database, table))


def _columns(database: sqlite3.Connection) -> dict[str, list[str]]:
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: [row[1] for row in database.execute(f'PRAGMA table_info("{name}")')] for name in tables}


def _rows(database: sqlite3.Connection, table: str) -> list[tuple]:
    return database.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 - the name is the database's own


def _cells(value: object) -> Iterator[bytes]:
    data = value if isinstance(value, bytes) else str(value).encode()
    yield data
    yield from _unpacked(data)


class Arguments:
    """Notes the arguments of every process of the machine while the block lasts."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._ended = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def holding(self, wanted: SecretForms) -> list[bytes]:
        """Return the argument lists that hold a secret."""
        return sorted(line for line in self.seen if wanted.are_in(line))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.05):
            for entry in os.scandir("/proc"):
                if entry.name.isdecimal():
                    with suppress(OSError):
                        self.seen.add(Path(entry.path, "cmdline").read_bytes())

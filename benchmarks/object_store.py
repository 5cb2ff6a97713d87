"""One stock over 250 sessions from an object store over a network, with the months' files and without."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.reading import MONTHS, SESSIONS, TIMED, code_of, encode_session, whole_months
from benchmarks.sample import SESSION_DATE, store_sets
from kiwoom_provider.datasets import layout
from kiwoom_provider.krx import calendar
from lab.measure import fresh_python, say
from lab.stores.network import Network
from lab.stores.object_store import ObjectStore, object_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROUND_TRIP_MS = 10
"""Of a request within a region of a cloud, or to a store of the same company."""
ROOT = "s3://kiwoom/data"
READS = 5


def run(*, quick: bool) -> list[Figure]:
    """Lay the year on SeaweedFS, read it over the network, make the months' files, read it again."""
    stored_days = [one.session_date for one in calendar().sessions(date(2025, 10, 1), SESSION_DATE)]
    days = stored_days[-25 if quick else -SESSIONS :]
    laid = whole_months(stored_days, days[0])
    with (
        store_sets() as folder,
        TemporaryDirectory(prefix="kiwoom-store-") as place,
        object_store(Path(place)) as server,
    ):
        file = encode_session(folder, "all")
        code, size = code_of(file), file.stat().st_size
        _lay(server, file, laid)
        direct = _environment(server, server.url)
        with Network(server.url, ROUND_TRIP_MS / 1000) as network:
            reading = Reading(network, _environment(server, network.url), code, (str(days[0]), str(days[-1])))
            daily = reading.measure()
            say("making the months' files")
            months = sorted({str(day)[:7] for day in laid} - {str(SESSION_DATE)[:7]})
            fresh_python("-c", MONTHS, ROOT, *months, **direct)
            monthly = reading.measure()
    name = f"one stock over {len(days)} sessions from an object store"
    return [
        *monthly.figures(name, "< 2", f"{len(months)} months' files, the other sessions' own"),
        *daily.figures("the same without months' files", "", f"{len(days)} daily files of {size / 2**20:.1f} MB"),
    ]


@dataclass(frozen=True)
class Reading:
    """
    Reads one stock in fresh processes over a network.

    :param span: the first and the last session.
    """

    network: Network
    environment: Mapping[str, str]
    code: str
    span: tuple[str, str]

    def measure(self) -> Read:
        """Read several times in each of three processes; return the best of them."""
        say(f"reading {self.span[0]} to {self.span[1]}")
        return min((self._read() for _ in range(3)), key=lambda read: read.median_s)

    def _read(self) -> Read:
        requests, received = self.network.requests, self.network.bytes
        found = fresh_python("-c", TIMED, ROOT, self.code, *self.span, "stock", **self.environment)["stock"]
        requests, received = self.network.requests - requests, self.network.bytes - received
        return Read(found["s"], found["first_s"], found["rows"], requests / READS, received / READS / 2**20)


@dataclass(frozen=True)
class Read:
    """What reading took; requests and megabytes are those of one read."""

    median_s: float
    first_s: float
    rows: int
    requests: float
    megabytes: float

    def figures(self, name: str, target: str, files: str) -> list[Figure]:
        """Return it as figures."""
        how = f"read_investor_trading, {self.rows:,} rows, {files}; SeaweedFS, {ROUND_TRIP_MS} ms a round trip; "
        how += f"median of {READS} in the best of 3 processes, the first time {self.first_s:.2f} s"
        return [
            Figure(name, self.median_s, "s", target, how),
            Figure(f"requests, {name}", self.requests, "", "", "listings and reads, of one read of five"),
            Figure(f"bytes, {name}", self.megabytes, "MB", "", "of one read of five"),
        ]


def _lay(server: ObjectStore, file: Path, days: Sequence[date]) -> None:
    """Publish the same file on every day."""
    say(f"putting {len(days)} sessions of {file.stat().st_size / 2**20:.1f} MB")
    with closing(server.client()) as client:
        for day in days:
            client.put_object(Bucket=server.bucket, Key=f"data/{layout.published_key(day)}", Body=file.read_bytes())


def _environment(server: ObjectStore, url: str) -> dict[str, str]:
    """Return what s3fs takes from the environment."""
    keys = {"FSSPEC_S3_KEY": server.access_key, "FSSPEC_S3_SECRET": server.secret_key}
    return keys | {"FSSPEC_S3_ENDPOINT_URL": url, "NO_PROXY": "127.0.0.1"}

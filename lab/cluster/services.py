"""PostgreSQL and Redis for one cluster, from Debian's packages, with data and passwords of their own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lab.cluster.hosts import SUBNET
from lab.cluster.units import Unit

if TYPE_CHECKING:
    from lab.cluster.hosts import Host

POSTGRES_PORT, REDIS_PORT = 5432, 6379
BROKER_DATABASE, BUDGET_DATABASE = 0, 1
OWNER = "postgres"  # PostgreSQL refuses to run as root
READY_TIMEOUT_S = 60


@dataclass(frozen=True)
class Services:
    """
    Where database and broker are, and their password.

    :param host: both run there.
    """

    host: Host
    password: str = field(repr=False)

    def database(self, driver: str) -> str:
        """Return the metadata database's URL for a driver, such as ``postgresql+asyncpg``."""
        return f"{driver}://airflow:{self.password}@{self.host.address}:{POSTGRES_PORT}/postgres"

    def redis(self, database: int) -> str:
        """Return the URL of one of Redis's databases."""
        return f"redis://:{self.password}@{self.host.address}:{REDIS_PORT}/{database}"


def make_database(services: Services) -> Path:
    """Make an empty PostgreSQL cluster outside the checkout, whose folders its user may not enter."""
    place = Path(tempfile.mkdtemp(prefix="kiwoom-cluster-"))
    password = place / "password"
    password.write_text(services.password)
    shutil.chown(place, OWNER, OWNER)
    shutil.chown(password, OWNER, OWNER)
    options = ["--pgdata", str(place / "data"), "--username=airflow", f"--pwfile={password}", "--no-sync"]
    command = [str(_binaries() / "initdb"), "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", *options]
    as_owner = ["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--init-groups", "--", *command]
    subprocess.run(as_owner, check=True, capture_output=True, cwd=place)
    password.unlink()
    with (place / "data" / "pg_hba.conf").open("a") as access:
        access.write(f"host all all {SUBNET}.0/24 scram-sha-256\n")
    return place


def postgres(services: Services, place: Path, log: Path) -> Unit:
    """Return PostgreSQL as a unit. Its data lives as long as the cluster, so it waits for no disk."""
    settings = {
        "listen_addresses": services.host.address,
        "port": POSTGRES_PORT,
        "unix_socket_directories": place,
        "max_connections": 300,
        "fsync": "off",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = (str(_binaries() / "postgres"), "-D", str(place / "data"), *options)
    return Unit("postgres", services.host, command, {"PATH": "/usr/bin:/bin"}, log, OWNER)


def redis(services: Services, place: Path, log: Path) -> Unit:
    """Return Redis as a unit: broker, shared budget and token, each write logged as it is made."""
    settings = place / "redis.conf"
    settings.touch(mode=0o600)
    settings.write_text(
        f'bind {services.host.address}\nport {REDIS_PORT}\nrequirepass {services.password}\nsave ""\n'
        f"appendonly yes\ndir {place}\n"
    )
    return Unit("redis", services.host, ("redis-server", str(settings)), {"PATH": "/usr/bin:/bin"}, log)


def await_services(services: Services) -> None:
    """Wait until both answer. :raises TimeoutError: naming the one that does not."""
    address = services.host.address
    ready = [str(_binaries() / "pg_isready"), "-q", "-h", address, "-p", str(POSTGRES_PORT)]
    ping = ["redis-cli", "-h", address, "-p", str(REDIS_PORT), "ping"]  # refused without password: it is there
    for name, command in (("PostgreSQL", ready), ("Redis", ping)):
        deadline = time.monotonic() + READY_TIMEOUT_S
        while subprocess.run(command, capture_output=True, check=False).returncode:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} did not come up on {address}")
            time.sleep(0.3)


def _binaries() -> Path:
    """Return the directory of the newest PostgreSQL that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1]

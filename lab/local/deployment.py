"""A small Airflow deployment in this checkout: its own home, the simulator or the real host, the clock."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kiwoom_provider.clock import DEMO_CLOCK_VARIABLE
from kiwoom_provider.krx import KST, SessionWindow, calendar
from kiwoom_simulator.options import APP_KEY, SECRET_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / ".run"
SIMULATOR_KEYS = (APP_KEY, SECRET_KEY)
START_TIMEOUT_S = 30
PROMPT = {"AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25"}
"""How long the scheduler rests when it has nothing to do, in seconds (default 1): a run has a dozen such rests."""


@dataclass(frozen=True)
class Stage:
    """
    The session that a demonstration is about, and the clock that it needs.

    :param demo_clock: None while the real clock stands inside the session's window.
    """

    session: SessionWindow
    demo_clock: datetime | None

    @classmethod
    def at(cls, now: datetime) -> Stage:
        """Take the session whose window is open, else the latest one, with a clock inside its window."""
        krx = calendar()
        if session := krx.window_open_at(now):
            return cls(session, None)
        session = krx.latest_settled(now)
        return cls(session, session.settles_at + timedelta(minutes=10))

    def clock_variable(self, anchor: float) -> str | None:
        """Return the demonstration clock as the provider's variable takes it."""
        return f"{self.demo_clock.isoformat()}@{anchor:.3f}" if self.demo_clock else None


@dataclass(frozen=True)
class Target:
    """Which host is called, with which keys. The keys stay in the environment and out of every repr."""

    host: str
    app_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    extra: dict[str, object] = field(default_factory=dict)

    def connection(self) -> str:
        """Return the Airflow connection in its JSON form."""
        return json.dumps(
            {
                "conn_type": "kiwoom",
                "host": self.host,
                "login": self.app_key,
                "password": self.secret_key,
                "extra": self.extra,
            }
        )


def real_target(environment: dict[str, str]) -> Target | None:
    """Return the real host when both keys are set in the environment; one alone is an error."""
    keys = [environment.get(name, "") for name in ("KIWOOM_APP_KEY", "KIWOOM_SECRET_KEY")]
    if not any(keys):
        return None
    if not all(keys):
        sys.exit("Set both KIWOOM_APP_KEY and KIWOOM_SECRET_KEY for the real host, or neither for the simulator.")
    app_key, secret_key = keys
    return Target(environment.get("KIWOOM_HOST", "mockapi.kiwoom.com"), app_key, secret_key)


@contextmanager
def simulator(stage: Stage, anchor: float, log: Path, *options: str) -> Iterator[str]:
    """Run the simulator by the stage's clock and yield its URL."""
    clock = []
    if stage.demo_clock:
        now = stage.demo_clock + timedelta(seconds=time.time() - anchor)
        clock = ["--now", now.isoformat()]
    with run_simulator(log, *clock, *options) as url:
        yield url


@contextmanager
def run_simulator(log: Path, *options: str) -> Iterator[str]:
    """Run the simulator on a free port and yield its URL; it is stopped on leaving."""
    command = [sys.executable, "-m", "kiwoom_simulator", "--port", "0", *options]
    with log.open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            yield _address(process, log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def _address(process: subprocess.Popen[str], log: Path) -> str:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        line = process.stdout.readline() if process.stdout else ""
        if "listening on " in line:
            return line.rpartition(" ")[2].strip()
        if process.poll() is not None:
            break
    sys.exit(f"the simulator did not start; see {log}")


def airflow_environment(home: Path, data: Path, target: Target, clock: str | None) -> dict[str, str]:
    """Return the environment of every Airflow process, with connection and data root in it."""
    return bare_environment(home, clock) | {
        "AIRFLOW_CONN_KIWOOM_DEFAULT": target.connection(),
        "AIRFLOW_VAR_KIWOOM_DATA_ROOT": data.as_uri(),
    }


def bare_environment(home: Path, clock: str | None) -> dict[str, str]:
    """Return the environment of every Airflow process; connection and data root are its database's."""
    settings = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__FERNET_KEY": fernet_key(home),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "NO_PROXY": "127.0.0.1,localhost",
    }
    if clock:
        settings[DEMO_CLOCK_VARIABLE] = clock
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "KIWOOM_"))}
    return kept | settings


def fernet_key(home: Path) -> str:
    """Return this deployment's own key, made once."""
    from cryptography.fernet import Fernet

    path = home / "fernet.key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(Fernet.generate_key().decode())
    return path.read_text()


def airflow(*arguments: str) -> list[str]:
    """Return the command line of this environment's Airflow."""
    return [str(Path(sys.executable).with_name("airflow")), *arguments]


def now() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)


def kst(instant: datetime) -> str:
    """Return an instant as people read it in Seoul."""
    return f"{instant.astimezone(KST):%Y-%m-%d %H:%M} KST"

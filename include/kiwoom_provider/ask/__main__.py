"""``python -m kiwoom_provider.ask``: keys from the environment; the table on the screen, as JSON and as Markdown."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from kiwoom_provider.ask.inquiry import ask
from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kiwoom_provider.ask.report import AskReport
    from kiwoom_provider.clock import Clock
    from kiwoom_provider.settings import Settings

DEFAULT_HOST = "mockapi.kiwoom.com"
SAFE, NOT_SAFE, NOT_ASKED = 0, 1, 2


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """
    Ask, and write the report.

    :returns: 0 when the package handles all that was seen, 1 when it does not, 2 when nothing could be asked.
    """
    options = _options().parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="%(message)s")
    with tempfile.TemporaryDirectory(prefix="kiwoom-ask-") as state_dir:
        try:
            options.out.mkdir(parents=True, exist_ok=True)
            if not os.access(options.out, os.W_OK):
                raise PermissionError(f"{options.out} cannot be written: name another folder with --out")
            settings = _settings(environ, Path(state_dir))
            report = _ask(settings, settings.clock(environ), reissue=options.reissue)
            names = _write(report, options.out)
        except (KiwoomProviderError, OSError) as error:
            print(f"Nothing could be asked: {error}", file=sys.stderr)  # noqa: T201  a command
            return NOT_ASKED
    print(report.to_markdown())  # noqa: T201
    print(f"Written to {names}")  # noqa: T201
    return SAFE if report.is_safe else NOT_SAFE


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m kiwoom_provider.ask",
        description="Ask a real account what only it can tell: at most 80 calls, one a second, and a report.",
        epilog="Keys come from KIWOOM_APP_KEY and KIWOOM_SECRET_KEY, the host from KIWOOM_HOST "
        f"({DEFAULT_HOST} without one). A token is issued, which may end one that a running deployment uses; it renews "
        "its own. Exit status 0: the package handles all that was seen; 1: it does not; 2: nothing could be asked.",
    )
    parser.add_argument("--out", type=Path, default=Path(), help="folder for the report (default: here)")
    parser.add_argument("--reissue", action="store_true", help="also ask whether a second token ends the first")
    parser.add_argument("--verbose", action="store_true", help="tell every call")
    return parser


def _settings(environ: Mapping[str, str], state_dir: Path) -> Settings:
    from kiwoom_provider.settings import Settings, SettingsError

    def find(conn_id: str) -> SimpleNamespace:
        raise SettingsError(f"no connection {conn_id!r} outside of Airflow")

    keys = [environ.get(name, "") for name in ("KIWOOM_APP_KEY", "KIWOOM_SECRET_KEY")]
    if not all(keys):
        raise SettingsError("set KIWOOM_APP_KEY and KIWOOM_SECRET_KEY in the environment, and KIWOOM_HOST")
    connection = SimpleNamespace(
        conn_id="of the environment",
        host=environ.get("KIWOOM_HOST") or DEFAULT_HOST,
        schema=None,
        port=None,
        login=keys[0],
        password=keys[1],
        extra=f'{{"state_dir": "{state_dir}"}}',
    )
    return Settings.from_connection(connection, state_dir, find, environ)


def _ask(settings: Settings, clock: Clock, *, reissue: bool) -> AskReport:
    from kiwoom_provider.api.client import KiwoomClient
    from kiwoom_provider.api.http import DeadlineAdapter, make_session
    from kiwoom_provider.ask.inquiry import at_one_a_second

    with (
        closing(make_session(settings, DeadlineAdapter())) as session,
        KiwoomClient(session, at_one_a_second(settings), clock) as client,
    ):
        return ask(client, settings, clock, reissue=reissue)


def _write(report: AskReport, folder: Path) -> str:
    stem = f"kiwoom-ask-{report.asked_at:%Y%m%dT%H%M%SZ}"
    (folder / f"{stem}.json").write_bytes(report.to_bytes())
    (folder / f"{stem}.md").write_text(report.to_markdown(), encoding="utf-8")
    return f"{folder / stem}.json and .md"


if __name__ == "__main__":
    sys.exit(main())

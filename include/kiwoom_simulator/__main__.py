"""``python -m kiwoom_simulator``: run the simulator in the foreground."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import TYPE_CHECKING

from kiwoom_simulator import assumptions, events, faults, year
from kiwoom_simulator.faults import KINDS
from kiwoom_simulator.faults.scenarios import SCENARIOS
from kiwoom_simulator.formats import Formats
from kiwoom_simulator.options import APP_KEY, SECRET_KEY, HostKind, Options
from kiwoom_simulator.server import HOST, run
from kiwoom_simulator.tokens import Reissue

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> ArgumentParser:
    """Return the command line's parser."""
    made = ArgumentParser(
        "python -m kiwoom_simulator",
        description="A stand-in for Kiwoom's REST API over HTTP.\n"
        "It serves au10001, au10002, ka10066, ka10059, ka10099 and ka10051.\n"
        f"Log in with the app key {APP_KEY} and the secret key {SECRET_KEY}.\n"
        "Prints 'listening on http://HOST:PORT' when ready, and ends on SIGTERM or Ctrl-C.",
        epilog=_epilog(),
        formatter_class=RawDescriptionHelpFormatter,
    )
    _add_place(made)
    _add_market(made)
    _add_api(made)
    _add_trouble(made)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; return the exit status."""
    made = parser()
    chosen = {name: value for name, value in vars(made.parse_args(arguments)).items() if value is not None}
    host, port = chosen.pop("host"), chosen.pop("port")
    try:
        run(Options.of(**chosen), host, port, _say)
    except ValueError as error:
        made.error(str(error))
    except OSError as error:
        sys.stderr.write(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another --port, or 0 for a free one\n"
        )
        return 1
    return 0


def _add_place(made: ArgumentParser) -> None:
    group = made.add_argument_group("where")
    group.add_argument("--port", type=int, default=8900, help="0: a free one (default: %(default)s)")
    group.add_argument("--host", default=HOST, help="address to bind (default: %(default)s)")
    group.add_argument("--max-connections", type=int, help="more are answered 503 (default: 512)")


def _add_market(made: ArgumentParser) -> None:
    group = made.add_argument_group("market and clock")
    group.add_argument("--seed", type=int, help="another seed is another market (default: 1)")
    group.add_argument("--stocks", help="rows by market (default: KOSPI=1330,KOSDAQ=1824)")
    group.add_argument("--now", help="where its clock starts, such as 2026-11-20T21:00 (default: real time)")
    group.add_argument("--speed", type=float, help="how fast its clock runs; 0 stands still (default: 1)")
    group.add_argument("--universe", metavar="FILE", help="serve the stocks, prices and volumes of this Parquet or CSV")
    group.add_argument("--event", action="append", metavar="TEXT", help="see below; may be repeated")
    group.add_argument("--closed-days", help="closed weekdays that no calendar knows, comma-separated")
    group.add_argument(
        "--settle-at",
        help="when investor fields become the session's (default: 16:00/20:50, the regular session and its "
        "after-market); 18:10 for all at once; also never, 25:30 (next day), 18:10,NXT=21:00,ka10059=never, "
        "KOSDAQ=22:50, volume=flows, after=20",
    )
    group.add_argument("--assume", action="append", metavar="NAME=VALUE", help="see below; may be repeated")
    group.add_argument("--formats", choices=list(Formats), help="how numbers are written (default: recorded)")


def _add_api(made: ArgumentParser) -> None:
    group = made.add_argument_group("host")
    group.add_argument("--kind", choices=list(HostKind), help="the mock serves KRX only (default: live)")
    group.add_argument("--rate", help="calls a second per app key and api-id: N, 0 for no limit, or "
                       "5,ka10066=1 (default: 5 live, 1 mock)")  # fmt: skip
    group.add_argument("--latency-ms", type=float, help="every answer waits so long (default: 0)")
    group.add_argument("--token-life-s", type=float, help="of the simulated clock (default: 86400)")
    group.add_argument("--reissue", choices=list(Reissue), help="what a new token does to the older (default: kill)")
    group.add_argument("--app-key", help=f"(default: {APP_KEY})")
    group.add_argument("--secret-key", help=f"(default: {SECRET_KEY})")
    group.add_argument(
        "--header-case", choices=assumptions.values_of("headers"), help="of the answer's headers (default: lower)"
    )


def _add_trouble(made: ArgumentParser) -> None:
    group = made.add_argument_group("trouble")
    group.add_argument("--scenario", action="append", metavar="NAME", help="one of those below; may be repeated")
    group.add_argument("--fault", action="append", metavar="TEXT", help="see below; may be repeated")


def _epilog() -> str:
    kinds = "\n".join(f"  {name:16} {kind.text}" for name, kind in KINDS.items())
    happenings = "\n".join(f"  {name:16} {text}" for name, text in events.KINDS.items())
    mixtures = "\n".join(f"  {name:16} {scenario.text}" for name, scenario in SCENARIOS.items())
    open_ways = "\n".join(f"  {name:16} {text}" for name, text in assumptions.texts().items())
    own = f"without being told:\n{year.__doc__}"
    told = f"assumptions:\n{open_ways}\n\nevents:\n{events.__doc__}\n{happenings}"
    return f"{own}\n{told}\n\nscenarios:\n{mixtures}\n\nfaults:\n{faults.__doc__}\n{kinds}"


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())

"""OpenStack Swift with its S3 front (s3api): proxy, account, container and object server, one replica, one device."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lab.stores.store_process import LIFETIME_S, Server, StartError, free_ports, running

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = ACCESS_KEY, SECRET_KEY = "kiwoom:writer", "object-store-secret-key"
PROGRAMS = Path(sys.prefix) / "swift" / "bin"
KINDS = ("account", "container", "object")
BOUNDED = (
    sys.executable,
    "-c",
    f"import os, signal, sys; signal.alarm({LIFETIME_S}); os.execv(sys.argv[1], sys.argv[1:])",
)
"""Ends a server after an hour. timeout(1) would lose it: these servers leave the group that they are started in."""
SHARED = """\
[swift-hash]
swift_hash_path_suffix = kiwoom
[storage-policy:0]
name = only
default = yes
"""
COMMON = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
log_address = {folder}/no-syslog
"""
STORAGE = """\
devices = {folder}
mount_check = false
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
PROXY = """\
[pipeline:main]
pipeline = catch_errors gatekeeper s3api tempauth bulk slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_{user} = {secret} .admin
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
"""


@contextmanager
def swift(folder: Path) -> Iterator[tuple[Server, str]]:
    """
    Run the four servers with their data in ``folder``; yield the proxy and its endpoint.

    :raises StartError: when Swift is not installed, or ``folder`` keeps no extended attributes.
    """
    ports = dict(zip(("proxy", *KINDS), free_ports(4), strict=True))
    _lay_out(folder, ports)
    with ExitStack() as stack:
        for kind in (*KINDS, "proxy"):
            command = [*BOUNDED, str(PROGRAMS / f"swift-{kind}-server"), str(folder / f"{kind}.conf"), "--verbose"]
            server = stack.enter_context(running(command, folder / "swift.log"))
        yield server, f"http://127.0.0.1:{ports['proxy']}"


def _lay_out(folder: Path, ports: dict[str, int]) -> None:
    """Write the settings and the rings, which say that everything lies on the one device."""
    if not PROGRAMS.is_dir():
        raise StartError("Swift is not installed: run `KIWOOM_OBJECT_STORE=swift make storage`")
    (folder / "device").mkdir()
    try:
        os.setxattr(folder / "device", "user.probe", b"1")
    except OSError as error:
        raise StartError(f"Swift needs extended attributes, which {folder} does not keep: {error}") from error
    (folder / "swift.conf").write_text(SHARED)
    for kind, port in ports.items():
        own = PROXY.format(user=ACCESS_KEY.replace(":", "_"), secret=SECRET_KEY) if kind == "proxy" else STORAGE
        text = (COMMON + own).format(port=port, user=getpass.getuser(), folder=folder, kind=kind)
        (folder / f"{kind}.conf").write_text(text)
    for kind in KINDS:
        builder = [str(PROGRAMS / "swift-ring-builder"), str(folder / f"{kind}.builder")]
        device = f"r1z1-127.0.0.1:{ports[kind]}/device"
        for step in (["create", "4", "1", "0"], ["add", device, "1"], ["rebalance"]):
            subprocess.run([*builder, *step], check=True, capture_output=True, timeout=60)

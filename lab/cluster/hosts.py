"""
Hosts on one machine: network namespaces with a host name each, wired to one bridge.

What is a host's own: its network stack and address, its host name, its ``/etc/hosts``. What all share:
processor, clock, file system and users. All of it is Debian's ``iproute2`` and ``util-linux``; root only.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Sequence

BRIDGE, SUBNET = "kiwoom0", "10.77.66"
GATEWAY = f"{SUBNET}.1"
ETC = Path("/etc/netns")
API_LOOPBACK = "127.77.66.40"
"""
The simulator's address as its callers know it, routed over the bridge.

A demonstration clock is honoured towards a loopback address only, and this one is one by its form.
"""


@dataclass(frozen=True)
class Host:
    """One host: its name, and the last number of its address."""

    name: str
    number: int

    @property
    def namespace(self) -> str:
        """The network namespace's name."""
        return f"kiwoom-{self.name}"

    @property
    def address(self) -> str:
        """The host's IPv4 address on the bridge."""
        return f"{SUBNET}.{self.number}"

    @property
    def link(self) -> str:
        """The bridge's end of the host's cable."""
        return f"kiwoom{self.number}"

    def enter(self, *command: str, user: str | None = None) -> list[str]:
        """Return the command line that runs a command on this host; its process id stays that of the caller's child."""
        identity = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--"] if user else []
        named = ["unshare", "--uts", "--", "sh", "-c", 'hostname "$0" && exec "$@"', self.name]
        return ["ip", "netns", "exec", self.namespace, *named, *identity, *command]

    def cut(self) -> None:
        """Pull the cable."""
        _ip("link", "set", self.link, "down")

    def mend(self) -> None:
        """Put the cable back."""
        _ip("link", "set", self.link, "up")

    def processes(self) -> list[psutil.Process]:
        """Return every process on this host; none when the host is not there."""
        found = _ip("netns", "pids", self.namespace, check=False).split()
        return [psutil.Process(int(pid)) for pid in found if psutil.pid_exists(int(pid))]


def build(hosts: Sequence[Host], api: Host) -> None:
    """
    Make bridge and hosts, and the route by which all reach the simulator.

    :param api: the host of the simulator; it answers to :data:`API_LOOPBACK` too.
    :raises CalledProcessError: when the kernel refuses, or something of the same name is there.
    """
    _ip("link", "add", BRIDGE, "type", "bridge")
    _ip("addr", "add", f"{GATEWAY}/24", "dev", BRIDGE)
    _ip("link", "set", BRIDGE, "up")
    for host in hosts:
        _add(host, hosts)
    for host in hosts:
        _route_to_api(host, api)


def remove(hosts: Sequence[Host]) -> None:
    """Remove whatever of bridge and hosts is there. Their processes must have ended."""
    for host in hosts:
        _ip("netns", "delete", host.namespace, check=False)
        _ip("link", "delete", host.link, check=False)
        (ETC / host.namespace / "hosts").unlink(missing_ok=True)
        for folder in (ETC / host.namespace, ETC):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
    _ip("link", "delete", BRIDGE, check=False)


def _add(host: Host, hosts: Sequence[Host]) -> None:
    names = "".join(f"{other.address}\t{other.name}\n" for other in hosts)
    (ETC / host.namespace).mkdir(parents=True, exist_ok=True)
    (ETC / host.namespace / "hosts").write_text(f"127.0.0.1\tlocalhost\n{names}")
    _ip("netns", "add", host.namespace)
    _ip("link", "add", host.link, "type", "veth", "peer", "name", "eth0", "netns", host.namespace)
    _ip("link", "set", host.link, "master", BRIDGE, "up")
    _inside(host, "link", "set", "lo", "up")
    _inside(host, "addr", "add", f"{host.address}/24", "dev", "eth0")
    _inside(host, "link", "set", "eth0", "up")


def _route_to_api(host: Host, api: Host) -> None:
    """Let one loopback address cross the bridge; the kernel holds all others back."""
    setting = "/proc/sys/net/ipv4/conf/eth0/route_localnet"
    subprocess.run(host.enter("sh", "-c", f"echo 1 > {setting}"), check=True)
    _inside(host, "route", "del", "local", "127.0.0.0/8", "dev", "lo", "table", "local")
    if host == api:
        _inside(host, "addr", "add", f"{API_LOOPBACK}/32", "dev", "lo")
    else:
        _inside(host, "route", "add", API_LOOPBACK, "via", api.address, "dev", "eth0", "src", host.address)


def _inside(host: Host, *arguments: str) -> None:
    _ip("-n", host.namespace, *arguments)


def _ip(*arguments: str, check: bool = True) -> str:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)  # noqa: S607
    if check and done.returncode:
        raise OSError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def is_root() -> bool:
    """Tell whether namespaces may be made."""
    return os.geteuid() == 0

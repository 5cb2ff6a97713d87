"""What the cluster needs beside ``.venv``: Debian's packages, and Airflow's Celery provider in a layer of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from deployment import ROOT

LAYER = ROOT / ".venv-cluster"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PROGRAMS = {"ip": "iproute2", "redis-server": "redis-server", "setpriv": "util-linux", "unshare": "util-linux"}


def install() -> Path:
    """
    Install what is missing, and return the layer's Python.

    :raises SystemExit: when a package cannot be installed.
    """
    missing = {package for program, package in PROGRAMS.items() if not shutil.which(program)}
    if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        missing.add("postgresql")
    if missing:
        _apt(sorted(missing))
    return _layer()


def _apt(packages: list[str]) -> None:
    """Install Debian packages; their services are not started, the cluster runs its own."""
    print(f"Installing {', '.join(packages)} from Debian ...", flush=True)
    policy = Path("/usr/sbin/policy-rc.d")
    own = not policy.exists()
    if own:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", *packages]):
            done = subprocess.run(["apt-get", *command], capture_output=True, text=True, check=False)  # noqa: S607
            if done.returncode:
                sys.exit(f"apt-get {' '.join(command)} failed:\n{done.stderr.strip()}")
    finally:
        if own:
            policy.unlink()


def _layer() -> Path:
    """
    Make ``.venv-cluster``: the packages of ``requirements.txt`` over all those of ``.venv``.

    The main environment keeps its pins and stays without Celery, and the layer takes 80 MB, not 1.2 GB.
    """
    python, stamp = LAYER / "bin" / "python", LAYER / ".ready"
    if stamp.exists() and stamp.read_text() == REQUIREMENTS.read_text():
        return python
    print("Building .venv-cluster (half a minute, once) ...", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(LAYER)], check=True)
    base = sysconfig.get_path("purelib")
    site = LAYER / Path(base).relative_to(sys.prefix)
    (site / "_below.pth").write_text(f"import site; site.addsitedir({base!r})\n")
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "-r", str(REQUIREMENTS)], check=True)
    stamp.write_text(REQUIREMENTS.read_text())
    return python

"""What the cluster needs beside ``.venv``: Debian's packages, and Airflow's Celery provider in a layer of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from lab.local.deployment import ROOT

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
S3_REQUIREMENTS = REQUIREMENTS.with_name("requirements-s3.txt")
PROGRAMS = {"ip": "iproute2", "redis-server": "redis-server", "setpriv": "util-linux", "unshare": "util-linux"}


def install(*, with_s3: bool) -> Path:
    """
    Install what is missing, and return the layer's Python.

    :param with_s3: a layer with the Amazon provider too; see ``requirements-s3.txt``.
    :raises SystemExit: when a package cannot be installed.
    """
    missing = {package for program, package in PROGRAMS.items() if not shutil.which(program)}
    if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        missing.add("postgresql")
    if missing:
        _apt(sorted(missing))
    if with_s3:
        return _layer(ROOT / ".venv-cluster-s3", REQUIREMENTS, S3_REQUIREMENTS)
    return _layer(ROOT / ".venv-cluster", REQUIREMENTS)


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


def _layer(layer: Path, *requirements: Path) -> Path:
    """
    Make an environment with the packages of these files over all those of ``.venv``.

    The main environment keeps its pins and stays without Celery, and the layer takes 80 MB, not 1.2 GB.
    """
    python, stamp = layer / "bin" / "python", layer / ".ready"
    wanted = "".join(path.read_text() for path in requirements)
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"Building {layer.name} (half a minute, once) ...", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(layer)], check=True)
    base = sysconfig.get_path("purelib")
    site = layer / Path(base).relative_to(sys.prefix)
    (site / "_below.pth").write_text(f"import site; site.addsitedir({base!r})\n")
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, *(f"--requirement={path}" for path in requirements)], check=True)
    stamp.write_text(wanted)
    return python

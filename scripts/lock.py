"""`make lock`: resolve everything for every supported Python into requirements.lock, and pin the image's own part."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

LOCK, RANGES, PINS = Path("requirements.lock"), Path("requirements.txt"), Path("constraints.txt")
LOCK_HEAD = "# Everything for .venv, from pyproject.toml and requirements-dev.txt; made by `make lock`, not by hand.\n"
RANGES_HEAD = """\
# What the package needs beside Airflow, for a managed Airflow's requirements.txt: ranges, so that the service's own
# constraints decide. The versions that are tested stand in requirements.lock. Made by `make lock`, not by hand.
"""
PINS_HEAD = """\
# What Airflow's own constraints do not name, for the image. Made by `make lock` from requirements.lock, not by hand.
# Without hashes: pip would then ask for one of every package, and Airflow's constraints have none.
"""
OPTIONS = ("--extra", "redis", "--universal", "--python-version", "3.11", "--generate-hashes")
OWN = (
    *("bokeh", "contourpy", "exchange-calendars", "holidays", "korean-lunar-calendar", "pillow", "pyluach"),
    *("pyrate-limiter", "toolz", "xyzservices"),
)
"""By the constraints of Airflow 3.3.1 for Python 3.12."""


def main(options: list[str]) -> None:
    """
    Resolve, and write the files without any address of an index.

    Versions that the lock holds already stay, unless the options say ``--upgrade``.
    """
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "requirements-dev.txt", *OPTIONS]
    command += ["--no-header", "--no-annotate", "--quiet", "--output-file", str(LOCK), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    LOCK.write_text(LOCK_HEAD + LOCK.read_text())
    RANGES.write_text(RANGES_HEAD + "".join(f"{line}\n" for line in ranges()))
    PINS.write_text(PINS_HEAD + "".join(f"{line}\n" for line in pins()))


def ranges() -> list[str]:
    """Return what the package declares beside Airflow itself."""
    declared = tomllib.loads(Path("pyproject.toml").read_text())["project"]["dependencies"]
    return [line for line in declared if not line.startswith("apache-airflow>")]


def pins() -> list[str]:
    """Return the lock's lines of packages that Airflow's constraints do not name."""
    return re.findall(rf"^((?:{'|'.join(OWN)})==[^\\\n]+?) \\", LOCK.read_text(), re.MULTILINE)


if __name__ == "__main__":
    main(sys.argv[1:])

"""`make lock`: resolve the package and requirements-dev.txt for every supported Python into requirements.lock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LOCK = Path("requirements.lock")
HEAD = "# The whole resolution of pyproject.toml and requirements-dev.txt for .venv; made by `make lock`, not by hand.\n"
OPTIONS = ("--extra", "redis", "--universal", "--python-version", "3.11", "--generate-hashes")


def main(options: list[str]) -> None:
    """
    Resolve, and write the lock without any address of an index.

    Versions that it holds already stay, unless the options say ``--upgrade``.
    """
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "requirements-dev.txt", *OPTIONS]
    command += ["--no-header", "--no-annotate", "--quiet", "--output-file", str(LOCK), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    LOCK.write_text(HEAD + LOCK.read_text())


if __name__ == "__main__":
    main(sys.argv[1:])

"""`make lock`: resolve requirements-dev.txt for every supported Python into requirements.lock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LOCK = Path("requirements.lock")
HEAD = "# The whole resolution of requirements-dev.txt for .venv; made by `make lock`, not by hand.\n"


def main() -> None:
    """Resolve, and write the lock without any address of an index."""
    options = ["--universal", "--python-version", "3.11", "--no-header", "--no-annotate", "--quiet"]
    command = [sys.executable, "-m", "uv", "pip", "compile", "requirements-dev.txt", *options]
    resolved = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    LOCK.write_text(HEAD + resolved)


if __name__ == "__main__":
    main()

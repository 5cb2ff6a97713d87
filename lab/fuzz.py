"""`python -m lab fuzz`: the property tests of tests/fuzz with many more cases than `make test` gives them."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import ArgumentParser

from lab.local.deployment import ROOT


def main(arguments: list[str]) -> int:
    """Run them, and return pytest's exit status."""
    parser = ArgumentParser("python -m lab fuzz", description=__doc__, epilog="Anything else goes to pytest.")
    parser.add_argument("--cases", type=int, default=6700, help="a property; 15 properties (default: %(default)s)")
    options, others = parser.parse_known_args(arguments)
    command = [sys.executable, "-m", "pytest", "-n", "auto", "tests/fuzz", *others]
    environment = os.environ | {"KIWOOM_FUZZ_CASES": str(options.cases)}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode

"""
`make supply`: what the package stands on, with which licences, and whether anything of it is known to be vulnerable.

Licences are read from the installed metadata, of everything that the package needs, with Redis, and written to
docs/evidence/licences.md. The advisory services are asked by pip-audit about every line of requirements.lock; when
they cannot be asked, that is a failure, never a pass.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.metadata import Distribution, PackageMetadata

ROOT = Path(__file__).resolve().parents[1]
PROJECT, LOCK, PAGE = (ROOT / name for name in ("pyproject.toml", "requirements.lock", "docs/evidence/licences.md"))
AUDIT = ["pip-audit==2.10.1", "--requirement", str(LOCK), "--no-deps", "--disable-pip", "--format", "json"]
SERVICES = ("pypi", "osv")
COMPONENTS = ROOT / "dist" / "components.cdx.json"
BILL = ["--from", "cyclonedx-bom==7.5.0", "cyclonedx-py", "environment", sys.executable, "--output-reproducible"]
PERMITTED = (
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "0BSD",
    "BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "Apache-2.0",
    "ISC",
    "PSF-2.0",
    "MPL-2.0",  # conditions on changed files of that package alone
    "Zlib",
    "CC0-1.0",
    "Unlicense",
    "Artistic-1.0",
)
"""Licences under which a package may be run, and passed on in an image, with no conditions on what stands beside it."""

_SPELLINGS = {
    r"apache( software)?( license)?,?( version)?([ -]2(\.0)?)?": "Apache-2.0",
    r"(the )?mit( license)?": "MIT",
    r"(new |modified )?bsd( license)?": "BSD",
    r"(3-clause bsd|bsd[ -]3-clause)( license)?": "BSD-3-Clause",
    r"(2-clause bsd|bsd[ -]2-clause)( license)?": "BSD-2-Clause",
    r"isc( license)?( \(iscl\))?": "ISC",
    r"python software foundation license": "PSF-2.0",
    r"mozilla public license 2\.0 \(mpl 2\.0\)": "MPL-2.0",
    r"the unlicense \(unlicense\)": "Unlicense",
    r"artistic license": "Artistic-1.0",
}
HEAD = """# Licences of what the package needs

Written by `python scripts/supply.py licences` from the metadata of the installed packages, with Redis; not by hand.
Every one permits use and redistribution in an image. Versions stand in `requirements.lock`.

| package | licence |
| --- | --- |
"""


class SupplyError(Exception):
    """Something that the package stands on is not known to be in order; the message says what."""


@dataclass(frozen=True)
class Licence:
    """
    What a package says of its licence.

    :param terms: one licence expression, or the names of its classifiers joined by OR.
    """

    package: str
    terms: str

    @property
    def is_permitted(self) -> bool:
        """Whether of each part that applies at least one alternative is a permitted licence."""
        parts = re.split(r"\s+AND\s+", self.terms.replace("(", "").replace(")", ""))
        return all(any(one in PERMITTED for one in re.split(r"\s+OR\s+", part)) for part in parts)


def own_requirements() -> list[str]:
    """Return what the package says it needs, with Redis; the object stores' extras are Airflow's own providers."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["redis"]]


def distributions(requirements: Iterable[str]) -> dict[str, Distribution]:
    """
    Return the installed distributions that the requirements name, and what these need, by canonical name.

    :raises SupplyError: when one is not installed.
    """
    found: dict[str, Distribution] = {}
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        known = name in found
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            raise SupplyError(f"{name} is needed and not installed: run make, then this again") from None
        if not known or wanted.extras:
            waiting += _requirements(found[name], wanted.extras)
    return {name: found[name] for name in sorted(found)}


def _requirements(found: Distribution, extras: set[str]) -> Iterator[Requirement]:
    for text in found.requires or []:
        requirement = Requirement(text)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield requirement


def licence(found: Distribution) -> Licence:
    """
    Return what a distribution's metadata says.

    :raises SupplyError: when it says nothing.
    """
    name = canonicalize_name(found.metadata["Name"])
    if expression := found.metadata.get("License-Expression"):
        return Licence(name, expression)
    stated = _classifiers(found.metadata) or [_normal((found.metadata.get("License") or "").split("\n")[0])]
    if not any(stated):
        raise SupplyError(f"{name} states no licence: look at its source, or do without it")
    return Licence(name, " OR ".join(dict.fromkeys(stated)))


def _classifiers(metadata: PackageMetadata) -> list[str]:
    named = [line.split(" :: ") for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    return [_normal(parts[-1]) for parts in named if parts[-1] != "OSI Approved"]


def _normal(text: str) -> str:
    """Return the SPDX name of a licence that is spelled out; other text as it is."""
    for spelling, name in _SPELLINGS.items():
        if re.fullmatch(spelling, text.strip(), re.IGNORECASE):
            return name
    return text.strip()


def write_licences() -> str:
    """
    Write the page of licences.

    :raises SupplyError: when a package states none, or one that is not permitted.
    """
    listed = [licence(found) for found in distributions(own_requirements()).values()]
    if refused := [f"{one.package} ({one.terms})" for one in listed if not one.is_permitted]:
        raise SupplyError(f"not among the permitted licences: {', '.join(refused)}")
    PAGE.write_text(HEAD + "".join(f"| {one.package} | {one.terms} |\n" for one in listed))
    return f"{len(listed)} packages, each under a permitted licence: {PAGE.relative_to(ROOT)}"


def check_vulnerabilities() -> str:
    """
    Ask the advisory services, one after the other until one answers for every package.

    :raises SupplyError: when one knows of a vulnerability, and when none could be asked about all.
    """
    silent = []
    for service in SERVICES:
        asked = [sys.executable, "-m", "uv", "tool", "run", *AUDIT, "--vulnerability-service", service]
        answer = subprocess.run(asked, capture_output=True, text=True, check=False)
        try:
            dependencies = json.loads(answer.stdout)["dependencies"]
        except (ValueError, KeyError):
            silent.append(f"{service}: {(answer.stderr.strip() or 'no answer').splitlines()[-1]}")
            continue
        if skipped := sum("skip_reason" in one for one in dependencies):
            silent.append(f"{service}: {skipped} of {len(dependencies)} packages could not be looked up")
            continue
        return _judge(dependencies)
    raise SupplyError("NOT CHECKED for known vulnerabilities: no advisory service answered. " + "; ".join(silent))


def _judge(dependencies: list[dict[str, Any]]) -> str:
    vulnerable = [
        f"{one['name']} {one['version']}: {', '.join(found['id'] for found in one['vulns'])}"
        for one in dependencies
        if one["vulns"]
    ]
    if vulnerable:
        raise SupplyError("known vulnerabilities:\n  " + "\n  ".join(vulnerable))
    return f"{len(dependencies)} packages of {LOCK.name}, no known vulnerability"


def write_components() -> str:
    """
    Write a bill of materials (CycloneDX) of this interpreter's environment; in an image, of the image.

    :raises SupplyError: when the tool could not be had.
    """
    COMPONENTS.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "uv", "tool", "run", *BILL, "--pyproject", str(PROJECT), "-o", str(COMPONENTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SupplyError(f"no list of components: {(done.stderr.strip() or 'no answer').splitlines()[-1]}")
    listed = json.loads(COMPONENTS.read_text())["components"]
    return f"{len(listed)} components: {COMPONENTS.relative_to(ROOT)}"


STEPS = {"licences": write_licences, "components": write_components, "vulnerabilities": check_vulnerabilities}


def main(arguments: list[str] | None = None) -> int:
    """Do the named steps, or all; return 1 when one of them fails."""
    failed = False
    for name in (sys.argv[1:] if arguments is None else arguments) or STEPS:
        try:
            sys.stdout.write(f"{name}: {STEPS[name]()}\n")
        except SupplyError as error:
            failed = True
            sys.stderr.write(f"{name}: {error}\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

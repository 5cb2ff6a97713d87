"""What the package imports is what it declares: neither more nor less, in pyproject.toml and in requirements.txt."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
LINEAGE = "apache-airflow-providers-openlineage"
EXTRAS = {"redis": {"redis"}, "openlineage": {LINEAGE}, "s3": {"apache-airflow-providers-amazon"}}
EXTRAS |= {"gcs": {"apache-airflow-providers-google", "gcsfs"}}
EXTRAS |= {"azure": {"apache-airflow-providers-microsoft-azure", "adlfs"}}


def names(lines):
    return {canonicalize_name(Requirement(line).name) for line in lines}


def imported():
    """Return the distributions whose modules are imported anywhere in the package, inside functions too."""
    brought_by, found = packages_distributions(), set()
    for path in (REPOSITORY / "include" / "kiwoom_provider").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for module in modules(node):
                root = module.partition(".")[0]
                if provider := re.match(r"airflow\.providers\.(\w+)", module):
                    found.add(f"apache-airflow-providers-{provider[1]}")
                elif root == "airflow":
                    found.add("apache-airflow")
                elif root == "openlineage":
                    found.add(LINEAGE)
                elif root not in sys.stdlib_module_names and root != "kiwoom_provider":
                    found |= {canonicalize_name(name) for name in brought_by[root]}
    return found


def modules(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.level == 0 else []


def test_what_is_imported_is_declared_and_nothing_else_is():
    """Pydantic pins its core exactly: to declare that as well would only contradict it some day."""
    assert imported() - {"pydantic-core"} == names(PROJECT["dependencies"]) | {"redis", LINEAGE}


def test_every_bound_is_a_lower_one_but_where_a_major_version_is_known_to_break():
    bounded = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"] if "<" in line}
    assert bounded == {"apache-airflow", "requests"}
    assert all(">=" in line and "==" not in line for line in PROJECT["dependencies"])


def test_the_extras_bring_what_their_stores_need():
    assert {extra: names(lines) for extra, lines in PROJECT["optional-dependencies"].items()} == EXTRAS


def test_the_requirements_of_managed_airflows_are_the_packages_own_ranges_without_airflow():
    lines = (REPOSITORY / "requirements.txt").read_text("utf-8").splitlines()
    given = {line for line in lines if line and not line.startswith("#")}
    assert given == {line for line in PROJECT["dependencies"] if not line.startswith("apache-airflow>")}

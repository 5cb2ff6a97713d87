"""What the package stands on: licences that permit the use, and an audit that never passes unasked."""

from __future__ import annotations

import json
import re
from email.message import Message
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace

import pytest

from scripts import supply

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "licences.md"


def stated(**fields):
    metadata = Message()
    metadata["Name"] = "Some_Package"
    for name, values in fields.items():
        for value in [values] if isinstance(values, str) else values:
            metadata[name.replace("_", "-")] = value
    return SimpleNamespace(metadata=metadata, version="1.0")


def answered(monkeypatch, *answers):
    given = iter(answers)
    monkeypatch.setattr(supply.subprocess, "run", lambda *_, **__: next(given))


def answer(*dependencies, stdout=None, stderr=""):
    said = json.dumps({"dependencies": list(dependencies)}) if stdout is None else stdout
    return CompletedProcess([], 0, said, stderr)


def test_everything_that_the_package_needs_states_a_permitted_licence():
    refused = [
        one
        for one in map(supply.licence, supply.distributions(supply.own_requirements()).values())
        if not one.is_permitted
    ]
    assert refused == []


def test_the_page_lists_every_package_that_is_needed():
    listed = set(re.findall(r"^\| ([\w.-]+) \| ", PAGE.read_text(), re.MULTILINE))
    assert set(supply.distributions(supply.own_requirements())) <= listed


def test_what_a_dependency_needs_is_needed_too_and_so_are_extras():
    needed = supply.distributions(supply.own_requirements())
    assert {"pandas", "numpy", "redis", "fastapi"} <= set(needed)
    assert "pytest" not in needed


def test_a_package_that_is_not_installed_is_named():
    with pytest.raises(supply.SupplyError, match="no-such-package is needed and not installed"):
        supply.distributions(["No_Such.Package>=1"])


@pytest.mark.parametrize(
    ("fields", "terms"),
    [
        ({"License_Expression": "Apache-2.0 AND MIT"}, "Apache-2.0 AND MIT"),
        ({"Classifier": "License :: OSI Approved :: MIT License", "License": "see file"}, "MIT"),
        ({"Classifier": ["License :: OSI Approved :: BSD License", "Topic :: X"]}, "BSD"),
        ({"License": "3-Clause BSD License"}, "BSD-3-Clause"),
        ({"License": "Apache 2.0"}, "Apache-2.0"),
    ],
    ids=["expression", "classifier", "classifiers", "text", "short text"],
)
def test_a_licence_is_read_from_expression_classifier_or_text(fields, terms):
    assert supply.licence(stated(**fields)) == supply.Licence("some-package", terms)


@pytest.mark.parametrize("fields", [{}, {"License": ""}, {"Classifier": "License :: OSI Approved"}], ids=str)
def test_a_package_without_a_licence_is_refused_by_name(fields):
    with pytest.raises(supply.SupplyError, match="some-package states no licence"):
        supply.licence(stated(**fields))


@pytest.mark.parametrize(
    ("terms", "permitted"),
    [
        ("MIT", True),
        ("Artistic-1.0 OR GPL-2.0-or-later", True),
        ("(MIT OR Apache-2.0) AND BSD-3-Clause", True),
        ("GPL-3.0-only", False),
        ("MIT AND AGPL-3.0-only", False),
        ("Proprietary", False),
    ],
)
def test_each_part_needs_one_permitted_alternative(terms, permitted):
    assert supply.Licence("x", terms).is_permitted is permitted


def test_an_audit_without_findings_says_how_many_packages_were_looked_up(monkeypatch):
    answered(monkeypatch, answer({"name": "idna", "version": "3.20", "vulns": []}))
    assert supply.check_vulnerabilities() == "1 packages of requirements.lock, no known vulnerability"


def test_a_known_vulnerability_fails_with_package_version_and_id(monkeypatch):
    answered(monkeypatch, answer({"name": "idna", "version": "3.1", "vulns": [{"id": "CVE-2024-3651"}]}))
    with pytest.raises(supply.SupplyError, match=r"idna 3\.1: CVE-2024-3651"):
        supply.check_vulnerabilities()


def test_packages_that_a_service_did_not_look_up_are_asked_of_the_next_one(monkeypatch):
    skipped = {"name": "idna", "skip_reason": "not found"}
    answered(monkeypatch, answer(skipped), answer({"name": "idna", "version": "3.20", "vulns": []}))
    assert supply.check_vulnerabilities().startswith("1 packages")


def test_services_that_do_not_answer_are_a_failure_and_not_a_pass(monkeypatch):
    skipped = {"name": "idna", "skip_reason": "not found"}
    answered(monkeypatch, answer(skipped), answer(stdout="", stderr="trace\nno such host"))
    with pytest.raises(supply.SupplyError) as told:
        supply.check_vulnerabilities()
    assert "NOT CHECKED" in str(told.value)
    assert "pypi: 1 of 1 packages could not be looked up; osv: no such host" in str(told.value)


def test_the_command_ends_with_one_when_a_step_fails(monkeypatch, capsys):
    answered(monkeypatch, answer(stdout=""), answer(stdout=""))
    assert supply.main(["vulnerabilities"]) == 1
    assert "NOT CHECKED" in capsys.readouterr().err

"""The documents as a whole: links lead somewhere, commands exist, examples are accepted."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import pytest
import yaml

from kiwoom_provider.settings import Settings
from lab.__main__ import COMMANDS

REPOSITORY = Path(__file__).parents[2]
DOCUMENTS = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", REPOSITORY / "SECURITY.md"]
DOCUMENTS += [REPOSITORY / "lab" / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
TEXTS = {document.relative_to(REPOSITORY).as_posix(): document.read_text("utf-8") for document in DOCUMENTS}
TARGETS = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text("utf-8"), re.MULTILINE))
AIRFLOW = {
    "backfill create",
    "dags list-import-errors",
    "dags pause",
    "dags reserialize",
    "dags test",
    "dags trigger",
    "dags unpause",
}
AIRFLOW |= {"dags details", "dags trigger", "db clean", "db migrate"}


def anchors(text):
    """Return the anchors of a page's headings, as they are made of their words."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(name):
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXTS[name]):
        if not target.startswith("http"):
            path, _, anchor = target.partition("#")
            file = (REPOSITORY / name).parent / path if path else REPOSITORY / name
            assert file.exists(), target
            assert not anchor or anchor in anchors(file.read_text("utf-8")), target


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_of_ours_that_is_named_exists(name):
    text = TEXTS[name]
    assert set(re.findall(r"\bmake ([a-z]+)\b", "\n".join(code(text)))) <= TARGETS
    for module in re.findall(r"python -m (kiwoom[\w.]*)", text):
        assert importlib.util.find_spec(module), module
    assert set(re.findall(r"python -m lab ([a-z]+)", text)) <= set(COMMANDS)
    for script in re.findall(r"\b(scripts/\w+\.\w+|deploy/[\w-]+\.yaml)", text):
        assert (REPOSITORY / script).exists(), script


def code(text):
    """Return what stands in code, in a line or as a block."""
    return [*re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL), *re.findall(r"`([^`\n]+)`", text)]


def test_the_commands_of_airflows_that_are_named_are_known_ones():
    named = {found for text in TEXTS.values() for found in re.findall(r"\bairflow ((?:dags|db|backfill) [\w-]+)", text)}
    assert named == AIRFLOW


def test_airflow_has_those_commands():
    from airflow.cli.cli_parser import airflow_commands

    groups = {group.name: group for group in airflow_commands if hasattr(group, "subcommands")}
    for command in AIRFLOW:
        group, name = command.split(" ", 1)
        assert name in {sub.name for sub in groups[group].subcommands}, command


def test_the_connection_of_the_deployment_guide_is_accepted(tmp_path):
    (block,) = re.findall(r"```json\n(.*?)```", TEXTS["docs/deployment.md"], re.DOTALL)
    given = json.loads(block)
    assert given.pop("conn_type") == "kiwoom"
    extra = json.dumps(given.pop("extra"))
    settings = Settings.from_connection(
        SimpleNamespace(conn_id="kiwoom_default", schema=None, port=None, extra=extra, **given),
        tmp_path,
        lambda _: SimpleNamespace(conn_id="r", host="kiwoom-redis", port=None, login="", password="", extra=""),
        {},
    )
    assert settings.base_url == "https://api.kiwoom.com"
    assert settings.redis_url == "redis://kiwoom-redis:6379/0"


def test_the_index_names_every_document():
    listed = set(re.findall(r"\]\(([\w./-]+\.md)\)", TEXTS["docs/README.md"]))
    documents = {name.removeprefix("docs/") for name in TEXTS if re.fullmatch(r"docs/(evidence/)?[\w.-]+\.md", name)}
    assert documents - {"README.md"} <= listed


@pytest.mark.parametrize("name", TEXTS)
def test_yaml_in_a_document_can_be_read(name):
    for block in re.findall(r"^ *```yaml\n(.*?)```", TEXTS[name], re.DOTALL | re.MULTILINE):
        assert yaml.safe_load(dedent(block))


def test_every_variable_of_the_environment_that_is_named_is_read_somewhere():
    sources = [
        path.read_text("utf-8") for tree in ("include", "lab", "tests") for path in (REPOSITORY / tree).rglob("*.py")
    ]
    read = {name for text in sources for name in re.findall(r"""["'](KIWOOM_[A-Z_]+)["']""", text)}
    read |= set(re.findall(r"\$\((?:if \$\()?(KIWOOM_[A-Z_]+)\)", (REPOSITORY / "Makefile").read_text("utf-8")))
    named = {
        name for text in (*TEXTS.values(), *sources) for name in re.findall(r"\bKIWOOM_[A-Z]+(?:_[A-Z]+)*\b", text)
    }
    assert len(named) > 8
    assert named <= read

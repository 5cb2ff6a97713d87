"""The Dockerfile: clean by its linter, never root, and with nothing in it that is not meant to be."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts import lock, supply

REPOSITORY = Path(__file__).parents[2]
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text("utf-8")


def linted(text):
    command = [Path(sys.executable).with_name("hadolint"), "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_the_linter_finds_nothing():
    found = linted(DOCKERFILE)
    assert (found.returncode, found.stdout) == (0, "")


def test_the_linter_would_find_a_step_as_root():
    assert "DL3002" in linted(DOCKERFILE + "USER root\n").stdout


def test_the_image_stays_with_the_user_of_its_base():
    assert not re.search(r"^USER", DOCKERFILE, re.MULTILINE)


def test_nothing_is_handed_over_that_would_stay_in_a_layer():
    assert not re.search(r"^(ARG|ADD)\b|--mount|--build-arg", DOCKERFILE, re.MULTILINE)
    assert re.findall(r"^ENV (.+)$", DOCKERFILE, re.MULTILINE) == ["PYTHONPATH=/opt/kiwoom"]


def copied(stage):
    """Return what a stage copies: its options and the files."""
    return [line.rpartition(" ")[0].split() for line in re.findall(r"^COPY (.+)$", stage, re.MULTILINE)]


def test_our_code_belongs_to_root_and_is_only_read_by_the_user_that_runs_it():
    build, final = DOCKERFILE.rsplit("\nFROM ", 1)
    places = {words[-1] for words in copied(final)}
    assert places == {"/tmp/requirements", "/tmp/kiwoom", "/tmp/dags"}  # noqa: S108 - of the image
    assert all(words[:2] == ["--from=build", "--chown=root:root"] for words in copied(final))
    assert "chmod -R a=rX,u+w /tmp/kiwoom /tmp/dags /tmp/requirements" in build


def test_neither_simulator_nor_laboratory_is_in_the_image():
    assert not re.search(r"simulator|\blab\b|include ", DOCKERFILE)


def test_only_what_is_copied_is_sent_to_the_build():
    first, *let_in = (REPOSITORY / ".dockerignore").read_text("utf-8").split()
    assert first == "*"
    words = {word for words in copied(DOCKERFILE) for word in words}
    sent = {word for word in words if not word.startswith(("-", "/"))}
    assert {line[1:] for line in let_in if line.startswith("!")} == sent


def test_what_the_image_installs_stands_under_airflows_constraints_and_ours():
    assert '--constraint "${HOME}/constraints.txt" --constraint /opt/requirements/constraints.txt' in DOCKERFILE
    assert '"apache-airflow==${AIRFLOW_VERSION}"' in DOCKERFILE
    pinned = set(lock.pins())
    assert set((REPOSITORY / "constraints.txt").read_text("utf-8").splitlines()[2:]) == pinned
    assert {line.partition("==")[0] for line in pinned} == set(lock.OWN)


def test_the_packages_that_the_image_installs_bring_everything_that_ours_needs():
    brought = set(supply.distributions(["apache-airflow", *lock.ranges()]))
    own = {canonicalize_name(Requirement(text).name) for text in supply.own_requirements()}
    assert own - brought == {"redis"}
    assert "'apache-airflow-providers-amazon[s3fs]' redis" in DOCKERFILE

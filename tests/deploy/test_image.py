"""The Dockerfile: clean by its linter, never root, and with nothing in it that is not meant to be."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts import supply

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
    assert not re.search(r"^(ENV|ARG|ADD)\b|--mount|--build-arg", DOCKERFILE, re.MULTILINE)


def test_only_what_is_copied_is_sent_to_the_build():
    first, *let_in = (REPOSITORY / ".dockerignore").read_text("utf-8").split()
    assert first == "*"
    copied = {
        word
        for line in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE)
        for word in line.split()
        if not word.startswith("--")
    }
    assert {line[1:] for line in let_in if line.startswith("!")} == copied


def test_the_packages_that_the_image_installs_bring_everything_that_ours_needs():
    lines = (REPOSITORY / "requirements.txt").read_text("utf-8").split("\n")
    brought = set(supply.needed(line for line in lines if line and not line.startswith("#")))
    own = {canonicalize_name(Requirement(text).name) for text in supply.stated()}
    assert own - brought == {"redis"}
    assert "'redis>=5'" in DOCKERFILE

"""A writer that is killed in the middle of an object leaves the old one, and nothing that anyone reads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from kiwoom_provider.datasets.store import Store
from storage.wire import Fault

ROOT = Path(__file__).parents[2]
HEAD = f"""
import json, os, sys, time
sys.path[:0] = {[str(ROOT / name) for name in ("include", "tests", ".")]!r}
from kiwoom_provider.datasets.store import Store
from storage.stores import open_store
"""
ON_DISK = """
def hang(_descriptor):
    print("in mid write", flush=True)
    time.sleep(60)
os.fsync = hang
Store.open(sys.argv[1]).write("a/part-0", b"new" * 1_000_000)
"""
ON_STORE = """
open_store(**json.loads(sys.argv[1])).write("a/part-0", b"new" * 1_000_000)
"""
IN_PARTS = """
store = open_store(**json.loads(sys.argv[1]))
if hasattr(store.fs, "service_client"):
    store.fs.service_client._config.max_single_put_size = store.fs.service_client._config.max_block_size = 5 * 2**20
else:
    import functools
    store.fs.pipe_file = functools.partial(store.fs.pipe_file, chunksize=5 * 2**20)
store.write("a/part-0", b"new!" * 3 * 2**20)
"""


def started(code, *arguments):
    return subprocess.Popen([sys.executable, "-c", HEAD + code, *arguments], stdout=subprocess.PIPE, text=True)


def of_the_documents(name):
    """Return a function as docs/storage.md gives it."""
    page = (Path(__file__).parents[2] / "docs" / "storage.md").read_text("utf-8")
    (block,) = [found for found in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if f"def {name}(" in found]
    made = {}
    exec(block, made)  # noqa: S102 - our own page
    return made[name]


def eventually(told):
    return any(told() or time.sleep(0.05) for _ in range(600))


def killed(process):
    process.kill()
    process.wait(timeout=10)
    process.stdout.close()


def test_on_a_file_system(tmp_path):
    store = Store.open(tmp_path.as_uri())
    store.write("a/part-0", b"old")
    writer = started(ON_DISK, tmp_path.as_uri())
    assert writer.stdout.readline() == "in mid write\n"
    killed(writer)

    assert store.read("a/part-0") == b"old"
    assert store.list("") == ["a/part-0"]
    drafts = [path.name for path in (tmp_path / "a").iterdir() if path.name != "part-0"]
    assert [name.startswith(".part-0.") for name in drafts] == [True]


@pytest.fixture
def kill_in_mid_upload(service, mine, line):
    """Return what starts a writer, lets it upload until its PUTs stand still, and kills it."""
    made = []

    def kill(code, after=0):
        puts = count()
        line.rule = lambda kind, _key: Fault.STALLED if kind == "PUT" and next(puts) >= after else None
        made.append(started(code, json.dumps(service.way(mine.root, url=line.url))))
        assert line.stalled.wait(60)
        assert eventually(lambda: line.count()["PUT"] >= after)
        killed(made.pop())
        time.sleep(0.2)
        line.rule = None

    yield kill
    for left in made:
        killed(left)


def test_on_an_object_store(theirs, kill_in_mid_upload, service):
    theirs.write("a/part-0", b"old")
    kill_in_mid_upload(ON_STORE)

    assert theirs.read("a/part-0") == b"old"
    assert theirs.list("") == ["a/part-0"]
    assert service.unfinished(theirs) == []


def test_in_the_middle_of_an_upload_in_parts_the_old_object_stays_and_the_parts_are_named(
    theirs, kill_in_mid_upload, service
):
    theirs.write("a/part-0", b"old")
    kill_in_mid_upload(IN_PARTS, after=1)

    assert theirs.read("a/part-0") == b"old"
    assert theirs.list("") == ["a/part-0"]
    assert service.unfinished(theirs) == [theirs.path("a/part-0")]


@pytest.mark.parametrize("kind", ["s3"])
def test_parts_that_stay_on_s3_are_removed_by_the_documents_function_and_no_others(
    mine, theirs, kill_in_mid_upload, service
):
    kill_in_mid_upload(IN_PARTS, after=1)
    near = Store(theirs.fs, f"{theirs.root}-of-others")
    service.server.client().create_multipart_upload(Bucket=service.server.bucket, Key=f"{mine.root[7:]}-of-others/b")

    removed = of_the_documents("remove_unfinished")(theirs.fs, theirs.root)

    assert removed == [theirs.path("a/part-0")]
    assert service.unfinished(theirs) == []
    assert service.unfinished(near) == [near.path("b")]


def test_the_next_writer_on_an_object_store_is_not_held_up(mine, theirs, kill_in_mid_upload):
    kill_in_mid_upload(ON_STORE)

    mine.write("a/part-0", b"newer")

    assert theirs.read("a/part-0") == b"newer"

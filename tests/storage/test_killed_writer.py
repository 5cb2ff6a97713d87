"""A writer that is killed in the middle of an object leaves the old one, and nothing that anyone reads."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from wire import Fault

INCLUDE = str(Path(__file__).parents[2] / "include")
SIZE = 3_000_000
HEAD = f"""
import os, sys, time
sys.path.insert(0, {INCLUDE!r})
from kiwoom_provider.datasets.store import Store
"""
ON_DISK = """
def hang(_descriptor):
    print("in mid write", flush=True)
    time.sleep(60)
os.fsync = hang
Store.open(sys.argv[1]).write("a/part-0", b"new" * 1_000_000)
"""
ON_S3 = """
import s3fs
fs = s3fs.S3FileSystem(key=sys.argv[2], secret=sys.argv[3], endpoint_url=sys.argv[1])
Store(fs, sys.argv[4]).write("a/part-0", b"new" * 1_000_000)
"""


def started(code, *arguments):
    return subprocess.Popen([sys.executable, "-c", HEAD + code, *arguments], stdout=subprocess.PIPE, text=True)


def killed(process):
    process.kill()
    process.wait(timeout=10)
    process.stdout.close()


def test_on_a_file_system(tmp_path):
    from kiwoom_provider.datasets.store import Store

    store = Store.open(tmp_path.as_uri())
    store.write("a/part-0", b"old")
    writer = started(ON_DISK, tmp_path.as_uri())
    assert writer.stdout.readline() == "in mid write\n"
    killed(writer)

    assert store.read("a/part-0") == b"old"
    assert store.list("") == ["a/part-0"]
    drafts = [path.name for path in (tmp_path / "a").iterdir() if path.name != "part-0"]
    assert [name.startswith(".part-0.") for name in drafts] == [True]


def test_on_an_object_store(other, line, keys, server):
    other.write("a/part-0", b"old")
    line.rule = lambda kind, _key: Fault.STALLED if kind == "PUT" else None
    writer = started(ON_S3, line.url, *keys, other.root)
    assert line.stalled.wait(30)
    killed(writer)
    time.sleep(0.2)

    assert other.read("a/part-0") == b"old"
    assert other.list("") == ["a/part-0"]
    assert server.client().list_multipart_uploads(Bucket=server.bucket).get("Uploads", []) == []


def test_the_next_writer_on_an_object_store_is_not_held_up(s3, other, line, keys):
    line.rule = lambda kind, _key: Fault.STALLED if kind == "PUT" else None
    writer = started(ON_S3, line.url, *keys, other.root)
    assert line.stalled.wait(30)
    killed(writer)
    line.rule = None

    s3.write("a/part-0", b"new" * 1_000_000)

    assert other.read("a/part-0") == b"new" * 1_000_000

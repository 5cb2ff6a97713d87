"""Stores on S3 for tests: few tries and little patience, so that a fault shows at once."""

from __future__ import annotations

import s3fs

from kiwoom_provider.datasets.store import Store

IMPATIENT = {"retries": {"total_max_attempts": 1}, "connect_timeout": 2, "read_timeout": 3}


def open_s3(url, keys, root, *, attempts=1, **config):
    """Return a store at ``root`` (bucket/prefix), with a file system of its own."""
    fs = s3fs.S3FileSystem(
        key=keys[0], secret=keys[1], endpoint_url=url, config_kwargs=IMPATIENT | config, skip_instance_cache=True
    )
    fs.retries = attempts
    return Store(fs, root)


def close(store):
    """Close a store's connections, as the end of its process would."""
    if creator := getattr(store.fs, "_s3creator", None):
        s3fs.S3FileSystem.close_session(store.fs.loop, creator)

from __future__ import annotations

import json

from kiwoom_provider.datasets.store import Store
from lab.cluster.roots import DataRoots, bucket, directory


def test_a_directory_is_told_as_a_url_and_needs_no_connection():
    roots = directory()
    assert roots.url.startswith("file:///")
    assert roots.url.endswith("/.run/cluster/data")
    assert roots.connection is None


def test_the_object_store_is_reached_on_its_own_host_by_the_connection_that_the_url_names():
    roots = bucket()
    assert roots.url == "s3://kiwoom_store@kiwoom/nights"
    assert (roots.connection["connection_id"], roots.connection["conn_type"]) == ("kiwoom_store", "aws")
    assert json.loads(roots.connection["extra"])["endpoint_url"] == "http://10.77.66.50:8303"


def test_no_secret_shows_where_a_data_root_is_printed():
    roots = bucket()
    assert roots.connection["password"] not in repr(roots)


def test_what_a_night_has_stored_is_read_under_its_name(tmp_path):
    (tmp_path / "night-1").mkdir()
    (tmp_path / "night-1" / "part-0.parquet").write_bytes(b"rows")
    roots = DataRoots(tmp_path.as_uri(), Store.open(tmp_path))
    assert roots.read("night-1/part-0.parquet") == b"rows"
    assert roots.read("night-2/part-0.parquet") is None

"""The published table is read on S3 as it lies, with the libraries that quants have."""

from __future__ import annotations

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pyarrow.fs
import pytest
from wire import Fault

from kiwoom_provider.datasets.reader import read_investor_trading
from kiwoom_provider.datasets.store import Store, StoreError
from published import publish_three

ROWS, SESSIONS, BOUGHT = 144, 3, 100 + 200 + 300
"""Three sessions of four rows a venue and investor; what foreigners bought of 삼성전자 at KRX."""


@pytest.fixture
def published(tmp_path, other):
    publish_three(tmp_path)
    disk = Store.open(tmp_path.as_uri())
    for key in disk.list(""):
        other.write(key, disk.read(key))
    return f"{other.root}/investor_trading"


def samsung(frame):
    return (frame["stock_code"] == "005930") & (frame["venue"] == "KRX") & (frame["investor"] == "foreigner")


def test_pandas_reads_it(published, two_processes):
    frame = pd.read_parquet(published, filesystem=two_processes[1].fs)

    assert (len(frame), frame["session_date"].nunique()) == (ROWS, SESSIONS)
    assert frame.loc[samsung(frame), "net_amount"].sum() == BOUGHT


def test_pyarrow_reads_it_with_its_own_client(published, server, keys):
    client = pyarrow.fs.S3FileSystem(
        access_key=keys[0], secret_key=keys[1], endpoint_override=server.url, region="us-east-1", scheme="http"
    )
    table = ds.dataset(published, filesystem=client, partitioning="hive").to_table()

    assert (table.num_rows, len(table["session_date"].unique())) == (ROWS, SESSIONS)


def test_polars_reads_it_with_its_own_client(published, server, keys):
    options = {
        "aws_access_key_id": keys[0],
        "aws_secret_access_key": keys[1],
        "aws_endpoint_url": server.url,
        "aws_region": "us-east-1",
        "aws_allow_http": "true",
    }
    frame = pl.scan_parquet(f"s3://{published}/**/*.parquet", hive_partitioning=True, storage_options=options).collect()

    assert (frame.height, frame["session_date"].n_unique()) == (ROWS, SESSIONS)
    assert frame.filter(samsung(frame))["net_amount"].sum() == BOUGHT


def test_duckdb_reads_it_through_fsspec(published, two_processes):
    with duckdb.connect() as connection:
        connection.register_filesystem(two_processes[1].fs)
        rows, days, bought = connection.execute(
            "SELECT count(*), count(DISTINCT session_date), sum(net_amount) FILTER (stock_code = '005930' AND "
            "venue = 'KRX' AND investor = 'foreigner') FROM read_parquet(?, hive_partitioning = true)",
            [f"s3://{published}/**/*.parquet"],
        ).fetchone()

    assert (rows, days, bought) == (ROWS, SESSIONS, BOUGHT)


@pytest.mark.usefixtures("published")
def test_our_reader_reads_it(s3):
    frame = read_investor_trading(s3, "2026-11-18", "2026-11-20", stocks="005930", venues="KRX", investors="foreigner")

    assert frame["net_amount"].tolist() == [100, 200, 300]


@pytest.mark.usefixtures("published")
def test_our_reader_spends_one_listing_and_one_get_a_session(s3, line):
    read_investor_trading(s3, "2026-11-18", "2026-11-20")

    assert dict(line.count()) == {"LIST": 1, "GET": 3}


@pytest.mark.usefixtures("published")
def test_our_reader_says_where_it_was_refused(s3, line):
    line.rule = lambda kind, _key: Fault.FORBIDDEN if kind == "GET" else None

    with pytest.raises(StoreError, match="cannot read investor_trading/session_date=2026-11-1"):
        read_investor_trading(s3, "2026-11-18", "2026-11-19")

"""The published table is read on S3 as it lies, with the libraries that quants have."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pyarrow.fs
import pytest

from kiwoom_provider.datasets.reader import read_investor_trading
from kiwoom_provider.datasets.store import Store, StoreError
from published import publish_three
from storage.wire import Fault

ROWS, SESSIONS, BOUGHT = 144, 3, 100 + 200 + 300
"""Three sessions of four rows a venue and investor; what foreigners bought of 삼성전자 at KRX."""

SPARK = Path(sys.prefix) / "spark"
LISTINGS = {"s3": 1, "abfs": 2}
ARROW = {
    "s3": lambda server: pyarrow.fs.S3FileSystem(
        access_key=server.access_key,
        secret_key=server.secret_key,
        endpoint_override=server.url,
        region="us-east-1",
        scheme="http",
    ),
    "abfs": lambda server: pyarrow.fs.AzureFileSystem(
        account_name=server.access_key,
        account_key=server.secret_key,
        blob_storage_authority=server.url.removeprefix("http://"),
        dfs_storage_authority=server.url.removeprefix("http://"),
        blob_storage_scheme="http",
        dfs_storage_scheme="http",
    ),
}
POLARS = {
    "s3": lambda server: {
        "aws_access_key_id": server.access_key,
        "aws_secret_access_key": server.secret_key,
        "aws_endpoint_url": server.url,
        "aws_region": "us-east-1",
        "aws_allow_http": "true",
    },
    "abfs": lambda server: {
        "azure_storage_account_name": server.access_key,
        "azure_storage_account_key": server.secret_key,
        "azure_storage_endpoint": f"{server.url}/{server.access_key}",
        "azure_allow_http": "true",
    },
}


@pytest.fixture
def published(tmp_path, theirs):
    publish_three(tmp_path)
    disk = Store.open(tmp_path.as_uri())
    for key in disk.list(""):
        theirs.write(key, disk.read(key))
    return f"{theirs.root}/investor_trading"


def samsung(frame):
    return (frame["stock_code"] == "005930") & (frame["venue"] == "KRX") & (frame["investor"] == "foreigner")


def test_pandas_reads_it(published, theirs):
    frame = pd.read_parquet(published, filesystem=theirs.fs)

    assert (len(frame), frame["session_date"].nunique()) == (ROWS, SESSIONS)
    assert frame.loc[samsung(frame), "net_amount"].sum() == BOUGHT


def test_pyarrow_reads_it_with_its_own_client(published, service):
    table = ds.dataset(published, filesystem=ARROW[service.kind](service.server), partitioning="hive").to_table()

    assert (table.num_rows, len(table["session_date"].unique())) == (ROWS, SESSIONS)


def test_polars_reads_it_with_its_own_client(published, service):
    options = POLARS[service.kind](service.server)
    place = f"{service.kind}://{published}/**/*.parquet"
    frame = pl.scan_parquet(place, hive_partitioning=True, storage_options=options).collect()

    assert (frame.height, frame["session_date"].n_unique()) == (ROWS, SESSIONS)
    assert frame.filter(samsung(frame))["net_amount"].sum() == BOUGHT


def test_duckdb_reads_it_through_fsspec(published, theirs, kind):
    with duckdb.connect() as connection:
        connection.register_filesystem(theirs.fs)
        rows, days, bought = connection.execute(
            "SELECT count(*), count(DISTINCT session_date), sum(net_amount) FILTER (stock_code = '005930' AND "
            "venue = 'KRX' AND investor = 'foreigner') FROM read_parquet(?, hive_partitioning = true)",
            [f"{kind}://{published}/**/*.parquet"],
        ).fetchone()

    assert (rows, days, bought) == (ROWS, SESSIONS, BOUGHT)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["s3"])
def test_spark_reads_it_with_hadoops_client(published, service, tmp_path):
    if not (SPARK / ".ready").exists() or shutil.which("java") is None:
        pytest.skip("Spark, with Java: KIWOOM_SPARK=yes make thorough")
    given = service.way("") | {"place": published}
    script = Path(__file__).with_name("spark_reads.py")
    done = subprocess.run(
        [SPARK / "bin" / "python", script, json.dumps(given)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout) == [ROWS, SESSIONS, BOUGHT]


@pytest.mark.usefixtures("published")
def test_our_reader_reads_it(mine):
    chosen = {"stocks": "005930", "venues": "KRX", "investors": "foreigner"}
    frame = read_investor_trading(mine, "2026-11-18", "2026-11-20", **chosen)

    assert frame["net_amount"].tolist() == [100, 200, 300]


@pytest.mark.usefixtures("published")
def test_our_reader_spends_one_get_a_session_and_no_more_listings_with_them(mine, line, kind):
    read_investor_trading(mine, "2026-11-18", "2026-11-20")

    assert dict(line.count()) == {"LIST": LISTINGS[kind], "GET": 3 + 1}  # and the window


@pytest.mark.usefixtures("published")
def test_who_may_read_the_published_files_alone_can(mine, line):
    line.rule = lambda kind, key: Fault.FORBIDDEN if kind == "GET" and "/quality/" in key else None

    frame = read_investor_trading(mine, "2026-11-18", "2026-11-20")
    assert (frame["session_date"].nunique(), frame.attrs["missing_sessions"]) == (3, [])


@pytest.mark.usefixtures("published")
def test_our_reader_says_where_it_was_refused(mine, line):
    line.rule = lambda kind, _key: Fault.FORBIDDEN if kind == "GET" else None

    with pytest.raises(StoreError, match="cannot read investor_trading/session_date=2026-11-1"):
        read_investor_trading(mine, "2026-11-18", "2026-11-19")

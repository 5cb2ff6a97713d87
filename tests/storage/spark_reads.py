"""
Run by Spark's own interpreter: read a published table on S3 as it lies, and print what a query finds.

Hadoop's S3 client is no part of pyspark. It comes with Amazon's package ``sagemaker-pyspark``, as jars.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession

CLIENT = ("hadoop-aws-3.3.1.jar", "aws-java-sdk-bundle-1.11.901.jar")
QUERY = """
    SELECT count(*), count(DISTINCT session_date), sum(net_amount)
        FILTER (WHERE stock_code = '005930' AND venue = 'KRX' AND investor = 'foreigner')
    FROM trading
"""


def main() -> None:
    """Read ``place`` (bucket/prefix) at ``url``; both and the keys come as JSON."""
    given = json.loads(sys.argv[1])
    folder = Path(importlib.util.find_spec("sagemaker_pyspark").submodule_search_locations[0], "jars")
    settings = {
        "spark.master": "local[1]",
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1",
        "spark.jars": ",".join(str(folder / name) for name in CLIENT),
        "spark.hadoop.fs.s3a.endpoint": given["url"],
        "spark.hadoop.fs.s3a.access.key": given["access_key"],
        "spark.hadoop.fs.s3a.secret.key": given["secret_key"],
        "spark.hadoop.fs.s3a.path.style.access": "true",
    }
    builder = SparkSession.builder
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.read.parquet(f"s3a://{given['place']}").createOrReplaceTempView("trading")
    sys.stdout.write(json.dumps(list(spark.sql(QUERY).first())))
    spark.stop()


if __name__ == "__main__":
    main()

"""Run by Spark's own interpreter: the guide's example on a published table, and the types of its columns as JSON."""

from __future__ import annotations

import json
import sys

from pyspark.sql import SparkSession


def main() -> None:
    """Take the data root and the example's code as JSON; print what it shows, then the types."""
    given = json.loads(sys.argv[1])
    settings = {
        "spark.master": "local[1]",
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1",
    }
    builder = SparkSession.builder
    for name, value in settings.items():
        builder = builder.config(name, value)
    names = {"spark": builder.getOrCreate(), "root": given["root"]}
    exec(given["code"], names)  # noqa: S102 - our own document
    trading = names["trading"]
    types = dict(trading.dtypes) | {"their sum": trading.groupBy().sum("volume").dtypes[0][1]}
    sys.stdout.write(json.dumps(types))
    names["spark"].stop()


if __name__ == "__main__":
    main()

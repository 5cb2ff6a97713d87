"""What OpenLineage is told of a publication, where its provider is installed: extra ``openlineage``."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kiwoom_provider.datasets import layout

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow.providers.openlineage.extractors import OperatorLineage

    from kiwoom_provider.pipeline.summary import PublishedFile
    from kiwoom_provider.quality.results import RuleResult


def published_lineage(published: PublishedFile, results: Iterable[RuleResult]) -> OperatorLineage:
    """Return the typed sets with what each rule of the audit found of them, and the published table with its rows."""
    from airflow.providers.openlineage.extractors import OperatorLineage
    from openlineage.client.event_v2 import InputDataset, OutputDataset
    from openlineage.client.facet_v2 import data_quality_assertions_dataset as quality
    from openlineage.client.facet_v2 import output_statistics_output_dataset as statistics

    from kiwoom_provider.quality.results import Status

    asserted = [
        quality.Assertion(assertion=result.id, success=result.status is Status.PASS)
        for result in results
        if result.status is not Status.NOT_APPLICABLE
    ]
    written = statistics.OutputStatisticsOutputDatasetFacet(rowCount=published.rows, size=published.bytes, fileCount=1)
    namespace, root = _place(published.path)
    sets, table = f"{root}/{layout.PARTITIONS}", f"{root}/{layout.PUBLISHED}"
    rules = quality.DataQualityAssertionsDatasetFacet(assertions=asserted)
    return OperatorLineage(
        inputs=[InputDataset(namespace, sets, inputFacets={"dataQualityAssertions": rules})],
        outputs=[OutputDataset(namespace, table, outputFacets={"outputStatistics": written})],
    )


def _place(path: str) -> tuple[str, str]:
    """Return OpenLineage's namespace and name of the data root of a published file's URL."""
    parts = urlsplit(path)
    root = parts.path.rpartition(f"/{layout.PUBLISHED}/")[0]
    return (f"{parts.scheme}://{parts.netloc}", root.strip("/")) if parts.netloc else (parts.scheme, root)

"""
The gate between evidence and money: rules, laws, the audit and its report.

Where to look: ``results`` and ``proof`` (facts), ``subject`` (what is audited), ``columns`` (column
rules, by pandera), ``laws`` (what ties cells, sets and sessions together), ``rules`` (each law as
data: texts, tolerance, severity), ``audit`` (runs them all), ``page`` (the report for people).
``results`` and ``proof`` import nothing heavy; the others import numpy and pyarrow.
"""

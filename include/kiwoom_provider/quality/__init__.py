"""
What must hold before a session is published: rules, the audit and its report.

Where to look: ``rules`` (one decorated function a rule), ``tolerances`` (their bounds, with reasons),
``audit_input``, ``table`` and ``master`` (what is audited), ``check`` (what a law counts), ``rule`` (what a rule is),
``audit`` (runs them all), ``results`` (the report as documents), ``settings`` (severities and releases),
``page`` (the report for people). ``results`` and ``settings`` import nothing heavy; the others numpy and pyarrow.
"""

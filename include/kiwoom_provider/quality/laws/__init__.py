"""
The laws, one module a theme.

Each is a function of a :class:`~kiwoom_provider.quality.subject.Subject` that returns a
:class:`~kiwoom_provider.quality.tally.Finding`.
"""

"""
Why a session's run cannot go on.

::

    SessionError                 a run cannot do what it was asked; trying again does not help
    ├── SessionOverError         the API no longer serves that session, and its raw is not complete
    ├── SessionNotDueError       nothing can be fetched yet under that day
    ├── IncompleteSessionError   sets that were asked for are not stored
    ├── DisprovedSessionError    the data are another session's; kept as evidence, never published as this one
    ├── UnprovedSessionError     no proof that the data is the session's; kept, not published
    └── AuditFailedError         the audit refused the session; kept in quarantine, not published
"""

from __future__ import annotations

from kiwoom_provider.errors import KiwoomProviderError


class SessionError(KiwoomProviderError):
    """A run cannot do what it was asked; trying again does not help."""

    is_final = True


class SessionOverError(SessionError):
    """The API no longer serves that session, and its raw is not complete."""


class SessionNotDueError(SessionError):
    """Nothing can be fetched yet under that day."""


class IncompleteSessionError(SessionError):
    """Sets that were asked for are not stored."""

    is_final = False


class DisprovedSessionError(SessionError):
    """The data are another session's; they are kept as evidence and never published under this day."""


class UnprovedSessionError(SessionError):
    """There is no proof that the data is the session's; it is kept and not published."""


class AuditFailedError(SessionError):
    """The audit refused the session; it is kept in quarantine and not published."""

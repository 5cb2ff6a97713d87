"""
Why a session's run cannot go on.

::

    SessionError                 a run cannot do what it was asked
    ├── SessionOverError         the API no longer serves that session, and its raw is not complete: final
    ├── SessionNotDueError       nothing can be fetched yet under that day: final
    ├── IncompleteSessionError   sets that were asked for are not stored
    ├── DisprovedSessionError    the data are another session's; kept as evidence, never published as this one
    ├── UnprovedSessionError     no proof that the data is the session's; kept, not published
    └── AuditFailedError         the audit refused the session; kept in quarantine, not published: final the second time

Those that are not final here are final once the session can no longer be fetched: see
:meth:`kiwoom_provider.pipeline.plan.Plan.errors_by`.
"""

from __future__ import annotations

from kiwoom_provider.errors import KiwoomProviderError


class SessionError(KiwoomProviderError):
    """A run cannot do what it was asked."""

    is_final = True
    remedy = "read the message"


class SessionOverError(SessionError):
    """The API no longer serves that session, and its raw is not complete."""

    remedy = (
        "nothing brings back what was not fetched; sets that "
        "are whole can be rebuilt alone, the others by ka10059_history"
    )


class SessionNotDueError(SessionError):
    """Nothing can be fetched yet under that day."""

    remedy = "give the session_date to rebuild, or wait for the settle time"


class IncompleteSessionError(SessionError):
    """Sets that were asked for are not stored."""

    is_final = False
    remedy = "it is tried again; if it stays so, see Kiwoom's notices"


class DisprovedSessionError(SessionError):
    """The data are another session's; they are kept as evidence and never published under this day."""

    is_final = False
    remedy = "inside the window trigger again, which fetches anew; later it can never be released under that day"


class UnprovedSessionError(SessionError):
    """There is no proof that the data is the session's; it is kept and not published."""

    is_final = False
    remedy = "compare some stocks with a second source, and release session_proof with a reason"


class AuditFailedError(SessionError):
    """The audit refused the session; it is kept in quarantine and not published."""

    remedy = (
        "open the report: each rule says what to do. Sets "
        "that were cut short are worth fetching again inside the window"
    )

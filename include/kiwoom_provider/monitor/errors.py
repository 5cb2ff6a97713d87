"""
What the page cannot show, with the HTTP status of the answer and a message in no language yet.

::

    PageError
    ├── PageAddressError  400   the address names no day, year or choice that there could be
    ├── NotFoundError     404   a day, a run or a part of one that there is not
    ├── DamagedError      502   a stored object cannot be read
    ├── RootError         503   the data root cannot be reached
    └── BusyError         503   too many views at once, or one that took too long
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from datetime import date

    from kiwoom_provider.locale import Message


class PageError(KiwoomProviderError):
    """What was asked for cannot be shown; ``nearest`` are sessions to look at instead."""

    remedy = "read the message"

    status: ClassVar[int] = 500

    def __init__(self, message: Message, nearest: tuple[date, ...] = ()) -> None:
        self.message, self.nearest = message, nearest
        super().__init__(str(message))


class PageAddressError(PageError):
    """The address names no day, year or choice that there could be."""

    remedy = "start from the calendar: the address was typed by hand"

    status = 400


class NotFoundError(PageError):
    """A day that is no session, or a run or a part of one that is not stored."""

    remedy = "choose another run of the day"

    status = 404


class DamagedError(PageError):
    """A stored object cannot be read."""

    remedy = "see the other forms beside it, or replay the session, which writes a new one"

    status = 502


class RootError(PageError):
    """The data root cannot be reached."""

    remedy = "the API server needs the same root, connection and packages as the workers"

    status = 503


class BusyError(PageError):
    """Too many views at once, or one that took too long."""

    remedy = "reload in some seconds"

    status = 503

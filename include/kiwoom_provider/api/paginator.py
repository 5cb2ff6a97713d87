"""Header paging (``cont-yn``, ``next-key``) as a state machine that never sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kiwoom_provider.settings import MAX_PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiwoom_provider.api.page import Page


class Send(Protocol):
    """Fetch one page."""

    def __call__(self, *, next_key: str, number: int) -> Page:
        """Ask for page ``number`` (1-based) by ``next_key``, which is empty for the first."""


class Paginator:
    """
    Where a sweep stands: the number and the key of the page to ask for next.

    :param start: the last page that is already stored, to go on after it; None begins anew.
    :param max_pages: the sweep is an error when it would grow beyond this, counted from its first page.
    """

    def __init__(self, start: Page | None = None, max_pages: int = MAX_PAGES) -> None:
        self.max_pages = max_pages
        self.number = 1
        self.next_key = ""
        self.finished = False
        self._seen: set[str] = set()
        if start is not None:
            self._seen.add(start.sent_next_key)
            self.number = start.number
            self.advance(start)

    def advance(self, page: Page) -> None:
        """
        Take in the page that was asked for.

        :raises ProtocolError: when more is announced without a key, with a key that was used before,
            or beyond ``max_pages``. A sweep is never cut short instead.
        """
        if page.is_last:
            self.finished = True
            return
        if not page.next_key:
            raise page.broken("announces more (cont-yn: Y) without a next-key")
        if page.next_key in self._seen:
            raise page.broken("repeats a next-key of this sweep: the pages go in a loop")
        if self.number >= self.max_pages:
            raise page.broken(f"announces more after {self.max_pages} pages (max_pages of the connection)")
        self._seen.add(page.next_key)
        self.next_key = page.next_key
        self.number += 1


def iter_pages(send: Send, start: Page | None = None, max_pages: int = MAX_PAGES) -> Iterator[Page]:
    """
    Yield the pages of one sweep in order, until ``cont-yn`` is not Y.

    A page is yielded before its paging headers are judged, so that a page which breaks the spec can
    be stored before the error about it is raised.

    :param send: fetches one page.
    :param start: the last stored page: the sweep goes on after it. Nothing is asked when it is the last.
    :param max_pages: upper bound for the whole sweep.
    :raises ProtocolError: see :meth:`Paginator.advance`.
    """
    paginator = Paginator(start, max_pages)
    while not paginator.finished:
        page = send(next_key=paginator.next_key, number=paginator.number)
        yield page
        paginator.advance(page)

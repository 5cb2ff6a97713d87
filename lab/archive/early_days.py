"""Sessions before the first that the package speaks for: for simulated archives alone, never for a deployment."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kiwoom_provider.krx import rules
from kiwoom_provider.krx.overrides import shipped_facts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date


@contextmanager
def known_from(first: date) -> Iterator[None]:
    """
    Let the calendar of this process, and of those that it forks, begin on ``first`` while the block lasts.

    Closed days come from the ``holidays`` package as always. The package's own file is untouched, and a later day
    changes nothing.
    """
    module: Any = rules
    shipped, cached = module.shipped_facts, import_module("kiwoom_provider.krx.calendar")._rules
    known, facts = shipped_facts()
    earlier = known.model_copy(update={"first": min(first, known.first)})
    module.shipped_facts = lambda: (earlier, facts)
    cached.cache_clear()
    try:
        yield
    finally:
        module.shipped_facts = shipped
        cached.cache_clear()

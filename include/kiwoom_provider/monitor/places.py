"""A session's markets and venues against the session before, and where its data lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.monitor.states import PlaceChange, State

if TYPE_CHECKING:
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.monitor.states import Day, Run

_UNKNOWN = (None, None)


def changes(run: Run | None, before: Run | None) -> tuple[PlaceChange, ...]:
    """Return rows and stocks of every market and venue beside those of the session before."""
    earlier = {(size.market, size.venue): (size.rows, size.stocks) for size in (before.sizes if before else ())}
    return tuple(
        PlaceChange(size.market, size.venue, size.rows, size.stocks, *earlier.get((size.market, size.venue), _UNKNOWN))
        for size in (run.sizes if run else ())
    )


def data_places(store: Store, day: Day) -> dict[str, str]:
    """Return the URLs of a session's data by what they are; see :class:`SessionView`."""
    datasets = {"typed": layout.PARTITIONS, "raw": layout.RAW, "reports": layout.REPORTS}
    places = {"published": layout.published_key(day.date)} if day.is_published else {}
    if day.state is State.QUARANTINED and day.run:
        places["candidate"] = layout.candidate_key(day.date, day.run.run_id)
    places |= {name: layout.session_prefix(dataset, day.date) for name, dataset in datasets.items()}
    return {name: store.url(key) for name, key in places.items()}

"""The plots' data as JSON: what the plotting package draws, a sentence, and the same figures as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse

from kiwoom_provider.monitor import deployment, plots
from kiwoom_provider.monitor.render import language_of
from kiwoom_provider.monitor.spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kiwoom_provider.monitor.plots import Drawing, Wish
    from kiwoom_provider.monitor.states import Run

_PLOTS: dict[str, Callable[[Sequence[Run], Wish], Drawing]] = {
    "flows": plots.flows,
    "calls": plots.calls,
    "time": plots.times,
}


def plot(request: Request, name: str, year: str | None = None) -> JSONResponse:
    """
    Return one plot of the sessions of a year, or of the last twelve months.

    :raises HTTPException: 404 for a plot that there is not.
    :raises ChoiceError: for a market, venue, investor or theme that there is not.
    """
    if name not in _PLOTS:
        raise HTTPException(404)
    wish = plots.Wish.parse(request.query_params.multi_items(), language_of(request))
    archive = deployment.archive()
    span = Span.of(year, archive.clock.now())
    return JSONResponse(_PLOTS[name](archive.runs(span.first, span.last), wish).to_json())

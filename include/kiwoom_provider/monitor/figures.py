"""How plots are drawn: lines and stacked bars by Bokeh, in the page's colours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kiwoom_provider.locale import message
from kiwoom_provider.monitor.plots import Theme

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kiwoom_provider.monitor.plots import Drawing

_HEIGHT = 320
_BAR_MS = 0.7 * 86_400_000
_STACK = (1, 2, 0)
"""Colours of stacked bars: what is refused is the first, red."""


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours of a theme; each line's has a contrast of 3:1 and text one of 4.5:1 against the page."""

    text: str
    grid: str
    lines: tuple[str, ...]


PAINTS = {
    Theme.LIGHT: Paint("#4b5563", "#e5e7eb", ("#c0271b", "#1455c0", "#0b7a4b", "#8a4fc4", "#946200", "#0e7490")),
    Theme.DARK: Paint("#b6c0cc", "#2c333d", ("#ff8f85", "#7db3ff", "#56d69a", "#c9a4ff", "#e5b84b", "#5ccfe6")),
}
_DASHES = ("solid", "dashed", "dotdash")
"""With eight colours: no two of twelve lines look alike, and the first three differ by both."""


def plot_json(drawing: Drawing) -> dict[str, Any]:
    """Return a plot as the page's script takes it: what Bokeh draws, a sentence, and the figures as a table."""
    plot = figure(drawing) if drawing.days else None
    return {"plot": plot, "summary": drawing.sentence(), "table": drawing.table()}


def figure(drawing: Drawing) -> dict[str, Any]:
    """Return what Bokeh's script draws. Text in it goes to a canvas, or escaped into the tooltip."""
    from bokeh import plotting
    from bokeh.embed import json_item
    from bokeh.models import ColumnDataSource, HoverTool

    paint = PAINTS[drawing.choice.theme]
    made = plotting.figure(
        height=_HEIGHT,
        sizing_mode="stretch_width",
        x_axis_type="datetime",
        y_axis_label=drawing.axis,
        tools="xpan,xbox_zoom,reset",
        active_drag=None,
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
    )
    columns: dict[str, Sequence[Any]] = {"day": drawing.days, "at": _milliseconds(drawing.days)}
    for place, series in enumerate(drawing.series):
        columns |= {f"y{place}": series.values, f"shown{place}": series.shown}
    source = ColumnDataSource({name: list(values) for name, values in columns.items()})
    first = (_bars if drawing.stacked else _lines)(made, source, drawing, paint)
    told = [(drawing.choice.say(message("Session")), "@day")]
    told += [(each.name, f"@shown{place}") for place, each in enumerate(drawing.series)]
    made.add_tools(HoverTool(renderers=[first], mode="vline", tooltips=told))
    _dress(made, paint)
    return dict(json_item(made))


def _lines(made: Any, source: Any, drawing: Drawing, paint: Paint) -> Any:  # noqa: ANN401 - Bokeh is untyped in effect
    """Draw every series as a line, a single day as points; return the first."""
    drawn = []
    for place, series in enumerate(drawing.series):
        look = {"source": source, "color": paint.lines[place % len(paint.lines)], "legend_label": series.name}
        if len(drawing.days) == 1:
            drawn.append(made.scatter("at", f"y{place}", size=8, **look))
        else:
            dash = _DASHES[place % len(_DASHES)]
            drawn.append(made.line("at", f"y{place}", line_width=2, line_dash=dash, muted_alpha=0.15, **look))
    return drawn[0]


def _bars(made: Any, source: Any, drawing: Drawing, paint: Paint) -> Any:  # noqa: ANN401
    """Draw the series on top of each other, one bar a day, told apart by hatching too; return the lowest."""
    names = [f"y{place}" for place in range(len(drawing.series))]
    drawn = made.vbar_stack(
        names,
        x="at",
        width=_BAR_MS,
        source=source,
        fill_color=[paint.lines[place] for place in _STACK[: len(names)]],
        hatch_pattern=[" ", "/", "x"][: len(names)],
        hatch_color=paint.text,
        fill_alpha=1.0,
        line_color=None,
        legend_label=[series.name for series in drawing.series],
    )
    return drawn[0]


def _milliseconds(days: Iterable[str]) -> list[float]:
    return [datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000 for day in days]


def _dress(made: Any, paint: Paint) -> None:  # noqa: ANN401 - Bokeh's models declare their properties at run time
    """Give a figure the theme's colours."""
    from bokeh.models import DatetimeTickFormatter, NumeralTickFormatter

    for axis in made.axis:
        axis.major_label_text_color = axis.axis_label_text_color = paint.text
        axis.axis_line_color = axis.major_tick_line_color = axis.minor_tick_line_color = paint.grid
        axis.major_label_text_font_size = axis.axis_label_text_font_size = "12px"
    made.xaxis.formatter = DatetimeTickFormatter(days="%m-%d", months="%Y-%m", years="%Y", hours="%m-%d %H:%M")
    made.yaxis.formatter = NumeralTickFormatter(format="0,0")
    made.grid.grid_line_color = paint.grid
    made.legend.location, made.legend.orientation = "top_left", "horizontal"
    if any(hasattr(each.glyph, "line_dash") and each.muted_glyph for each in made.renderers):
        made.legend.click_policy = "mute"
    made.legend.label_text_color = paint.text
    made.legend.spacing, made.legend.padding = 18, 0
    made.legend.background_fill_alpha, made.legend.border_line_color = 0.0, None
    made.legend.label_text_font_size = "12px"
    made.add_layout(made.legend[0], "above")
    made.toolbar.logo = None
    made.toolbar.autohide = True

"""Text and lines stand out enough from what is behind them, in both themes, computed as WCAG 2.2 does."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from kiwoom_provider.monitor.figures import PAINTS
from kiwoom_provider.monitor.plots import Theme

CSS = files("kiwoom_provider.monitor").joinpath("static/page.css").read_text()
COLOURS = {
    name: dict(zip(Theme, pair, strict=True))
    for name, *pair in re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", CSS)
}
STATES = ("published", "warned", "released", "quarantined", "missing", "damaged", "due")
PAIRS = [
    *((text, back) for text in ("text", "muted", "link", "buy", "sell") for back in ("page", "panel")),
    *((f"{state}-text", f"{state}-back") for state in STATES),
]


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_gives_what_the_standard_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize(("text", "back"), PAIRS)
def test_text_has_a_contrast_of_at_least_four_and_a_half(text, back, theme):
    assert contrast(COLOURS[text][theme], COLOURS[back][theme]) >= 4.5


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize("back", ["page", "panel"])
def test_the_mark_of_the_focus_stands_out(theme, back):
    assert contrast(COLOURS["focus"][theme], COLOURS[back][theme]) >= 3


@pytest.mark.parametrize("theme", Theme)
def test_the_lines_of_a_plot_stand_out_and_its_text_is_readable(theme):
    page = COLOURS["page"][theme]
    assert all(contrast(line, page) >= 3 for line in PAINTS[theme].lines)
    assert contrast(PAINTS[theme].text, page) >= 4.5


def test_no_colour_stands_outside_the_measured_ones():
    assert re.findall(r"#[0-9a-fA-F]{3,8}", re.sub(r"light-dark\([^)]*\)", "", CSS)) == []

"""The terms of the data as messages: parameter sets and their parts, investors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.locale.messages import Message, message

if TYPE_CHECKING:
    from kiwoom_provider.parameters import ParameterSet

TERMS = (
    message("KOSPI"),
    message("KOSDAQ"),
    message("ALL"),
    message("KRX"),
    message("NXT"),
    message("CONSOLIDATED"),
    message("amount"),
    message("quantity"),
    message("net"),
    message("buy"),
    message("sell"),
    message("KRW million"),
    message("shares"),
    message("individual"),
    message("foreigner"),
    message("institution"),
    message("financial investment"),
    message("insurance"),
    message("investment trust"),
    message("other financial"),
    message("bank"),
    message("pension fund"),
    message("private fund"),
    message("state"),
    message("other corporation"),
    message("all four"),
)
"""What labels and tables are made of; here so that the catalogue has them."""


def label(parameters: ParameterSet) -> Message:
    """Return a parameter set's label; its terms are translated one by one."""
    return Message(id=parameters.label)


def investor(name: str) -> Message:
    """Return an investor's name for people, from the name in the published table."""
    return Message(id=name.replace("_", " "))

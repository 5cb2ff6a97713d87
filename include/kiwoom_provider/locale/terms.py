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

CLOSED_DAYS = (
    message("Saturday"),
    message("Sunday"),
    message("New Year's Day"),
    message("Korean New Year"),
    message("The day preceding Korean New Year"),
    message("The second day of Korean New Year"),
    message("Alternative holiday for Korean New Year"),
    message("Independence Movement Day"),
    message("Alternative holiday for Independence Movement Day"),
    message("National Assembly Election Day"),
    message("Presidential Election Day"),
    message("Local Election Day"),
    message("Buddha's Birthday"),
    message("Alternative holiday for Buddha's Birthday"),
    message("Buddha's Birthday; Children's Day"),
    message("Alternative holiday for Buddha's Birthday; Alternative holiday for Children's Day"),
    message("Workers' Day"),
    message("Labor Day"),
    message("Alternative holiday for Labor Day"),
    message("Children's Day"),
    message("Alternative holiday for Children's Day"),
    message("Memorial Day"),
    message("Constitution Day"),
    message("Alternative holiday for Constitution Day"),
    message("Liberation Day"),
    message("Alternative holiday for Liberation Day"),
    message("Chuseok"),
    message("The day preceding Chuseok"),
    message("The second day of Chuseok"),
    message("Alternative holiday for Chuseok"),
    message("Armed Forces Day"),
    message("National Foundation Day"),
    message("Alternative holiday for National Foundation Day"),
    message("Hangul Day"),
    message("Alternative holiday for Hangul Day"),
    message("Christmas Day"),
    message("Alternative holiday for Christmas Day"),
    message("End of Year Holiday"),
    message("Temporary Public Holiday"),
)
"""Why KRX is closed, as the ``holidays`` package says it in English (release 0.109, XKRX, 2020 to 2027)."""


def label(parameters: ParameterSet) -> Message:
    """Return a parameter set's label; its terms are translated one by one."""
    return Message(id=parameters.label)


def investor(name: str) -> Message:
    """Return an investor's name for people, from the name in the published table."""
    return Message(id=name.replace("_", " "))

"""Every rule of the audit, in the order in which the report shows them."""

from __future__ import annotations

from kiwoom_provider.quality.rules import columns, flows, market, session, sweep, universe

RULES = (*session.RULES, *sweep.RULES, *columns.RULES, *flows.RULES, *market.RULES, *universe.RULES)

"""Why a range of sessions cannot be rebuilt."""

from __future__ import annotations

from kiwoom_provider.errors import KiwoomProviderError


class HistoryError(KiwoomProviderError):
    """What was asked for cannot be rebuilt; the message says what can. Raised before the first call."""

    is_final = True
    remedy = "correct what the message names and trigger again"

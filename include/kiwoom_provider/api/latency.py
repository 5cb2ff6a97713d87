"""What the way to the server and back takes at the least, learned from answers."""

from __future__ import annotations

from dataclasses import dataclass

TRUSTED_AFTER = 8  # answers; the first ones include connecting, and any of them may have been delayed
FORGETS_MS = 0.02  # a call, so that a way which has become longer is taken for granted in time


@dataclass(frozen=True, slots=True)
class Latency:
    """
    The quickest answer known.

    :param quickest_ms: from sending to the answer's head.
    :param answers: how many it was learned from.
    """

    quickest_ms: float = 0.0
    answers: int = 0

    def late_ms(self, answered_in_ms: float) -> float:
        """Return how much of that time may have been spent on the way there, beyond the usual."""
        usual_ms = self.quickest_ms if self.answers >= TRUSTED_AFTER else 0.0
        return max(0.0, answered_in_ms - usual_ms)

    def after(self, answered_in_ms: float) -> Latency:
        """Return what is known after one more answer."""
        if not self.answers:
            return Latency(answered_in_ms, 1)
        return Latency(min(self.quickest_ms + FORGETS_MS, answered_in_ms), self.answers + 1)

"""An archived night that is proved by the dated rows and the sessions before, as by default."""

from __future__ import annotations

from dataclasses import dataclass

from kiwoom_provider.proof.session_proof import ProofSetting
from lab.archive.night import ArchivedNight


@dataclass(frozen=True)
class DatedNight(ArchivedNight):
    """A night that asks for dated rows whatever was published before."""

    @property
    def proof(self) -> ProofSetting:
        """Both ways."""
        return ProofSetting.BOTH

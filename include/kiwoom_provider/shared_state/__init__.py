"""What all processes that use one app key share: the token and the rate. In files of one machine, or in Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiwoom_provider.settings import Settings
    from kiwoom_provider.shared_state.base import SharedState


def open_shared_state(settings: Settings) -> SharedState:
    """
    Return Redis when the settings name one, else the files of this machine.

    :raises StateError: when the package for Redis is not installed.
    """
    if settings.redis_url:
        from kiwoom_provider.shared_state.redis import RedisState

        return RedisState(settings.redis_url, settings.state_dir, settings.account_id)
    from kiwoom_provider.shared_state.files import FileState

    return FileState(settings.state_dir, settings.account_id)

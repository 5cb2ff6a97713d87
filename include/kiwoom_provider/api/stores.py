"""Where token and budget are shared: Redis when the settings name one, else files of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.api.token_vault import TokenVault, token_name

if TYPE_CHECKING:
    from kiwoom_provider.api.budget import Ledger
    from kiwoom_provider.api.token_vault import Place
    from kiwoom_provider.settings import Settings


def opened(settings: Settings) -> tuple[Ledger, TokenVault]:
    """
    Return the budget's ledger and the token's vault; closing the ledger closes both.

    :raises StateError: when the package for a shared store is not installed.
    """
    account, name = settings.account_id, token_name(settings.account_id, settings.secret_key)
    ledger: Ledger
    place: Place
    if settings.budget_url:
        from kiwoom_provider.api.redis_ledger import RedisLedger
        from kiwoom_provider.api.redis_store import RedisStore
        from kiwoom_provider.api.token_redis import TokenInRedis

        store = RedisStore(settings.budget_url)
        ledger, place = RedisLedger(store, settings.state_dir, account), TokenInRedis(store, name)
    else:
        from kiwoom_provider.api.file_ledger import FileLedger
        from kiwoom_provider.api.token_file import TokenFile

        ledger, place = FileLedger(settings.state_dir, account), TokenFile(settings.state_dir / name)
    return ledger, TokenVault(place, account, settings.secret_key)

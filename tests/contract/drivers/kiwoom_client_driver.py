"""Logs in, pages one set and revokes, with PyPI's kiwoom-client; its base URL is an argument of its own."""

from __future__ import annotations

import json
import sys

from kiwoom_client.auth import KiwoomAuth
from kiwoom_client.base import BaseClient

url, mrkt_tp, stex_tp = sys.argv[1:]
KEYS = ("simulator-app-key", "simulator-secret-key")

with KiwoomAuth(*KEYS, base_url=url) as auth:
    client = BaseClient(*KEYS, base_url=url, rate_limit=None, retry_backoff=0.05, token_provider=auth)
    body = {"mrkt_tp": mrkt_tp, "amt_qty_tp": "1", "trde_tp": "0", "stex_tp": stex_tp}
    rows = client.request_all("/api/dostk/mrkcond", "ka10066", body, data_key="opaf_invsr_trde")
    revoked = auth.revoke_token(auth.get_valid_token())["return_code"]
    client.close()
sys.stdout.write(json.dumps({"rows": rows, "revoked": revoked}))

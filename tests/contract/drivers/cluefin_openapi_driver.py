"""Logs in, pages one set and revokes, with PyPI's cluefin-openapi; only its two base URLs are set."""

from __future__ import annotations

import json
import sys
import tempfile

from cluefin_openapi.kiwoom._auth import Auth
from cluefin_openapi.kiwoom._client import Client
from pydantic import SecretStr

url, mrkt_tp, stex_tp = sys.argv[1:]

with tempfile.TemporaryDirectory() as cache:
    auth = Auth("simulator-app-key", SecretStr("simulator-secret-key"), env="prod", cache_dir=cache)
    auth.url = url
    token = auth.generate_token().get_token()
    client = Client(token, env="prod", rate_limit_requests_per_second=1000)
    client.url = url
    rows, cont_yn, key = [], "N", ""
    while True:
        page = client.market_conditions.get_after_market_trading_by_investor(
            mrkt_tp, "1", "0", stex_tp, cont_yn=cont_yn, next_key=key
        )
        rows += [row.model_dump() for row in page.body.opaf_invsr_trde]
        cont_yn, key = page.headers.cont_yn, page.headers.next_key
        if cont_yn != "Y":
            break
    revoked = 0 if auth.revoke_token(token) else 1
    client.close()
sys.stdout.write(json.dumps({"rows": rows, "revoked": revoked}))

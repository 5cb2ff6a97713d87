"""Logs in and pages one set with PyPI's kiwoom-rest-api, set up by its own environment variables."""

from __future__ import annotations

import json
import os
import sys

url, mrkt_tp, stex_tp = sys.argv[1:]
os.environ["KIWOOM_DEFAULT_BASE_URL"] = url
os.environ["KIWOOM_API_KEY"] = "simulator-app-key"
os.environ["KIWOOM_API_SECRET"] = "simulator-secret-key"

from kiwoom_rest_api.auth.token import TokenManager  # noqa: E402
from kiwoom_rest_api.koreanstock.market_condition import MarketCondition  # noqa: E402

api = MarketCondition(base_url=url, token_manager=TokenManager())
rows, cont_yn, key = [], "N", ""
while True:
    page = api.post_market_investor_trading_request_ka10066(mrkt_tp, "1", "0", stex_tp, cont_yn, key)
    rows += page["opaf_invsr_trde"]
    cont_yn, key = page["cont-yn"], page["next-key"]
    if cont_yn != "Y":
        break
sys.stdout.write(json.dumps({"rows": rows, "revoked": None}))

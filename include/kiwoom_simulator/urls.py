"""Which path serves which api-id."""

from __future__ import annotations

from kiwoom_simulator import ka10059, ka10066, oauth

ROUTES = {
    "/oauth2/token": oauth.ISSUE,
    "/oauth2/revoke": oauth.REVOKE,
    "/api/dostk/mrkcond": ka10066.API_ID,
    "/api/dostk/stkinfo": ka10059.API_ID,
}

OAUTH = (oauth.ISSUE, oauth.REVOKE)
DATA = (ka10066.API_ID, ka10059.API_ID)

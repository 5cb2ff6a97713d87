"""The simulator itself: a request in, an answer out. It knows no sockets."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kiwoom_simulator import ka10051, ka10059, ka10066, ka10099, year
from kiwoom_simulator.answers import SUCCESS, Answer, encode, failure, good, html
from kiwoom_simulator.clock import SimulatedClock
from kiwoom_simulator.errors import TOO_MANY, ApiError, over_the_limit
from kiwoom_simulator.faults import Asked, Stage, Switches
from kiwoom_simulator.faults.instead import MAINTENANCE, CallContext
from kiwoom_simulator.faults.paging import PagingState
from kiwoom_simulator.faults.scenarios import scenario
from kiwoom_simulator.limits import Limiter
from kiwoom_simulator.market import World
from kiwoom_simulator.options import HostKind
from kiwoom_simulator.paging import Keys
from kiwoom_simulator.parameters import Market, Venue
from kiwoom_simulator.request_log import LogEntry, RequestLog
from kiwoom_simulator.sessions import Sessions
from kiwoom_simulator.settlement import Settlement
from kiwoom_simulator.tables import Source
from kiwoom_simulator.tokens import ISSUE, REVOKE, Tokens, app_key_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from kiwoom_simulator.faults import Struck
    from kiwoom_simulator.options import Options
    from kiwoom_simulator.parameters import Query
    from kiwoom_simulator.request import Request
    from kiwoom_simulator.settlement import Moment
    from kiwoom_simulator.tables import Table
    from kiwoom_simulator.tokens import Token

OAUTH_PATHS = {"/oauth2/token": ISSUE, "/oauth2/revoke": REVOKE}
DATA = {module.API_ID: module for module in (ka10066, ka10059, ka10099, ka10051)}
PATHS = {*OAUTH_PATHS, *(module.PATH for module in DATA.values())}

UNKNOWN = "unknown"
"""Stands in the log for an api-id that is not served."""

_KEPT_PAGES = 1_500
_KEY_RULES = {"token": "token", "pause": "60"}


class Simulator:
    """All state of one simulated API. What changes while it runs is changed by :class:`~.control.Control`."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.assume = options.assumed
        self.clock = SimulatedClock(options.now, options.speed)
        sizes = tuple(sorted(options.stocks.items()))
        given = options.universe
        sessions = replace(given.sessions if given else Sessions(), closed_days=options.closed_days)
        self.world = World(options.seed, sizes, sessions, options.event, self.assume, given)
        self.settlement: Settlement = options.settle_at
        self.rates = options.rates
        self.latency_s = options.latency_ms / 1000
        self.tokens = Tokens(options.app_key, options.secret_key, options.token_life_s, options.reissued)
        self.switches = Switches(options.fault)
        self.log = RequestLog()
        self.answered = 0
        self._limiter = Limiter()
        self._keys = Keys()
        self._pages: OrderedDict[Hashable, bytes] = OrderedDict()
        for name in options.scenario:
            self.play(name)

    def play(self, name: str) -> None:
        """
        Switch a scenario on.

        :raises ValueError: when there is none of that name.
        """
        chosen = scenario(name)
        for fault in chosen.parse():
            self.switches.add(fault)
        if chosen.settlement:
            self.settle(Settlement.parse(chosen.settlement))

    def settle(self, settlement: Settlement) -> None:
        """Set when investor fields settle; answers are counted from here on."""
        self.settlement = settlement
        self.answered = 0

    def moment(self, api_id: str, venue: Venue, market: Market = Market.ALL) -> Moment:
        """Return what is live and what is settled now, for an api-id on a venue, of a market."""
        now, sessions = self.clock.now(), self.world.sessions
        found = self.settlement.moment(sessions, now, api_id, venue, market, calls=self.answered)
        return replace(found, live=ka10099.day_of(self.world, now)) if api_id == ka10099.API_ID else found

    def _source(self, api_id: str, query: Query) -> Source:
        """Return what is asked for, at the moment of the market that it is of."""
        is_stock = api_id == ka10059.API_ID
        found = self.world.market_of(query.stock, self.world.sessions.live(self.clock.now())) if is_stock else None
        return Source(query, self.moment(api_id, query.venue, found or query.market))

    def answer(self, request: Request, arrived_s: float) -> Answer:
        """Answer a call that arrived at ``arrived_s`` of the machine's monotonic clock, and log it."""
        asked, table = self._read_call(request)
        struck = self.switches.meet(asked)
        entry = LogEntry(arrived_s, self.clock.now().isoformat(), asked.api_id, str(asked), asked.page)
        try:
            answer, entry = self._serve(request, asked, table, struck, entry)
        except ApiError as error:
            answer = failure(asked.api_id.replace(UNKNOWN, ""), error)
        answer = struck.apply(Stage.WIRE, answer)
        kinds = tuple(struck.kinds)
        self.log.add(replace(entry, status=answer.status, return_code=answer.return_code, faults=kinds))
        return answer

    def _read_call(self, request: Request) -> tuple[Asked, Table | None]:
        """Read as much of a call as can be read, for faults and log."""
        if request.path in OAUTH_PATHS:
            return Asked(OAUTH_PATHS[request.path]), None
        api_id = request.header("api-id")
        if api_id not in DATA or request.path not in PATHS:
            return Asked(UNKNOWN), None
        try:
            page, query = self._keys.page(request), DATA[api_id].read(request.body)
            if api_id != ka10066.API_ID:
                return Asked(api_id, query, page, int(api_id != ka10059.API_ID)), None
            table = ka10066.table(self.world, self._source(api_id, query))
        except ApiError:
            return Asked(api_id), None
        return Asked(api_id, query, page, table.pages), table

    def _serve(
        self, request: Request, asked: Asked, table: Table | None, struck: Struck, entry: LogEntry
    ) -> tuple[Answer, LogEntry]:
        if request.refused_agent:
            return html(400, "400 Bad Request"), entry
        if request.path not in PATHS or request.method != "POST":
            return html(404 if request.path not in PATHS else 405, "Not here"), entry
        if answer := self._instead(request, asked, struck, entry.arrived_s):
            return answer, entry
        token = None if request.path in OAUTH_PATHS else self._authorize(request)
        app_key = token.app_key if token else app_key_of(request.body)
        if refusal := self._refusal(app_key, asked.api_id, entry.arrived_s):
            return failure(asked.api_id, refusal), replace(entry, outcome="refused")
        if not token:
            answer, rows = self.tokens.answer(asked.api_id, request.body, self.clock.now()), 0
        else:
            key_of = self._keys.maker(request, token.text, entry.arrived_s)
            answer, rows = self._page(request, asked, table, struck, key_of)
        return answer, replace(entry, outcome="served", rows=rows)

    def _instead(self, request: Request, asked: Asked, struck: Struck, arrived_s: float) -> Answer | None:
        def key_refused(rule: str) -> bool:
            return request.continues and self._keys.is_refused(rule, request, request.token(), arrived_s)

        now = self.clock.now()
        if not self.clock.is_real and year.hosts_are_down(now):
            return html(200, MAINTENANCE)
        context = CallContext(asked.api_id, self.rates.quota(asked.api_id), now, key_refused)
        nothing: Answer | None = None
        answer = struck.apply(Stage.INSTEAD, nothing, context)
        if "dead-tokens" in struck.kinds:
            self.tokens.end_all()
        rule = _KEY_RULES.get(self.assume.next_key)
        if not answer and rule and key_refused(rule):
            raise ApiError(1517, ", next-key")
        return answer

    def _authorize(self, request: Request) -> Token:
        """
        Return the live token of a data call.

        :raises ApiError: 1501, 1505, 1504, 1512, 1513, 1514, 8031 or 8005.
        """
        api_id = request.header("api-id")
        if not api_id:
            raise ApiError(1501)
        if api_id not in DATA:
            raise ApiError(1505, f", API ID={api_id[:20]}")
        if request.path != DATA[api_id].PATH:
            raise ApiError(1504, f", API ID={api_id}")
        if "json" not in request.header("content-type").lower():
            raise ApiError(1512, ", Content-Type")
        return self.tokens.find(request.token(), self.clock.now())

    def _page(
        self,
        request: Request,
        asked: Asked,
        table: Table | None,
        struck: Struck,
        key_of: Any,  # noqa: ANN401
    ) -> tuple[Answer, int]:
        api_id, page = asked.api_id, self._keys.page(request)
        module, query = DATA[api_id], asked.query or DATA[api_id].read(request.body)
        if self.options.kind is HostKind.MOCK and query.venue is not Venue.KRX and self.assume.mock_venues == "krx":
            raise ApiError(8104)
        plain = self._source(api_id, query)
        source = struck.apply(Stage.SOURCE, plain, self.clock.now())
        if source != plain or not table:
            table = module.table(self.world, source)
        paging = PagingState(page, request.next_key, key_of)
        if struck.any(Stage.ROWS, Stage.ENVELOPE) or api_id != ka10066.API_ID:
            body, count, more = self._assemble(module.ELEMENT, table, page, struck)
        else:
            body, count = self._keep_page((self.world, source, page), module.ELEMENT, table, page)
            more = table.more(page)
        self.answered += api_id == ka10066.API_ID
        if more:
            paging = replace(paging, cont_yn="Y", next_key=key_of(page + 1))
        paging = struck.apply(Stage.PAGING, paging)
        return good(api_id, body, paging.cont_yn, paging.next_key), count

    def _assemble(self, element: str, table: Table, page: int, struck: Struck) -> tuple[bytes, int, bool]:
        rows = struck.apply(Stage.ROWS, table.rows(page), table.rows(page - 1) if page > 1 else [])
        payload = self._payload(element, rows)
        if not table.has_list:
            del payload[element]
        payload = struck.apply(Stage.ENVELOPE, payload, element)
        return encode(payload), len(rows), table.more(page) and "empty-list" not in struck.kinds

    def _keep_page(self, key: Hashable, element: str, table: Table, page: int) -> tuple[bytes, int]:
        """Return a page as bytes, kept for the next time."""
        if key not in self._pages:
            self._pages[key] = encode(self._payload(element, table.rows(page)))
        self._pages.move_to_end(key)
        while len(self._pages) > _KEPT_PAGES:
            self._pages.popitem(last=False)
        return self._pages[key], table.size(page)

    def _payload(self, element: str, rows: list[dict[str, str]]) -> dict[str, Any]:
        return {element: rows, "return_code": "0" if self.assume.return_code == "text" else 0, "return_msg": SUCCESS}

    def _refusal(self, app_key: str, api_id: str, arrived_s: float) -> ApiError | None:
        quota = self.rates.quota(api_id)
        if self._limiter.admits(app_key, api_id, quota, arrived_s):
            return None
        status = 200 if self.assume.limit_status == "200" else TOO_MANY
        named = self.assume.limit_text == "named"
        return over_the_limit(quota, api_id, status=status) if named else ApiError(1700, status=status)

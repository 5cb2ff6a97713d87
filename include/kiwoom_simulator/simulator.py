"""The simulator itself: a request in, an answer out. It knows no sockets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kiwoom_simulator import ka10059, ka10066, oauth, screening
from kiwoom_simulator.clock import SimulatedClock
from kiwoom_simulator.errors import ApiError, over_the_limit
from kiwoom_simulator.faults.instead import instead
from kiwoom_simulator.faults.kinds import Stage
from kiwoom_simulator.faults.ledger import Asked, Ledger, Struck
from kiwoom_simulator.faults.scenarios import scenario
from kiwoom_simulator.faults.wire import bent
from kiwoom_simulator.limits import Limiter
from kiwoom_simulator.market import World
from kiwoom_simulator.paging import KeyBook, sent_key
from kiwoom_simulator.request_log import LogEntry, RequestLog
from kiwoom_simulator.responses import failure, html
from kiwoom_simulator.sessions import Sessions
from kiwoom_simulator.settlement import Settlement
from kiwoom_simulator.sweep import PageAsked, Sweeps
from kiwoom_simulator.tokens import TokenDesk
from kiwoom_simulator.urls import DATA, OAUTH, ROUTES

if TYPE_CHECKING:
    from kiwoom_simulator.models import Answer, Request
    from kiwoom_simulator.options import Options
    from kiwoom_simulator.settlement import Moment
    from kiwoom_simulator.words import Venue

UNKNOWN = "unknown"
"""Stands in the log for an api-id that is not served."""


class Simulator:
    """All state of one simulated API. What changes while it runs is changed by :class:`~.control.Control`."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = SimulatedClock(options.now, options.speed)
        self.world = World(options.seed, tuple(sorted(options.stocks.items())), Sessions(options.closed_days))
        self.settlement: Settlement = options.settle_at
        self.rates = options.rates
        self.latency_s = options.latency_ms / 1000
        self.desk = TokenDesk(options.token_life_s, options.reissue)
        self.ledger = Ledger(options.fault)
        self.log = RequestLog()
        self.answered = 0
        self._limiter = Limiter()
        self._keys = KeyBook()
        self._sweeps = Sweeps(options.formats, options.assume)
        for name in options.scenario:
            self.play(name)

    def play(self, name: str) -> None:
        """
        Switch a scenario on.

        :raises ValueError: when there is none of that name.
        """
        chosen = scenario(name)
        for fault in chosen.parsed():
            self.ledger.add(fault)
        if chosen.settlement:
            self.settle(Settlement.parse(chosen.settlement))

    def settle(self, settlement: Settlement) -> None:
        """Set when investor fields settle; answers are counted from here on."""
        self.settlement = settlement
        self.answered = 0

    def answer(self, request: Request, arrived_s: float) -> Answer:
        """Answer a call that arrived at ``arrived_s`` of the machine's monotonic clock, and log it."""
        asked = self._asked(request)
        struck = self.ledger.strike(asked)
        entry = LogEntry(arrived_s, self.clock.now().isoformat(), asked.api_id, str(asked), asked.page)
        try:
            answer, entry = self._served(request, asked, struck, entry)
        except ApiError as error:
            answer = failure(asked.api_id.replace(UNKNOWN, ""), error)
        for fault in struck.at(Stage.WIRE):
            answer = bent(fault, answer)
        kinds = tuple(fault.kind for fault in struck.faults)
        self.log.add(replace(entry, status=answer.status, return_code=answer.return_code, faults=kinds))
        return answer

    def moment(self, api_id: str, venue: Venue) -> Moment:
        """Return what is live and what is settled now, for an api-id on a venue."""
        return self.settlement.moment(self.world.sessions, self.clock.now(), api_id, venue, self.answered)

    def _asked(self, request: Request) -> Asked:
        """Read as much of a call as can be read, for faults and log."""
        api_id = ROUTES.get(request.path, "")
        if api_id in OAUTH or not api_id:
            return Asked(api_id or UNKNOWN)
        api_id = request.header("api-id") if request.header("api-id") in DATA else UNKNOWN
        try:
            page = self._keys.page(request)
            if api_id == ka10059.API_ID:
                return Asked(api_id, stock=ka10059.read(request.body).code, page=page)
            selection = ka10066.read(request.body)
        except ApiError:
            return Asked(api_id)
        moment = self.moment(api_id, selection.venue)
        truth = ka10066.truth(self.world, selection, moment)
        return Asked(api_id, selection, page=page, pages=ka10066.page_count(truth))

    def _served(self, request: Request, asked: Asked, struck: Struck, entry: LogEntry) -> tuple[Answer, LogEntry]:
        if screening.refused_agent(request):
            return html(400, "400 Bad Request"), entry
        if request.path not in ROUTES or request.method != "POST":
            return html(404 if request.path not in ROUTES else 405, "Not here"), entry
        for fault in struck.at(Stage.INSTEAD):
            if fault.kind == "dead-tokens":
                self.desk.end_all()
            if answer := instead(fault, asked.api_id, self.rates.quota(asked.api_id)):
                return answer, entry
        if ROUTES[request.path] in OAUTH:
            return self._oauth(request, entry, arrived_s=entry.arrived_s)
        return self._data(request, struck, entry)

    def _oauth(self, request: Request, entry: LogEntry, arrived_s: float) -> tuple[Answer, LogEntry]:
        api_id = ROUTES[request.path]
        if refusal := self._refusal(oauth.app_key_of(request.body), api_id, arrived_s):
            return failure(api_id, refusal), replace(entry, outcome="refused")
        if api_id == oauth.ISSUE:
            answer = oauth.issue(request.body, self.options, self.desk, self.clock.now())
        else:
            answer = oauth.revoke(request.body, self.options, self.desk)
        return answer, replace(entry, outcome="served")

    def _data(self, request: Request, struck: Struck, entry: LogEntry) -> tuple[Answer, LogEntry]:
        api_id = screening.api_id(request)
        token = screening.token(request, self.desk, self.clock.now())
        if refusal := self._refusal(token.app_key, api_id, entry.arrived_s):
            return failure(api_id, refusal), replace(entry, outcome="refused")
        for fault in struck.of("key-refused"):
            self._keys.refuse(fault.value, request, token.text, entry.arrived_s)
        page = self._keys.page(request)
        asked = PageAsked(page, sent_key(request), self._keys.maker(request, token.text, entry.arrived_s), struck)
        if api_id == ka10066.API_ID:
            answer, rows = self._ka10066(request, asked)
        else:
            query = ka10059.read(request.body, self.options.kind)
            answer, rows = self._sweeps.ka10059(self.world, query, asked, self.moment(api_id, query.venue))
        return answer, replace(entry, outcome="served", rows=rows)

    def _ka10066(self, request: Request, asked: PageAsked) -> tuple[Answer, int]:
        selection = ka10066.read(request.body, self.options.kind)
        moment = self.moment(ka10066.API_ID, selection.venue)
        answer = self._sweeps.ka10066(self.world, selection, asked, moment)
        self.answered += 1
        return answer

    def _refusal(self, app_key: str, api_id: str, arrived_s: float) -> ApiError | None:
        quota = self.rates.quota(api_id)
        admitted = self._limiter.admits(app_key, api_id, quota, arrived_s)
        return None if admitted else over_the_limit(quota, api_id)

"""Pages from templates: language, links, nonce and headers. Every value is escaped."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import jinja2
from fastapi.responses import HTMLResponse

from kiwoom_provider.locale import Language, investor, translate, translator
from kiwoom_provider.monitor import formats
from kiwoom_provider.monitor.state import MARKS, MODES, NAMES, State
from kiwoom_provider.monitor.static_files import urls
from kiwoom_provider.quality.report_page import OUTCOMES, STATUSES, VERDICTS

if TYPE_CHECKING:
    from fastapi import Request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{nonce}; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)


def language_of(request: Request) -> Language:
    """Return the language asked for by ``?lang=``, else the one of ours that the browser likes best."""
    asked = request.query_params.get("lang")
    if asked in set(Language):
        return Language(asked)
    liked = request.headers.get("accept-language", "").lower().split(",")
    weighed = sorted((-_weight(entry), place, entry.strip()[:2]) for place, entry in enumerate(liked))
    return next((Language(name) for _, _, name in weighed if name in set(Language)), Language.ENGLISH)


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page of ``template``; styles that the plots make are let through by a nonce of this answer."""
    nonce, language = secrets.token_urlsafe(16), language_of(request)
    own = {
        "_": translator(language),
        "nonce": nonce,
        "language": language,
        "State": State,
        "names": NAMES,
        "marks": MARKS,
        "modes": MODES,
        "verdicts": VERDICTS,
        "outcomes": OUTCOMES,
        "statuses": STATUSES,
        "link": Links(request),
        "investor": lambda name: translate(investor(name), language),
        "signed": lambda value, unit: formats.signed_amount(value, unit, language),
        "duration": lambda span: formats.duration(span, language),
        "seconds": lambda count: formats.duration(timedelta(seconds=count), language),
        "size": formats.size,
        "kst": formats.kst,
    }
    text = _environment().get_template(template).render(own | context)
    return HTMLResponse(text, status, {"Content-Security-Policy": POLICY.format(nonce=f" 'nonce-{nonce}'")})


class Links:
    """Relative links, so that they hold under any prefix; a chosen language is carried along."""

    def __init__(self, request: Request) -> None:
        inside = request.url.path.removeprefix(request.scope.get("root_path", ""))
        self.up = "../" * (inside.count("/") - 1) or "./"
        self.airflow = f"{self.up}../"
        self.assets = urls(self.up)
        self._asked = dict(request.query_params)
        self._lang = {"lang": self._asked["lang"]} if self._asked.get("lang") in set(Language) else {}

    def __call__(self, path: str = "", **query: object) -> str:
        """Return a link to a page of ours; ``path`` is below the overview."""
        return f"{self.up}{path}{_query(self._lang | query)}"

    def here(self, **query: object) -> str:
        """Return a link to this very page with some of its query changed."""
        return _query(self._asked | query) or "?"


def _query(values: dict[str, Any]) -> str:
    from urllib.parse import urlencode

    given = {name: value for name, value in values.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def _weight(entry: str) -> float:
    _, _, weight = entry.partition(";q=")
    try:
        return float(weight or 1)
    except ValueError:
        return 0.0


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("kiwoom_provider.monitor"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = formats.figure
    return environment

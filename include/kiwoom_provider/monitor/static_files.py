"""The page's scripts and style: our own, and the plotting package's from where it is installed. No other file."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from fastapi import HTTPException, Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACES = {
    "page.css": ("kiwoom_provider.monitor", "static/page.css", "text/css"),
    "page.js": ("kiwoom_provider.monitor", "static/page.js", "text/javascript"),
    "bokeh.min.js": ("bokeh", "server/static/js/bokeh.min.js", "text/javascript"),
}
_KEPT = "private, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is served; ``version`` changes with its bytes."""

    content: bytes
    zipped: bytes
    kind: str
    version: str


@cache
def read_file(name: str) -> StaticFile:
    """
    Return a file that may be served.

    :raises KeyError: for any other name.
    """
    package, path, kind = _PLACES[name]
    content = files(package).joinpath(path).read_bytes()
    version = hashlib.sha256(content).hexdigest()[:12]
    return StaticFile(content, gzip.compress(content, 6), f"{kind}; charset=utf-8", version)


def urls(up: str) -> Mapping[str, str]:
    """Return the link to every file, relative by ``up``; it changes with the file, so it may be kept for good."""
    return {name: f"{up}static/{name}?v={read_file(name).version}" for name in _PLACES}


async def static(request: Request) -> Response:
    """
    Serve one of them.

    :raises HTTPException: 404 for any other name.
    """
    name = request.path_params["name"]
    if name not in _PLACES:
        raise HTTPException(404)
    found = read_file(name)
    headers = {"Cache-Control": _KEPT, "ETag": f'"{found.version}"', "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.zipped, headers=headers | {"Content-Encoding": "gzip"}, media_type=found.kind)
    return Response(found.content, headers=headers, media_type=found.kind)

"""Sending answers out, whole or in the ways that faults ask for."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING

from aiohttp import web

from kiwoom_simulator.models import Delivery
from kiwoom_simulator.options import HeaderCase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_simulator.models import Answer

_HANG_S = 3600.0
_DRIPS = 20
_CASES = {HeaderCase.LOWER: str.lower, HeaderCase.TITLE: str.title, HeaderCase.UPPER: str.upper}


async def deliver(request: web.Request, answer: Answer, case: HeaderCase) -> web.StreamResponse:
    """Send ``answer``."""
    headers = {_CASES[case](name): value for name, value in answer.headers.items()}
    if answer.delivery is Delivery.DRIP:
        return await _drip(request, answer, headers)
    if answer.wait_s:
        await asyncio.sleep(answer.wait_s)
    if answer.delivery is Delivery.HANG:
        await asyncio.sleep(_HANG_S)
    if answer.delivery is Delivery.RESET:
        _reset(request)
    if answer.delivery is Delivery.HALF:
        return await _half(request, answer, headers)
    return web.Response(status=answer.status, headers=headers, body=answer.body)


async def _begun(request: web.Request, answer: Answer, headers: Mapping[str, str]) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=headers)
    response.content_length = len(answer.body)
    await response.prepare(request)
    return response


async def _drip(request: web.Request, answer: Answer, headers: Mapping[str, str]) -> web.StreamResponse:
    response = await _begun(request, answer, headers)
    size = -(-len(answer.body) // _DRIPS)
    for start in range(0, len(answer.body), size):
        await asyncio.sleep(answer.wait_s / _DRIPS)
        await response.write(answer.body[start : start + size])
    return response


async def _half(request: web.Request, answer: Answer, headers: Mapping[str, str]) -> web.StreamResponse:
    response = await _begun(request, answer, headers)
    await response.write(answer.body[: len(answer.body) // 2])
    if request.transport:
        request.transport.close()
    return response


def _reset(request: web.Request) -> None:
    if request.transport:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close by RST
        request.transport.abort()

"""``POST /write``: readings as line protocol, kept on the disk before the answer."""

from __future__ import annotations

import asyncio
import hmac

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from ecorad.ledger.spool import SpoolFailedError, SpoolFullError
from ecorad.service.desk import Desk

FEED = "http"
MAX_BODY_BYTES = 4 << 20
_BODY_S = 30.0
_PRECISIONS = frozenset({"ns", "us", "ms", "s"})


class BodyError(Exception):
    """The body is too long, too slow or packed; ``status`` is that of the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def read_body(request: Request, limit: int) -> bytes:
    """The body of a request, never more than ``limit`` bytes of it.

    Raises
    ------
    BodyError
        413 too long, 408 too slow, 415 packed, 400 gone.
    """
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > limit:
        raise BodyError(413 if declared.isdecimal() else 400)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise BodyError(415)  # what is packed may unpack to anything
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_S):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise BodyError(413)
                parts.append(part)
    except TimeoutError:
        raise BodyError(408) from None
    except ClientDisconnect:
        raise BodyError(400) from None
    return b"".join(parts)


class Readings:
    """Takes readings.

    Parameters
    ----------
    desk : Desk
        Keeps them.
    token : str, optional
        What the sender must show as bearer token; nothing unless given.
    """

    def __init__(self, desk: Desk, token: str | None = None) -> None:
        self._desk = desk
        self._token = token

    async def write(self, request: Request) -> Response:
        """Keep one body of lines."""
        if not self._may(request):
            return PlainTextResponse("", 401)
        precision = request.query_params.get("precision", "ns")
        if precision not in _PRECISIONS:
            return PlainTextResponse("precision must be ns, us, ms or s\n", 400)
        try:
            body = await read_body(request, MAX_BODY_BYTES)
        except BodyError as error:
            return PlainTextResponse("", error.status, headers={"connection": "close"})
        return await self._kept(body, precision) if body.strip() else PlainTextResponse("no lines\n", 400)

    async def _kept(self, body: bytes, precision: str) -> Response:
        try:
            await self._desk.keep("meter", body, {"kind": "meter", "feed": FEED, "precision": precision})
        except SpoolFullError:
            return PlainTextResponse("no room; try again later\n", 507, headers={"retry-after": "60"})
        except SpoolFailedError:
            return PlainTextResponse("", 503)
        return Response(status_code=204)

    def _may(self, request: Request) -> bool:
        if self._token is None:
            return True
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        good = hmac.compare_digest(shown.strip().encode(), self._token.encode())
        return good and scheme.lower() in {"bearer", "token"}

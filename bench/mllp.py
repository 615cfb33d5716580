"""Durable HL7 messages per second. Aim: 2,000 a second.

A sender waits for its answer, and an answer waits for the disk: so many messages a sync as there are connections. The
disk's own syncs a second are measured beside it.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from itertools import count
from pathlib import Path

from ecorad.service.desk import Desk
from ecorad.service.mllp import END, START, MllpListener

from .harness import Timing, timed

MESSAGES = 8_000
SYNCS = 500
_numbers = count()


def measure() -> list[Timing]:
    """Each sender waits for its acknowledgement before the next message."""
    anchor = timed(f"{SYNCS:,} writes, each with its own fdatasync", _syncs, repeats=3)
    found = [
        timed(
            f"{MESSAGES:,} messages, {connections} connections", lambda n=connections: asyncio.run(_run(n)), repeats=3
        )
        for connections in (64, 16)
    ]
    rates = ", ".join(f"{MESSAGES / one.median_s:,.0f}" for one in found)
    print(f"{SYNCS / anchor.median_s:,.0f} syncs/s; {rates} messages/s over 64 and 16 connections")
    return [anchor, *found]


def _syncs() -> None:
    with tempfile.NamedTemporaryFile(prefix="ecorad-bench-", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(bytes(500))
            os.fdatasync(file.fileno())


async def _run(connections: int) -> None:
    with tempfile.TemporaryDirectory(prefix="ecorad-bench-") as name:
        desk = Desk(Path(name), reserve_bytes=0)
        async with await MllpListener(desk).listen("127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            await asyncio.gather(*(_sender(port, MESSAGES // connections) for _ in range(connections)))
        desk.close()


async def _sender(port: int, messages: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(messages):
        message = b"MSH|^~\\&|RIS|H|E|E|20260301||ORM^O01|%d|P|2.3\rPID|1\rORC|NW\rOBR|1\r" % next(_numbers)
        writer.write(START + message + b"NTE|" + b"x" * 400 + b"\r" + END)
        await reader.readuntil(END)
    writer.close()

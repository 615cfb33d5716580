"""Durable HL7 messages per second. Aim: 2,000 a second over several connections."""

from __future__ import annotations

import asyncio
import tempfile
from itertools import count
from pathlib import Path

from ecorad.service.desk import Desk
from ecorad.service.mllp import END, START, MllpListener

from .harness import Timing, timed

MESSAGES, CONNECTIONS = 8_000, 16
_numbers = count()


def measure() -> list[Timing]:
    """Each sender waits for its acknowledgement before the next message."""
    return [
        timed(
            f"{MESSAGES:,} messages over {CONNECTIONS} connections", lambda: asyncio.run(_run(CONNECTIONS)), repeats=3
        ),
        timed(f"{MESSAGES:,} messages over one connection", lambda: asyncio.run(_run(1)), repeats=3),
    ]


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

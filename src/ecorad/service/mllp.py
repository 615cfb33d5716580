"""HL7 v2 over MLLP: each message is kept whole, on the disk, and only then acknowledged; its meaning comes later."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
from collections import Counter, OrderedDict
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ecorad.ledger.spool import SpoolFailedError, SpoolFullError

from .desk import Desk
from .gate import Gate

FEED = "hl7"
START, END = b"\x0b", b"\x1c\r"
MAX_FRAME_BYTES = 1 << 20
_IN_FLIGHT = 64
_MAX_SEEN = 200_000
_MAX_FIELD = 199
# HL7 table 0357.
_DUPLICATE_KEY, _UNSUPPORTED = "205", "207"


class FrameError(Exception):
    """The peer sends no frames, too long ones, or none in time."""


@dataclass(frozen=True, slots=True)
class Header:
    """What an acknowledgement needs of an MSH segment, as bytes: separators are the sender's own."""

    separator: bytes
    encoding: bytes
    sender: tuple[bytes, bytes]
    control_id: bytes
    processing_id: bytes
    version: bytes

    @property
    def key(self) -> bytes:
        """What a message is known by: its sender and its control id."""
        return hashlib.blake2b(b"\0".join((*self.sender, self.control_id)), digest_size=16).digest()


def parse_header(message: bytes) -> Header | None:
    """The MSH segment of a message; ``None`` where there is none.

    >>> parse_header(b"MSH|^~\\\\&|RIS|HOSP|X|Y|20260301||ORM^O01|42|P|2.3.1\\rPID|1").control_id
    b'42'
    """
    first = message.split(b"\r", 1)[0].split(b"\n", 1)[0]
    if len(first) < 8 or not first.startswith(b"MSH") or first[3:4].isalnum():
        return None
    separator = first[3:4]
    fields = first[:4096].split(separator)
    fields += [b""] * (12 - len(fields))
    if any(len(one) > _MAX_FIELD for one in (*fields[2:4], fields[9])):
        return None
    return Header(separator, fields[1], (fields[2], fields[3]), fields[9], fields[10][:3], fields[11][:8])


def acknowledge(header: Header | None, code: str, error: str = "") -> bytes:
    """A framed ACK in the sender's own separators."""
    head = header or Header(b"|", b"^~\\&", (b"", b""), b"", b"P", b"2.3")
    now = datetime.now(UTC).strftime("%Y%m%d%H%M%S%z").encode()
    msh = (b"MSH", head.encoding, b"ECORAD", b"", *head.sender, now, b"", b"ACK", head.control_id or now)
    tail = (head.processing_id or b"P", head.version or b"2.3")
    segments = [head.separator.join((*msh, *tail)), head.separator.join((b"MSA", code.encode(), head.control_id))]
    if error:
        segments.append(head.separator.join((b"ERR", b"", b"", error.encode(), b"E")))
    return START + b"".join(one + b"\r" for one in segments) + END


@dataclass(slots=True)
class Seen:
    """Control ids that were taken in, with the digest of what came under them."""

    _digests: OrderedDict[bytes, bytes] = field(default_factory=OrderedDict)

    def learn(self, header: Header, digest: bytes) -> bytes | None:
        """Note a message; the digest of the one that came under its id before, if any."""
        if not header.control_id:
            return None
        before = self._digests.get(header.key)
        if before is None:
            self.relearn(header.key, digest)
        return before

    def relearn(self, key: bytes, digest: bytes) -> None:
        """A message that was kept earlier."""
        self._digests[key] = digest
        if len(self._digests) > _MAX_SEEN:
            self._digests.popitem(last=False)

    def holds(self, header: Header, digest: bytes) -> bool:
        """Whether this message is still known: it is forgotten when it could not be kept."""
        return self._digests.get(header.key) == digest

    def forget(self, header: Header, digest: bytes) -> None:
        """A message that could not be kept was not seen."""
        if self._digests.get(header.key) == digest:
            del self._digests[header.key]


class MllpListener:
    """Takes HL7 messages.

    Parameters
    ----------
    desk : Desk
        Keeps them.
    callers : frozenset of str
        Addresses that may send; any when empty.
    gate : Gate
        Caps of connections.
    idle_s, frame_s : float
        Longest silence between messages; longest time from the first byte of a message to its last. [s]
    """

    def __init__(
        self,
        desk: Desk,
        *,
        callers: frozenset[str] = frozenset(),
        gate: Gate | None = None,
        seen: Seen | None = None,
        idle_s: float = 600.0,
        frame_s: float = 30.0,
    ) -> None:
        self.desk = desk
        self.gate = gate or Gate(200, 100)
        self.counts: Counter[str] = Counter()
        self._callers = callers
        self._seen = seen or Seen()
        self._idle_s, self._frame_s = idle_s, frame_s

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> asyncio.Server:
        """Begin to take connections."""
        return await asyncio.start_server(
            self.serve, host, port, limit=MAX_FRAME_BYTES, backlog=256, ssl=tls,
            **({"ssl_handshake_timeout": 5.0} if tls else {}),
        )  # fmt: skip

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from beginning to end."""
        address = (writer.get_extra_info("peername") or ("unknown",))[0]
        ticket = self.gate.arrive(address, writer.transport.abort)
        was_inside = False
        try:
            if self._callers and address not in self._callers:
                self.counts["refused_caller"] += 1
                return
            first = await self._frame(reader)
            was_inside = self.gate.speak(ticket, address)
            if was_inside:
                await self._converse(first, reader, writer)
        except (FrameError, OSError, SpoolFailedError, asyncio.CancelledError):
            # Cancelled when the server parts; raised on, asyncio's own streams would only complain about it.
            self.counts["dropped"] += 1
        finally:
            self.gate.leave(ticket, address, was_inside=was_inside)
            writer.close()
            with contextlib.suppress(OSError, TimeoutError, ssl.SSLError):
                async with asyncio.timeout(5):
                    await writer.wait_closed()

    async def _converse(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read on while earlier messages become durable; answers go out in the order of the messages."""
        answers: asyncio.Queue[asyncio.Future[bytes] | None] = asyncio.Queue(_IN_FLIGHT)
        sending = asyncio.create_task(_send(answers, writer))
        try:
            message = first
            while not sending.done():
                await answers.put(asyncio.ensure_future(self._taken(message)))
                message = await self._frame(reader)
        finally:
            with contextlib.suppress(asyncio.QueueFull):
                answers.put_nowait(None)
            with contextlib.suppress(OSError, TimeoutError, SpoolFailedError):
                async with asyncio.timeout(self._frame_s):
                    await sending
            sending.cancel()

    async def _frame(self, reader: asyncio.StreamReader) -> bytes:
        """The next message, without its frame.

        Raises
        ------
        FrameError
            If none comes, or none that is whole, in time and size.
        """
        try:
            async with asyncio.timeout(self._idle_s):
                first = await reader.readexactly(1)
            async with asyncio.timeout(self._frame_s):
                rest = await reader.readuntil(END)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, OSError):
            raise FrameError from None
        _, start, message = (first + rest[: -len(END)]).rpartition(START)
        if not start:
            raise FrameError
        return message

    def _taken(self, message: bytes) -> Awaitable[bytes]:
        """The answer to a message, once it is decided; what came before under the same id is looked up at once."""
        header = parse_header(message)
        digest = hashlib.sha256(message)
        notes: dict[str, str | int] = {"kind": "hl7", "feed": FEED}
        if header is None:
            notes["set_aside"] = "ecorad.service.hl7_header"
            return self._keep(None, message, notes, ("AR", _UNSUPPORTED))
        before = self._seen.learn(header, digest.digest())
        if before == digest.digest():
            self.counts["repeated"] += 1
            return self._keep(header, b"", {**notes, "repeat": digest.hexdigest(), "bytes": len(message)}, ("AA", ""))
        if before is not None:
            notes["set_aside"] = "ecorad.service.control_id"
            return self._keep(header, message, notes, ("AR", _DUPLICATE_KEY))
        if header.control_id:
            notes |= {"key": header.key.hex(), "digest": digest.hexdigest()}
        return self._keep(header, message, notes, ("AA", ""))

    async def _keep(
        self, header: Header | None, message: bytes, notes: dict[str, str | int], answer: tuple[str, str]
    ) -> bytes:
        try:
            await self.desk.keep("hl7", message, notes)
        except BaseException as error:
            if header is not None and message:
                self._seen.forget(header, hashlib.sha256(message).digest())
            if isinstance(error, SpoolFullError):
                return acknowledge(header, "AE", _UNSUPPORTED)
            raise
        if (
            "repeat" in notes
            and header is not None
            and not self._seen.holds(header, bytes.fromhex(str(notes["repeat"])))
        ):
            return acknowledge(header, "AE", _UNSUPPORTED)  # what it repeats was lost in the meantime
        self.counts[answer[0]] += 1
        return acknowledge(header, *answer)


async def _send(answers: asyncio.Queue[asyncio.Future[bytes] | None], writer: asyncio.StreamWriter) -> None:
    while (answer := await answers.get()) is not None:
        writer.write(await answer)
        if answers.empty():
            await writer.drain()

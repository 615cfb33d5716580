"""One association, from connection to release (PS3.8 chapter 9): read, checked and answered in turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from ecorad.ledger.spool import SpoolFailedError

from . import dimse, pdu
from .pdu import ProtocolError
from .syntaxes import EXPLICIT_BIG, IMPLICIT_LITTLE
from .wire import HeaderTooLargeError, WireDataSet

_SLOWEST_BYTES_PER_S = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long we wait, and how much we take."""

    request_s: float = 5.0  # for the whole A-ASSOCIATE-RQ, from the connection on
    pdu_s: float = 30.0  # for the whole of any later PDU, from its first byte on
    idle_s: float = 60.0  # between PDUs
    message_s: float = 60.0  # for a message, and 1 s more for each 10 kB of it
    write_s: float = 10.0  # for the peer to take an answer
    message_bytes: int = 16 << 30


class GoneError(Exception):
    """The peer went away, or was too slow; nothing is left to say."""


@dataclass(slots=True)
class Message:
    """One message on its way in: its command, and its data set as far as that came."""

    context: pdu.Agreement
    started: float
    command_bytes: bytearray = field(default_factory=bytearray)
    command: Mapping[int, int | str] | None = None
    data: WireDataSet | None = None
    received: int = 0
    held: int = 0
    trouble: int | None = None  # the status of what cannot be kept; its bytes are dropped as they come


class Handler:
    """What an association does with whole messages; the node has the one that keeps them."""

    async def finished(self, message: Message, association: Association) -> bytes | None:
        """The answer to a message, if it has one."""
        raise NotImplementedError

    def refusal(self, command: Mapping[int, int | str]) -> int | None:
        """The status of a message whose data set need not be looked at; ``None`` to take it."""
        raise NotImplementedError

    def hold(self, change_bytes: int) -> bool:
        """Count memory; whether it is within the limit."""
        raise NotImplementedError


class Association:
    """Talks to one peer, after it was let in."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        agreements: Mapping[int, pdu.Agreement],
        handler: Handler,
        *,
        patience: Patience,
        caller: str = "",
    ) -> None:
        self.reader, self.writer = reader, writer
        self.caller = caller
        self._agreements = agreements
        self._handler = handler
        self._patience = patience
        self._message: Message | None = None

    async def run(self) -> None:
        """Until the peer releases, aborts, goes away or misbehaves."""
        try:
            while await self._next_pdu():
                pass
        except ProtocolError as error:
            await self._say(pdu.abort(error.reason))
        except SpoolFailedError:
            await self._say(pdu.abort(0))
        finally:
            self._forget()

    async def _next_pdu(self) -> bool:
        kind, body = await read_pdu(self.reader, self._patience)
        if kind == pdu.P_DATA:
            for context, is_command, is_last, content in pdu.fragments(memoryview(body)):
                await self._fragment(context, is_command, is_last, content)
            return True
        if kind == pdu.RELEASE_RQ:
            if self._message is not None:
                raise ProtocolError(pdu.UNEXPECTED)
            await self._say(pdu.release())
            return False
        if kind == pdu.ABORT:
            return False
        raise ProtocolError(pdu.UNEXPECTED if kind in range(1, 8) else pdu.UNRECOGNISED)

    async def _fragment(self, context: int, is_command: bool, is_last: bool, content: memoryview) -> None:
        message = self._message
        if message is None:
            agreement = self._agreements.get(context)
            if agreement is None or not is_command:
                raise ProtocolError(pdu.UNEXPECTED)
            message = self._message = Message(agreement, time.monotonic())
        if message.context.id != context or is_command != (message.command is None):
            raise ProtocolError(pdu.UNEXPECTED)
        message.received += len(content)
        self._check_pace(message)
        if is_command:
            message.command_bytes += content
            if len(message.command_bytes) > dimse.MAX_COMMAND_BYTES:
                raise ProtocolError(pdu.INVALID)
            if is_last:
                await self._commanded(message)
            return
        self._take(message, content)
        if is_last:
            await self._answer(message)

    def _check_pace(self, message: Message) -> None:
        allowed = self._patience.message_s + message.received / _SLOWEST_BYTES_PER_S
        if time.monotonic() - message.started > allowed or message.received > self._patience.message_bytes:
            raise GoneError

    async def _commanded(self, message: Message) -> None:
        command = message.command = dimse.decode(bytes(message.command_bytes))
        if command.get(dimse.DATA_SET, dimse.NO_DATA_SET) == dimse.NO_DATA_SET:
            await self._answer(message)
            return
        message.trouble = self._handler.refusal(command)
        syntax = message.context.transfer_syntax
        message.data = WireDataSet(is_implicit=syntax == IMPLICIT_LITTLE, is_big_endian=syntax == EXPLICIT_BIG)

    def _take(self, message: Message, content: memoryview) -> None:
        """A piece of the data set; what cannot be kept is let go by, so that the sender can be told in good order."""
        data = message.data
        if data is None or message.trouble is not None:
            return
        try:
            data.feed(content)
        except HeaderTooLargeError:
            message.trouble = dimse.OUT_OF_RESOURCES
        change = data.held_bytes - message.held
        message.held += change
        if not self._handler.hold(change):
            message.trouble = dimse.OUT_OF_RESOURCES
        if message.trouble is not None:
            self._let_go(message)

    async def _answer(self, message: Message) -> None:
        try:
            answer = await self._handler.finished(message, self)
        finally:
            self._forget()
        if answer is not None:
            await self._say(pdu.command_pdu(message.context.id, answer))

    async def _say(self, data: bytes) -> None:
        self.writer.write(data)
        try:
            async with asyncio.timeout(self._patience.write_s):
                await self.writer.drain()
        except (TimeoutError, OSError):
            raise GoneError from None

    def _let_go(self, message: Message) -> None:
        self._handler.hold(-message.held)
        message.held, message.data = 0, None

    def _forget(self) -> None:
        if self._message is not None:
            self._let_go(self._message)
            self._message = None


async def read_pdu(reader: asyncio.StreamReader, patience: Patience) -> tuple[int, bytes]:
    """The next PDU of an association; its length is checked before anything of it is read.

    Raises
    ------
    ProtocolError
        If it is longer than was agreed.
    GoneError
        If it does not come, or not whole, in time.
    """
    try:
        async with asyncio.timeout(patience.idle_s):
            header = await reader.readexactly(pdu.HEADER.size)
        kind, length = pdu.HEADER.unpack(header)
        limit = pdu.MAX_DATA_BYTES if kind == pdu.P_DATA else pdu.MAX_ASSOCIATE_BYTES
        if length > limit:
            raise ProtocolError(pdu.INVALID)
        async with asyncio.timeout(patience.pdu_s):
            return kind, await reader.readexactly(length)
    except (asyncio.IncompleteReadError, TimeoutError, OSError):
        raise GoneError from None


async def read_request(reader: asyncio.StreamReader, patience: Patience) -> pdu.Request:
    """The A-ASSOCIATE-RQ that must come first, whole and soon.

    Raises
    ------
    ProtocolError, GoneError
        As :func:`read_pdu`.
    """
    try:
        async with asyncio.timeout(patience.request_s):
            header = await reader.readexactly(pdu.HEADER.size)
            kind, length = pdu.HEADER.unpack(header)
            if kind != pdu.ASSOCIATE_RQ:
                raise ProtocolError(pdu.UNEXPECTED if kind in range(1, 8) else pdu.UNRECOGNISED)
            if length > pdu.MAX_ASSOCIATE_BYTES:
                raise ProtocolError(pdu.INVALID)
            return pdu.parse_request(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, TimeoutError, OSError):
        raise GoneError from None

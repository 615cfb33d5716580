"""The listening node: who is let in, and what is done with what they send."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import uuid
from collections import Counter
from collections.abc import Mapping

from ecorad.ledger.spool import SpoolFullError
from ecorad.service.desk import Desk
from ecorad.service.gate import Gate

from . import dimse, kept, pdu
from .association import Association, GoneError, Handler, Message, Patience, read_request
from .pdu import ProtocolError
from .steps import Steps
from .syntaxes import STEP, VERIFICATION, agree, is_storage
from .wire import SOP_CLASS, SOP_INSTANCE, STEP_STATUS, WireObject

STORE_FEED, STEP_FEED = "dicom-node", "mpps"
_MAX_STEP_BYTES = 4 << 20
_RESOURCE_LIMITATION = 0x0213


class Node(Handler):
    """A storage and procedure step provider.

    Parameters
    ----------
    desk : Desk
        Keeps what comes in.
    ae_title : str
        Ours; calls for another are refused.
    callers : frozenset of str
        Titles that may call; anybody when empty.
    gate : Gate
        Caps of connections and associations.
    steps : Steps
        Procedure steps known so far.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        ae_title: str,
        callers: frozenset[str] = frozenset(),
        gate: Gate | None = None,
        steps: Steps | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.desk = desk
        self.gate = gate or Gate(1000, 500)
        self.counts: Counter[str] = Counter()
        self._ae_title = ae_title
        self._callers = callers
        self._steps = steps or Steps()
        self._patience = patience or Patience()

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> asyncio.Server:
        """Begin to take connections."""
        handshake = {"ssl": tls, "ssl_handshake_timeout": self._patience.request_s} if tls else {}
        return await asyncio.start_server(
            self.serve,
            host,
            port,
            limit=pdu.MAX_DATA_BYTES,
            backlog=1024,
            **handshake,  # type: ignore[arg-type]
        )

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from beginning to end."""
        address = (writer.get_extra_info("peername") or ("unknown",))[0]
        ticket = self.gate.arrive(address, writer.transport.abort)
        was_inside = False
        try:
            request = await read_request(reader, self._patience)
            was_inside = self.gate.speak(ticket, address)
            if not was_inside:
                await self._part(writer, pdu.reject(is_permanent=False))
            elif not self._is_known(request):
                self.counts["refused_caller"] += 1
                await self._part(writer, pdu.reject(is_permanent=True))
            else:
                await self._associate(request, reader, writer)
        except ProtocolError as error:
            self.counts["protocol_error"] += 1
            await self._part(writer, pdu.abort(error.reason))
        except (GoneError, asyncio.CancelledError):
            # Cancelled when the server parts; raised on, asyncio's own streams would only complain about it.
            self.counts["gone"] += 1
        finally:
            self.gate.leave(ticket, address, was_inside=was_inside)
            await _close(writer)

    async def _associate(
        self, request: pdu.Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        agreements = [agree(one) for one in request.contexts]
        writer.write(pdu.accept(request, agreements))
        accepted = {one.id: one for one in agreements if one.result == pdu.ACCEPTED}
        self.counts["associations"] += 1
        await Association(reader, writer, accepted, self, patience=self._patience, caller=request.calling).run()

    async def _part(self, writer: asyncio.StreamWriter, last_words: bytes) -> None:
        writer.write(last_words)
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(self._patience.write_s):
                await writer.drain()

    def _is_known(self, request: pdu.Request) -> bool:
        """One answer for a wrong title of ours and one of theirs: whoever guesses learns nothing."""
        is_ours = request.called == self._ae_title
        is_caller = not self._callers or request.calling in self._callers
        return is_ours and is_caller

    def hold(self, change_bytes: int) -> bool:
        """Count memory of half-received objects at the desk."""
        return self.desk.hold(change_bytes)

    def refusal(self, command: Mapping[int, int | str]) -> int | None:
        """Without room, data sets go by unread."""
        if self.desk.has_room:
            return None
        self.desk.counts["refused_no_room"] += 1
        return dimse.OUT_OF_RESOURCES if command[dimse.COMMAND] == dimse.C_STORE else _RESOURCE_LIMITATION

    async def finished(self, message: Message, association: Association) -> bytes | None:
        """Do what a message asks, and answer."""
        command = message.command or {}
        operation = command.get(dimse.COMMAND)
        sop_class = message.context.abstract_syntax
        if operation == dimse.C_ECHO and sop_class == VERIFICATION:
            return dimse.respond(command, dimse.SUCCESS)
        if operation == dimse.C_STORE and is_storage(sop_class):
            return dimse.respond(command, await self._store(message, command, association))
        if operation in {dimse.N_CREATE, dimse.N_SET} and sop_class == STEP:
            return await self._step(message, command, association)
        if operation == dimse.C_CANCEL:
            return None
        if isinstance(operation, int) and operation & dimse.RESPONSE:
            raise ProtocolError(pdu.UNEXPECTED)
        return dimse.respond(command, dimse.UNRECOGNISED_OPERATION)

    async def _store(self, message: Message, command: Mapping[int, int | str], association: Association) -> int:
        if message.trouble is not None:
            return message.trouble
        if message.data is None:
            return dimse.CANNOT_UNDERSTAND
        found = message.data.finish()
        sop_class, instance = str(command.get(dimse.AFFECTED_CLASS, "")), str(command.get(dimse.AFFECTED_INSTANCE, ""))
        payload, notes = kept.pack(kept.file_head(sop_class, instance, message.context.transfer_syntax), found)
        told: dict[str, int | str] = {"kind": "dicom", "feed": STORE_FEED, "caller": association.caller, **notes}
        status = dimse.SUCCESS
        if found.values.get(SOP_INSTANCE, instance) != instance or found.values.get(SOP_CLASS, sop_class) != sop_class:
            # Kept all the same: somebody has to see what this sender does.
            told["set_aside"] = "ecorad.service.uid_mismatch"
            status = dimse.DATA_SET_MISMATCH
        return await self._kept("dicom", payload, told, status, dimse.OUT_OF_RESOURCES)

    async def _step(self, message: Message, command: Mapping[int, int | str], association: Association) -> bytes:
        is_new = command[dimse.COMMAND] == dimse.N_CREATE
        uid = str(command.get(dimse.AFFECTED_INSTANCE if is_new else dimse.REQUESTED_INSTANCE, ""))
        if is_new and not uid:
            uid = f"2.25.{uuid.uuid4().int}"  # the provider names what the user did not (PS3.7 10.1.5.1.4)
            command = {**command, dimse.AFFECTED_INSTANCE: uid}
        found = None if message.data is None else message.data.finish()
        if message.trouble is not None or found is None or found.size > _MAX_STEP_BYTES:
            return dimse.respond(command, message.trouble or dimse.PROCESSING_FAILURE)
        before = self._steps.state(uid)
        state = found.values.get(STEP_STATUS)
        status = self._steps.create(uid, state) if is_new else self._steps.set(uid, state)
        if status != dimse.SUCCESS:
            self.counts["step_refused"] += 1
            return _step_refused(command, status)
        status = await self._keep_step(message, uid, found, "N-CREATE" if is_new else "N-SET", association)
        if status != dimse.SUCCESS:
            self._steps.put_back(uid, before)
        return dimse.respond(command, status)

    async def _keep_step(
        self, message: Message, uid: str, found: WireObject, operation: str, association: Association
    ) -> int:
        head = kept.file_head(STEP, uid, message.context.transfer_syntax)
        payload, notes = kept.pack(head, found)
        told: dict[str, int | str] = {
            "kind": "mpps",
            "feed": STEP_FEED,
            "operation": operation,
            "uid": uid,
            "state": self._steps.state(uid) or "",
            "caller": association.caller,
            **notes,
        }
        return await self._kept("mpps", payload, told, dimse.SUCCESS, _RESOURCE_LIMITATION)

    async def _kept(
        self, stream: str, payload: bytes, notes: Mapping[str, int | str], status: int, no_room: int
    ) -> int:
        try:
            await self.desk.keep(stream, payload, notes)
        except SpoolFullError:
            return no_room
        return status


def _step_refused(command: Mapping[int, int | str], status: int) -> bytes:
    if status == dimse.PROCESSING_FAILURE:
        comment = "Performed Procedure Step Object may no longer be updated"
        return dimse.respond(command, status, comment=comment, error_id=dimse.STEP_IS_FINAL)
    return dimse.respond(command, status)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError, TimeoutError, ssl.SSLError):
        async with asyncio.timeout(5):
            await writer.wait_closed()

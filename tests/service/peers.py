"""What tests of listeners share: a running node, raw associations, objects."""

from __future__ import annotations

import asyncio
import contextlib
import io
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from ecorad.ledger.spool import Entry, read_stream
from ecorad.service.desk import Desk

VERIFICATION = "1.2.840.10008.1.1"


class Loop:
    """An event loop in a thread of its own, so that blocking peers can talk to what runs in it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    def close(self) -> None:
        async def cancel():
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self.run(cancel())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


@contextlib.contextmanager
def listening(
    folder: Path, make: Callable[[Desk], object], *, tls=None, reserve_bytes: int = 0, **desk_options: int
) -> Iterator[tuple[object, Desk, int]]:
    """A listener on a free port of this machine: (listener, desk, port)."""
    loop = Loop()

    async def start():
        desk = Desk(folder, reserve_bytes=reserve_bytes, **desk_options)
        listener = make(desk)
        server = await listener.listen("127.0.0.1", 0, tls)
        return desk, listener, server

    desk, listener, server = loop.run(start())
    try:
        yield listener, desk, server.sockets[0].getsockname()[1]
    finally:
        loop.loop.call_soon_threadsafe(server.close)
        loop.close()
        desk.close()


def kept(folder: Path, stream: str) -> list[Entry]:
    """What lies in a stream of the journal; it must be without damage."""
    found = list(read_stream(folder / stream))
    assert all(isinstance(one, Entry) for one in found)
    return found


def ct(pixels: int = 64, **changes: object) -> FileDataset:
    """A small CT object with a nested sequence of unknown length."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    found.SOPClassUID, found.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    found.StudyInstanceUID, found.SeriesInstanceUID = generate_uid(), generate_uid()
    found.PatientID, found.PatientName = "0012", "Canary^Anna"
    found.Modality, found.Manufacturer, found.DeviceSerialNumber = "CT", "Maker", "40071"
    found.StudyDate = found.AcquisitionDate = "20260302"
    found.StudyTime = found.AcquisitionTime = "101500"
    inner, outer = Dataset(), Dataset()
    inner.CodeValue, inner.CodingSchemeDesignator, inner.CodeMeaning = "T-1", "99X", "thorax"
    outer.AnatomicRegionSequence = pydicom.Sequence([inner])
    for sequence in (outer["AnatomicRegionSequence"],):
        sequence.is_undefined_length = True
    found.RequestAttributesSequence = pydicom.Sequence([outer])
    found["RequestAttributesSequence"].is_undefined_length = True
    found.RequestAttributesSequence[0].is_undefined_length_sequence_item = True
    found.Rows = found.Columns = 8
    found.BitsAllocated = found.BitsStored = 8
    found.HighBit, found.SamplesPerPixel, found.PixelRepresentation = 7, 1, 0
    found.PhotometricInterpretation = "MONOCHROME2"
    found.PixelData = bytes(pixels)
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def file_bytes(dataset: FileDataset) -> bytes:
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    return buffer.getvalue()


def item(kind: int, value: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(value)) + value


def associate_rq(
    called: str = "ECORAD",
    calling: str = "CT1",
    contexts: tuple[tuple[int, str, tuple[str, ...]], ...] = ((1, VERIFICATION, ("1.2.840.10008.1.2",)),),
    user: bytes | None = None,
) -> bytes:
    body = struct.pack(">HH16s16s32x", 1, 0, called.ljust(16).encode(), calling.ljust(16).encode())
    body += item(0x10, b"1.2.840.10008.3.1.1.1")
    for number, abstract, transfers in contexts:
        syntaxes = b"".join(item(0x40, one.encode()) for one in transfers)
        body += item(0x20, struct.pack(">B3x", number) + item(0x30, abstract.encode()) + syntaxes)
    body += item(0x50, item(0x51, struct.pack(">L", 16384)) if user is None else user)
    return struct.pack(">BxL", 1, len(body)) + body


def pdv(context: int, control: int, data: bytes) -> bytes:
    inner = struct.pack(">LBB", len(data) + 2, context, control) + data
    return struct.pack(">BxL", 4, len(inner)) + inner


class Raw:
    """A peer that sends exactly the bytes it is told to."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=15, source_address=(source, 0))

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def receive(self) -> tuple[int, bytes] | None:
        """The next PDU; ``None`` when the node has hung up."""
        head = self._exactly(6)
        if head is None:
            return None
        kind, length = struct.unpack(">BxL", head)
        return kind, self._exactly(length) or b""

    def associate(self, **options: object) -> tuple[int, bytes] | None:
        self.send(associate_rq(**options))
        return self.receive()

    def close(self) -> None:
        self.socket.close()

    def _exactly(self, count: int) -> bytes | None:
        data = b""
        while len(data) < count:
            try:
                more = self.socket.recv(count - len(data))
            except ConnectionError:
                return None
            if not more:
                return None
            data += more
        return data

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

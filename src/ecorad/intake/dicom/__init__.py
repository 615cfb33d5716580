"""DICOM objects (PS3.3, PS3.5, PS3.10): one file in, one :class:`~ecorad.model.Instance` out, header only."""

from __future__ import annotations

import hashlib
import io
import logging
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

from ecorad.intake.identity import Pseudonymiser
from ecorad.model import Decoded, DecodeError, Instance, Site

from .device import device_key, registered_device_key
from .instance import to_instance
from .json_model import MAX_BYTES, as_file, read_json, recognise_json
from .meta import recognise as recognise_file
from .reader import read_header
from .source import Source, digest, opened

logging.getLogger("pydicom").propagate = False  # its messages quote values, which may name a patient
# Everything that reading broken bytes may raise, here and in pydicom (but its exceptions of no family, which the
# thorough reader turns into a DecodeError).
READING_FAILS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def decode(
    path_or_file: Path | str | BinaryIO | io.FileIO,
    *,
    size: int,
    site: Site,
    pseudonymiser: Pseudonymiser,
    head: bytes | None = None,
) -> Decoded[Instance]:
    """The header facts of one DICOM object; its pixel data is never read.

    Parameters
    ----------
    path_or_file : Path, str or binary file
        The object; a file must be seekable and stays open.
    size : int
        Its length. [By]
    site : Site
        Zone for times without offset, registered devices, phantom identifiers.
    pseudonymiser : Pseudonymiser
        Keys for study, series, patient, accession and device.
    head : bytes, optional
        Its first bytes, where the caller has read them already.

    Returns
    -------
    Decoded of Instance
        Exactly one record, and an issue for each thing in it that could not be used.

    Raises
    ------
    DecodeError
        When the object cannot be trusted as a whole. ``code`` is one of ``ecorad.dicom.`` + ``no_meta``,
        ``no_transfer_syntax``, ``transfer_syntax``, ``truncated``, ``length``, ``delimiter``, ``depth``, ``bomb``,
        ``budget``, ``uid``, ``dicomdir``, ``unreadable``.
    """
    try:
        with opened(path_or_file, size) as source:
            if head is not None and recognise_json(head):
                return _told(source, site, pseudonymiser)
            header, read = read_header(source, head)
            end = size if header.pixel_offset is None else header.pixel_offset
            return to_instance(
                header,
                source_digest=digest(source, read, end),
                size=size,
                site=site,
                pseudonymiser=pseudonymiser,
            )
    except DecodeError:
        raise
    except READING_FAILS:
        # The cause is cut off: its message may hold text of the input.
        raise DecodeError("the object cannot be read", code="ecorad.dicom.unreadable") from None


def recognise(head: bytes) -> bool:
    """Whether this is a DICOM object, as a file or as the JSON of an archive, by its first bytes."""
    return recognise_file(head) or recognise_json(head)


def _told(source: Source, site: Site, pseudonymiser: Pseudonymiser) -> Decoded[Instance]:
    """The record of an object of which an archive tells; how large the object itself is, it does not say."""
    content = source.read(0, min(source.size, MAX_BYTES + 1))
    sha = hashlib.sha256(content).hexdigest()
    return to_instance(read_json(content), source_digest=sha, size=None, site=site, pseudonymiser=pseudonymiser)


__all__ = ["READING_FAILS", "as_file", "decode", "device_key", "recognise", "registered_device_key"]

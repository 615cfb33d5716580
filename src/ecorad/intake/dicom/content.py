"""What an object says, as one digest: the same however it was written, wrapped, padded or sent.

Whoever receives an object writes its meta header anew, and many write the rest anew as well: sequences with or without
lengths, texts without the blanks behind them, explicit instead of implicit VR. None of that is another content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from .elements import ELEMENTS
from .header import Header, Item, Raw
from .memory import MOVES, Alike

_PADDING = b" \0"
_CLASS = ELEMENTS["SOPClassUID"][0]
# Here a last byte of zero is part of a number.
_BINARY = frozenset(vr.encode() for vr in "FD FL OB OD OF OL OV OW SL SS SV UL US UV".split())


def content_digest(header: Header, alike: Alike) -> str:
    """SHA-256 of the elements that are read of an object, without how they were written.

    Parameters
    ----------
    header : Header
        The object.
    alike : Alike
        What is known of objects like it; the digest of what they share is kept there.
    """
    elements = header.elements
    if alike.digest is None:
        named = "" if _CLASS in elements else header.media_storage_class
        alike.digest = hashlib.sha256(f"{header.compression} {named} ".encode("utf-8", "replace"))
        alike.digest.update(_canonical((tag, value) for tag, value in elements.items() if tag not in MOVES))
    whole = alike.digest.copy()
    moving = map(elements.get, MOVES)
    # None of these is a number in binary, or a sequence.
    texts = [value[1].rstrip(_PADDING) or None if isinstance(value, tuple) else None for value in moving]
    whole.update(repr(texts).encode())
    digest: str = whole.hexdigest()
    return digest


def _canonical(elements: Iterable[tuple[int | str, Raw | list[Item]]]) -> bytes:
    return repr(_plain(elements)).encode()


def _plain(elements: Iterable[tuple[int | str, Raw | list[Item]]]) -> list[tuple[str, object]]:
    """Elements in one order, whoever read them; what is empty but for its padding is not there."""
    found: list[tuple[str, object]] = []
    for tag, value in elements:
        if isinstance(value, list):
            found.append((str(tag), [_plain(item.items()) for item in value]))
        elif written := value[1] if value[0] in _BINARY else value[1].rstrip(_PADDING):
            found.append((str(tag), written))
    found.sort(key=lambda one: one[0])
    return found

"""What a reader hands over: the wanted elements of one object, as bytes, and where its pixel data begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

# The VR as the file writes it (or as the dictionary knows it) and the value in little endian.
Raw: TypeAlias = tuple[bytes, bytes]
# By tag, or by name for private elements. Empty values and sequences are left out: absent and empty mean the same.
Item: TypeAlias = "dict[int | str, Raw | list[Item]]"


@dataclass(frozen=True, slots=True)
class Header:
    """One object up to its pixel data.

    Parameters
    ----------
    elements : Item
        Wanted elements of the root.
    media_storage_class : str
        SOP class as the file meta header says it.
    pixel_offset : int or None
        Where the tag of the pixel data stands in the file; ``None`` where there is none, or where the data set is
        deflated and has no places in the file.
    has_pixel_data : bool
        Whether there is pixel data, deflated or not.
    reader : {"walker", "pydicom", "json"}
        Who answered.
    compression : str
        Transfer syntax of compressed pixel data; empty where each pixel has its bytes, in whatever order.
    """

    elements: Item
    media_storage_class: str
    pixel_offset: int | None
    has_pixel_data: bool
    reader: Literal["walker", "pydicom", "json"]
    compression: str = ""

"""Reading a text table: encoding, delimiter and rows of a CSV file as machines and people really write them.

Nothing here knows what the columns mean. Lines that cannot be a row (longer than :data:`LONGEST_LINE`) are reported by
number, and memory stays bounded however long the file or one of its lines is.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

LONGEST_LINE = 65_536
_BLOCK_BYTES = 1 << 20
_JOINED_LINES = 20
_DELIMITERS = ("\t", ";", "|", ",")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Words that tell a table in a Chinese national encoding from one in Latin-1: bytes alone cannot.
_CHINESE = re.compile("时间|日期|功率|电量|电能|用电|读数|数量|名称|品名")
# Bytes that are not UTF-8 are kept as surrogates while decoding and become Latin-1 characters here.
_AS_LATIN_1 = {0xDC00 + byte: chr(byte) for byte in range(0x80, 0x100)}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text table is written; ``delimiter`` is one character."""

    encoding: str
    delimiter: str


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a table: ``rows[i]`` begins on line ``numbers[i]`` (from 1); blank lines are left out."""

    numbers: list[int]
    rows: list[list[str]]
    overlong: list[int]
    has_nul: bool = False


def sniff(head: bytes) -> Dialect | None:
    """The dialect of a table that begins with ``head``, or ``None`` when it is no text table.

    Parameters
    ----------
    head : bytes
        The first bytes of the input; the last line may be cut.

    Examples
    --------
    >>> sniff(b"31/12/2011 00:00:02;9;9" + bytes([10]) + b"31/12/2011 00:00:03;9;9" + bytes([10]))
    Dialect(encoding='utf-8', delimiter=';')
    """
    encoding = _encoding(head)
    text = _decode(head, encoding).replace("\0", "")
    if not text.strip() or _looks_binary(text):
        return None
    lines = [line[:2000] for line in text.splitlines() if line.strip() and not line.startswith(("#", "//", "sep="))]
    delimiter = _delimiter(lines[: -1 if len(lines) > 3 else None][:200])
    return None if delimiter is None else Dialect(encoding, delimiter)


def head_rows(head: bytes, dialect: Dialect, *, is_whole: bool = False) -> list[tuple[int, list[str]]]:
    """Line number and cells of the rows in ``head``; the last row is left out where it may be cut."""
    import io

    found: list[tuple[int, list[str]]] = []
    for block in read_blocks(io.BytesIO(head), dialect):
        found += zip(block.numbers, block.rows, strict=True)
    return found[:-1] if not is_whole and len(found) > 3 and not head.endswith((b"\n", b"\n\0")) else found


def read_blocks(stream: BinaryIO, dialect: Dialect) -> Iterator[Block]:
    """The rows of a table, a bounded block at a time.

    Lines end in LF, CR LF or CR. A quoted cell may hold line ends (at most 20 lines); a quote that is never closed
    costs its own line only. NUL characters are dropped.
    """
    number = 1
    for lines, has_nul in _line_blocks(stream, dialect.encoding):
        block = _block(lines, number, dialect.delimiter, has_nul)
        number += len(lines)
        yield block


def _encoding(head: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
    half = max(1, len(head[:2000]) // 2)
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.1 * half:
        return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        chinese = codecs.getincrementaldecoder("gb18030")("replace").decode(head)
        return "gb18030" if _CHINESE.search(chinese) else "latin-1"
    return "utf-8"


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
    return codecs.getincrementaldecoder(encoding)(errors)


def _decode(content: bytes, encoding: str) -> str:
    return _decoder(encoding).decode(content)


def _looks_binary(text: str) -> bool:
    sample = text[:4000]
    strange = sum(ch < " " and ch not in "\t\r\n\f\x1a" for ch in sample) + sample.count("\ufffd")
    return strange > 0.02 * len(sample)


def _delimiter(lines: list[str]) -> str | None:
    """The first delimiter that cuts most lines into the same number (2 or more) of cells."""
    best: tuple[float, str] | None = None
    for delimiter in _DELIMITERS:
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1)
        if not counts:
            continue
        share = counts.most_common(1)[0][1] / len(lines)
        if share >= 0.6:
            return delimiter
        if best is None or share > best[0]:
            best = (share, delimiter)
    return best[1] if best and best[0] >= 0.3 else None


def _line_blocks(stream: BinaryIO, encoding: str) -> Iterator[tuple[list[str | None], bool]]:
    """Complete lines of each block; ``None`` stands for a line that was too long."""
    decoder = _decoder(encoding)
    pending, is_skipping = "", False
    while True:
        content = stream.read(_BLOCK_BYTES)
        text = decoder.decode(content, final=not content)
        has_nul = "\0" in text
        if has_nul:
            text = text.replace("\0", "")
        if encoding.startswith("utf-8") and not text.isascii():
            text = text.translate(_AS_LATIN_1)
        text = pending + text
        # A CR at the very end may be the first half of CR LF.
        held = "\r" if content and text.endswith("\r") else ""
        text = text[: len(text) - len(held)].replace("\r\n", "\n").replace("\r", "\n")
        *complete, rest = text.split("\n")
        lines = [_kept(line) for line in complete]
        if is_skipping and lines:
            lines[0], is_skipping = None, False
        if len(rest) > LONGEST_LINE:
            rest, is_skipping = "", True
        pending = rest + held
        if not content:
            if pending or is_skipping:
                lines.append(None if is_skipping else pending)
            yield lines, has_nul
            return
        yield lines, has_nul


def _kept(line: str) -> str | None:
    return line if len(line) <= LONGEST_LINE else None


def _block(lines: list[str | None], first: int, delimiter: str, has_nul: bool) -> Block:
    overlong = [first + i for i, line in enumerate(lines) if line is None]
    numbered = [(first + i, line) for i, line in enumerate(lines) if line and not line.isspace()]
    numbers = [number for number, _ in numbered]
    texts = [line for _, line in numbered]
    if not any('"' in text for text in texts):
        return Block(numbers, [text.split(delimiter) for text in texts], overlong, has_nul)
    if not any(text.count('"') % 2 for text in texts):
        rows = _cells(texts, delimiter)
        if len(rows) == len(texts):
            return Block(numbers, rows, overlong, has_nul)
    kept: list[tuple[int, list[str]]] = []
    for number, group in _groups(numbers, texts):
        rows = _cells([f"{text}\n" for text in group], delimiter)
        if len(rows) == 1:
            kept.append((number, [cell.rstrip("\n") for cell in rows[0]]))
        else:
            kept += [(number + i, text.replace('"', "").split(delimiter)) for i, text in enumerate(group)]
    return Block([number for number, _ in kept], [row for _, row in kept], overlong, has_nul)


def _cells(texts: list[str], delimiter: str) -> list[list[str]]:
    return list(csv.reader(texts, delimiter=delimiter, skipinitialspace=True))


def _groups(numbers: list[int], texts: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Lines that belong together, where a quoted cell runs over several of them."""
    place = 0
    while place < len(texts):
        end = place + 1
        if texts[place].count('"') % 2:
            tail = range(place + 1, min(place + _JOINED_LINES, len(texts)))
            close = next((i for i in tail if texts[i].count('"') % 2), None)
            if close is not None and sum(map(len, texts[place : close + 1])) <= LONGEST_LINE:
                end = close + 1
        yield numbers[place], texts[place:end]
        place = end

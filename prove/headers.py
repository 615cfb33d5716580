"""The walker beside pydicom over generated and mutated headers: an answer that differs is a silent disagreement."""

from __future__ import annotations

import random
from collections import Counter

from ecorad.intake.dicom import READING_FAILS
from ecorad.intake.dicom.inflate import inflate
from ecorad.intake.dicom.meta import read_meta
from ecorad.intake.dicom.reader import read_header, read_thoroughly
from ecorad.intake.dicom.source import BytesSource
from ecorad.model import DecodeError

from .figure import Figure
from .mutate import damaged, header, seeds
from .side_by_side import shared

FULL = 1_000_000
_OF_FILES = 20  # every twentieth is one of pydicom's own files, damaged


def measure(scale: float, seed: int) -> list[Figure]:
    """Count answers of the walker, fallbacks, refusals, and disagreements."""
    total: Counter[str] = Counter()
    for part in shared(compare, int(FULL * scale), seed):
        total.update(part)
    answered = total["walker"]
    return [
        Figure(
            "S5",
            "walker beside pydicom over generated and mutated headers",
            f"{total['differ']} silent disagreements in {sum(total.values()) - total['differ']:,} "
            f"({answered:,} answered by the walker, {total['pydicom']:,} fallbacks, {total['refused']:,} refused, "
            f"{total['pydicom fails']:,} that pydicom cannot read)",
            "0 in 1,000,000",
            total["differ"] == 0 and answered > 0,
            str(seed),
        )
    ]


def compare(count: int, seed: int) -> Counter[str]:
    """What became of ``count`` headers."""
    chance = random.Random(seed)
    files = seeds(20_000)
    found: Counter[str] = Counter()
    for number in range(count):
        content = chance.choice(files) if number % _OF_FILES == 0 else header(chance)
        if chance.random() < 0.7:
            content = damaged(content, chance)
        found[verdict(content)] += 1
    return found


def verdict(content: bytes) -> str:
    """``walker`` where both agree, ``differ`` where they do not, ``pydicom`` for a fallback, ``refused``, ``pydicom fails``."""
    source = BytesSource(content)
    try:
        ours, _ = read_header(source)
    except (DecodeError, *READING_FAILS):
        return "refused"
    if ours.reader != "walker":
        return "pydicom"
    meta = read_meta(content)
    body, start = (BytesSource(inflate(source, meta.start)), 0) if meta.is_deflated else (source, meta.start)
    try:
        theirs = read_thoroughly(body, start, meta)
    except DecodeError as error:
        return "pydicom fails" if error.code == "ecorad.dicom.unreadable" else "differ"
    except READING_FAILS:
        return "pydicom fails"  # it gives no answer that ours could differ from
    same = ours.elements == theirs.elements and ours.pixel_offset == theirs.pixel_offset
    return "walker" if same else "differ"

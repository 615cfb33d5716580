"""Damaged inputs of every kind through the whole decoder: each ends as a record or a code, and nothing escapes."""

from __future__ import annotations

import random
from collections import Counter

from ecorad.intake.decoding import Decoder
from ecorad.intake.identity import Pseudonymiser
from ecorad.intake.sources import Input
from ecorad.model import MeterEntry, Site

from .figure import Figure
from .inputs import other_seeds
from .mutate import damaged, seeds
from .side_by_side import shared

FULL = 200_000
_CUTS = 36_000
_STUDY = 0x0020000D
_SITE = Site(
    name="Proof",
    timezone="Europe/Amsterdam",
    meters=(MeterEntry(id="m", unit="kWh", kind="register", interval_s=60.0),),
)


def measure(scale: float, seed: int) -> list[Figure]:
    """Uncaught exceptions over mutations, and cut objects that pass as whole."""
    total: Counter[str] = Counter()
    for part in shared(tried, int(FULL * scale), seed):
        total.update(part)
    cuts: Counter[str] = Counter()
    for part in shared(cut, int(_CUTS * scale), seed + 1):
        cuts.update(part)
    escaped = {what: count for what, count in total.items() if what.startswith("uncaught")}
    count = sum(total.values())
    silent = cuts["silent"]
    return [
        Figure(
            "S5",
            "mutated inputs (DICOM, DICOM as JSON, meters, sheets) that end in one of the five ways",
            f"{sum(escaped.values())} uncaught in {count:,}: {total['record']:,} read, {total['code']:,} set aside "
            f"{' '.join(sorted(escaped))}".strip(),
            "0 uncaught in 200,000",
            not escaped,
            str(seed),
        ),
        Figure(
            "S6",
            "objects cut inside an element or its pixel data that pass as whole",
            f"{silent} of {sum(cuts.values()):,} random cuts ({cuts['refused']:,} refused, {cuts['boundary']:,} exactly "
            "between two elements of an object without pixel data, which no reader can tell)",
            "0",
            silent == 0,
            str(seed + 1),
        ),
    ]


def tried(count: int, seed: int) -> Counter[str]:
    """What became of ``count`` mutated inputs."""
    chance = random.Random(seed)
    decoder = Decoder(_SITE, Pseudonymiser(bytes(32)))
    corpus = [("x.dcm", content) for content in seeds(20_000)] + other_seeds()
    kinds = [corpus[: len(corpus) - 8], corpus[-8:]]
    found: Counter[str] = Counter()
    for _ in range(count):
        name, content = chance.choice(kinds[chance.random() < 0.25])
        content = damaged(content, chance)
        try:
            arrival = decoder.decode(Input(name, name, len(content), content=content))
        except Exception as error:  # noqa: BLE001 (this is what is looked for)
            found[f"uncaught {type(error).__name__}"] += 1
        else:
            found["code" if arrival.fate is not None else "record"] += 1
    return found


def cut(count: int, seed: int) -> Counter[str]:
    """What became of whole objects that were cut at random."""
    from ecorad.intake.dicom.meta import read_meta
    from ecorad.intake.dicom.reader import read_header
    from ecorad.intake.dicom.source import BytesSource
    from ecorad.model import DecodeError

    chance = random.Random(seed)
    whole = [content for content in seeds(60_000) if _is_whole(content) and not read_meta(content).is_deflated]
    found: Counter[str] = Counter()
    for _ in range(count):
        content = chance.choice(whole)
        at = chance.randrange(140, _last_byte(content))
        try:
            header, _ = read_header(BytesSource(content[:at]))
        except DecodeError:
            found["refused"] += 1
            continue
        if _STUDY not in header.elements:
            found["refused"] += 1  # no record without the UIDs, which stand early
            continue
        # A cut right before an element leaves an object that could have been written so.
        found["boundary" if header.pixel_offset is None and _ends_well(content, at) else "silent"] += 1
    return found


def _is_whole(content: bytes) -> bool:
    from ecorad.intake.dicom.reader import read_header
    from ecorad.intake.dicom.source import BytesSource
    from ecorad.model import DecodeError

    try:
        read_header(BytesSource(content))
    except (DecodeError, ValueError, TypeError, AttributeError):
        return False
    return True


def _last_byte(content: bytes) -> int:
    """Where the object ends and padding begins, which holds nothing."""
    at = content.rfind(b"\xfc\xff\xfc\xff")
    return at if at > 0 else len(content)


def _ends_well(content: bytes, at: int) -> bool:
    from ecorad.intake.dicom.meta import read_meta
    from ecorad.intake.dicom.source import BytesSource
    from ecorad.intake.dicom.structure import Scanner

    meta = read_meta(content)
    scanner = Scanner(BytesSource(content), implicit=meta.is_implicit, big_endian=meta.is_big_endian)
    place = meta.start
    while place < at:
        element = scanner._head(place, len(content), meta.is_implicit)
        place = scanner._after(element, len(content), {}, meta.is_implicit, 0)
    return place == at

"""One simulated exam: who, what, when, and what the scanner really did."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from hashlib import blake2b

from .catalogue import ExamKind, Product, products
from .settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisition:
    """One acquisition that leaves images; seconds since the start of the simulation, on the true clock.

    ``kw_share`` places its power on the line from the scanner's ``ready`` level (0) to its ``scan`` level (1).
    """

    start_s: int
    end_s: int
    protocol: str
    kind: str
    kw_share: float
    has_contrast: bool = False
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Beam:
    """A stretch in which the scanner draws scan power, with or without images."""

    start_s: int
    end_s: int
    kw_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """One injection and the pack it came from; ``written`` says how the header tells of it."""

    product: Product
    given_ml: float
    pack_ml: float
    start_s: int
    written: str

    @property
    def left_ml(self) -> float:
        """What stayed in the pack. [mL]"""
        return round(self.pack_ml - self.given_ml, 3)

    @property
    def active_g(self) -> float:
        """Iodine or gadolinium given. [g]"""
        return self.given_ml * self.product.active_mg_ml / 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """One session at one scanner; ``key`` is unique in the simulation and gives all its UIDs."""

    key: str
    alias: str
    number: int
    kind: ExamKind
    patient: str
    booked: str
    enters_s: int
    leaves_s: int
    acquisitions: tuple[Acquisition, ...]
    beams: tuple[Beam, ...]
    contrast: Contrast | None = None
    is_exam: bool = True
    duplicate_of: str = ""
    repeat_of: str = ""
    derived_after_s: int | None = None

    @property
    def start_s(self) -> int:
        """Start of the first acquisition. [s]"""
        return self.acquisitions[0].start_s

    @property
    def end_s(self) -> int:
        """End of the last acquisition. [s]"""
        return max(acquisition.end_s for acquisition in self.acquisitions)


def uid(seed: int, *parts: object) -> str:
    """A UID of the UUID-derived root (PS3.5 B.2), always the same for the same ``seed`` and ``parts``.

    >>> uid(1, "study", "MR-1/000001").startswith("2.25.")
    True
    """
    digest = blake2b("/".join(map(str, (seed, *parts))).encode(), digest_size=16).digest()
    return f"2.25.{uuid.UUID(bytes=digest, version=4).int}"


def draw_contrast(
    names: tuple[str, ...], habit: str, acquisitions: tuple[Acquisition, ...], rng: random.Random
) -> Contrast:
    """The injection for the first acquisition that shows contrast; one header in ten loses its volume."""
    product = products()[rng.choice(names)]
    written = "agent_only" if rng.random() < 0.1 else habit
    low, high = product.given_ml
    given_ml = min(high, max(low, round(rng.uniform(low, high) / product.round_ml) * product.round_ml))
    fitting = [size for size in product.packs_ml if size >= given_ml]
    pack_ml = fitting[1] if len(fitting) > 1 and rng.random() < 0.15 else fitting[0]
    first = next(acquisition.start_s for acquisition in acquisitions if acquisition.has_contrast)
    start_s = first - rng.randint(20, 60)
    return Contrast(product=product, given_ml=given_ml, pack_ml=pack_ml, start_s=start_s, written=written)


def choose_kind(kinds: tuple[ExamKind, ...], rng: random.Random) -> ExamKind:
    """One kind by its share."""
    pick = rng.random() * sum(kind.share for kind in kinds)
    for kind in kinds:
        pick -= kind.share
        if pick < 0:
            return kind
    return kinds[-1]


def sequence_share(settings: Settings, rng: random.Random) -> float:
    """Power of one MR sequence between ready (0) and scan (1): gamma with mean 1 and SD 0.6.

    The SD follows Woolen 2023: 8.6-11.8 kW within the scan state, on 17 kW between ready and scan. Without overlap
    it never falls below 0.35; with overlap, that share of sequences lies within -0.1 to 0.2, the band of ready.
    """
    if rng.random() < settings.overlap:
        return rng.uniform(-0.1, 0.2)
    return min(3.0, max(0.35, rng.gammavariate(1 / 0.36, 0.36)))

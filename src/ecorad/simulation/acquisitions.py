"""What a scanner does during one exam, by modality: acquisitions with images, and every stretch of scan power."""

from __future__ import annotations

import random
from collections.abc import Callable

from .catalogue import ExamKind
from .exams import Acquisition, Beam, sequence_share
from .settings import Settings

Acquired = tuple[tuple[Acquisition, ...], tuple[Beam, ...]]
PREPARATION_S = {"MR": (180, 330), "CT": (120, 240), "DX": (45, 90), "US": (60, 120), "XA": (480, 900)}
LEAVING_S = {"MR": (60, 150), "CT": (60, 150), "DX": (30, 50), "US": (40, 90), "XA": (180, 420)}


def acquire(kind: ExamKind, start_s: int, *, contrast: bool, settings: Settings, rng: random.Random) -> Acquired:
    """One exam of ``kind`` whose first acquisition starts at ``start_s``."""
    return _ACQUIRE[kind.modality](kind, start_s, contrast, settings, rng)


def quality_check(modality: str, start_s: int, rng: random.Random) -> Acquired:
    """The morning's phantom scan: two short acquisitions."""
    lengths = {"MR": (90, 150), "CT": (4, 8), "DX": (1, 2), "US": (1, 2), "XA": (4, 6)}[modality]
    acquisitions = []
    moment = start_s
    for number in range(2):
        end_s = moment + rng.randint(*lengths)
        share = 0.6 + 0.2 * rng.random()
        acquisitions.append(
            Acquisition(start_s=moment, end_s=end_s, protocol=f"qa_{number + 1}", kind="scan", kw_share=share)
        )
        moment = end_s + rng.randint(30, 60)
    return tuple(acquisitions), _beams(acquisitions)


def _beams(acquisitions: list[Acquisition]) -> tuple[Beam, ...]:
    return tuple(Beam(one.start_s, one.end_s, one.kw_share) for one in acquisitions)


def _magnetic(kind: ExamKind, start_s: int, contrast: bool, settings: Settings, rng: random.Random) -> Acquired:
    count = rng.randint(*kind.acquisitions)
    window_s = 60.0 * rng.uniform(*kind.window_min)
    gaps_s = [rng.randint(15, 60) for _ in range(count - 1)]
    weights = [rng.uniform(0.5, 1.5) for _ in range(count - 1)]
    scan_s = max(60.0 * (count - 1), window_s - sum(gaps_s) - 25)
    names = [kind.protocols[n % len(kind.protocols)] for n in range(count)]
    first_contrast = max(1, count - 2) if contrast else count
    acquisitions = []
    moment = start_s
    for n, name in enumerate(names):
        length_s = 25 if n == 0 else max(20, round(scan_s * weights[n - 1] / sum(weights)))
        share = 0.5 if n == 0 else sequence_share(settings, rng)
        again = n > 0 and rng.random() < settings.repeat_series
        for is_repeat in (False, True) if again else (False,):
            acquisitions.append(
                Acquisition(
                    start_s=moment,
                    end_s=moment + length_s,
                    protocol=name,
                    kind="localizer" if n == 0 else "scan",
                    kw_share=share,
                    has_contrast=n >= first_contrast,
                    is_repeat=is_repeat,
                )
            )
            moment += length_s + (gaps_s[n] if n < len(gaps_s) else rng.randint(15, 60))
    return tuple(acquisitions), _beams(acquisitions)


def _tomographic(kind: ExamKind, start_s: int, contrast: bool, settings: Settings, rng: random.Random) -> Acquired:
    count = rng.randint(*kind.acquisitions)
    window_s = 60.0 * rng.uniform(*kind.window_min)
    lengths_s = [rng.randint(4, 6), *(rng.randint(5, 13) for _ in range(count - 1))]
    # The long wait is between the topogram and the first spiral: planning the range, starting the injection.
    weights = [1.0, *(rng.uniform(0.3, 0.6) for _ in range(count - 2))]
    free_s = max(20.0 * (count - 1), window_s - sum(lengths_s))
    acquisitions = []
    moment = start_s
    for n, length_s in enumerate(lengths_s):
        name = kind.protocols[min(n, len(kind.protocols) - 1)]
        again = n > 0 and rng.random() < settings.repeat_series / 2
        for is_repeat in (False, True) if again else (False,):
            acquisitions.append(
                Acquisition(
                    start_s=moment,
                    end_s=moment + length_s,
                    protocol=name,
                    kind="localizer" if n == 0 else "scan",
                    kw_share=0.15 if n == 0 else rng.uniform(0.6, 1.2),
                    has_contrast=contrast and n > 0 and n >= count - 2,
                    is_repeat=is_repeat,
                )
            )
            moment += length_s + (round(free_s * weights[n] / sum(weights)) if n < count - 1 else rng.randint(20, 40))
    return tuple(acquisitions), _beams(acquisitions)


def _projection(kind: ExamKind, start_s: int, contrast: bool, settings: Settings, rng: random.Random) -> Acquired:
    count = rng.randint(*kind.acquisitions)
    gap_s = round(60.0 * rng.uniform(*kind.window_min) / max(1, count - 1))
    acquisitions = []
    moment = start_s
    for n in range(count):
        again = rng.random() < settings.repeat_series
        for is_repeat in (False, True) if again else (False,):
            acquisitions.append(
                Acquisition(
                    start_s=moment,
                    end_s=moment + rng.randint(1, 2),
                    protocol=kind.protocols[n % len(kind.protocols)],
                    kind="exposure",
                    kw_share=rng.uniform(0.7, 1.3),
                    is_repeat=is_repeat,
                )
            )
            moment += max(20, gap_s + rng.randint(-8, 8))
    return tuple(acquisitions), _beams(acquisitions)


def _ultrasound(kind: ExamKind, start_s: int, contrast: bool, settings: Settings, rng: random.Random) -> Acquired:
    """Images are moments of one live scan, which begins before the first and ends after the last."""
    count = rng.randint(*kind.acquisitions)
    slot_s = round(60.0 * rng.uniform(*kind.window_min) / count)
    acquisitions = []
    for n in range(count):
        is_clip = n > 0 and rng.random() < 0.3
        begins_s = start_s + n * slot_s + (rng.randint(0, slot_s // 2) if n else 0)
        acquisitions.append(
            Acquisition(
                start_s=begins_s,
                end_s=begins_s + (rng.randint(3, 6) if is_clip else 1),
                protocol=kind.protocols[0],
                kind="clip" if is_clip else "image",
                kw_share=1.0,
            )
        )
    live = Beam(start_s - 30, acquisitions[-1].end_s + 10, rng.uniform(0.8, 1.2))
    return tuple(acquisitions), (live,)


def _angiography(kind: ExamKind, start_s: int, contrast: bool, settings: Settings, rng: random.Random) -> Acquired:
    """Stored runs among many short fluoroscopies that leave no image."""
    count = rng.randint(*kind.acquisitions)
    slot_s = round(60.0 * rng.uniform(*kind.window_min) / count)
    acquisitions, beams = [], []
    moment = start_s - 300
    for n in range(count):
        begins_s = start_s + n * slot_s + (rng.randint(0, slot_s // 4) if n else 0)
        beams += _fluoroscopies(moment, begins_s - 5, rng)
        end_s = begins_s + rng.randint(5, 9)
        share = rng.uniform(0.9, 1.4)
        acquisitions.append(
            Acquisition(
                start_s=begins_s,
                end_s=end_s,
                protocol=kind.protocols[0],
                kind="run",
                kw_share=share,
                has_contrast=contrast,
            )
        )
        beams.append(Beam(begins_s, end_s, share))
        moment = end_s + 10
    return tuple(acquisitions), tuple(beams)


def _fluoroscopies(from_s: int, until_s: int, rng: random.Random) -> list[Beam]:
    found = []
    moment = from_s + rng.randint(5, 30)
    while moment + 30 < until_s:
        end_s = moment + rng.randint(5, 25)
        found.append(Beam(moment, end_s, rng.uniform(0.4, 0.8)))
        moment = end_s + rng.randint(15, 60)
    return found


_ACQUIRE: dict[str, Callable[[ExamKind, int, bool, Settings, random.Random], Acquired]] = {
    "MR": _magnetic,
    "CT": _tomographic,
    "DX": _projection,
    "US": _ultrasound,
    "XA": _angiography,
}

"""The scanners of a simulated department: model, serial, power levels, meter, and how much each is left on."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass

from ecorad.model import InputError

from .catalogue import MODALITIES, Model, habits, models, power_ranges_kw
from .settings import Settings

STATES = ("off", "power_save", "idle", "ready", "scan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """One scanner. ``level_kw`` has only the states this kind of scanner knows."""

    index: int
    alias: str
    serial: str
    station: str
    model: Model
    level_kw: Mapping[str, float]
    night_state: str
    left_on: float
    is_metered: bool

    @property
    def modality(self) -> str:
        """DICOM modality."""
        return self.model.modality


def draw_scanners(count: int, settings: Settings, seed: int) -> tuple[Scanner, ...]:
    """``count`` scanners, the modalities in turn; model, levels and habits are drawn from ``seed``.

    >>> [scanner.alias for scanner in draw_scanners(6, Settings(), seed=1)]
    ['MR-1', 'CT-1', 'DX-1', 'US-1', 'XA-1', 'MR-2']
    """
    if count < 1:
        raise InputError("a simulation needs at least one scanner")
    return tuple(_scanner(index, count, settings, seed) for index in range(count))


def _scanner(index: int, count: int, settings: Settings, seed: int) -> Scanner:
    modality, nth = MODALITIES[index % len(MODALITIES)], index // len(MODALITIES)
    choices = models()[modality]
    first = random.Random(f"{seed}/{modality}/model").randrange(len(choices))
    rng = random.Random(f"{seed}/{index}/scanner")
    return Scanner(
        index=index,
        alias=f"{modality}-{nth + 1}",
        serial=f"SIM-{modality}-{1001 + index}",
        station=f"SIM{modality}{nth + 1:02d}",
        model=choices[(first + nth) % len(choices)],
        level_kw=_levels_kw(modality, settings, rng),
        night_state=rng.choice(habits()[modality].night_states),
        left_on=min(1.0, settings.left_on * rng.uniform(0.4, 1.6)),
        is_metered=index < count - settings.unmetered,
    )


def _levels_kw(modality: str, settings: Settings, rng: random.Random) -> dict[str, float]:
    """Levels within the published ranges; a scanner high in one state is mostly high in the others.

    The ranges of neighbouring states overlap between scanners, but each study saw them apart on each of its
    scanners: ready is at least 1.15 times idle, scan 1.4 times ready.
    """
    size = rng.random()
    level_kw = {}
    for state, (low, high) in power_ranges_kw()[modality].items():
        level_kw[state] = low + (high - low) * (0.7 * size + 0.3 * rng.random())
    level_kw["ready"] = max(level_kw["ready"], 1.15 * level_kw["idle"])
    level_kw["scan"] = max(level_kw["scan"], 1.4 * level_kw["ready"])
    scale = math.exp(rng.gauss(0.0, settings.scale_spread))
    return {state: kw * scale for state, kw in level_kw.items()}

"""Generated registers over changes of clocks, resets, roll-overs, gaps and late rows: not a watt-hour made or lost."""

from __future__ import annotations

import io
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from .figure import Figure
from .side_by_side import shared

FULL = 10_000
_ZONE = ZoneInfo("Europe/Amsterdam")
_WIDTH = 100_000
# Local midnight, in UTC, before a day of 25, 23 and 24 hours.
_STARTS = [
    datetime(2026, 10, 24, 22, tzinfo=UTC),
    datetime(2026, 3, 28, 23, tzinfo=UTC),
    datetime(2026, 6, 1, 22, tzinfo=UTC),
]
_SAME_KWH = 1e-6
Rows = list[tuple[datetime, int]]  # moment, register in Wh


def measure(scale: float, seed: int) -> list[Figure]:
    """Decode each meter's file and hold the sum of its intervals against its register."""
    found: Counter[str] = Counter()
    for part in shared(balanced, max(160, int(FULL * scale)), seed):
        found.update(part)
    return [
        Figure(
            "S12",
            "sum of intervals against the register of generated meters: days of 23, 24 and 25 hours in local and "
            "universal time, resets, roll-overs, rows that are missing, late or twice",
            f"{found['wrong']} wrong in {found['meters']:,} ({found['reset']:,} with a reset, {found['roll-over']:,} with a "
            f"roll-over, {found['missing']:,} with rows missing, {found['late']:,} late, {found['local']:,} in local time)",
            "0 in 10,000, beyond what is declared unknown",
            not found["wrong"] and found["meters"] > 0,
            str(seed),
        )
    ]


def balanced(count: int, seed: int) -> Counter[str]:
    """What became of ``count`` meters."""
    chance, found = random.Random(seed), Counter[str]()
    for _ in range(count):
        kinds = {kind for kind in ("reset", "roll-over", "missing", "late", "twice", "local") if chance.random() < 0.35}
        if "local" in kinds:
            kinds -= {"late"}  # rows out of order in the hour that comes twice cannot be told apart by anybody
        if "reset" in kinds:
            kinds -= {"roll-over"}
        found.update(["meters", *kinds])
        found["wrong"] += not _holds(kinds, chance)
    return found


def _holds(kinds: set[str], chance: random.Random) -> bool:
    from ecorad.intake.identity import Pseudonymiser
    from ecorad.intake.meters import decode
    from ecorad.model import MeterEntry, Site

    rows, known_wh, unknown_us = _register(kinds, chance)
    entry = MeterEntry(
        id="m", unit="kWh", kind="register", interval_s=900.0, register_max=_WIDTH, plausible_kw=(0.0, 100.0)
    )
    site = Site(name="Proof", timezone="Europe/Amsterdam", meters=(entry,))
    file = io.BytesIO(_written(rows, kinds, chance))
    [one] = decode(file, name="m.csv", feed="m", site=site, pseudonymiser=Pseudonymiser(bytes(32))).readings
    unknown = np.isnan(one.energy_kwh)
    lengths = (one.end_us - one.start_us)[unknown]
    covers = (int(one.start_us[0]), int(one.end_us[-1])) == (_us(rows[0][0]), _us(rows[-1][0]))
    joined = bool((one.start_us[1:] == one.end_us[:-1]).all())
    sums = abs(float(one.energy_kwh[~unknown].sum()) - known_wh / 1000) < _SAME_KWH
    return sums and int(lengths.sum()) == unknown_us and covers and joined


def _register(kinds: set[str], chance: random.Random) -> tuple[Rows, int, int]:
    """The rows of a register, what was counted beside a reset, and how long the reset leaves unknown. [Wh, us]"""
    at, step = chance.choice(_STARTS), timedelta(minutes=15)
    used = [chance.choice((0, chance.randrange(1, 5_000))) for _ in range(chance.choice((99, 120, 190)))]
    width = _WIDTH * 1000
    value = width - sum(used) // 2 if "roll-over" in kinds else chance.randrange(20_000_000, 60_000_000)
    reset = chance.randrange(10, len(used) - 10) if "reset" in kinds else -1
    rows: Rows = [(at, value)]
    for number, wh in enumerate(used):
        value = chance.randrange(0, 200) if number == reset else (value + wh) % width
        rows.append((at + step * (number + 1), value))
    if "missing" in kinds:
        near = {reset + n for n in range(-1, 4)}  # a reset between two rows far apart is not told from a long use
        gone = {n for n in range(2, len(rows) - 2) if chance.random() < 0.15 and n not in near}
        rows = [row for number, row in enumerate(rows) if number not in gone]
    known = sum((later - one) % width for (_, one), (_, later) in pairwise(rows) if later >= one or reset < 0)
    unknown = 900_000_000 if reset >= 0 else 0
    return rows, known, unknown


def _written(rows: Rows, kinds: set[str], chance: random.Random) -> bytes:
    """The rows as a file."""
    lines = [f"{_stamp(at, kinds)},{wh // 1000}.{wh % 1000:03d}" for at, wh in rows]
    if "twice" in kinds:
        for number in sorted(chance.sample(range(len(lines)), 5), reverse=True):
            lines.insert(number, lines[number])
    if "late" in kinds:
        for _ in range(4):
            one = chance.randrange(2, len(lines) - 6)
            lines.insert(one + chance.randrange(1, 4), lines.pop(one))
    return ("time,register [kWh]\n" + "\n".join(lines) + "\n").encode()


def _stamp(at: datetime, kinds: set[str]) -> str:
    return at.astimezone(_ZONE).strftime("%Y-%m-%dT%H:%M") if "local" in kinds else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _us(at: datetime) -> int:
    return round(at.timestamp()) * 1_000_000

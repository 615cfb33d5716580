"""How long the plan of a day of 40 injections takes. Aim: proved optimal within 10 s."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta

from ecorad.planning.packs import Injection, Pack, PackProblem, plan_packs

from .harness import Timing

BEGIN = datetime(2026, 3, 2, 8)  # noqa: DTZ001
VOLUMES_ML = (40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100, 110, 120)
SHELF = (
    Pack("50", 50, 18, False, 0),
    Pack("75", 75, 24, False, 0),
    Pack("100", 100, 29, False, 0),
    Pack("200", 200, 52, True, 4),
    Pack("500", 500, 105, True, 8),
)
DAYS = 20


def measure() -> list[Timing]:
    """Twenty hard mixed days, least cost; how many were proved is told in the name."""
    taken, proved = [], 0
    for seed in range(DAYS):
        begun = time.perf_counter()
        proved += plan_packs(_day(seed), time_limit_s=9.5).status == "optimal"
        taken.append(time.perf_counter() - begun)
    taken.sort()
    what = f"a day of 40 injections: {proved} of {DAYS} proved optimal in 10 s"
    return [Timing(what, taken[DAYS // 2], taken[0], taken[-1])]


def _day(seed: int) -> PackProblem:
    dice = random.Random(seed)
    volumes = [dice.choice(VOLUMES_ML) for _ in range(40)]
    minutes = dice.choice([8, 10, 12, 15])
    injections = tuple(
        Injection(f"i{n}", BEGIN + timedelta(minutes=n * minutes + dice.randint(0, 5)), volume)
        for n, volume in enumerate(volumes)
    )
    return PackProblem(injections, SHELF, sharing=True)

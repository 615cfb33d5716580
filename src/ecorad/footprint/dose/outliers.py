"""Doses far from those of like exams, and alerts that fire once a cause."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from .study import StudyDoses

# A robust score beyond which a value is looked at (Iglewicz and Hoaglin 1993), and the exams it takes to have one.
_THRESHOLD, _MINIMUM = 3.5, 20
_MAD_TO_SIGMA = 1.4826  # of a normal distribution
_QUANTITY = {"CT": "dlp_mgy_cm", "MG": "glandular_left_mgy"}


@dataclass(frozen=True, slots=True)
class Alert:
    """One exam with an unusual dose: ``cause`` is the same whenever the same thing is found again."""

    cause: str
    device_key: str
    study_key: str
    quantity: str
    value: float
    usual: float
    score: float


def outliers(doses: StudyDoses) -> tuple[Alert, ...]:
    """Studies whose dose lies far above those of the same device, protocol and age.

    The score is that of the logarithm against median and median absolute deviation, so that a few outliers do not hide
    each other. Low doses are no alert; groups of fewer than 20 exams have none.
    """
    found = []
    for (device, _, _, quantity), places in sorted(_alike(doses).items()):
        if len(places) < _MINIMUM:
            continue
        logs = np.log([doses.totals[quantity][i] for i in places])
        median = float(np.median(logs))
        spread = _MAD_TO_SIGMA * float(np.median(np.abs(logs - median)))
        if spread == 0:
            continue
        for i, log in zip(places, logs, strict=True):
            score = (float(log) - median) / spread
            if score > _THRESHOLD:
                study = str(doses.study_key[i])
                value = float(doses.totals[quantity][i])
                found.append(
                    Alert(f"high dose:{quantity}:{study}", device, study, quantity, value, math.exp(median), score)
                )
    return tuple(found)


def new_alerts(found: Collection[Alert], fired: Collection[str]) -> tuple[Alert, ...]:
    """Those whose cause has not fired before, each once.

    >>> one = Alert("high dose:dlp_mgy_cm:s1", "d", "s1", "dlp_mgy_cm", 9.0, 1.0, 5.0)
    >>> len(new_alerts([one, one], fired=())), len(new_alerts([one], fired={one.cause}))
    (1, 0)
    """
    first = {alert.cause: alert for alert in found if alert.cause not in fired}
    return tuple(first.values())


def _alike(doses: StudyDoses) -> dict[tuple[str, str, str, str], list[int]]:
    groups: dict[tuple[str, str, str, str], list[int]] = {}
    for i in range(len(doses)):
        quantity = _QUANTITY.get(doses.modality[i], "dose_area_product_gy_m2")
        if doses.totals[quantity][i] > 0 and doses.protocol[i]:
            groups.setdefault((doses.device_key[i], doses.protocol[i], doses.age_band[i], quantity), []).append(i)
    return groups

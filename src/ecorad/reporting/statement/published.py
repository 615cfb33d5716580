"""The ``published`` section: scanners of unknown electricity, by published figures per exam."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ecorad.factors import FactorBook, adapted, exam_footprint
from ecorad.footprint.published import published_co2e
from ecorad.footprint.results import DeviceEnergy
from ecorad.model import FactorNotFoundError

from .quantities import quantity


def published_section(
    devices: Iterable[DeviceEnergy], book: FactorBook, *, grid_zone: str | None, year: int
) -> list[dict[str, Any]]:
    """One row a device that has exams, but no energy by any better tier, and of whose kind a figure was published."""
    rows = (_row(device, book, grid_zone, year) for device in devices if not device.energy.is_known)
    return [row for row in rows if row is not None]


def _row(device: DeviceEnergy, book: FactorBook, grid_zone: str | None, year: int) -> dict[str, Any] | None:
    exams = len(device.exams)
    if not exams or device.device.modality is None:
        return None
    try:
        row = exam_footprint(device.device.modality, factor_book=book)
    except FactorNotFoundError:
        return None
    factor = adapted(row, region=grid_zone, year=year).factor
    return {
        "device": device.device.device_key,
        "alias": device.device.alias,
        "modality": device.device.modality,
        "exams": exams,
        "co2e_kg": quantity(published_co2e(exams, factor)),
        "covers": list(factor.boundary.names),
    }

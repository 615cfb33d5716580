"""The ``variants`` section: protocols of one modality and region, by what an exam takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.findings.protocol_variants import MEASURES, Median, Variants, protocol_variants
from ecorad.footprint.results import DepartmentEnergy
from ecorad.model import Origin, Quantity
from ecorad.model.clock import MICROSECONDS_PER_DAY, wall_us

from .quantities import quantity

Columns = Mapping[str, NDArray[Any]]
UNITS = {"kwh": "kW.h", "minutes": "min", "dose_msv": "mSv", "contrast_ml": "mL", "contrast_g": "g"}
# Minutes and contrast are what headers say; dose rests on published factors.
ORIGINS = {"kwh": Origin.MEASURED, "dose_msv": Origin.MODELLED}
METHOD = "median"
_METERED, _KNOWN = 3.0, 0.9
_GRAMS = {"iodine": "iodine_g", "gadolinium": "gadolinium_g"}


def variants_section(
    found: DepartmentEnergy,
    studies: Columns,
    protocols: Mapping[str, str | None],
    administrations: Columns,
    dose_msv: Mapping[str, Quantity],
    *,
    zone: str,
) -> list[dict[str, Any]]:
    """One row a modality and region with several protocols.

    Parameters
    ----------
    protocols : mapping of study key to name
        The protocols of each study, together.
    dose_msv : mapping of study key to Quantity
        Effective dose of CT.
    """
    exams = found.exam_energy
    keys = exams["study_key"]
    region, patient = (
        dict(zip(studies["study_key"], studies[name], strict=True)) for name in ("body_region", "patient_key")
    )
    # Times that are not known are the smallest integer; so is their difference then, or 0.
    start, end = (np.asarray(exams[name]).astype("datetime64[us]").astype(np.int64) for name in _TIMES)
    timed = (start > np.iinfo(np.int64).min) & (end > start)
    ended = np.array(["end_unknown" not in str(flags).split("|") for flags in exams["flags"]], dtype=bool)
    metered = (exams["tier"] == _METERED) & (exams["known_fraction"] >= _KNOWN)
    volume, grams = _given(administrations)
    dose = {key: one.value for key, one in dose_msv.items() if one.value is not None}
    rows = protocol_variants(
        modality=exams["modality"],
        region=np.array([region.get(key) for key in keys], dtype=object),
        name=np.array([protocols.get(key) for key in keys], dtype=object),
        patient=np.array([patient.get(key) for key in keys], dtype=object),
        day=wall_us(np.where(timed, start, 0), zone) // MICROSECONDS_PER_DAY,
        amounts={
            "kwh": np.where(metered, exams["active_kwh"], np.nan),
            "minutes": np.where(timed & ended, (end - np.where(timed, start, end)) / 60e6, np.nan),
            "dose_msv": np.array([dose.get(key, np.nan) for key in keys], dtype=np.float64),
            "contrast_ml": np.array([volume.get(key, np.nan) for key in keys], dtype=np.float64),
            "contrast_g": np.array([grams.get(key, np.nan) for key in keys], dtype=np.float64),
        },
    )
    return [_row(one) for one in rows]


_TIMES = ("started_utc", "ended_utc")


def _given(administrations: Columns) -> tuple[dict[str, float], dict[str, float]]:
    """Iodine and gadolinium contrast of each study: mL and g of the element; unknown when a part of it is."""
    volume: dict[str, float] = {}
    grams: dict[str, float] = {}
    for n, (key, kind) in enumerate(zip(administrations["study_key"], administrations["kind"], strict=True)):
        if kind in _GRAMS:
            volume[key] = volume.get(key, 0.0) + float(administrations["volume_ml"][n])
            grams[key] = grams.get(key, 0.0) + float(administrations[_GRAMS[kind]][n])
    return volume, grams


def _row(group: Variants) -> dict[str, Any]:
    return {
        "modality": group.modality,
        "region": group.region,
        "ranked_by": group.ranked_by,
        "variants": [
            {
                "protocol": one.name,
                "exams": one.exams,
                "days": one.days,
                "apart": one.apart,
                "medians": {name: _median(one.medians[name], name) for name in MEASURES},
                "median_exams": {name: 0 if (m := one.medians[name]) is None else m.exams for name in MEASURES},
            }
            for one in group.variants
        ],
    }


def _median(one: Median | None, measure: str) -> dict[str, Any]:
    unit = UNITS[measure]
    if one is None:
        return quantity(Quantity(None, unit, method=METHOD), "few_exams")
    origin = ORIGINS.get(measure, Origin.REPORTED)
    return quantity(Quantity(one.value, unit, low=one.low, high=one.high, origin=origin, method=METHOD))

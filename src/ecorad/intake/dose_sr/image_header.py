"""Dose in the headers of radiographs and mammograms: each image is an exposure of its own."""

from __future__ import annotations

import math
from typing import Any

from . import codes
from .context import Context
from .elements import TAG, VR_OF_TAG
from .text import number, plain
from .tree import IMPLAUSIBLE, code_in

_SIDES = {"L": "left", "R": "right", "B": "both"}


def read(context: Context) -> None:
    """The exposure of one image, if its header tells a dose or an exposure index."""
    instance = context.instance
    micro = _number(context, "ExposureInuAs", 1e9, zero=False)
    whole = _number(context, "Exposure", 1e6, zero=False)
    facts: dict[str, Any] = {
        "modality": instance.modality,
        "body_region": instance.body_region,
        "protocol_name": instance.protocol_name,
        "event_type": "stationary",
        "laterality": _SIDES.get(plain(context.root.get(TAG["ImageLaterality"]))),
        "view": plain(context.root.get(TAG["ViewPosition"])) or None,
        "irradiation_s": _scaled(_number(context, "ExposureTime", 8.64e7, zero=False), 1e-3),
        "kvp": _number(context, "KVP", 400.0, zero=False),
        "tube_current_ma": _number(context, "XRayTubeCurrent", 5e3, zero=False),
        "exposure_mas": whole if micro is None else micro * 1e-3,
        # dGy.cm2 (PS3.3 C.8.7.2); an image without a meter writes 0.
        "dose_area_product_gy_m2": _scaled(
            _number(context, "ImageAndFluoroscopyAreaDoseProduct", 1e5, zero=False), 1e-5
        ),
        # dGy (PS3.3 C.4.16).
        "average_glandular_dose_mgy": _scaled(_number(context, "OrganDose", 5.0, zero=False), 100.0)
        if instance.modality == "MG"
        else None,
        "entrance_dose_mgy": _number(context, "EntranceDoseInmGy", 1e3, zero=False),
        "compression_mm": _number(context, "BodyPartThickness", 500.0, zero=False),
        "exposure_index": _number(context, "ExposureIndex", 1e6, zero=False),
        "target_exposure_index": _number(context, "TargetExposureIndex", 1e6, zero=False),
        "deviation_index": _number(context, "DeviationIndex", 100.0, low=-100.0),
    }
    doses = ("dose_area_product_gy_m2", "average_glandular_dose_mgy", "entrance_dose_mgy", "exposure_index")
    if all(facts[name] is None for name in doses):
        return
    uid = plain(context.root.get(TAG["IrradiationEventUID"])).split("\\")[0] or None
    started = instance.acquisition_start_utc or instance.content_utc
    # Presentation and processing images of one exposure share its time and technique, and often no UID.
    technique = (instance.device_key, started, facts["laterality"], facts["exposure_mas"], *(facts[n] for n in doses))
    key = context.event_key(uid, *(technique if started else (instance.record_key,)))
    context.event(key, started=started, zone=instance.event_zone, plane=None, **facts)


def phantom(context: Context) -> str | None:
    """The phantom of a CT image's dose index."""
    return codes.PHANTOMS.get(code_in(context.root.get(TAG["CTDIPhantomTypeCodeSequence"])))


def _number(context: Context, keyword: str, high: float, *, low: float = 0.0, zero: bool = True) -> float | None:
    tag = TAG[keyword]
    found = number(context.root.get(tag), VR_OF_TAG[tag])
    if found is None or (found == 0 and not zero):
        return None
    if math.isnan(found) or not low <= found <= high:
        context.notes.add(IMPLAUSIBLE, keyword, "not a number" if math.isnan(found) else "outside of what is possible")
        return None
    return found


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor

"""CT dose screens of one maker: pictures of a table whose numbers stand in the header as well."""

from __future__ import annotations

from typing import Any

from .context import Context
from .dataset import Item
from .elements import PRIVATE_DLP, TAG, VR_OF_TAG
from .text import number, plain

_KINDS = {"CONSTANT_ANGLE": "constant angle", "SPIRAL": "spiral", "SEQUENCED": "sequenced", "STATIONARY": "stationary"}
DOSE_INFO = "DOSE_INFO"


def read(context: Context) -> tuple[str | None, list[dict[str, Any]]]:
    """One event an item of ExposureDoseSequence (0040,030E); the totals from the private DLP (00E1,xx21)."""
    items = context.root.get(TAG["ExposureDoseSequence"])
    for place, item in enumerate(items if isinstance(items, list) else ()):
        dlp = _in(number(item.get(PRIVATE_DLP[3])), 1e5)
        series = plain(item.get(TAG["SeriesNumber"]))
        started, zone = context.zone.utc(plain(item.get(TAG["AcquisitionDateTime"])) or None)
        context.event(
            context.event_key(None, "screen", series, place),
            started=started,
            zone=zone,
            plane=None,
            modality="CT",
            event_type=_KINDS.get(plain(item.get(TAG["AcquisitionType"]))),
            body_region=context.instance.body_region,
            kvp=_in(_value(item, "KVP"), 400.0),
            tube_current_ma=_scaled(_in(_value(item, "TubeCurrentInuA"), 5e6), 1e-3),
            irradiation_s=_scaled(_in(_value(item, "ExposureTime"), 8.64e7), 1e-3),
            scan_length_mm=_in(_value(item, "ScanLength"), 1e4),
            pitch=_in(_value(item, "SpiralPitchFactor"), 20.0),
            ctdi_vol_mgy=_in(_value(item, "CTDIvol"), 5e3),
            dlp_mgy_cm=dlp,
        )
    declared = _in(_value(context.root, "TotalNumberOfExposures"), 1e6)
    total = _in(number(context.root.get(PRIVATE_DLP[3])), 1e5)
    return "CT", [
        {"plane": None, "events_declared": None if declared is None else round(declared), "dlp_mgy_cm": total}
    ]


def _value(item: Item, keyword: str) -> float | None:
    return number(item.get(TAG[keyword]), VR_OF_TAG[TAG[keyword]])


def _in(value: float | None, high: float) -> float | None:
    return value if value is not None and 0.0 <= value <= high else None


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor

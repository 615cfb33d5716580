"""Columns of events and reports, made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from ecorad.model import table

_DTYPES = {"float64": float, "int64": float, "timestamp": "datetime64[us]"}


def columns(name: str, *rows: dict[str, Any]) -> dict[str, Any]:
    """The columns of a table, what a row leaves out being unknown."""
    found = {}
    for place, column in enumerate(table(name).columns):
        values = [row.get(column.name, f"{name}-{i}" if place == 0 else None) for i, row in enumerate(rows)]
        dtype = _DTYPES.get(column.type, object)
        if dtype is float:
            values = [np.nan if value is None else value for value in values]
        elif column.type == "timestamp":
            values = [np.datetime64("NaT") if value is None else np.datetime64(value, "us") for value in values]
        array = np.empty(len(rows), dtype=dtype)
        array[:] = values
        found[column.name] = array
    return found


def ct(study: str, dlp: float | None, **facts: Any) -> dict[str, Any]:
    """A CT event of an adult's chest."""
    usual = {
        "modality": "CT",
        "body_region": "chest",
        "age_band": "adult",
        "phantom": "body_32cm",
        "device_key": "ct-1",
    }
    return {"study_key": study, "dlp_mgy_cm": dlp, "protocol_name": "Thorax", "event_type": "spiral", **usual, **facts}


def dx(study: str, at: str, **facts: Any) -> dict[str, Any]:
    """A radiograph."""
    usual = {"modality": "DX", "device_key": "dx-1", "protocol_name": "THORAX PA", "event_type": "stationary"}
    return {"study_key": study, "started_utc": at, "event_time_utc": at, **usual, **facts}

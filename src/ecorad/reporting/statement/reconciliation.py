"""The ``reconciliation`` section: feeders against the meters behind them, bills against their meters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from ecorad.footprint import DepartmentEnergy

from .quantities import number


def reconciliation_section(found: DepartmentEnergy, zone: str) -> dict[str, Any]:
    """Sums of the result tables ``feeder_day`` and ``bill``; the residual of a feeder is what nothing behind it saw."""
    return {"feeders": _feeders(found), "bills": _bills(found, ZoneInfo(zone))}


def _feeders(found: DepartmentEnergy) -> list[dict[str, Any]]:
    table = found.feeder_day
    if not table:
        return []
    behind = {meter.meter_key: meter.behind for meter in found.meters}
    rows = []
    for key in sorted(set(table["meter_key"])):
        mine = table["meter_key"] == key
        feeder, meters, residual = (table[f"{name}_kwh"][mine] for name in ("feeder", "meters", "residual"))
        worst = int(np.argmax(np.abs(residual)))
        rows.append(
            {
                "meter": key,
                "meters": list(behind.get(key, ())),
                "feeder_kwh": float(feeder.sum()),
                "meters_kwh": float(meters.sum()),
                "residual_kwh": float(residual.sum()),
                "compared_hours": float(table["compared_h"][mine].sum()),
                "worst_day": str(table["date"][mine][worst]),
                "worst_day_residual_kwh": float(residual[worst]),
            }
        )
    return rows


def _bills(found: DepartmentEnergy, zone: ZoneInfo) -> list[dict[str, Any]]:
    table = found.bill
    if not table:
        return []
    return [
        {
            "meter": key,
            "from": _local_day(table["first_utc"][n], zone).isoformat(),
            "to": (_local_day(table["last_utc"][n], zone) - timedelta(days=1)).isoformat(),
            "bill_kwh": float(table["bill_kwh"][n]),
            "meter_kwh": float(table["meter_kwh"][n]),
            "known_fraction": float(table["known_fraction"][n]),
            "residual_kwh": number(float(table["residual_kwh"][n])),
        }
        for n, key in enumerate(table["meter_key"])
    ]


def _local_day(moment: np.datetime64, zone: ZoneInfo) -> date:
    utc = moment.astype("datetime64[us]").astype(datetime).replace(tzinfo=UTC)
    local: datetime = utc.astimezone(zone)
    return local.date()

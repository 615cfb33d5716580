"""The check of the morning after: the plan that was written, against the last audit."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ecorad.model import InputError, PowerState
from ecorad.model.clock import to_us
from ecorad.planning.power.afterwards import kept

from .inputs import PlanInputs
from .write import FOLDER


def check_plan(inputs: PlanInputs, out_path: Path, day: date) -> dict[str, Any]:
    """What became of each stretch of the plan of one evening.

    Raises
    ------
    InputError
        When no plan was written for that evening.
    """
    path = out_path / FOLDER / f"power-{day.isoformat()}.json"
    if not path.exists():
        raise InputError(f"no plan was written for {day.isoformat()}", code="ecorad.power.no_plan")
    plan: dict[str, Any] = json.loads(path.read_text("utf-8"))
    end = plan["night"]["to"]
    rows = [
        (row["device"], PowerState(row["mode"]), _us(row["start"]), _us(row["wake"] or end)) for row in plan["roster"]
    ]
    power = {
        device["name"]: {PowerState(mode): facts["kw"] for mode, facts in device["modes"].items()}
        for device in plan["devices"]
    }
    found = kept(rows, {device.name: device for device in inputs.devices}, power)
    return {
        "date": plan["night"]["date"],
        "stretches": [
            {
                "device": one.device,
                "mode": one.mode.value,
                "start": row["start"],
                "wake": row["wake"],
                "planned_h": one.planned_h,
                "seen_h": one.seen_h,
                "as_planned_h": one.as_planned_h,
                "other_low_h": one.other_low_h,
                "awake_h": one.awake_h,
                "missed_kwh": one.missed_kwh if one.seen_h else None,
            }
            for one, row in zip(found, plan["roster"], strict=True)
        ],
    }


def _us(moment: str) -> int:
    return to_us(datetime.fromisoformat(moment))

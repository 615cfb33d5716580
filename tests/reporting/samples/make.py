# ruff: noqa: PLR0917 - the rows of tables are written as rows
"""Writes the two sample statements. Everything in them is invented; sums hold, so that a reader may check them.

Run ``python -m tests.reporting.samples.make`` from the repository root after a change of the schema.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STATES = ("off", "power_save", "idle", "ready", "scan")
CLASSES = ("exams", "gaps", "off_hours", "unexplained")
HOURS = 671.0  # 2 to 29 March 2026 in Amsterdam: the last day is an hour short
GRID, MARGINAL = (0.268, 0.241, 0.297), (0.42, 0.30, 0.56)
GRID_ID, MARGINAL_ID = "grid.average.NL.2023", "grid.marginal.NL.2024"
Json = dict[str, Any]


def quantity(value, low, high, unit, origin="measured", factors=(), method="", reason=None) -> Json:
    content = {"value": value, "low": low, "high": high, "unit": unit, "origin": origin}
    content |= {"factors": sorted(factors), "method": method}
    return content | ({"reason": reason} if reason else {})


def unknown(unit, reason, method="") -> Json:
    return quantity(None, None, None, unit, "default", (), method, reason)


def spread(value, percent, unit, origin="measured", factors=(), method="") -> Json:
    return quantity(
        round(value, 6),
        round(value * (1 - percent / 100), 6),
        round(value * (1 + percent / 100), 6),
        unit,
        origin,
        factors,
        method,
    )


def carbon(energy: Json, factor: tuple[float, float, float], factor_id: str, unit="kg{CO2e}") -> Json:
    if energy["value"] is None:
        return unknown(unit, energy["reason"], "carbon")
    value, low, high = (round(energy[k] * f, 6) for k, f in zip(("value", "low", "high"), factor, strict=True))
    origin = "modelled" if energy["origin"] == "measured" else energy["origin"]
    return quantity(value, low, high, unit, origin, {*energy["factors"], factor_id}, "carbon")


def both(energy: Json, marginal: Json, unit="kg{CO2e}", keys=("attributional", "consequential")) -> Json:
    return {keys[0]: carbon(energy, GRID, GRID_ID, unit), keys[1]: carbon(marginal, MARGINAL, MARGINAL_ID, unit)}


def hours_of(opens="07:30", closes="17:30", saturday=None, source="site") -> Json:
    week = {key: [opens, closes] for key in ("mon", "tue", "wed", "thu", "fri")}
    return {"source": source, **week, "sat": saturday, "sun": None}


def heat(low_kw, day_kw, night_kw, wobble, holes=(), saturday=False) -> list[list[float | None]]:
    """A week of mean power: idle at night, a ramp in the morning, a dip over lunch."""
    shape = {7: 0.55, 8: 0.9, 9: 1.0, 10: 1.0, 11: 0.97, 12: 0.78, 13: 0.95, 14: 0.98, 15: 0.9, 16: 0.72, 17: 0.4}
    rows: list[list[float | None]] = []
    for day in range(7):
        open_day = day < 5 or (day == 5 and saturday)
        row: list[float | None] = []
        for hour in range(24):
            busy = shape.get(hour, 0.0) * (1.0 if day < 5 else 0.5) if open_day else 0.0
            rest = night_kw if (day < 5 or saturday) else low_kw
            value = rest + (day_kw - rest) * busy + wobble * (((day * 3 + hour // 4) % 5 - 2) / 4 + (0.5 if 0 < busy < 1 else 0.0))
            row.append(None if (day, hour) in holes else round(max(value, low_kw), 3))
        rows.append(row)
    return rows


def starts(total: int, peak: int, saturday=False, evenings=False) -> list[list[int]]:
    shape = {7: 2, 8: 6, 9: 8, 10: 8, 11: 7, 12: 4, 13: 7, 14: 8, 15: 6, 16: 4, 17: 1}
    shape |= {18: 2, 20: 1, 22: 1, 2: 1} if evenings else {}
    weights = [
        [shape.get(h, 0) * (3 if d < 5 else (1 if (d == 5 and saturday) or evenings else 0)) for h in range(24)]
        for d in range(7)
    ]
    flat = [w for row in weights for w in row]
    counts = [total * w // sum(flat) for w in flat]
    place = sorted(range(168), key=lambda k: (-flat[k], k))
    for k in range(total - sum(counts)):
        counts[place[k % peak]] += 1
    return [counts[d * 24 : d * 24 + 24] for d in range(7)]


def per_exam(active: Json, allocated: Json, marginal: Json) -> Json:
    return {"active": active, "allocated": allocated, "marginal": marginal}


def metered(  # the arguments are the columns of a table
    key, alias, modality, maker, model, tesla, meter, resolution_s, exams, states, classes, floor, idle_kw, marginal_kwh
) -> Json:
    total = round(sum(classes), 3)
    width = 2.2
    energy = spread(total, width, "kW.h", method="energy_tiers")
    marginal = spread(marginal_kwh, 6, "kW.h", method="marginal")
    unit = "kW.h/{exam}"
    share = (classes[1] + classes[2]) / total
    return {
        "device": key,
        "alias": alias,
        "modality": modality,
        "manufacturer": maker,
        "model": model,
        "field_strength_t": tesla,
        "registered": True,
        "meters": [meter],
        "tier": 3,
        "tiers": [{"tier": 3, "exams": exams, "kwh": classes[0]}],
        "exams": exams,
        "resolution_s": resolution_s,
        "states_named": True,
        "energy_kwh": energy,
        "energy_by_state_kwh": dict(zip(STATES, states, strict=True)),
        "energy_by_class_kwh": dict(zip(CLASSES, classes, strict=True)),
        "floor_kwh": spread(floor, 2.5, "kW.h", method="floor"),
        "idle_kw": spread(idle_kw, 3, "kW", method="states"),
        "non_imaging_share": spread(share, 2.4, "1", method="exam_window"),
        "overnight_share": spread(classes[2] / total, 2.0, "1", method="exam_window"),
        "co2e_kg": both(energy, marginal),
        "kwh_per_exam": per_exam(
            spread(classes[0] / exams, 4.5, unit, method="energy_tiers"),
            spread(total / exams, 5.5, unit, method="allocation"),
            spread(marginal_kwh / exams, 8, unit, method="marginal"),
        ),
        "opening_hours": hours_of(),
        "heat_map_kw": None,
        "clock": {
            "status": "estimated",
            "offset_s": 0.0,
            "low": 0.0,
            "high": 0.0,
            "u_s": 2.0,
            "days": 20,
            "days_refused": 0,
        },
    }


def without_meter(key, alias, modality, maker, model, exams, tier, energy, per, reason="no_meter") -> Json:
    share = unknown("1", reason, "exam_window")
    return {
        "device": key,
        "alias": alias,
        "modality": modality,
        "manufacturer": maker,
        "model": model,
        "field_strength_t": None,
        "registered": alias is not None,
        "meters": [],
        "tier": tier,
        "tiers": [
            {
                "tier": tier,
                "exams": exams,
                "kwh": None if per["active"]["value"] is None else round(per["active"]["value"] * exams, 3),
            }
        ],
        "exams": exams,
        "resolution_s": None,
        "states_named": False,
        "energy_kwh": energy,
        "energy_by_state_kwh": dict.fromkeys(STATES),
        "energy_by_class_kwh": dict.fromkeys(CLASSES),
        "floor_kwh": unknown("kW.h", reason, "floor"),
        "idle_kw": unknown("kW", reason, "states"),
        "non_imaging_share": share,
        "overnight_share": share,
        "co2e_kg": both(
            energy,
            unknown("kW.h", per["marginal"].get("reason", reason))
            if per["marginal"]["value"] is None
            else spread(
                per["marginal"]["value"] * exams, 40, "kW.h", per["marginal"]["origin"], per["marginal"]["factors"]
            ),
        ),
        "kwh_per_exam": per,
        "opening_hours": hours_of(source="inferred"),
        "heat_map_kw": None,
        "clock": {
            "status": "not_needed",
            "offset_s": None,
            "low": None,
            "high": None,
            "u_s": None,
            "days": 0,
            "days_refused": 0,
        },
    }


def modality_row(name, exams, tiers, per, regions, published=()) -> Json:
    return {
        "modality": name,
        "exams": exams,
        "tiers": tiers,
        "kwh_per_exam": per,
        "co2e_kg_per_exam": both(per["allocated"], per["marginal"], "kg{CO2e}/{exam}", ("attributional", "marginal")),
        "published": list(published),
        "regions": [
            {"body_region": region, "exams": n, "kwh_per_exam": scaled(per, factor), "published": []}
            for region, n, factor in regions
        ],
    }


def scaled(per: Json, factor: float) -> Json:
    content = {}
    for name, q in per.items():
        if q["value"] is None:
            content[name] = q
            continue
        wide = 1 + abs(factor - 1) + 0.3
        content[name] = q | {
            "value": round(q["value"] * factor, 6),
            "low": round(max(0.0, q["value"] * factor - (q["value"] - q["low"]) * wide), 6),
            "high": round(q["value"] * factor + (q["high"] - q["value"]) * wide, 6),
        }
    return content


def use_row(device, alias, modality, exams, days, busy, median, gap, first, last, gb, week, share=None) -> Json:
    return {
        "device": device,
        "alias": alias,
        "modality": modality,
        "exams": exams,
        "days_used": days,
        "busy_h": busy,
        "open_h": 200.0,
        "busy_share": None if busy is None else round((share or busy) / 200.0, 4),
        "median_exam_min": median,
        "median_gap_min": gap,
        "usual_first": first,
        "usual_last": last,
        "data_gb": gb,
        "starts": week,
    }


def factor_row(
    factor_id, kind, value, low, high, unit, region, year, accounting, source, boundary, evidence, link=None, note=None
) -> Json:
    return {
        "id": factor_id,
        "kind": kind,
        "value": value,
        "low": low,
        "high": high,
        "unit": unit,
        "region": region,
        "year": year,
        "accounting": accounting,
        "source": source,
        "link": link,
        "licence": None,
        "boundary": boundary,
        "evidence": evidence,
        "note": note,
    }


INVENTED = "invented for this sample; not for use"
GRID_ROWS = [
    factor_row(
        GRID_ID,
        "grid",
        *GRID,
        "kg{CO2e}/kW.h",
        "NL",
        2023,
        "attributional",
        "Sample factor book, grid averages",
        ["generation"],
        INVENTED,
        note="life-cycle average of generation, without grid losses",
    ),
    factor_row(
        MARGINAL_ID,
        "grid",
        *MARGINAL,
        "kg{CO2e}/kW.h",
        "NL",
        2024,
        "consequential",
        "Sample factor book, marginal generation",
        ["generation"],
        INVENTED,
    ),
]
STATE_ROW = factor_row(
    "power_state.DX.fixed",
    "power_state",
    0.35,
    0.15,
    0.8,
    "kW",
    "fixed radiography room",
    2022,
    None,
    "Sample factor book, power states by device class",
    ["standby"],
    INVENTED,
)
COOLING_ROW = factor_row(
    "cooling.ratio",
    "cooling",
    0.8,
    0.3,
    1.0,
    "1",
    "MR and CT with central chiller",
    2015,
    "attributional",
    "Heye T et al., The energy consumption of radiology, Radiology 2020",
    ["cooling"],
    "secondary source",
    "https://doi.org/10.1148/radiol.2020192084",
    "one hospital; a metered chiller replaces it",
)
PER_EXAM = {
    "CT": factor_row(
        "per_exam.CT.kwh",
        "per_exam",
        1.6,
        0.7,
        3.4,
        "kW.h/{exam}",
        "CT, all regions",
        2020,
        "attributional",
        "Sample factor book, energy per exam",
        ["standby"],
        INVENTED,
    ),
    "MR": factor_row(
        "per_exam.MR.kwh",
        "per_exam",
        17.0,
        9.0,
        29.0,
        "kW.h/{exam}",
        "MRI, all regions",
        2020,
        "attributional",
        "Sample factor book, energy per exam",
        ["standby"],
        INVENTED,
    ),
}


def published(row: Json) -> Json:
    return {
        "basis": "allocated",
        "value": row["value"],
        "low": row["low"],
        "high": row["high"],
        "unit": row["unit"],
        "factors": [row["id"]],
    }


def rules_side_by_side(devices: list[Json]) -> list[Json]:
    weight = {
        "time": {"MR": 1.0, "CT": 1.0, "DX": 1.0},
        "exam": {"MR": 0.93, "CT": 1.21, "DX": 1.3},
        "active": {"MR": 1.04, "CT": 0.84, "DX": 0.7},
    }
    rows = []
    for rule, by in weight.items():
        cells = [
            {
                "modality": m,
                "kwh_per_exam": spread(
                    q["value"] * by.get(m, 1), 5.5, q["unit"], q["origin"], q["factors"], "allocation"
                ),
            }
            for m, q in ((d["modality"], d["kwh_per_exam"]["allocated"]) for d in devices)
            if q["value"] is not None and m in ("CT", "MR", "DX")
        ]
        seen = {c["modality"]: c for c in reversed(cells)}
        rows.append({"rule": rule, "modalities": [seen[m] for m in sorted(seen)]})
    return rows


def method(devices: list[Json], command: str, marginal: bool = True) -> Json:
    return {
        "texts": [
            "energy_tiers",
            "states",
            "exam_window",
            "clock",
            "allocation",
            "marginal",
            "carbon",
            "uncertainty",
            "cooling",
            "unknown",
            "contrast",
            "privacy",
        ],
        "allocation": "time",
        "allocation_rules": rules_side_by_side(devices),
        "grid": {"zone": "NL", "year": 2023, "average": GRID_ID, "marginal": MARGINAL_ID if marginal else None},
        "factor_set": {"name": "sample 1", "digest": "5f2a" * 16},
        "boundary": [
            "in.scanner_electricity",
            "out.cooling",
            "out.embodied",
            "out.consumables",
            "out.travel",
            "out.data",
        ],
        "interval": 0.95,
        "seed": 20260302,
        "draws": 4096,
        "software": {"ecorad": "0.1.0", "schema": "1.0"},
        "command": command,
    }


def summed(parts: list[Json], unit="kW.h") -> Json:
    known = [p for p in parts if p["value"] is not None]
    rank = ["measured", "reported", "modelled", "default", "claimed"]
    return quantity(
        round(sum(p["value"] for p in known), 3),
        round(sum(p["low"] for p in known), 3),
        round(sum(p["high"] for p in known), 3),
        unit,
        max((p["origin"] for p in known), key=rank.index),
        sorted({f for p in known for f in p["factors"]}),
        "uncertainty",
    )


def department() -> Json:
    mr1 = metered(
        "dev-3f9c01",
        "MR 1",
        "MR",
        "Aurora Medical",
        "Meridian 1.5",
        1.5,
        "meter-mr1",
        10.0,
        412,
        [2010.0, 0.0, 3325.0, 1590.0, 2262.0],
        [3310.0, 1610.0, 4094.0, 173.0],
        5670.0,
        10.4,
        1190.0,
    )
    mr2 = metered(
        "dev-77b2aa",
        "MR 2",
        "MR",
        "Borealis",
        "Polar 3T",
        3.0,
        "meter-mr2",
        60.0,
        398,
        [0.0, 2660.0, 2410.0, 2480.0, 3985.0],
        [5290.0, 2020.0, 3640.0, 585.0],
        5980.0,
        12.9,
        2630.0,
    )
    ct1 = metered(
        "dev-a1c3d4",
        "CT 1",
        "CT",
        "Aurora Medical",
        "Helix 128",
        None,
        "meter-ct1",
        60.0,
        1260,
        [0.0, 0.0, 1204.0, 392.0, 388.0],
        [702.0, 431.0, 828.0, 23.0],
        1190.0,
        2.1,
        246.0,
    )
    mr1["heat_map_kw"] = heat(8.45, 19.5, 9.2, 0.5, holes={(2, 3), (2, 4), (2, 5)})
    mr2["heat_map_kw"] = heat(8.9, 29.0, 13.2, 0.7, saturday=True)
    ct1["heat_map_kw"] = heat(1.77, 5.6, 2.05, 0.2, saturday=True)
    mr2["opening_hours"] = hours_of("07:00", "18:00", ["08:00", "13:00"])
    ct1["opening_hours"] = hours_of("07:30", "17:30", ["08:00", "13:00"])
    mr1["clock"] |= {"offset_s": 41.0, "low": 38.0, "high": 44.0, "u_s": 1.6, "days": 20}
    mr2["clock"] |= {"offset_s": -7.5, "low": -12.0, "high": -4.0, "u_s": 9.0, "days": 22, "days_refused": 2}
    ct1["clock"] |= {"offset_s": 128.0, "low": 121.0, "high": 133.0, "u_s": 8.0, "days": 23, "days_refused": 1}
    unit = "kW.h/{exam}"
    state = ["power_state.DX.fixed"]
    dx_per = per_exam(
        quantity(0.021, 0.008, 0.05, unit, "modelled", state, "energy_tiers"),
        quantity(0.119, 0.045, 0.27, unit, "modelled", state, "allocation"),
        quantity(0.009, 0.003, 0.02, unit, "modelled", state, "marginal"),
    )
    dx = without_meter(
        "dev-0be4f2",
        "X-ray 2",
        "DX",
        "Borealis",
        "Flat 2",
        1985,
        2,
        quantity(235.0, 90.0, 535.0, "kW.h", "modelled", state, "energy_tiers"),
        dx_per,
    )
    us_per = per_exam(*(unknown(unit, "no_factor", m) for m in ("energy_tiers", "allocation", "marginal")))
    us = without_meter(
        "dev-c9d8e7",
        None,
        "US",
        "Cirrus",
        "Echo 4",
        344,
        None,
        unknown("kW.h", "no_factor", "energy_tiers"),
        us_per,
        "no_factor",
    )
    devices = [mr2, mr1, ct1, dx, us]
    energy = summed([d["energy_kwh"] for d in devices])
    classes = {k: round(sum(d["energy_by_class_kwh"][k] or 0 for d in devices), 3) for k in CLASSES}
    states = {k: round(sum(d["energy_by_state_kwh"][k] or 0 for d in devices), 3) for k in STATES}
    total_metered = sum(classes.values())
    consequential = summed([d["co2e_kg"]["consequential"] for d in devices], "kg{CO2e}")
    mr_per = per_exam(
        spread(8600 / 810, 4, unit, method="energy_tiers"),
        spread(20722 / 810, 5, unit, method="allocation"),
        spread(3820 / 810, 7, unit, method="marginal"),
    )
    return {
        "schema_version": "1.0",
        "site": {"name": "Sample Hospital, Radiology", "grid_zone": "NL", "currency": "EUR"},
        "period": {"from": "2026-03-02", "to": "2026-03-29", "timezone": "Europe/Amsterdam", "hours": HOURS},
        "receipts": {
            "received": 48213,
            "stored": 47108,
            "duplicate": 1071,
            "new_version": 12,
            "quarantined": 19,
            "refused": 3,
        },
        "totals": {
            "devices": 5,
            "devices_metered": 3,
            "exams": sum(d["exams"] for d in devices),
            "energy_kwh": energy,
            "co2e_kg": {"attributional": carbon(energy, GRID, GRID_ID), "consequential": consequential},
            "non_imaging_share": spread(
                (classes["gaps"] + classes["off_hours"]) / total_metered, 2.6, "1", method="exam_window"
            ),
            "overnight_share": spread(classes["off_hours"] / total_metered, 2.0, "1", method="exam_window"),
            "unexplained_share": spread(classes["unexplained"] / total_metered, 12, "1", method="exam_window"),
            "energy_by_class_kwh": classes,
            "energy_by_state_kwh": states,
            "floor_kwh": summed([d["floor_kwh"] for d in devices]),
            "money": spread(energy["value"] * 0.21, 2.5, "EUR", "modelled"),
            "not_included": [{"device": us["device"], "alias": None, "reason": "no_factor"}],
        },
        "scopes": [
            {"scope": "2", "item": "electricity_location", "co2e_kg": carbon(energy, GRID, GRID_ID)},
            {"scope": "2", "item": "electricity_market", "co2e_kg": unknown("kg{CO2e}", "no_contract")},
            {"scope": "1", "item": "sf6", "co2e_kg": unknown("kg{CO2e}", "no_records")},
            *(
                {"scope": "3", "item": item, "co2e_kg": unknown("kg{CO2e}", "not_computed")}
                for item in ("equipment", "consumables", "travel", "data")
            ),
        ],
        "meters": [meter_row(d, unread) for d, unread in ((mr2, 0.0), (mr1, 12.5), (ct1, 0.8))],
        "devices": devices,
        "modalities": [
            modality_row(
                "MR",
                810,
                [{"tier": 3, "exams": 810, "kwh": 8600.0}],
                mr_per,
                [
                    ("head", 264, 0.91),
                    ("spine", 201, 0.88),
                    ("lower_limb", 162, 0.83),
                    ("abdomen", 118, 1.34),
                    ("heart", 41, 1.9),
                    (None, 24, 1.05),
                ],
                [published(PER_EXAM["MR"])],
            ),
            modality_row(
                "CT",
                1260,
                ct1["tiers"],
                ct1["kwh_per_exam"],
                [("chest", 488, 0.94), ("abdomen", 421, 1.12), ("head", 297, 0.85), ("heart", 54, 1.61)],
                [published(PER_EXAM["CT"])],
            ),
            modality_row(
                "DX",
                1985,
                dx["tiers"],
                dx_per,
                [("chest", 1204, 0.97), ("upper_limb", 431, 1.02), ("lower_limb", 350, 1.07)],
            ),
            modality_row("US", 344, us["tiers"], us_per, [("abdomen", 344, 1.0)]),
        ],
        "use": {
            "studies": 4437,
            "exams": 4399,
            "not_exams": [{"reason": "phantom_qc", "count": 31}, {"reason": "derived", "count": 7}],
            "series": 18204,
            "instances": 46992,
            "data_gb": 812.4,
            "devices": [
                use_row(
                    mr2["device"],
                    "MR 2",
                    "MR",
                    398,
                    24,
                    191.0,
                    27.0,
                    9.0,
                    "07:18",
                    "17:41",
                    301.0,
                    starts(398, 40, True),
                    178.0,
                ),
                use_row(
                    mr1["device"],
                    "MR 1",
                    "MR",
                    412,
                    20,
                    158.0,
                    22.0,
                    8.0,
                    "07:46",
                    "17:02",
                    240.5,
                    starts(412, 40),
                    150.0,
                ),
                use_row(
                    ct1["device"],
                    "CT 1",
                    "CT",
                    1260,
                    28,
                    152.0,
                    6.5,
                    4.0,
                    "07:39",
                    "20:10",
                    228.9,
                    starts(1260, 60, True, True),
                    121.0,
                ),
                use_row(
                    dx["device"],
                    "X-ray 2",
                    "DX",
                    1985,
                    25,
                    64.0,
                    1.6,
                    3.0,
                    "07:55",
                    "17:12",
                    34.0,
                    starts(1985, 60, True),
                    63.0,
                ),
                use_row(us["device"], None, "US", 344, 20, None, None, None, "08:21", "16:35", 8.0, starts(344, 40))
                | {"busy_share": None},
            ],
        },
        "cooling": {
            "energy_kwh": quantity(18165.0, 6800.0, 23200.0, "kW.h", "default", ["cooling.ratio"], "cooling"),
            "co2e_kg": quantity(4868.0, 1780.0, 6500.0, "kg{CO2e}", "default", ["cooling.ratio", GRID_ID], "cooling"),
            "included_in_totals": False,
        },
        "contrast": {
            "administrations": 988,
            "iodine_g": quantity(20412.0, 19380.0, 21440.0, "g", "reported", [], "contrast"),
            "gadolinium_g": quantity(298.0, 281.0, 315.0, "g", "reported", [], "contrast"),
            "sf6_g": unknown("g", "no_records", "contrast"),
            "agents": [
                {
                    "agent": "iopromide",
                    "kind": "iodine",
                    "administrations": 611,
                    "volume_ml": 49800.0,
                    "grams": 18426.0,
                },
                {
                    "agent": "gadoterate",
                    "kind": "gadolinium",
                    "administrations": 243,
                    "volume_ml": 3790.0,
                    "grams": 298.0,
                },
                {"agent": "iohexol", "kind": "iodine", "administrations": 62, "volume_ml": 5674.0, "grams": 1986.0},
                {"agent": None, "kind": None, "administrations": 72, "volume_ml": None, "grams": None},
            ],
            "unknown": [
                {"kind": "iodine", "reason": "no_volume", "count": 41},
                {"kind": "other", "reason": "agent_not_recognised", "count": 31},
            ],
        },
        "findings": [
            finding(
                "left_idle_overnight",
                ct1,
                (610.0, 540.0, 690.0),
                20,
                "power_mode",
                "lead_radiographer",
                "readiness",
                "ecorad plan power W",
            ),
            finding(
                "power_save_unused",
                mr1,
                (520.0, 310.0, 720.0),
                20,
                "power_mode",
                "lead_radiographer",
                "vendor_limits",
                "ecorad plan power W",
            ),
        ],
        "advice_on_data": [
            {
                "device": dx["device"],
                "alias": "X-ray 2",
                "modality": "DX",
                "what": "borrow_meter_week",
                "of": "energy_kwh",
                "now": dx["energy_kwh"],
                "then": quantity(235.0, 212.0, 258.0, "kW.h", "measured"),
                "total_width_now": round(energy["high"] - energy["low"], 1),
                "total_width_then": round(energy["high"] - energy["low"] - 399.0, 1),
            },
            {
                "device": us["device"],
                "alias": None,
                "modality": "US",
                "what": "borrow_meter_week",
                "of": "energy_kwh",
                "now": us["energy_kwh"],
                "then": quantity(None, 60.0, 240.0, "kW.h", "measured"),
                "total_width_now": None,
                "total_width_then": None,
            },
            {
                "device": None,
                "alias": None,
                "modality": None,
                "what": "cooling_meter",
                "of": "energy_kwh",
                "now": quantity(18165.0, 6800.0, 23200.0, "kW.h", "default", ["cooling.ratio"], "cooling"),
                "then": quantity(None, 13600.0, 15100.0, "kW.h", "measured"),
                "total_width_now": None,
                "total_width_then": None,
            },
        ],
        "quality": {
            "tiers": [
                {"tier": 3, "exams": 2070, "kwh": 9302.0},
                {"tier": 2, "exams": 1985, "kwh": 41.685},
                {"tier": 1, "exams": 0, "kwh": 0.0},
                {"tier": None, "exams": 344, "kwh": None},
            ],
            "energy_by_origin_kwh": {"measured": round(total_metered, 3), "modelled": 235.0, "default": 0.0},
            "read_hours": round(3 * HOURS - 13.3, 1),
            "unread_hours": 13.3,
            "gaps": [
                {"meter": "meter-mr1", "from": "2026-03-11T02:00:00Z", "to": "2026-03-11T14:30:00Z", "hours": 12.5},
                {"meter": "meter-ct1", "from": "2026-03-20T10:02:00Z", "to": "2026-03-20T10:50:00Z", "hours": 0.8},
            ],
            "gap_count": 2,
            "issues": ISSUES,
        },
        "factors": sorted([*GRID_ROWS, STATE_ROW, COOLING_ROW, *PER_EXAM.values()], key=lambda row: row["id"]),
        "method": method(devices, "ecorad audit W --from 2026-03-02 --to 2026-03-29"),
    }


ISSUES = [
    {
        "code": "ecorad.meter.stuck",
        "where": "meter-mr1",
        "count": 214,
        "meaning": "the same reading many times in a row while the scanner was in use",
        "remedy": "check the logger; these readings are counted as unknown",
    },
    {
        "code": "ecorad.dicom.no_acquisition_time",
        "where": "344 studies",
        "count": 344,
        "meaning": "no acquisition time in the header; the content time was used",
        "remedy": "ask the vendor to write AcquisitionDateTime",
    },
    {
        "code": "ecorad.contrast.no_volume",
        "where": None,
        "count": 41,
        "meaning": "an injection without a volume",
        "remedy": "export the injector's record or keep a contrast sheet",
    },
    {
        "code": "ecorad.dicom.truncated",
        "where": None,
        "count": 19,
        "meaning": "the file ends before its header does; it was quarantined",
        "remedy": "send these files again",
    },
    {
        "code": "ecorad.clock.refused",
        "where": "MR 2",
        "count": 2,
        "meaning": "no clock offset could be found on this day",
        "remedy": None,
    },
]


def finding(kind, device, kwh, days, needs, decides, against, command) -> Json:
    energy = quantity(*kwh, "kW.h", "modelled", [], "marginal")
    money = quantity(*(round(k * 0.21, 2) for k in kwh), "EUR", "modelled")
    return {
        "kind": kind,
        "device": device["device"],
        "alias": device["alias"],
        "kwh": energy,
        "co2e_kg": carbon(energy, MARGINAL, MARGINAL_ID),
        "money": money,
        "evidence": {"days": days},
        "needs": needs,
        "decides": decides,
        "against": against,
        "command": command,
    }


def meter_row(device: Json, unread: float) -> Json:
    by = device["energy_by_class_kwh"]
    return {
        "meter": device["meters"][0],
        "devices": [device["device"]],
        "aliases": [device["alias"]],
        "cooling": False,
        "total_kwh": round(sum(by.values()), 3),
        **{f"{name}_kwh": by[name] for name in CLASSES},
        "qc_kwh": round(by["gaps"] * 0.06, 3),
        "resolution_s": device["resolution_s"],
        "accuracy_percent": 2.0,
        "read_hours": HOURS - unread,
        "unread_hours": unread,
    }


def dicom_only() -> Json:
    """A site with a folder of DICOM and no meter: one MR, one CT, and an X-ray room nobody registered."""
    unit = "kW.h/{exam}"
    mr_row, ct_row = PER_EXAM["MR"], PER_EXAM["CT"]
    no = lambda u, reason="no_meter", m="": unknown(u, reason, m)  # noqa: E731

    def tier1(row):
        allocated = quantity(row["value"], row["low"], row["high"], unit, "default", [row["id"]], "energy_tiers")
        return per_exam(no(unit, "no_meter", "energy_tiers"), allocated, no(unit, "no_meter", "marginal"))

    def total(row, exams):
        return quantity(
            row["value"] * exams,
            row["low"] * exams,
            row["high"] * exams,
            "kW.h",
            "default",
            [row["id"]],
            "energy_tiers",
        )

    mr = without_meter(
        "dev-51aa10", None, "MR", "Aurora Medical", "Meridian 1.5", 96, 1, total(mr_row, 96), tier1(mr_row)
    )
    ct = without_meter("dev-9920cd", None, "CT", "Borealis", "Ring 64", 311, 1, total(ct_row, 311), tier1(ct_row))
    dx_none = per_exam(*(no(unit, "no_factor") for _ in range(3)))
    dx = without_meter("dev-e0e0b1", None, "DX", None, None, 120, None, no("kW.h", "no_factor"), dx_none, "no_factor")
    devices = [mr, ct, dx]
    energy = summed([d["energy_kwh"] for d in devices])
    none = dict.fromkeys
    return {
        "schema_version": "1.0",
        "site": {"name": "Image Centre", "grid_zone": "NL", "currency": "EUR"},
        "period": {"from": "2026-02-02", "to": "2026-02-08", "timezone": "Europe/Amsterdam", "hours": 168.0},
        "receipts": {
            "received": 3120,
            "stored": 3117,
            "duplicate": 0,
            "new_version": 0,
            "quarantined": 3,
            "refused": 0,
        },
        "totals": {
            "devices": 3,
            "devices_metered": 0,
            "exams": 527,
            "energy_kwh": energy,
            "co2e_kg": {
                "attributional": carbon(energy, GRID, GRID_ID),
                "consequential": no("kg{CO2e}", "no_meter", "carbon"),
            },
            "non_imaging_share": no("1"),
            "overnight_share": no("1"),
            "unexplained_share": no("1"),
            "energy_by_class_kwh": none(CLASSES),
            "energy_by_state_kwh": none(STATES),
            "floor_kwh": no("kW.h"),
            "money": no("EUR", "no_tariff"),
            "not_included": [{"device": dx["device"], "alias": None, "reason": "no_factor"}],
        },
        "scopes": [
            {"scope": "2", "item": "electricity_location", "co2e_kg": carbon(energy, GRID, GRID_ID)},
            {"scope": "3", "item": "equipment", "co2e_kg": no("kg{CO2e}", "not_computed")},
        ],
        "meters": [],
        "devices": devices,
        "modalities": [
            modality_row("CT", 311, ct["tiers"], tier1(ct_row), [("chest", 180, 1.0), ("head", 131, 1.0)]),
            modality_row("MR", 96, mr["tiers"], tier1(mr_row), [("spine", 60, 1.0), (None, 36, 1.0)]),
            modality_row("DX", 120, dx["tiers"], dx_none, [("chest", 120, 1.0)]),
        ],
        "use": {
            "studies": 529,
            "exams": 527,
            "not_exams": [{"reason": "phantom_qc", "count": 2}],
            "series": 2011,
            "instances": 3117,
            "data_gb": 61.2,
            "devices": [
                use_row(mr["device"], None, "MR", 96, 5, 38.0, 21.0, 7.0, "08:04", "16:48", 40.0, starts(96, 20))
                | {"open_h": 45.0, "busy_share": 0.84},
                use_row(
                    ct["device"],
                    None,
                    "CT",
                    311,
                    7,
                    36.5,
                    6.0,
                    5.0,
                    "07:58",
                    "18:30",
                    19.0,
                    starts(311, 40, True, True),
                )
                | {"open_h": 50.0, "busy_share": 0.61},
                use_row(dx["device"], None, "DX", 120, 5, None, None, None, "08:10", "16:40", 2.2, starts(120, 20))
                | {"open_h": None, "busy_share": None},
            ],
        },
        "cooling": {
            "energy_kwh": no("kW.h", "no_meter", "cooling"),
            "co2e_kg": no("kg{CO2e}", "no_meter", "cooling"),
            "included_in_totals": False,
        },
        "contrast": {
            "administrations": 44,
            "iodine_g": quantity(1180.0, 1120.0, 1240.0, "g", "reported", [], "contrast"),
            "gadolinium_g": no("g", "not_written", "contrast"),
            "agents": [
                {"agent": "iohexol", "kind": "iodine", "administrations": 41, "volume_ml": 3371.0, "grams": 1180.0},
                {"agent": "gadobutrol", "kind": "gadolinium", "administrations": 3, "volume_ml": None, "grams": None},
            ],
            "unknown": [{"kind": "gadolinium", "reason": "no_volume", "count": 3}],
        },
        "findings": [],
        "advice_on_data": [
            {
                "device": mr["device"],
                "alias": None,
                "modality": "MR",
                "what": "borrow_meter_week",
                "of": "energy_kwh",
                "now": mr["energy_kwh"],
                "then": quantity(None, 1550.0, 1720.0, "kW.h", "measured"),
                "total_width_now": energy["high"] - energy["low"],
                "total_width_then": 1010.0,
            },
            {
                "device": ct["device"],
                "alias": None,
                "modality": "CT",
                "what": "borrow_meter_week",
                "of": "energy_kwh",
                "now": ct["energy_kwh"],
                "then": quantity(None, 470.0, 530.0, "kW.h", "measured"),
                "total_width_now": energy["high"] - energy["low"],
                "total_width_then": 1980.0,
            },
            {
                "device": dx["device"],
                "alias": None,
                "modality": "DX",
                "what": "map_device",
                "of": "energy_kwh",
                "now": dx["energy_kwh"],
                "then": no("kW.h"),
                "total_width_now": None,
                "total_width_then": None,
            },
        ],
        "quality": {
            "tiers": [
                {"tier": 3, "exams": 0, "kwh": 0.0},
                {"tier": 2, "exams": 0, "kwh": 0.0},
                {"tier": 1, "exams": 407, "kwh": None},
                {"tier": None, "exams": 120, "kwh": None},
            ],
            "energy_by_origin_kwh": {"measured": 0.0, "modelled": 0.0, "default": energy["value"]},
            "read_hours": 0.0,
            "unread_hours": 0.0,
            "gaps": [],
            "gap_count": 0,
            "issues": [
                {
                    "code": "ecorad.dicom.truncated",
                    "where": None,
                    "count": 3,
                    "meaning": "the file ends before its header does; it was quarantined",
                    "remedy": "send these files again",
                }
            ],
        },
        "factors": sorted([GRID_ROWS[0], mr_row, ct_row], key=lambda row: row["id"]),
        "method": method(devices, "ecorad audit W --from 2026-02-02 --to 2026-02-08", marginal=False),
    }


def main() -> None:
    for name, build in (("department", department), ("dicom_only", dicom_only)):
        text = json.dumps(build(), ensure_ascii=False, indent=1)
        (HERE / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()

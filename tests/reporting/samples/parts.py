# ruff: noqa: PLR0917 - the rows of tables are written as rows
"""What the sample statements are put together from; every number is invented."""

from __future__ import annotations

from typing import Any

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
            value = (
                rest
                + (day_kw - rest) * busy
                + wobble * (((day * 3 + hour // 4) % 5 - 2) / 4 + (0.5 if 0 < busy < 1 else 0.0))
            )
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
        "occupied": None if busy is None else [[round(count / 60, 3) for count in day] for day in week],
    }


def variant(name, exams, kwh, minutes, apart) -> Json:
    few = {unit: unknown(unit, "few_exams", "median") for unit in ("mSv", "mL", "g")}
    return {
        "protocol": name,
        "exams": exams,
        "days": 18,
        "apart": apart,
        "medians": {
            "kwh": spread(kwh, 8, "kW.h", method="median"),
            "minutes": spread(minutes, 6, "min", "reported", method="median"),
            "dose_msv": few["mSv"],
            "contrast_ml": few["mL"],
            "contrast_g": few["g"],
        },
        "median_exams": {"kwh": exams, "minutes": exams, "dose_msv": 0, "contrast_ml": 0, "contrast_g": 0},
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
                "most_moved": {
                    "body_region": "head",
                    "kwh_per_exam": spread(
                        q["value"] * by.get(m, 1) ** 2, 5.5, q["unit"], q["origin"], q["factors"], "allocation"
                    ),
                },
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

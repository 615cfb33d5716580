"""A metered department: five scanners, two of them without a meter, one of unknown energy."""

from __future__ import annotations

from .parts import (
    CLASSES,
    COOLING_ROW,
    GRID,
    GRID_ID,
    GRID_ROWS,
    HOURS,
    PER_EXAM,
    STATE_ROW,
    STATES,
    Json,
    carbon,
    finding,
    heat,
    hours_of,
    meter_row,
    metered,
    method,
    modality_row,
    per_exam,
    published,
    quantity,
    spread,
    starts,
    summed,
    unknown,
    use_row,
    without_meter,
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

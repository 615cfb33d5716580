"""A site with a folder of DICOM and no meter."""

from __future__ import annotations

from .parts import (
    CLASSES,
    GRID,
    GRID_ID,
    GRID_ROWS,
    PER_EXAM,
    STATES,
    Json,
    carbon,
    method,
    modality_row,
    per_exam,
    quantity,
    starts,
    summed,
    unknown,
    use_row,
    without_meter,
)


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

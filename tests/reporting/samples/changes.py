# ruff: noqa: PLR0917 - the rows of tables are written as rows
"""A change of a sample statement, and what became of it; every number is invented."""

from __future__ import annotations

from .parts import Json, carbon, quantity, spread, unknown


def changed(device: Json, control: Json) -> Json:
    """Night mode on the 16th: less energy of a day, nothing told of doses."""
    saved = spread(392.0, 20, "kW.h", method="before_after")
    return {
        "change": {
            "name": "night mode",
            "device": device["device"],
            "alias": device["alias"],
            "modality": device["modality"],
            "from": "2026-03-02",
            "on": "2026-03-16",
            "counted_from": "2026-03-18",
            "to": "2026-03-29",
            "without": ["2026-03-21"],
            "body_regions": [],
            "by_minutes": False,
        },
        "measures": [
            _measure("kwh_per_day", "kW.h", (310.0, 274.4), (-44.5, -26.7), "reduction", (30.0, "not_met")),
            _measure("off_hours_kwh_per_day", "kW.h", (96.0, 60.0), (-41.0, -31.0), "reduction"),
            _measure("exams_per_day", "{exam}", (15.1, 14.9), (-1.4, 1.0), "none_seen"),
            _measure("minutes_per_exam", "min", (24.0, 24.1), (-0.8, 1.0), "none_seen"),
            _measure("kwh_per_exam", "kW.h", (6.1, 6.0), (-0.4, 0.2), "none_seen"),
            _refused("contrast_ml_per_exam", "mL"),
            _refused("dose_msv_per_exam", "mSv"),
        ],
        "rejects": {
            "before": 206,
            "rejected_before": 9,
            "after": 164,
            "rejected_after": 6,
            "difference": -0.0071,
            "low": -0.0497,
            "high": 0.0382,
            "margin": 0.02,
            "quality": "not_shown",
        },
        "controls": [
            {
                "device": control["device"],
                "alias": control["alias"],
                "measure": "kwh_per_day",
                "change_share": quantity(0.004, -0.021, 0.029, "1", method="before_after"),
                "refused": [],
                "issues": [],
            }
        ],
        "saved": {
            "days": 11,
            "kwh": saved,
            "money": spread(94.08, 20, "EUR", method="before_after"),
            "co2e_kg": carbon(saved, (0.42, 0.30, 0.56), "grid.marginal.NL.2024"),
        },
    }


def _measure(name, unit, means, ends, verdict, claim=None) -> Json:
    baseline, after = means
    change, (low, high) = after - baseline, ends
    origin = "measured" if "kwh" in name else "reported"
    return {
        "measure": name,
        "unit": unit,
        "days_before": 14,
        "days_after": 11,
        "rows_before": 14,
        "rows_after": 11,
        "baseline": baseline,
        "after": after,
        "change": quantity(round(change, 6), low, high, unit, origin, method="before_after"),
        "change_share": quantity(
            *(round(one / baseline, 6) for one in (change, low, high)), "1", origin, method="before_after"
        ),
        "verdict": verdict,
        "refused": [],
        "issues": [],
        "detectable_share": 0.04,
        "cvrmse": 0.06,
        "placebo_share": {"value": 0.002, "low": -0.03, "high": 0.034},
        "quality": None,
        "claim": None if claim is None else {"percent": claim[0], "verdict": claim[1]},
        "published": [],
    }


def _refused(name, unit) -> Json:
    empty = dict.fromkeys(("days_before", "days_after", "rows_before", "rows_after", "baseline", "after"))
    return {
        "measure": name,
        "unit": unit,
        **empty,
        "change": unknown(unit, "verify_refused", "before_after"),
        "change_share": unknown("1", "verify_refused", "before_after"),
        "verdict": None,
        "refused": ["ecorad.verify.no_records"],
        "issues": [],
        "detectable_share": None,
        "cvrmse": None,
        "placebo_share": None,
        "quality": None,
        "claim": None,
        "published": [],
    }

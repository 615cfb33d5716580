"""The ``dose`` section: what the irradiation events of a period add up to, beside reference levels and background."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ecorad.footprint.dose.background import Background
from ecorad.footprint.dose.cumulative import PatientDose
from ecorad.footprint.dose.effective import METHOD, EffectiveDoses
from ecorad.footprint.dose.outliers import Alert
from ecorad.footprint.dose.phases import PhaseGroup, PhasesFound
from ecorad.footprint.dose.reference_levels import Comparison
from ecorad.footprint.dose.repeats import RepeatRate
from ecorad.footprint.dose.size_specific import SizeSpecific
from ecorad.footprint.dose.stopped import StoppedSteps
from ecorad.footprint.dose.study import StudyDoses
from ecorad.footprint.dose.tube_current import SizeCurves
from ecorad.model import unknown

from .dose_phases import phases_section
from .dose_size import size_section
from .quantities import quantity

Aliases = Mapping[str, str | None]
SSDE = "ssde_mgy"
# Unit of each quantity of a study, as UCUM has it.
UNITS = {
    "dlp_mgy_cm": "mGy.cm",
    "dose_area_product_gy_m2": "Gy.m2",
    "dose_rp_gy": "Gy",
    "glandular_left_mgy": "mGy",
    "glandular_right_mgy": "mGy",
    "fluoroscopy_s": "s",
    "activity_mbq": "MBq",
    SSDE: "mGy",
}
# Quantities shown by region; those of the breasts and of fluoroscopy have no other region.
_SHOWN = tuple(UNITS)


@dataclass(frozen=True, kw_only=True)
class DoseFound:
    """Everything about dose of one period."""

    doses: StudyDoses
    effective: EffectiveDoses
    background: Background
    comparisons: Sequence[Comparison]
    alerts: Sequence[Alert]
    repeats: Sequence[RepeatRate]
    patients: Sequence[PatientDose]
    size_specific: SizeSpecific
    stopped: Sequence[StoppedSteps]
    phases: PhasesFound
    phase_groups: Sequence[PhaseGroup]
    size_curves: SizeCurves
    country: str


def dose_section(found: DoseFound, aliases: Aliases) -> dict[str, Any]:
    """The section as ``audit.json`` has it."""
    doses = found.doses
    return {
        "studies": len(doses),
        "events": int(doses.events.sum()),
        "declared_only": int(doses.declared_only.sum()),
        "short": int(doses.is_short.sum()),
        "quantities": _quantities(_with_size(doses, found.size_specific)),
        "effective": _effective(found),
        "background": {
            "msv_per_year": found.background.factor.value,
            "country": found.country.split("-")[0],
            "is_world": found.background.issue is not None,
            "factors": [found.background.factor.factor_id],
        },
        "size_specific": {
            "reported": found.size_specific.reported,
            "computed": found.size_specific.computed,
            "factors": list(found.size_specific.factors),
        },
        "reference_levels": [_comparison(row, aliases) for row in found.comparisons],
        "alerts": [_alert(row, aliases) for row in found.alerts],
        "repeats": [_rate(row, aliases) for row in found.repeats if row.stated or row.suspected],
        "stopped": [_stopped(row, aliases) for row in found.stopped],
        "phases": phases_section(found.phases, found.phase_groups, aliases),
        "size": size_section(found.size_curves, aliases),
        "exposures": sum(row.exposures for row in found.repeats),
        "patients": {
            "patients": len(found.patients),
            "with_several_studies": sum(row.studies > 1 for row in found.patients),
            "with_unknown_dose": sum(row.unknown > 0 for row in found.patients),
            "largest_known_msv": _largest(found.patients),
        },
    }


def _with_size(doses: StudyDoses, sized: SizeSpecific) -> StudyDoses:
    values = np.array([sized.by_study.get(str(key), np.nan) for key in doses.study_key], dtype=np.float64)
    return replace(doses, totals={**doses.totals, SSDE: values})


def _quantities(doses: StudyDoses) -> list[dict[str, Any]]:
    """Median and quartiles by modality and region, of studies that tell the quantity; 0 is a part not exposed."""
    groups: dict[tuple[str, str, str], list[float]] = {}
    for name in _SHOWN:
        for i, value in enumerate(doses.totals[name].tolist()):
            if not math.isnan(value) and value > 0:
                groups.setdefault((doses.modality[i], doses.body_region[i], name), []).append(value)
    rows = []
    for (modality, region, name), values in sorted(groups.items()):
        lower, median, upper = (float(part) for part in np.quantile(values, (0.25, 0.5, 0.75)))
        rows.append(
            {
                "modality": modality or None,
                "body_region": region or None,
                "quantity": name,
                "unit": UNITS[name],
                "studies": len(values),
                "median": median,
                "lower_quartile": lower,
                "upper_quartile": upper,
                "largest": max(values),
            }
        )
    return rows


# Quantities that no sourced factor turns into effective dose.
_NOT_CONVERTED = ("dose_area_product_gy_m2", "dose_rp_gy", "glandular_left_mgy", "glandular_right_mgy", "activity_mbq")


def _not_converted(doses: StudyDoses) -> list[dict[str, Any]]:
    """Studies whose dose is not, or not wholly, in any effective dose, by modality, most first."""
    told = np.zeros(len(doses), dtype=bool)
    for name in _NOT_CONVERTED:
        told |= doses.totals[name] > 0
    counts = Counter(doses.modality[n] for n in np.flatnonzero(told))
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return [{"modality": modality or None, "studies": count} for modality, count in rows]


def _effective(found: DoseFound) -> dict[str, Any]:
    """The study in the middle stands for all; the factors named are those of every study."""
    known = sorted((one for one in found.effective.by_study.values() if one.is_known), key=lambda one: one.value or 0.0)
    middle = known[len(known) // 2] if known else unknown("mSv", METHOD)
    factors = tuple(sorted({factor for one in known for factor in one.factors}))
    return {
        "ct_studies": len(found.effective.by_study),
        "known": len(known),
        "median_msv": quantity(replace(middle, factors=factors), "no_records"),
        "median_background_days": found.background.days(middle),
        "not_converted": _not_converted(found.doses),
    }


def _comparison(row: Comparison, aliases: Aliases) -> dict[str, Any]:
    level = row.level
    return {
        "device": row.device_key or None,
        "alias": aliases.get(row.device_key),
        "modality": level.modality,
        "body_region": level.body_region,
        "age_band": level.age_band,
        "protocol": level.protocol or None,
        "quantity": level.quantity,
        "unit": UNITS[level.quantity],
        "exams": row.exams,
        "median": row.median,
        "level": level.level,
        "standing": row.standing.value,
        "source": level.source,
        "year": level.year,
    }


def _alert(row: Alert, aliases: Aliases) -> dict[str, Any]:
    return {
        "cause": row.cause,
        "device": row.device_key or None,
        "alias": aliases.get(row.device_key),
        "study": row.study_key,
        "quantity": row.quantity,
        "unit": UNITS[row.quantity],
        "value": row.value,
        "usual": row.usual,
        "score": row.score,
    }


def _rate(row: RepeatRate, aliases: Aliases) -> dict[str, Any]:
    return {
        "device": row.device_key or None,
        "alias": aliases.get(row.device_key),
        "protocol": row.protocol or None,
        "withheld": row.protocols if row.protocol is None else 0,
        "exposures": row.exposures,
        "stated": row.stated,
        "suspected": row.suspected,
        "floor": row.floor,
        "ceiling": row.ceiling,
        "causes": [{"cause": cause, "count": count} for cause, count in sorted(row.causes.items())],
    }


def _stopped(row: StoppedSteps, aliases: Aliases) -> dict[str, Any]:
    return {
        "device": row.device_key or None,
        "alias": aliases.get(row.device_key),
        "ended": row.ended,
        "stopped": row.stopped,
        "causes": [{"cause": cause, "count": count} for cause, count in sorted(row.causes.items())],
    }


def _largest(patients: Sequence[PatientDose]) -> float | None:
    known = [row.known.value for row in patients if row.known is not None and row.known.value is not None]
    return max(known, default=None)

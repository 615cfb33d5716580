"""Rows of ``contrast.volumes``: injected volumes by kind of examination, beside what is usual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.factors import FactorBook
from ecorad.findings.contrast_volumes import Injected, VolumeGroup, volume_groups
from ecorad.findings.protocol_variants import Median
from ecorad.model import FactorNotFoundError
from ecorad.model.vocabulary import AGENT_REPORT, MEDICATION_RECORD

Columns = Mapping[str, NDArray[Any]]
# What tells what was injected; a header's volume is often the default of the protocol.
_TOLD_BY = frozenset({AGENT_REPORT, MEDICATION_RECORD, "contrast sheet"})
_USUAL = {
    "ct": "contrast.iodine.volume.routine",
    "ct_angiography": "contrast.reference.ct_angiography",
    "mr": "contrast.reference.mr",
    "mr_pituitary": "contrast.reference.mr_pituitary",
}
_GRAMS = {"iodine": "iodine_g", "gadolinium": "gadolinium_g"}
_MOST_NAMED = 50


def volume_rows(
    administrations: Columns,
    studies: Columns,
    protocols: Mapping[str, str],
    book: FactorBook,
    weights_kg: Mapping[str, float] | None = None,
) -> list[dict[str, Any]]:
    """One row a kind of examination.

    Parameters
    ----------
    administrations : columns
        Each injection once, by the best that tells of it.
    protocols : mapping of study key to name
        The protocol of each study.
    weights_kg : mapping of study key to float, optional
        Body weight where the header or the report of the study has it. [kg]
    """
    usual = _usual(book)
    return [
        _row(one, usual.get(one.examination))
        for one in volume_groups(injected(administrations, studies, protocols, weights_kg or {}), usual)
    ]


def injected(
    administrations: Columns, studies: Columns, protocols: Mapping[str, str], weights_kg: Mapping[str, float]
) -> list[Injected]:
    """Examinations of which somebody wrote down what was injected; one with an unknown part is left out."""
    modality = dict(zip(studies["study_key"], studies["modality"], strict=True))
    volume: dict[tuple[str, str], float] = {}
    grams: dict[tuple[str, str], float] = {}
    for n, (key, kind) in enumerate(zip(administrations["study_key"], administrations["kind"], strict=True)):
        if key not in modality or kind not in _GRAMS:
            continue
        told = administrations["origin"][n] in _TOLD_BY
        ml = float(administrations["volume_ml"][n]) if told else np.nan
        volume[key, kind] = volume.get((key, kind), 0.0) + ml
        grams[key, kind] = grams.get((key, kind), 0.0) + ml * float(administrations["concentration_mg_ml"][n]) / 1000.0
    return [
        Injected(
            study_key=key,
            modality=str(modality[key]),
            kind=kind,
            protocol=protocols.get(key),
            volume_ml=ml,
            grams=None if np.isnan(grams[key, kind]) else grams[key, kind],
            weight_kg=weights_kg.get(key),
        )
        for (key, kind), ml in sorted(volume.items())
        if not np.isnan(ml)
    ]


def _usual(book: FactorBook) -> dict[str, tuple[float, float]]:
    found = {}
    for name, factor_id in _USUAL.items():
        try:
            factor = book.get(factor_id)
        except FactorNotFoundError:
            continue
        found[name] = (factor.low, factor.high)
    return found


def _row(one: VolumeGroup, usual: tuple[float, float] | None) -> dict[str, Any]:
    return {
        "examination": one.examination,
        "exams": one.exams,
        "volume_ml": _median(one.volume_ml),
        "grams": _median(one.grams),
        "ml_per_kg": _median(one.ml_per_kg),
        "usual_low_ml": None if usual is None else usual[0],
        "usual_high_ml": None if usual is None else usual[1],
        "above": one.above,
        "below": one.below,
        "far_off": len(one.outliers),
        "far_off_studies": list(one.outliers[:_MOST_NAMED]),
    }


def _median(found: Median | None) -> dict[str, Any] | None:
    return None if found is None else {"value": found.value, "low": found.low, "high": found.high, "exams": found.exams}

"""The ``exam_model`` section: what an exam of its kind is expected to draw, and which drew far more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.footprint.expected import expect
from ecorad.footprint.results import DepartmentEnergy

from .devices import DeviceFacts

Columns = Mapping[str, NDArray[Any]]
MOST_OUTLIERS = 20
_METERED = 3.0


def exam_model_section(
    found: DepartmentEnergy, studies: Columns, protocols: Mapping[str, str | None], facts: Mapping[str, DeviceFacts]
) -> list[dict[str, Any]]:
    """One row a modality with enough metered exams.

    Energy inside the exam against protocol, region, scanner, field strength and data volume. The age of a scanner is
    part of its own term. Names of protocols do not leave: only how many there were.

    Parameters
    ----------
    protocols : mapping of study key to name
        The commonest protocol of each study.
    """
    exams = found.exam_energy
    place = {key: n for n, key in enumerate(studies["study_key"])}
    rows = []
    for modality in sorted({str(one) for one in exams["modality"] if one is not None}):
        mine = np.flatnonzero((exams["modality"] == modality) & (exams["tier"] == _METERED))
        keys, scanners = exams["study_key"][mine], exams["device_key"][mine]
        of_study = np.array([place.get(key, -1) for key in keys], dtype=np.int64)
        tesla = np.array([facts[key].field_strength_t or np.nan for key in scanners], dtype=np.float64)
        bytes_ = np.where(of_study >= 0, np.asarray(studies["data_bytes"], dtype=np.float64)[of_study], np.nan)
        model = expect(
            exams["active_kwh"][mine],
            {
                "protocol": [protocols.get(key) for key in keys],
                "region": [studies["body_region"][n] if n >= 0 else None for n in of_study],
                "device": list(scanners),
            },
            {"data_bytes": bytes_, "field_strength_t": tesla},
        )
        if model is None:
            continue
        rows.append(
            {
                "modality": modality,
                "exams": int(np.isfinite(model.score).sum()),
                "protocols": sum(name.startswith("protocol=") for name in model.names) + 1,
                "explained": model.explained,
                "outliers": [
                    {
                        "study": str(keys[n]),
                        "device": str(scanners[n]),
                        "kwh": float(exams["active_kwh"][mine][n]),
                        "expected_kwh": float(model.expected_kwh[n]),
                        "score": float(model.score[n]),
                    }
                    for n in model.outliers[:MOST_OUTLIERS]
                ],
                "outlier_count": len(model.outliers),
            }
        )
    return rows

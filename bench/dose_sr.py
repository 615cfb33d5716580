"""CPU of one dose report, header and content, in one process. Aims: 14 ms CT, 34 ms fluoroscopy, 6.5 ms radiograph.

The real reports lie in the shared data folder (``ECORAD_SHARED_DATA``); the report of 300 events is made of one of
them by repeating its events under other UIDs, and has to take less than a second.
"""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import pydicom

from ecorad.intake import dicom, dose_sr
from ecorad.intake.identity import Pseudonymiser
from ecorad.model import Site

from .harness import Timing

SITE, KEYS = Site(name="bench", timezone="Europe/Amsterdam"), Pseudonymiser(bytes(32))
ROOT = Path(os.environ.get("ECORAD_SHARED_DATA") or Path(__file__).parents[2] / "shared" / "data")
FILES = {
    "CT-RDSR-Siemens_Flash-TAP-SS.dcm": 0.014,
    "RF-RDSR-Siemens-Zee.dcm": 0.034,
    "RF-RDSR-GE.dcm": 0.034,
    "DX-RDSR-Canon_CXDI.dcm": 0.0065,
}
REPEATS = 50
LONG_EVENTS = 300


def measure() -> list[Timing]:
    """CPU time of each report; the last column is how many times it is below its aim."""
    folder = ROOT / "dicom" / "openrem"
    rows = []
    for name, aim_s in FILES.items():
        data = (folder / name).read_bytes()
        rows.append(_timed(f"{name} ({len(data) / 1000:.0f} kB)", data, REPEATS, aim_s))
    data = _long((folder / "RF-RDSR-Siemens-Zee.dcm").read_bytes())
    rows.append(_timed(f"{LONG_EVENTS} events of fluoroscopy ({len(data) / 1000:,.0f} kB)", data, 5, 1.0))
    return rows


def _timed(what: str, data: bytes, repeats: int, aim_s: float) -> Timing:
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        _decode(data)
        taken.append(time.process_time() - start)
    taken.sort()
    median = taken[len(taken) // 2]
    return Timing(what, median, taken[0], taken[-1], aim_s / median)


def _decode(data: bytes) -> dose_sr.Dose:
    (instance,) = dicom.decode(io.BytesIO(data), size=len(data), site=SITE, pseudonymiser=KEYS).records
    return dose_sr.decode(io.BytesIO(data), size=len(data), instance=instance, site=SITE, pseudonymiser=KEYS)


def _long(data: bytes) -> bytes:
    """The report with its events repeated, each under a UID of its own."""
    made = pydicom.dcmread(io.BytesIO(data))
    items = list(made.ContentSequence)
    events = [item for item in items if item.ConceptNameCodeSequence[0].CodeValue == "113706"]
    others = [item for item in items if item.ConceptNameCodeSequence[0].CodeValue != "113706"]
    copies = []
    for number in range(LONG_EVENTS):
        copy = pydicom.dataset.Dataset.from_json(events[number % len(events)].to_json())
        for item in copy.ContentSequence:
            if item.ConceptNameCodeSequence[0].CodeValue == "113769":
                item.UID = f"1.2.3.{number + 1}"
        copies.append(copy)
    made.ContentSequence = [*others, *copies]
    target = io.BytesIO()
    made.save_as(target)
    return target.getvalue()

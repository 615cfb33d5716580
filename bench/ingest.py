"""Header files per second against one process of pydicom reading the same files. Aim: no less than twice as many."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .harness import Timing, timed

# ECORAD_BENCH_FILES=20000 for the full measure.
FILES = int(os.environ.get("ECORAD_BENCH_FILES", "4000"))
# What a reader of sessions, devices and technique needs at least.
TAGS = [
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PatientID", "AccessionNumber",
    "Modality", "Manufacturer", "ManufacturerModelName", "DeviceSerialNumber", "StationName", "StudyDate",
    "StudyTime", "SeriesDate", "SeriesTime", "AcquisitionDate", "AcquisitionTime", "AcquisitionDateTime",
    "ContentDate", "ContentTime", "ImageType", "BodyPartExamined", "ProtocolName", "KVP", "ExposureTime",
    "RepetitionTime", "EchoTime", "MagneticFieldStrength", "Rows", "Columns", "NumberOfFrames",
    "ContrastBolusAgent", "ContrastBolusVolume",
]  # fmt: skip


def measure() -> list[Timing]:
    """pydicom is the anchor; then a first ingest, and a second of the same files."""
    with tempfile.TemporaryDirectory(prefix="ecorad-bench-") as name:
        folder = Path(name)
        files = _headers(folder)
        anchor = timed(f"pydicom, one process, {files:,} files", lambda: _pydicom(folder / "in"), repeats=3)
        places = (folder / f"site{n}" for n in range(100))
        first = timed(
            "ecorad ingest, nothing known", lambda: _ingest(next(places), folder / "in"), repeats=3, anchor=anchor
        )
        known = folder / "site0"
        again = timed(
            "ecorad ingest, everything known", lambda: _ecorad("ingest", known, folder / "in"), repeats=3, anchor=anchor
        )
    return [anchor, first, again]


def _headers(folder: Path) -> int:
    """Objects of a simulated department, as many as asked, in ``folder/in``."""
    _ecorad("simulate", folder / "made", "--days", max(2, FILES // 700), "--scanners", 5, "--seed", 1)
    (folder / "in").mkdir()
    found = sorted((folder / "made" / "incoming").rglob("*.dcm"))[:FILES]
    for number, path in enumerate(found):
        path.rename(folder / "in" / f"{number}.dcm")
    return len(found)


def _pydicom(folder: Path) -> None:
    code = (
        "import sys, pydicom, pathlib\n"
        "for path in pathlib.Path(sys.argv[1]).iterdir():\n"
        f"    pydicom.dcmread(path, stop_before_pixels=True, specific_tags={TAGS!r})\n"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True)


def _ingest(site: Path, source: Path) -> None:
    _ecorad("init", site, "--zone", "NL", "--timezone", "Europe/Amsterdam")
    _ecorad("ingest", site, source)


def _ecorad(*arguments: object) -> None:
    command = [sys.executable, "-m", "ecorad", *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stderr)

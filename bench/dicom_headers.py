"""One DICOM header in one process: our walker and our whole decode beside pydicom. Aim: the walker 6 times as fast.

The files are full-size objects (half a megabyte of pixel data) made from those that pydicom ships: a CT of 270 elements
with private blocks, and an MR of 85. They lie in the page cache, so that readers are compared and not disks.
"""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

import pydicom

from ecorad.intake.dicom import decode
from ecorad.intake.dicom.elements import WANTED
from ecorad.intake.dicom.reader import read_header
from ecorad.intake.dicom.source import opened
from ecorad.intake.identity import Pseudonymiser
from ecorad.model import Site

from .harness import Timing, timed

FILES = int(os.environ.get("ECORAD_BENCH_FILES", "1000"))
PIXEL_BYTES = 512 * 512 * 2
SEEDS = Path(pydicom.__file__).parent / "data" / "test_files"
SITE, KEYS = Site(name="bench", timezone="Europe/Amsterdam"), Pseudonymiser(bytes(32))


def measure() -> list[Timing]:
    """For each kind of file pydicom is the anchor: its quickest way to the elements that we read."""
    timings = []
    for seed in ("CT_small.dcm", "MR_small.dcm"):
        with tempfile.TemporaryDirectory(prefix="ecorad-bench-") as name:
            paths = _objects(Path(name), (SEEDS / seed).read_bytes())
            anchor = timed(f"{seed} x {len(paths):,}: pydicom, {len(WANTED)} elements", _each(paths, _pydicom))
            timings.append(anchor)
            timings.append(timed(f"{seed}: pydicom, all elements", _each(paths, _pydicom_all), anchor=anchor))
            timings.append(timed(f"{seed}: walker", _each(paths, _walker), anchor=anchor))
            timings.append(timed(f"{seed}: whole decode, digest and keys", _each(paths, _decode), anchor=anchor))
    return timings


def _objects(folder: Path, seed: bytes) -> list[Path]:
    """Full-size objects that differ in the last digits of their own UID."""
    header = seed[: seed.index(b"\xe0\x7f\x10\x00OW")]
    place = header.index(b"\x08\x00\x18\x00UI") + 8
    length = struct.unpack_from("<H", header, place - 2)[0]
    pixels = b"\xe0\x7f\x10\x00OW\0\0" + struct.pack("<L", PIXEL_BYTES) + bytes(PIXEL_BYTES)
    paths = [folder / f"{number}.dcm" for number in range(FILES)]
    for number, path in enumerate(paths):
        uid = f"1.2.3.{number + 10**8}".encode().ljust(length, b"\0")
        path.write_bytes(header[:place] + uid + header[place + length :] + pixels)
    return paths


def _each(paths: list[Path], read: Callable[[Path], object]) -> Callable[[], None]:
    def run() -> None:
        for path in paths:
            read(path)

    return run


def _pydicom(path: Path) -> None:
    found = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(WANTED))
    for element in found:
        _ = element.value


def _pydicom_all(path: Path) -> None:
    pydicom.dcmread(path, stop_before_pixels=True)


def _walker(path: Path) -> None:
    with opened(path, path.stat().st_size) as source:
        read_header(source)


def _decode(path: Path) -> None:
    decode(path, size=path.stat().st_size, site=SITE, pseudonymiser=KEYS)

"""Full-size objects in the page cache, from folder to ledger, beside pydicom. Aims: 10 times; two processes 1.6.

Objects of half a megabyte in series of a hundred, CT and MR in turn, made from those that pydicom ships with a nested
sequence and a private block of 13 kB put in, their pixels a hole of the file; one in a hundred is implicit VR, which
our quick reader leaves to pydicom. The anchor asks pydicom, one process, for 41 elements. Ours walks the folder,
decodes, and commits all records durably. Both are timed from inside, without their start. CPU time stands beside wall
time, since a busy machine spoils the second first.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from .harness import Timing
from .ingest import TAGS

FILES = int(os.environ.get("ECORAD_BENCH_FILES", "12000"))
REPEATS = 3
SEEDS = Path(pydicom.__file__).parent / "data" / "test_files"
MORE = [
    "AcquisitionNumber", "SeriesNumber", "InstanceNumber", "SeriesDescription", "StudyDescription",
    "SoftwareVersions", "XRayTubeCurrent", "Exposure",
]  # fmt: skip
_ONE_IN = 100
_IN_SERIES = 100
_PIXEL_BYTES = 512 * 512 * 2
_UID, _TIME = "1.2.3.999999999", "235959"

_PYDICOM = f"""
import pydicom, pathlib
tags = {[*TAGS, *MORE]!r}
def run(folder, _):
    for path in pathlib.Path(folder).iterdir():
        found = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=tags)
        for tag in tags:
            found.get(tag)
"""
_OURS = """
import pathlib, tempfile
from ecorad.intake.pipeline import ingest
from ecorad.ledger import Workspace
SITE = '[site]\\nname = "bench"\\ntimezone = "Europe/Amsterdam"\\n'
def run(folder, workers):
    with tempfile.TemporaryDirectory(prefix="ecorad-bench-") as place:
        report = ingest(Workspace.create(pathlib.Path(place) / "site", SITE), [pathlib.Path(folder)], workers=workers)
    assert report.outcomes["stored"] == len(list(pathlib.Path(folder).iterdir())), report.as_json()
"""
_TIMED = """
import json, os, resource, sys, time
folder, workers, cores = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
wall, cpu = time.perf_counter(), time.process_time()
run(folder, workers)
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
rss = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
cpu += rss[1].ru_utime + rss[1].ru_stime
print(json.dumps([wall, cpu, max(one.ru_maxrss for one in rss) / 1024]))
"""


def measure() -> list[Timing]:
    """pydicom, one process of ours, two processes of ours, in turn; wall and CPU."""
    ways = {
        "pydicom, 41 elements, one core": (_PYDICOM, 1, 1),
        "folder to ledger, one core": (_OURS, 1, 1),
        "folder to ledger, two processes": (_OURS, 2, 2),
    }
    with tempfile.TemporaryDirectory(prefix="ecorad-bench-") as name:
        folder = Path(name)
        write_objects(folder, FILES)
        runs: dict[str, list[list[float]]] = {what: [] for what in ways}
        for _ in range(REPEATS):
            for what, way in ways.items():
                runs[what].append(_run(folder, *way))
    anchor = runs[next(iter(ways))]
    timings = [
        _timing(f"{FILES:,} objects, {kind}: {what}", runs[what], at, anchor)
        for at, kind in enumerate(("wall", "CPU"))
        for what in ways
    ]
    for what in ways:
        print(f"most memory, {what}: {max(run[2] for run in runs[what]):,.0f} MB")
    one, two = (statistics.median(run[0] for run in runs[what]) for what in list(ways)[1:])
    print(f"two processes beside one: {one / two:.2f} times; {FILES / one:,.0f} and {FILES / two:,.0f} objects/s")
    return timings


def write_objects(folder: Path, count: int) -> None:
    """Objects of full size, in series whose objects differ by a UID and a time, as those of a department do."""
    seeds = [_seed("CT_small.dcm"), _seed("MR_small.dcm")]
    for series in range(-(-count // _IN_SERIES)):
        whole = {is_odd: _series(seeds[series % 2], series, is_odd) for is_odd in (False, True)}
        for number in range(series * _IN_SERIES, min(count, (series + 1) * _IN_SERIES)):
            content = whole[number % _ONE_IN == _ONE_IN - 1]
            content = content.replace(_UID.encode(), f"1.2.3.{number + 10**8}".encode())
            content = content.replace(
                _TIME.encode(), f"{8 + series % 10:02}{number // 60 % 60:02}{number % 60:02}".encode()
            )
            with (folder / f"{number:07}.dcm").open("wb") as file:
                file.write(content)
                file.truncate(len(content) + _PIXEL_BYTES)


def _seed(name: str) -> Dataset:
    """One of pydicom's objects at full size, with a sequence and a private block put in."""
    found = pydicom.dcmread(SEEDS / name)
    region = Dataset()
    region.CodeValue, region.CodingSchemeDesignator, region.CodeMeaning = "T-D1100", "SRT", "Head"
    found.AnatomicRegionSequence = [region]
    found.private_block(0x0099, "BENCH", create=True).add_new(0x10, "OB", bytes(13_000))
    found.Rows = found.Columns = 512
    found.PixelData = bytes(_PIXEL_BYTES)
    found.SOPInstanceUID = found.file_meta.MediaStorageSOPInstanceUID = _UID
    found.ContentTime = _TIME
    return found


def _series(seed: Dataset, number: int, is_implicit: bool) -> bytes:
    seed.StudyInstanceUID, seed.SeriesInstanceUID = f"1.2.4.{number // 4}", f"1.2.5.{number}"
    seed.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if is_implicit else ExplicitVRLittleEndian
    stream = io.BytesIO()
    seed.save_as(stream, implicit_vr=is_implicit, little_endian=True, enforce_file_format=True)
    return stream.getvalue()[:-_PIXEL_BYTES]


def _run(folder: Path, code: str, workers: int, cores: int) -> list[float]:
    command = [sys.executable, "-c", code + _TIMED, str(folder), str(workers), str(cores)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: list[float] = json.loads(done.stdout)
    return found


def _timing(what: str, runs: list[list[float]], at: int, anchors: list[list[float]]) -> Timing:
    taken = [run[at] for run in runs]
    median, anchor = statistics.median(taken), statistics.median(run[at] for run in anchors)
    return Timing(what, median, min(taken), max(taken), None if runs is anchors else anchor / median)

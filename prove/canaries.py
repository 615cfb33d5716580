"""Five hundred invented names and numbers through every feed, failures included; then every file but the vault is read."""

from __future__ import annotations

import csv
import io
import random
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from .figure import Figure
from .mutate import TEST_FILES

COUNT = 500
# Where identifiers may be: the keys, and the owner's own list of what was set aside and where it lay.
VAULT = frozenset({"keys", "quarantine", "incoming"})


def measure(scale: float, seed: int) -> list[Figure]:
    """Make the feed, run every command over it, and look."""
    with tempfile.TemporaryDirectory(prefix="ecorad-canaries-") as name:
        found, looked = leaks(Path(name), seed, max(40, int(COUNT * scale)))
    return [
        Figure(
            "S19",
            "invented names and numbers found outside of the vault after every feed and command",
            f"{len(found)} found in {looked} files and outputs{': ' + ', '.join(sorted(found)[:5]) if found else ''}",
            "0 of 500",
            not found and looked > 10,
            str(seed),
        )
    ]


def leaks(folder: Path, seed: int, count: int) -> tuple[set[str], int]:
    """Which files or outputs hold a canary, and how many were looked at."""
    chance = random.Random(seed)
    names = [f"Qx{chance.randrange(16**5):05x}zor" for _ in range(count // 2)]
    numbers = [f"77{chance.randrange(10**9):09d}" for _ in range(count - count // 2)]
    incoming, site = folder / "incoming", folder / "site"
    incoming.mkdir()
    for number, (one, other) in enumerate(zip(names, numbers, strict=False)):
        _write(incoming, number, one, other, chance)
    said = [
        _ecorad("init", site, "--zone", "NL", "--timezone", "Europe/Amsterdam"),
        _ecorad("ingest", site, incoming),
        _ecorad("ingest", site, incoming, "--json"),
        _ecorad("doctor", site),
        _ecorad("audit", site),
        *(
            _ecorad("export", site, one, "-o", folder / f"{one}.csv")
            for one in ("instance", "issue", "receipt", "study")
        ),
    ]
    outputs = {f"output {number}": text for number, text in enumerate(said)}
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if path.is_file() and not VAULT & set(place.parts):
            outputs[str(place)] = str(place).encode() + path.read_bytes()
    canaries = [text.encode() for text in (*names, *numbers)]
    return {
        where for where, text in outputs.items() if any(one in text or one.upper() in text for one in canaries)
    }, len(outputs)


def _write(incoming: Path, number: int, name: str, id_: str, chance: random.Random) -> None:
    """One input of each kind in turn, named after the canary."""
    kind = number % 8
    content = _object(name, id_, number)
    if kind < 2:
        (incoming / f"{name}_{id_}.dcm").write_bytes(content)
    elif kind == 2:
        (incoming / f"{name}.dcm").write_bytes(content[: chance.randrange(200, len(content) - 10)])
    elif kind == 3:
        (incoming / f"{name}.csv").write_text(
            f"time,power [W],{name}\n2026-03-01T00:00Z,1,{id_}\n2026-03-01T00:15Z,{name},2\n", "utf-8"
        )
    elif kind == 4:
        (incoming / f"{id_}.csv").write_text(
            f"meter_id,time,kWh\n{name},2026-03-01T00:00Z,1\n{name},2026-03-01T00:15Z,2\n", "utf-8"
        )
    elif kind == 5:
        (incoming / f"{name}.txt").write_text(f"Dear {name}, your number is {id_}\n", "utf-8")
    elif kind == 6:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(f"{name}/{id_}.dcm", content)
            archive.writestr(f"{id_}.bin", name)
        (incoming / f"{name}.zip").write_bytes(file.getvalue())
    else:
        rows = io.StringIO()
        csv.writer(rows).writerows([["date", "patient", "product", "quantity"], ["2026-03-01", name, id_, "x"]])
        (incoming / name).mkdir()
        (incoming / name / f"{id_}.csv").write_text(rows.getvalue(), "utf-8")


def _object(name: str, id_: str, number: int) -> bytes:
    """An object about the canary: name, number, accession, birth, free text, and its own UIDs."""
    import pydicom

    data_set = pydicom.dcmread(TEST_FILES / "CT_small.dcm")
    data_set.PatientName, data_set.PatientID, data_set.AccessionNumber = f"{name}^{name}", id_, id_
    data_set.OtherPatientIDs, data_set.PatientComments = id_, f"see {name}"
    data_set.ReferringPhysicianName = data_set.OperatorsName = f"{name}"
    data_set.StudyDescription = data_set.SeriesDescription = f"CHEST {name} {id_}"
    data_set.ContrastBolusAgent = f"{name} {id_}"
    data_set.StudyID = id_
    data_set.StudyInstanceUID = f"1.2.{id_}"
    data_set.SeriesInstanceUID, data_set.SOPInstanceUID = f"1.2.{id_}.1", f"1.2.{id_}.{number}"
    data_set.file_meta.MediaStorageSOPInstanceUID = data_set.SOPInstanceUID
    file = io.BytesIO()
    data_set.save_as(file)
    return file.getvalue() + struct.pack("<HH2sHL", 0xFFFC, 0xFFFC, b"OB", 0, 0)


def _ecorad(*arguments: object) -> bytes:
    command = [sys.executable, "-m", "ecorad", *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True)
    return done.stdout + done.stderr if arguments[0] != "init" else b""

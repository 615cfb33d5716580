"""Inputs made to burst their reader, each through ``ecorad ingest``: seconds and memory beyond an empty run."""

from __future__ import annotations

import gzip
import io
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from .figure import Figure

MOST_MB, MOST_S = 256.0, 5.0
_EXPLICIT, _DEFLATED = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"
_ITEM, _SEQUENCE = b"\xfe\xff\x00\xe0", b"\x40\x00\x30\xa7SQ\0\0"
_OPEN = b"\xff\xff\xff\xff"


def measure(scale: float, seed: int) -> list[Figure]:
    """Every bomb once; whatever the scale, they are few."""
    with tempfile.TemporaryDirectory(prefix="ecorad-bombs-") as name:
        folder = Path(name)
        site = folder / "site"
        _run("init", site, "--zone", "NL", "--timezone", "Europe/Amsterdam")
        (folder / "plain.csv").write_text("time,power [W]\n2026-03-01T00:00Z,1\n2026-03-01T00:15Z,1\n", "utf-8")
        _run("ingest", site, folder / "plain.csv")
        idle_s, _, idle_mb = _run("ingest", site, folder / "plain.csv")
        worst = []
        for what, path in bombs(folder):
            seconds, status, megabytes = _run("ingest", site, path)
            path.unlink()
            worst.append((what, max(0.0, seconds - idle_s), megabytes - idle_mb, status))
        seconds, status, _ = _run("ingest", site, folder / "plain.csv")
    slow = max(worst, key=lambda one: one[1])
    large = max(worst, key=lambda one: one[2])
    held = slow[1] <= MOST_S and large[2] <= MOST_MB and all(one[3] in {0, 1} for one in worst) and status == 0
    return [
        Figure(
            "S7",
            f"{len(worst)} bombs, beyond an empty run: {', '.join(one[0] for one in worst)}",
            f"most time {slow[1]:.1f} s ({slow[0]}), most memory {large[2]:.0f} MB ({large[0]}); the next input is read",
            f"{MOST_S:.0f} s, {MOST_MB:.0f} MB",
            held,
        )
    ]


def _run(*arguments: object) -> tuple[float, int, float]:
    """Seconds, exit status, and most memory of the largest process. [s, -, MB]"""
    started = time.perf_counter()
    command = [sys.executable, "-m", "ecorad", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, state, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(state)
    return time.perf_counter() - started, process.returncode, usage.ru_maxrss / 1024


def bombs(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name and file of each, one at a time."""
    for what, name, content in _contents():
        path = folder / name
        path.write_bytes(content)
        yield what, path
    path = folder / "line.csv"
    with path.open("wb") as file:
        file.write(b"time,power\n")
        for _ in range(1024):
            file.write(b"7" * (1 << 20))
    yield "1 GB line", path
    path = folder / "wide.csv"
    with path.open("wb") as file:
        for _ in range(20):
            file.write(b"1," * (1 << 20) + b"\n")
    yield "a million columns", path


def _contents() -> Iterator[tuple[str, str, bytes]]:
    zeros = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = b"".join(zeros.compress(bytes(1 << 20)) for _ in range(1024)) + zeros.flush()
    yield "deflated 1 GB", "deflated.dcm", _object(deflated, _DEFLATED)
    yield "nested 300", "nested300.dcm", _object((_SEQUENCE + _OPEN + _ITEM + _OPEN) * 300)
    yield "nested 50,000", "nested.dcm", _object((_SEQUENCE + _OPEN + _ITEM + _OPEN) * 50_000)
    yield (
        "nested in a wanted sequence",
        "wanted.dcm",
        _object((b"\x18\x00\x12\x00SQ\0\0" + _OPEN + _ITEM + _OPEN) * 50_000),
    )
    yield (
        "2 M items",
        "items.dcm",
        _object(b"\x00\x52\x30\x92SQ\0\0" + struct.pack("<L", 16_000_000) + (_ITEM + bytes(4)) * 2_000_000),
    )
    yield (
        "8 M values",
        "values.dcm",
        _object(b"\x08\x00\x0d\x00UC\0\0" + struct.pack("<L", 16_000_000) + b"A\\" * 8_000_000),
    )
    yield "4 GiB length", "length.dcm", _object(b"\x08\x00\x30\x10UT\0\0\xff\xff\xff\xfe" + bytes(64))
    yield "a zip bomb", "bomb.zip", _zip({"a.dcm": bytes(200 << 20)})
    inner = _zip({f"{n}.dcm": bytes(10 << 20) for n in range(4)})
    yield "zips in a zip", "nested.zip", _zip({f"{n}.zip": inner for n in range(100)})
    yield "gzip 1 GB", "bomb.csv.gz", b"".join(gzip.compress(bytes(64 << 20), 9) for _ in range(16))
    yield "a tar that says 1 TB", "huge.tar", _tar()
    yield "a giant XLSX", "giant.xlsx", _xlsx(2_000_000)
    yield "an XLSX of one cell repeated", "shared.xlsx", _xlsx(200_000, text="A" * 30_000)
    yield "JSON 100,000 deep", "deep.json", b'{"00080016": {"vr": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}"
    yield "JSON 40 MB", "long.json", b'{"00080016": {"vr": "UI", "Value": [' + b'"1.2",' * 6_000_000 + b'"1"]}}'


def _object(body: bytes, syntax: str = _EXPLICIT) -> bytes:
    text = syntax.encode() + b"\0" * (len(syntax) % 2)
    meta = b"\x02\x00\x10\x00UI" + struct.pack("<H", len(text)) + text
    group = b"\x02\x00\x00\x00UL\x04\x00" + struct.pack("<L", len(meta))
    return bytes(128) + b"DICM" + group + meta + body


def _zip(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def _tar() -> bytes:
    info = tarfile.TarInfo("a.dcm")
    info.size = 1 << 40
    return info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)


def _xlsx(rows: int, text: str = "1") -> bytes:
    """A workbook whose sheet unpacks to very many rows, or to one long text used very often."""
    row = b"".join(b"<c t='inlineStr'><is><t>%s</t></is></c>" % text.encode() for _ in range(3))
    file = io.BytesIO()
    types = (
        "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>"
        "<Override PartName='/xl/workbook.xml' ContentType='application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml'/>"
        "<Override PartName='/xl/worksheets/sheet1.xml' ContentType='application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml'/>"
        "</Types>"
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        book.writestr("[Content_Types].xml", types)
        book.writestr(
            "_rels/.rels",
            f"<Relationships xmlns='{package}'><Relationship Id='r1' Type='{relations}/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        )
        book.writestr(
            "xl/workbook.xml",
            f"<workbook xmlns='{main}' xmlns:r='{relations}'><sheets><sheet name='s' sheetId='1' r:id='r1'/></sheets></workbook>",
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f"<Relationships xmlns='{package}'><Relationship Id='r1' Type='{relations}/worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
        )
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f"<worksheet xmlns='{main}'><sheetData>".encode())
            for _ in range(rows):
                sheet.write(b"<row>" + row + b"</row>")
            sheet.write(b"</sheetData></worksheet>")
    return file.getvalue()

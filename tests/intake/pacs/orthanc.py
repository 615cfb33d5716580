"""A real Orthanc, started for a test and filled; the test skips where there is none."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PLUGINS = Path("/usr/lib/orthanc")


@dataclass(frozen=True)
class Running:
    """Its ports on loopback."""

    http: int
    dicom: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return answer.read()

    def ask(self, path: str, told: object, method: str = "POST") -> bytes:
        content = json.dumps(told).encode()
        request = urllib.request.Request(self.url + path, data=content, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.read()

    def store(self, content: bytes) -> bool:
        request = urllib.request.Request(self.url + "/instances", data=content, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30):
                return True
        except urllib.error.HTTPError:
            return False

    def files(self) -> Iterator[bytes]:
        for one in json.loads(self.get("/instances")):
            yield self.get(f"/instances/{one}/file")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def orthanc(folder: Path) -> Iterator[Running]:
    program = shutil.which("Orthanc")
    plugin = next(PLUGINS.glob("libOrthancDicomWeb.so*"), None)
    if program is None or plugin is None:
        pytest.skip("no Orthanc with DICOMweb here")
    running = Running(free_port(), free_port())
    settings = {
        "Name": "test",
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "Plugins": [str(plugin)],
        "HttpPort": running.http,
        "DicomPort": running.dicom,
        "DicomAet": "ORTHANC",
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowGet": True,
        "DicomCheckCalledAet": False,
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "StudiesMetadata": "Full", "SeriesMetadata": "Full"},
    }
    (folder / "orthanc.json").write_text(json.dumps(settings), "utf-8")
    process = subprocess.Popen(
        [program, str(folder / "orthanc.json")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(150):
            try:
                running.get("/system")
                break
            except OSError:
                time.sleep(0.1)
        yield running
    finally:
        process.terminate()
        process.wait(20)

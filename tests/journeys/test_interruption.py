"""Killed at any moment and run again, the ledger and the report are those of an undisturbed run."""

from __future__ import annotations

import random
import signal
import subprocess
import time

import pytest

from tests.journeys.workspace import ECORAD, ecorad, exported

TABLES = ("instance", "reading", "stock", "study")
LEFT_OUT = {"received_at", "version"}


def rows(workspace, table):
    kept = [{k: v for k, v in row.items() if k not in LEFT_OUT} for row in exported(workspace, table)]
    return sorted(map(str, map(sorted, (row.items() for row in kept))))


@pytest.fixture(scope="module")
def department(tmp_path_factory):
    folder = tmp_path_factory.mktemp("department") / "a"
    ecorad("simulate", folder, "--days", 2, "--scanners", 3, "--seed", 7)
    return folder


def copy_of(department, target):
    """The same incoming records under the same keys, not yet ingested."""
    subprocess.run(["cp", "-r", str(department), str(target)], check=True)
    return target


def run_until_killed(command, after_s):
    process = subprocess.Popen([*ECORAD, *map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(timeout=after_s)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    time.sleep(0.2)  # workers notice that their parent is gone


def test_killing_ingest_and_audit_changes_nothing(department, tmp_path):
    ecorad("doctor", department, accept=(0, 1))  # makes the site key, so that both copies share it
    undisturbed = copy_of(department, tmp_path / "undisturbed")
    ecorad("ingest", undisturbed, undisturbed / "incoming", accept=(0, 1))
    ecorad("audit", undisturbed)
    disturbed = copy_of(department, tmp_path / "disturbed")
    moments = random.Random(11)
    for _ in range(4):
        run_until_killed(["ingest", disturbed, disturbed / "incoming"], moments.uniform(0.6, 4.0))
    ecorad("ingest", disturbed, disturbed / "incoming", accept=(0, 1))
    run_until_killed(["audit", disturbed], moments.uniform(0.8, 2.5))
    ecorad("audit", disturbed)
    for table in TABLES:
        assert rows(disturbed, table) == rows(undisturbed, table), table
    for name in ("audit.json", "report.html"):
        assert (disturbed / "out" / name).read_bytes() == (undisturbed / "out" / name).read_bytes(), name

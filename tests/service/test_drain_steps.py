"""Procedure steps from the receive journal to the report: once each, whatever the order."""

from __future__ import annotations

import random

import pytest

from ecorad.intake.register import open_ledger
from ecorad.ledger import Workspace
from ecorad.ledger.spool import Spool
from ecorad.service.desk import FOLDER
from ecorad.service.drain.drainer import Drainer
from tests.intake.mpps.test_decode import BEGUN, code, message, scheduled

SITE = """
[site]
name = "x"
timezone = "Europe/Amsterdam"
[[device]]
serial = "77"
alias = "CT 1"
stations = ["CT1"]
"""


def put(workspace, *messages):
    """Messages (step UID, content) as the node keeps them: head, then nothing behind it."""
    spool = Spool(workspace.ledger_path / FOLDER / "mpps")
    for number, (uid, content) in enumerate(messages):
        notes = {"kind": "mpps", "feed": "mpps", "uid": uid, "head": len(content), "size": len(content)}
        spool.append(content, notes, received_us=1_780_000_000_000_000 + number).result(10)
    spool.close()


def drained(workspace):
    worker = Drainer(workspace)
    try:
        while worker.drain():
            pass
    finally:
        worker.close()
    with open_ledger(workspace) as ledger:
        return ledger.columns("performed_step"), ledger.columns("device", ["device_key", "alias"])


@pytest.mark.parametrize("seed", range(3))
def test_a_step_is_what_its_messages_say_in_any_order(tmp_path, seed):
    workspace = Workspace.create(tmp_path / "site", SITE)
    begun = message(**BEGUN, ScheduledStepAttributesSequence=[scheduled()])
    broken = message(
        PerformedProcedureStepStatus="DISCONTINUED",
        PerformedProcedureStepEndDate="20260702",
        PerformedProcedureStepEndTime="102000",
        PerformedProcedureStepDiscontinuationReasonCodeSequence=[code("110501")],
    )
    messages = [("1.9", begun), ("1.9", broken), ("1.10", begun), ("1.9", broken)]
    random.Random(seed).shuffle(messages)
    put(workspace, *messages)
    steps, devices = drained(workspace)
    rows = sorted(zip(steps["state"], steps["reason"], strict=True), key=str)
    assert rows == [("discontinued", "equipment failure"), ("in progress", None)]
    assert set(steps["device_key"]) == {key for key, name in zip(*devices.values(), strict=True) if name == "CT 1"}
    assert not any(key is None for key in steps["study_key"])


def test_a_message_that_cannot_be_read_is_set_aside(tmp_path):
    workspace = Workspace.create(tmp_path / "site", SITE)
    put(workspace, ("1.9", b"nothing of the kind" * 20))
    steps, _ = drained(workspace)
    assert len(steps["state"]) == 0
    with open_ledger(workspace) as ledger:
        receipts = ledger.columns("receipt", ["outcome", "code"])
    assert (receipts["outcome"].tolist(), receipts["code"].tolist()) == (["quarantined"], ["ecorad.mpps.structure"])

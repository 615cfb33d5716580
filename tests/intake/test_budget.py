"""What one input may cost: a reader that wants more is ended, its input named, and the next one goes on."""

from __future__ import annotations

import io
import multiprocessing
import resource
import time
import zipfile
from pathlib import Path

import pytest

from ecorad.intake import budget, pipeline
from ecorad.intake.budget import Budget, allowed_cpu_s, allowed_memory_bytes
from ecorad.intake.decoding import Decoder
from ecorad.intake.pipeline import ingest
from ecorad.intake.sources import Input
from ecorad.ledger import Workspace
from tests.service.peers import ct, file_bytes

SITE = '[site]\nname = "x"\ntimezone = "Europe/Amsterdam"\n'


def in_child(work, *arguments):
    """Exit status of a process that does a piece of work."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode


def test_a_larger_input_may_cost_more():
    assert allowed_cpu_s(0) == 5 < allowed_cpu_s(50 << 20)
    assert allowed_memory_bytes(0) == 512 << 20 < allowed_memory_bytes(1 << 20)


def test_a_workbook_may_cost_what_its_parts_are_long_and_a_bomb_not_what_it_claims():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<row/>" * 100_000)
    content = buffer.getvalue()
    named = [Input(name, name, len(content), content=content).unpacked_bytes() for name in ("a.XLSX", "a.zip")]
    assert named == [600_000, 0]
    assert Input("a.xlsx", "a.xlsx", 9, content=content[:90]).unpacked_bytes() == 0
    assert allowed_cpu_s(1 << 20, 10 << 20) == 36
    assert allowed_cpu_s(1 << 20, 20 << 20) == 66
    assert allowed_cpu_s(1 << 20, 21 << 20) == allowed_cpu_s(1 << 20), "a bomb gets no more for what it claims"


def computing(seconds):
    one = Budget()
    one.allow(0)
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def remembering(mebibytes):
    one = Budget()
    one.allow(0)
    try:
        held = bytearray(mebibytes << 20)
    except MemoryError:
        raise SystemExit(7) from None
    raise SystemExit(held[-1])


def working_on():
    """Many inputs, each within its own budget: what was used before does not count."""
    one = Budget()
    for _ in range(3):
        one.allow(0)
        until = time.process_time() + 0.7
        while time.process_time() < until:
            pass
        assert resource.getrlimit(resource.RLIMIT_CPU)[0] <= time.process_time() + 7


def test_h9_too_much_computing_ends_the_process():
    assert in_child(computing, 20) == -24  # SIGXCPU
    assert in_child(computing, 0.5) == 0
    assert in_child(working_on) == 0


def test_h9_too_much_memory_fails_in_the_process():
    assert in_child(remembering, 700) == 7
    assert in_child(remembering, 100) == 0


class Greedy(Decoder):
    """Stands for a decoder with a fault: what each input's first word says, it does."""

    def decode(self, one):
        word = Path(one.path).read_bytes()[:6] if one.path else b""
        if word == b"memory":
            held = bytearray(2 << 30)
            assert held
        while word == b"forevr":
            pass
        return super().decode(one)


@pytest.mark.parametrize("count", [4, 60])
def test_h9_the_input_that_costs_too_much_is_set_aside_alone(tmp_path, monkeypatch, count):
    monkeypatch.setattr(pipeline, "Decoder", Greedy)
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:02d}.dcm").write_bytes(file_bytes(ct()))
    (folder / "memory.txt").write_bytes(b"memory" * 10)
    (folder / "a-hang.txt").write_bytes(b"forevr" * 10)
    report = ingest(Workspace.create(tmp_path / "site", SITE), [folder], workers=2)
    assert {name: found for name, found in report.outcomes.items() if found} == {"stored": count, "quarantined": 2}
    assert sum(n for (code, _), n in report.issues.items() if code == "ecorad.intake.budget") == 2


def test_a_limit_of_the_system_is_not_raised(monkeypatch):
    set_to = {}
    monkeypatch.setattr(budget.resource, "setrlimit", lambda limit, pair: set_to.update({limit: pair}))
    monkeypatch.setattr(budget.resource, "getrlimit", lambda limit: (1 << 20, 1 << 20))
    Budget().allow(1 << 30)
    assert set_to[resource.RLIMIT_DATA] == (1 << 20, 1 << 20)
    assert set_to[resource.RLIMIT_CPU][0] <= 1 << 20

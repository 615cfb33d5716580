"""What a fuzzer's words are read as, and that a planted fault is found."""

from __future__ import annotations

import pytest

from prove import fuzz, fuzz_targets

TOLD = """#2	INITED cov: 5 ft: 5 corp: 1/1b exec/s: 0 rss: 60Mb
#99	NEW    cov: 17 ft: 30 corp: 4/9b lim: 4 exec/s: 0 rss: 61Mb
stat::number_of_executed_units: 321201
"""


def effort(tmp_path, found=(), told=TOLD):
    for place, names in (("corpus", "ab"), ("found", found)):
        (tmp_path / place).mkdir()
        for name in names:
            (tmp_path / place / name).write_text("x")
    return fuzz.Effort.read("wire", tmp_path, told)


def test_executions_branches_and_what_escaped_are_read(tmp_path):
    assert effort(tmp_path) == fuzz.Effort("wire", 321_201, 17, 2, 0)
    assert fuzz.figure([fuzz.Effort("wire", 9, 17, 2, 0)], 5, 1).holds


def test_what_escaped_or_did_not_run_does_not_hold(tmp_path):
    one = fuzz.figure([effort(tmp_path, ["crash-1"])], 5, 1)
    assert (one.holds, one.found.split(";")[0]) == (False, "1 in wire escaped")
    none = fuzz.figure([fuzz.Effort("wire", 0, 0, 0, 0)], 5, 1)
    assert not none.holds
    assert "wire did not run" in none.found


@pytest.mark.parametrize("name", fuzz.NAMES)
def test_every_target_takes_its_own_seeds_and_none_of_them_is_empty(name):
    target = fuzz_targets.TARGETS[name]
    seeds = target.seeds()
    assert seeds
    for content in seeds:
        target.read(content)
        target.read(content[: len(content) // 2])


def test_all_targets_are_named():
    assert set(fuzz.NAMES) == set(fuzz_targets.TARGETS)


def test_s24_what_the_fuzzer_found_once_stays_mended():
    messages, medication = (fuzz_targets.TARGETS[name].read for name in ("messages", "medication"))
    messages(b"mr1 value=\x1f.5 5")
    medication("day;value\n2026030³02;1\n".encode())

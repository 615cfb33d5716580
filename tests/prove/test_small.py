"""The proofs at a small scale: what the full program measures must hold in every run of the suite too."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest
from prove.mutate import damaged, header

from prove import canaries, damage, disk_faults, headers, mutations, power_cut, recovery, replay


def in_its_own_process(measure: Callable[..., Any], *arguments: Any) -> Any:
    """What a proof that forks found; its children need a parent in which no test has opened a ledger before."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, *arguments).result()


with_strace = pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")


@pytest.mark.parametrize("seed", [1, 2])
def test_no_silent_disagreement_with_pydicom(seed):
    found = headers.compare(1500, seed)
    assert found["differ"] == 0
    assert found["walker"] > 300


@pytest.mark.parametrize("seed", [3, 4])
def test_nothing_escapes_from_damaged_input(seed):
    found = mutations.tried(600, seed)
    assert not [what for what in found if what.startswith("uncaught")]
    assert found["record"]
    assert found["code"]


def test_the_same_seed_damages_alike():
    from random import Random

    assert damaged(header(Random(5)), Random(6)) == damaged(header(Random(5)), Random(6))


def test_s19_no_name_or_number_leaves_the_vault(tmp_path):
    found, looked = canaries.leaks(tmp_path, 1, 48)
    assert found == set()
    assert looked > 10


def test_s11_the_order_of_arrival_changes_no_byte_of_the_report():
    assert [figure.found for figure in replay.measure(1.0, 1) if not figure.holds] == []


@with_strace
def test_s2_the_receive_journal_outlives_a_power_cut_at_any_moment():
    found = power_cut.journal_states(120, 1)
    assert found["states"] == 120
    assert not found["lost"] + found["forged"] + found["stuck"]


@with_strace
def test_s2_a_journal_that_never_syncs_is_found_out(monkeypatch):
    lying = power_cut._JOURNAL.replace("chance, n", "os.fdatasync = lambda handle: None; chance, n")
    monkeypatch.setattr(power_cut, "_JOURNAL", lying)
    assert power_cut.journal_states(40, 1)["lost"]


@with_strace
@pytest.mark.slow
def test_s2_the_ledger_outlives_a_power_cut_at_any_moment():
    found = in_its_own_process(power_cut.ledger_states, 3, 1)
    assert dict(found) == {"states": 3}


@with_strace
def test_s4_no_disk_fault_gives_a_false_answer():
    found = disk_faults.journal_faults(14, 1)
    assert found["faults"] == 14
    assert found["full"]
    assert found["failed"]
    assert not found["false"] + found["forged"] + found["stuck"]


@with_strace
def test_s4_an_answer_before_the_disk_is_found_out(monkeypatch):
    hasty = disk_faults._JOURNAL.replace('b"full "', 'b"%d " % n')
    monkeypatch.setattr(disk_faults, "_JOURNAL", hasty)
    assert disk_faults.journal_faults(7, 1)["false"]


@with_strace
@pytest.mark.slow
def test_s4_an_ingest_on_a_failing_disk_goes_on_later():
    found = in_its_own_process(disk_faults.ledger_faults, 2, 1)
    assert found["states"] == 2
    assert not found["lost"] + found["shut"] + found["wrong"]


def test_s3_a_damaged_journal_loses_what_was_hurt_and_says_so():
    found = damage.journals(300, 1)
    assert found["places"] == 300
    assert found["named"] > 250
    assert not found["lost"] + found["silent"] + found["forged"] + found["stuck"]


@pytest.mark.slow
def test_s3_damaged_tables_are_named_and_made_anew():
    found = in_its_own_process(damage.tables, 4, 3)
    assert (found["places"], found["tried"], found["anew"]) == (4, 1, 1)
    assert not found["silent"]


@pytest.mark.slow
def test_s22_s23_a_killed_server_and_a_restored_backup_are_what_they_were():
    found = {figure.sheet: figure for figure in recovery.measure(0.0, 1)}
    assert set(found) == {"S22", "S23"}
    assert "0 of" in found["S22"].found
    assert "report the same" in found["S22"].found
    assert found["S23"].holds, found["S23"].found

"""``ecorad ingest``: what is told of it."""

from __future__ import annotations

from ecorad.cli.app import run

ENDS = ("stored", "duplicate", "new_version", "quarantined", "refused")


def test_everything_known_is_a_duplicate(department, told):
    report = told("ingest", department, department / "incoming" / "ledgers")
    assert report["received"] == report["duplicate"] > 0
    assert report["received"] == sum(report[end] for end in ENDS)


def test_rubbish_is_set_aside_with_status_1_and_a_next_step(tmp_path, capsys):
    run(["init", str(tmp_path / "site"), "--zone", "NL", "--timezone", "UTC"])
    (tmp_path / "empty.dcm").write_bytes(b"DICM" * 50)
    capsys.readouterr()
    assert run(["ingest", str(tmp_path / "site"), str(tmp_path / "empty.dcm")]) in {0, 1}
    printed = capsys.readouterr()
    assert "1 inputs received" in printed.out
    assert "Next: ecorad doctor" in printed.err


def test_a_source_that_is_not_there_is_wrong_use(department, told):
    assert told("ingest", department, "nowhere", status=2)["error"]["code"] == "ecorad.input.no_source"


def test_a_folder_that_is_no_site_is_wrong_use(tmp_path, told):
    assert told("ingest", tmp_path, tmp_path, status=2)["error"]["code"] == "ecorad.workspace"

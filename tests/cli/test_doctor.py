"""``ecorad doctor`` on real tables."""

from __future__ import annotations

import gzip

from ecorad.cli.app import run


def test_a_complete_site_is_well(department, told):
    found = told("doctor", department)
    assert {check["state"] for check in found["checks"]} == {"ok"}
    assert {row["feed"] for row in found["deliveries"]} >= {"dicom", "meter"}
    assert all(row["received"] >= row["stored"] for row in found["deliveries"])


def test_a_site_with_nothing_is_told_what_to_do(tmp_path, capsys):
    run(["init", str(tmp_path / "site"), "--timezone", "UTC"])
    capsys.readouterr()
    assert run(["doctor", str(tmp_path / "site")]) == 0
    printed = capsys.readouterr()
    assert "No DICOM was received" in printed.out
    assert "grid_zone" in printed.out
    assert "Next:" in printed.err


def test_devices_listed_after_they_were_seen_keep_their_records(department, told, tmp_path):
    """The lines it proposes, pasted, tie the site's names to what was ingested before."""
    site = tmp_path / "site"
    run(["init", str(site), "--zone", "NL", "--timezone", "Europe/Amsterdam"])
    run(["ingest", str(site), str(department / "incoming" / "dicom"), "--workers", "1"])
    (check,) = [check for check in told("doctor", site)["checks"] if check["name"] == "device.unregistered"]
    with (site / "site.toml").open("a", encoding="utf-8") as text:
        text.write("\n".join(("", *check["lines"], "")))
    again = {check["name"] for check in told("doctor", site)["checks"]}
    assert not again & {"device.unregistered", "device.silent"}


def test_a_meter_file_is_told_what_to_write(tmp_path, capsys):
    """The block it prints, pasted, is all that ``ingest`` needs."""
    site, file = tmp_path / "site", tmp_path / "plug.csv.gz"
    rows = [
        f"2026-03-02 {hour:02d}:00,{name},{value}" for hour in range(24) for name, value in (("MR1", 4), ("CT1", 9))
    ]
    file.write_bytes(gzip.compress("\n".join(("time,device,power_kw", *rows, "")).encode()))
    run(["init", str(site), "--timezone", "Europe/Amsterdam"])
    capsys.readouterr()
    assert run(["doctor", str(site), "--meter", str(file)]) == 0
    printed = capsys.readouterr().out
    block = printed[printed.index("[[meter]]") : printed.index("\nSo read")]
    assert 'only = { "device" = ["MR1"] }' in block
    assert "96 kWh a day" in printed
    with (site / "site.toml").open("a", encoding="utf-8") as text:
        text.write(f"\n{block}\n")
    capsys.readouterr()
    assert run(["ingest", str(site), str(file), "--feed", "plug", "--workers", "1"]) == 0
    assert "stored" in capsys.readouterr().out


def test_a_file_that_is_no_meters_is_told_so(tmp_path, capsys, told):
    site, file = tmp_path / "site", tmp_path / "letter.txt"
    file.write_text("Dear colleague, thank you.\n", encoding="utf-8")
    run(["init", str(site), "--timezone", "UTC"])
    capsys.readouterr()
    assert run(["doctor", str(site), "--meter", str(file)]) == 0
    assert "ecorad.meter.no_" in capsys.readouterr().out
    assert told("doctor", site, "--meter", file)["lines"] == []
    assert run(["doctor", str(site), "--meter", str(tmp_path / "none.csv")]) != 0

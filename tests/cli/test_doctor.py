"""``ecorad doctor`` on real tables."""

from __future__ import annotations

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

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from ecorad.model import InputError, load_site
from ecorad.simulation import Settings, simulate


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        simulate(tmp_path / name, days=2, scanners=5, seed=3)
    assert digest(tmp_path / "one") == digest(tmp_path / "two")


def test_another_seed_gives_another_department(tmp_path):
    first, second = (simulate(tmp_path / str(seed), days=1, scanners=2, seed=seed) for seed in (3, 4))
    assert first.total_kwh != second.total_kwh


def test_a_folder_with_content_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        simulate(tmp_path, days=1, scanners=1)
    assert refusal.value.code == "ecorad.simulation.not_empty"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_interrupted_run_leaves_no_workspace_and_can_be_repeated(tmp_path):
    def interrupt(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(tmp_path / "w", days=1, scanners=3, progress=interrupt)
    assert not (tmp_path / "w").exists()
    simulate(tmp_path / "w", days=1, scanners=3)
    assert [path.name for path in tmp_path.iterdir()] == ["w"]


def test_site_toml_names_every_device_and_meter(small, summary):
    site = load_site(small / "site.toml")
    assert [device.serial for device in site.devices] == [one["serial"] for one in summary["scanners"]]
    assert {serial for meter in site.meters for serial in meter.feeds} == {device.serial for device in site.devices}
    assert {meter.kind for meter in site.meters} == {"power", "interval", "register"}
    assert site.opening_hours["mon"] and "sun" not in site.opening_hours


def test_ledger_mappings_name_columns_that_the_sheets_have(small):
    site = load_site(small / "site.toml")
    for mapping in site.ledgers:
        path = small / "incoming" / "ledgers" / f"{mapping.name}.csv"
        if path.exists():
            head = path.read_text("utf-8").splitlines()[0]
            assert all(column in head for column in mapping.columns.values())


def test_unmetered_scanners_are_the_last_ones(tmp_path):
    simulate(tmp_path / "w", days=1, scanners=3, settings=Settings(unmetered=2))
    assert [path.name for path in (tmp_path / "w" / "incoming" / "meters").iterdir()] == ["mr-1-meter"]


def test_a_closed_day_without_any_exam_is_a_department_too(tmp_path):
    made = simulate(tmp_path / "w", days=1, scanners=1, start=date(2026, 3, 1))
    assert made.exams == made.dicom_files == 0
    assert made.total_kwh > 0


def test_progress_counts_scanner_days(tmp_path):
    seen: list[tuple[int, int]] = []
    simulate(tmp_path / "w", days=2, scanners=2, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("wrong", [{"days": 0}, {"scanners": 0}, {"meter_resolution_s": 7}, {"meter_resolution_s": 0}])
def test_numbers_that_cannot_be_used_are_refused(tmp_path, wrong):
    with pytest.raises(InputError):
        simulate(tmp_path / "w", **{"days": 1, "scanners": 1, **wrong})

"""Tests that take their time, by file: `./check` leaves them out, `make test` runs all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# The same code gets the same answer, every time; how long an example takes says how busy the machine is, and nothing of
# the code. `pytest --hypothesis-profile explore` looks for what nobody has found yet.
settings.register_profile("house", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile("house")

HERE = Path(__file__).parent
# They start servers, kill processes, or read whole folders again and again.
SLOW = {
    HERE / name
    for name in (
        "cli/test_alerts.py",
        "cli/test_audit.py",
        "cli/test_audit_factors.py",
        "cli/test_check_history.py",
        "cli/test_export.py",
        "cli/test_plan_assign.py",
        "cli/test_plan_capacity.py",
        "cli/test_plan_visits.py",
        "cli/test_scenario.py",
        "cli/test_show.py",
        "cli/test_verify.py",
        "findings/energy/test_plugs.py",
        "footprint/test_against_truth.py",
        "footprint/test_plug_meters.py",
        "intake/dose_sr/test_agent_report.py",
        "intake/dose_sr/test_ledger.py",
        "intake/fhir/test_beside.py",
        "intake/meters/test_real_meters.py",
        "intake/pacs/test_real_orthanc.py",
        "intake/test_budget.py",
        "intake/test_known_files.py",
        "intake/test_medication_records.py",
        "intake/test_pipeline.py",
        "intake/test_wrappings.py",
        "journeys/test_bad_input.py",
        "journeys/test_interruption.py",
        "journeys/test_real_files.py",
        "journeys/test_tutorial.py",
        "ledger/test_export.py",
        "ledger/test_interpretations.py",
        "ledger/test_recovery.py",
        "ledger/test_views.py",
        "ledger/test_wrappings.py",
        "ledger/test_writer.py",
        "planning/capacity/test_learned.py",
        "planning/power/test_plan.py",
        "planning/test_packs.py",
        "prove/test_attacks_small.py",
        "prove/test_meters_small.py",
        "prove/test_small.py",
        "reliability/test_borders.py",
        "reliability/test_content.py",
        "reporting/test_audit.py",
        "reporting/test_browser.py",
        "reporting/test_contrast_audit.py",
        "reporting/test_dose.py",
        "safety/test_injections.py",
        "service/test_dicom_node.py",
        "service/test_drain.py",
        "service/test_keeping.py",
        "service/test_mllp.py",
        "service/test_receipts_browser.py",
        "service/test_serve.py",
        "simulation/test_headers.py",
    )
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes its time."""
    for item in items:
        if item.path in SLOW:
            item.add_marker(pytest.mark.slow)

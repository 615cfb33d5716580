"""Reports of injectors beside the contrast sheet: the better telling, and packs without a sheet."""

from __future__ import annotations

import numpy as np
import pytest

from ecorad.footprint.contrast import pack_balances, with_reported, with_sheet
from ecorad.footprint.contrast.reported_packs import _NAMES


def objects(rows, names):
    found = {}
    for name in names:
        column = np.empty(len(rows), dtype=object)
        column[:] = [row.get(name) for row in rows]
        found[name] = column
    return found


def sheet(*rows):
    return objects(rows, _NAMES)


REPORT = ("day", "device_key", "report_key", "agent", "kind", "concentration_mg_ml", "volume_ml", "pack_volume_ml")
REPORT += ("before_ml", "after_ml", "discarded_ml")


def reported(*rows):
    usual = {"day": 1, "device_key": "ct", "agent": "Omnipaque", "kind": "iodine", "concentration_mg_ml": 350.0}
    return objects([{"report_key": f"r{n}", **usual, **row} for n, row in enumerate(rows)], REPORT)


def test_opened_is_given_and_left_over_and_discarded():
    lines = with_reported(
        sheet(),
        reported(
            {"volume_ml": 70.0, "pack_volume_ml": 100.0, "before_ml": 100.0, "after_ml": 30.0, "discarded_ml": 25.0}
        ),
    )
    (one,) = pack_balances(lines)
    assert (one.packs, one.opened_ml, one.given_ml, one.left_ml, one.discarded_ml, one.unexplained_ml) == (
        1,
        100.0,
        70.0,
        5.0,
        25.0,
        0.0,
    )
    assert one.left_g == pytest.approx(10.5)


def test_what_a_report_cannot_account_for_is_unexplained():
    lines = with_reported(sheet(), reported({"volume_ml": 60.0, "before_ml": 100.0, "after_ml": 30.0}))
    assert pack_balances(lines)[0].unexplained_ml == 10.0


def test_a_test_bolus_and_an_injection_come_out_of_one_container():
    first = {"report_key": "r", "volume_ml": 15.0, "before_ml": 100.0, "after_ml": 30.0}
    lines = with_reported(sheet(), reported(first, {"report_key": "r", "volume_ml": 55.0}))
    (one,) = pack_balances(lines)
    assert (one.packs, one.given_ml, one.unexplained_ml) == (1, 70.0, 0.0)


def test_a_container_that_several_share_gives_no_pack():
    """Full for the first patient alone: who counted it for each would open 500 mL three times."""
    rows = [
        {"volume_ml": 80.0, "pack_volume_ml": 500.0, "before_ml": 500.0 - 80 * n, "after_ml": 420.0 - 80 * n}
        for n in range(3)
    ]
    assert pack_balances(with_reported(sheet(), reported(*rows))) == ()


def test_rooms_and_days_with_a_sheet_are_not_counted_twice():
    line = {"day": 1, "device_key": "ct", "agent": "Omnipaque", "kind": "iodine", "movement": "opened", "quantity": 1.0}
    told = reported({"volume_ml": 70.0, "before_ml": 100.0, "after_ml": 30.0}, {"day": 2, "before_ml": 100.0})
    found = with_reported(sheet(line), told)
    assert found["day"].tolist() == [1, 2]


def test_an_unknown_volume_stays_unknown():
    lines = with_reported(sheet(), reported({"volume_ml": None, "before_ml": 100.0, "after_ml": 30.0}))
    (one,) = pack_balances(lines)
    assert (one.given_ml, one.unwritten, one.unexplained_ml) == (None, 1, None)


def administrations(*rows):
    names = ("study_key", "device_key", "agent", "kind", "origin", "confidence")
    found = objects(rows, names)
    for name in ("volume_ml", "concentration_mg_ml", "iodine_g", "gadolinium_g", "order_us"):
        found[name] = np.array([row.get(name, np.nan) for row in rows], dtype=float)
    found["day"] = np.array([1] * len(rows), dtype=np.int64)
    return found


def test_a_line_of_the_sheet_is_used_up_by_the_report_and_does_not_move_it():
    told = {"device_key": "ct", "kind": "iodine", "origin": "agent report", "confidence": "high", "volume_ml": 70.0}
    line = {"day": 1, "device_key": "ct", "agent": "Omnipaque", "kind": "iodine", "volume_given_ml": 75.0}
    line["concentration_mg_ml"] = 350.0
    found = with_sheet(administrations(told), sheet(line))
    assert (found.both, found.headers_only, found.lines_only) == (1, 0, 0)
    merged = found.administrations
    assert (merged["volume_ml"].tolist(), merged["origin"].tolist()) == ([70.0], ["agent report"])
    # What the report left open the sheet may say.
    assert (merged["concentration_mg_ml"].tolist(), merged["agent"].tolist()) == ([350.0], ["Omnipaque"])


def test_a_header_gives_way_to_the_same_line():
    told = {"device_key": "ct", "kind": "iodine", "origin": "ContrastBolusVolume", "volume_ml": 100.0}
    line = {"day": 1, "device_key": "ct", "agent": "Omnipaque", "kind": "iodine", "volume_given_ml": 75.0}
    found = with_sheet(administrations(told), sheet(line))
    assert found.administrations["volume_ml"].tolist() == [75.0]

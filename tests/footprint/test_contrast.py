import numpy as np
import pytest

from ecorad.footprint.contrast import contrast_totals

NAN = float("nan")


def columns(*rows):
    names = ("agent", "kind", "volume_ml", "concentration_mg_ml", "iodine_g", "gadolinium_g", "sf6_g", "confidence")
    found = {name: [row.get(name) for row in rows] for name in names}
    text = {"agent", "kind", "confidence"}
    return {
        name: np.array(values, dtype=object)
        if name in text
        else np.array([NAN if value is None else value for value in values], dtype=float)
        for name, values in found.items()
    }


KNOWN = {"agent": "iopromide", "kind": "iodine", "volume_ml": 100.0, "iodine_g": 30.0, "confidence": "high"}


def test_grams_add_up():
    found = contrast_totals(columns(KNOWN, KNOWN))
    assert found.iodine_g.value == 60.0
    assert (found.iodine_g.low, found.iodine_g.high) == pytest.approx((58.8, 61.2))
    assert found.agents[0].grams == 60.0


def test_a_volume_nobody_wrote_is_counted_and_not_zero():
    found = contrast_totals(columns(KNOWN, {"agent": "iopromide", "kind": "iodine", "confidence": "low"}))
    assert found.iodine_g.value == 30.0
    assert found.iodine_g.high > 59.0
    assert found.unknown == (("iodine", "no_volume", 1),)


def test_a_kind_nobody_knows_anything_of_is_unknown():
    found = contrast_totals(columns({"agent": "gadoterate", "kind": "gadolinium", "volume_ml": 15.0}))
    assert found.gadolinium_g.value is None
    assert found.unknown == (("gadolinium", "no_concentration", 1),)


def test_grams_come_from_volume_and_concentration():
    row = {"agent": "x", "kind": "gadolinium", "volume_ml": 10.0, "concentration_mg_ml": 78.6, "confidence": "high"}
    assert contrast_totals(columns(row)).gadolinium_g.value == pytest.approx(0.786)


def test_text_nobody_understood_is_counted():
    assert contrast_totals(columns({})).unknown == (("unknown", "agent_not_recognised", 1),)


def test_no_administrations():
    found = contrast_totals(columns())
    assert found.administrations == 0
    assert found.iodine_g.value is None
    assert found.agents == ()

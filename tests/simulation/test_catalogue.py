from __future__ import annotations

import pytest

from ecorad.simulation.catalogue import exam_mix, habits, models, power_ranges_kw, products


def test_the_tables_belong_together():
    for modality, kinds in exam_mix().items():
        assert sum(kind.share for kind in kinds) == pytest.approx(1.0)
        assert models()[modality]
        assert all(name in products() for name in habits()[modality].products)
        assert all(low < high for low, high in power_ranges_kw()[modality].values())
    assert all(max(product.packs_ml) >= product.given_ml[1] for product in products().values())

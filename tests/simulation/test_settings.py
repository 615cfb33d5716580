from __future__ import annotations

import pytest

from ecorad.model import InputError
from ecorad.simulation.settings import Settings


@pytest.mark.parametrize("wrong", [{"load": 1.5}, {"noise": -0.1}, {"instances_per_series": 0}, {"gap_share": 2}])
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(InputError):
        Settings(**wrong)

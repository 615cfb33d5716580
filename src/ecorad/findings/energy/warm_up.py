"""Started earlier in the morning than opening needs."""

from __future__ import annotations

import numpy as np

from .finding import Finding, Words, finding
from .nights import excess, left_awake
from .view import View

# Time to spare that nobody should have to plan away.
SPARE_MIN = 15.0
WORDS = Words(
    needs="later_start", decides="lead_radiographer", against="qa_after_start", command="ecorad plan power DIR"
)


def warm_up_early(view: View) -> Finding | None:
    """Awake before opening for longer than start, quality control and a quarter of an hour to spare take."""
    low = view.low()
    left = left_awake(view, weekend=False)
    if low is None or left is None or not left.until_opening.any():
        return None
    starts, ends = (one[left.until_opening] for one in left.spans)
    too_long_us = (ends - starts) - np.int64((low.start_min + SPARE_MIN) * 60e6)
    early = too_long_us > 0
    spare = (starts[early], starts[early] + too_long_us[early])
    return finding(
        "warm_up_early", view, excess(view, left.nights, spare, 0.0), low, WORDS, price=view.mean_price(spare)
    )

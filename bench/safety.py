"""How long one safety check takes. Aim: under 1 ms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ecorad.safety import RenalFunction, check_contrast_interval
from ecorad.safety.orders import check_orders
from ecorad.safety.request import parse_request

from .harness import Timing, timed

MANY = 1000
GIVEN = datetime(2026, 3, 2, 8, tzinfo=UTC)


def measure() -> list[Timing]:
    """A thousand interval checks, and a thousand requests of two orders, parsed and checked."""
    order = {"modality": "CT", "body_region": "abdomen", "contrast": "iodine", "indication": True}
    orders = [{**order, "id": str(n), "at": f"2026-03-0{n + 2}T08:00+01:00"} for n in range(2)]
    request = {"patient": {"age_years": 60, "sex": "male", "egfr": 80}, "orders": orders}
    return [
        timed(f"{MANY} interval checks (1 s is 1 ms each)", lambda: [_interval() for _ in range(MANY)]),
        timed(f"{MANY} requests of 2 orders", lambda: [check_orders(parse_request(request)) for _ in range(MANY)]),
    ]


def _interval() -> object:
    at = GIVEN + timedelta(hours=6)
    renal = RenalFunction(45.0, GIVEN)
    return check_contrast_interval(
        previous="iodine", following="gadolinium", egfr=None, previous_at=GIVEN, at=at, renal=renal
    )

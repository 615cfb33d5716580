from __future__ import annotations

import tomllib

import pytest

from ecorad.model import SiteError
from ecorad.model.site import parse_site

HEAD = '[site]\nname = "x"\n[[change]]\n'
GOOD = 'name = "eco"\ndevice = "MR 1"\non = 2026-05-04\n'


def test_everything_that_can_be_said():
    text = GOOD + (
        "ramp_days = 7\nfrom = 2026-03-01\nto = 2026-06-30\nwithout = [2026-04-17]\n"
        'body_regions = ["head"]\ncontrols = ["MR 2"]\nby_minutes = true\n'
        'claim_of = "kwh_per_day"\nclaim_percent = 30\nreject_margin = 0.01\n'
    )
    (found,) = parse_site(tomllib.loads(HEAD + text)).changes
    assert (found.on.isoformat(), found.ramp_days, found.left_out[0].day) == ("2026-05-04", 7, 17)
    assert (found.claim_of, found.claim_percent, found.reject_margin) == ("kwh_per_day", 30.0, 0.01)
    assert found.by_minutes and found.controls == ("MR 2",)


@pytest.mark.parametrize(
    "text",
    [
        'name = "eco"\ndevice = "MR 1"\n',
        'name = "eco"\ndevice = "MR 1"\non = "2026-05-04"\n',
        'name = "eco"\non = 2026-05-04\n',
        GOOD + "colour = 1\n",
        GOOD + 'claim_of = "kwh_per_day"\n',
        GOOD + "claim_percent = 30\n",
        GOOD + 'claim_of = "beauty"\nclaim_percent = 30\n',
        GOOD + 'claim_of = "kwh_per_day"\nclaim_percent = 130\n',
        GOOD + "without = 3\n",
        GOOD + "ramp_days = -1\n",
        GOOD + "\n[[change]]\n" + GOOD,
    ],
)
def test_what_cannot_be_used_is_refused(text):
    with pytest.raises(SiteError):
        parse_site(tomllib.loads(HEAD + text))

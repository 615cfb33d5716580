"""Which file names say nothing of anybody: names made of known words, single letters and short numbers.

An allow-list, since no rule tells a short surname from a short code.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+")
_LONG_NUMBER = re.compile(r"\d{6}|\d\.\d+\.\d+\.")
_WORDS = frozenset(
    "active all anon cabinet consumption contrast cr csv ct daily data dcm dicom dicomdir dose dx energy "
    "export feeder file frame hd helium hour hourly im image img in incoming index interval io kw kwh lab "
    "ledger linen list load logger main mains meter meters mg min minute monitor month mr mri mwh new nm one "
    "panel paper part pet phase plug power pr pt pvc reading readings register report rf room rt scanner sc "
    "sensor series sheet site slice socket solar sr standby stock submeter supply test total twin us w watt "
    "watts week wh wind xa xr xray".split()
)


def is_technical(stem: str) -> bool:
    """Whether a file name without its extension may be shown.

    >>> [is_technical(stem) for stem in ("IM0001", "mr1_power_2026-03", "Kim", "Li_Wei", "19610314", "1.2.840.1")]
    [True, True, False, False, False, False]
    """
    if not stem.isascii() or _LONG_NUMBER.search(stem):
        return False
    return all(len(word) == 1 or word.lower() in _WORDS for word in _WORD.findall(stem))

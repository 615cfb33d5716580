"""Units as reports write them, brought to one unit a quantity (UCUM, with the spellings that makers use)."""

from __future__ import annotations

import re

# UCUM and what is written for it: makers leave dots out, or write a caret. Compared without them.
_DRESSING = re.compile(r"[.^*·⋅×\s]|\{[^}]*\}|(?<=[A-Za-z])-(?=[A-Za-z])")
# The two micro signs, and powers as one character.
_PLAIN = str.maketrans("\u00b5\u03bc²³", "uu23")
_SCHEMES = frozenset({"UCUM", "UCM"})  # UCM: a misspelling seen in the field
# Compact spelling: (quantity, size in the first unit of that quantity).
_UNITS: dict[str, tuple[str, float]] = {
    "Gy": ("dose", 1.0),
    "dGy": ("dose", 0.1),
    "cGy": ("dose", 1e-2),
    "mGy": ("dose", 1e-3),
    "uGy": ("dose", 1e-6),
    "Sv": ("equivalent dose", 1e3),
    "mSv": ("equivalent dose", 1.0),
    "uSv": ("equivalent dose", 1e-3),
    "s": ("time", 1.0),
    "ms": ("time", 1e-3),
    "us": ("time", 1e-6),
    "min": ("time", 60.0),
    "h": ("time", 3600.0),
    "m": ("length", 1e3),
    "cm": ("length", 10.0),
    "mm": ("length", 1.0),
    "kV": ("voltage", 1.0),
    "V": ("voltage", 1e-3),
    "mA": ("current", 1.0),
    "uA": ("current", 1e-3),
    "A": ("current", 1e3),
    "mAs": ("charge", 1.0),
    "uAs": ("charge", 1e-3),
    "As": ("charge", 1e3),
    "MBq": ("activity", 1.0),
    "kBq": ("activity", 1e-3),
    "GBq": ("activity", 1e3),
    "Bq": ("activity", 1e-6),
    "Ci": ("activity", 37e3),
    "mCi": ("activity", 37.0),
    "uCi": ("activity", 0.037),
    "mL": ("volume", 1.0),
    "ml": ("volume", 1.0),
    "cm3": ("volume", 1.0),
    "cc": ("volume", 1.0),
    "L": ("volume", 1e3),
    "l": ("volume", 1e3),
    "dL": ("volume", 1e2),
    "uL": ("volume", 1e-3),
    "mg/mL": ("mass in volume", 1.0),
    "mg/ml": ("mass in volume", 1.0),
    "g/mL": ("mass in volume", 1e3),
    "g/ml": ("mass in volume", 1e3),
    "g/L": ("mass in volume", 1.0),
    "g/l": ("mass in volume", 1.0),
    "mg/dL": ("mass in volume", 1e-2),
    "mmol/mL": ("amount in volume", 1.0),
    "mmol/ml": ("amount in volume", 1.0),
    "mol/L": ("amount in volume", 1.0),
    "mol/l": ("amount in volume", 1.0),
    "mmol/L": ("amount in volume", 1e-3),
    "mmol/l": ("amount in volume", 1e-3),
    "mmol": ("amount", 1.0),
    "umol": ("amount", 1e-3),
    "mol": ("amount", 1e3),
    "g": ("mass", 1e3),
    "mg": ("mass", 1.0),
    "N": ("force", 1.0),
    "deg": ("angle", 1.0),
    "": ("number", 1.0),
    "1": ("number", 1.0),
    "%": ("number", 1e-2),
}
# Powers of ten: of a gray's prefix, and of the metres it is multiplied with.
_GRAYS = {"Gy": 0, "dGy": -1, "cGy": -2, "mGy": -3, "uGy": -6}
_METRES = {"m": 0, "cm": -2, "mm": -3}
_UNITS |= {
    f"{gray}{metre}": ("dose length", float(f"1e{tens + 3 + of_metre + 2}"))
    for gray, tens in _GRAYS.items()
    for metre, of_metre in _METRES.items()
}
_UNITS |= {
    f"{gray}{metre}2": ("dose area", float(f"1e{tens + 2 * of_metre}"))
    for gray, tens in _GRAYS.items()
    for metre, of_metre in _METRES.items()
}


def factor(written: str, scheme: str, wanted: str) -> float | None:
    """What a number in the unit ``written`` is multiplied with to be in ``wanted``; ``None`` when that cannot be told.

    Parameters
    ----------
    written : str
        Unit code of the report.
    scheme : str
        Its coding scheme; units of other schemes than UCUM are not known here.
    wanted : str
        A unit of the table, as UCUM has it.

    >>> factor("mGycm", "UCUM", "mGy.cm"), factor("Gym2", "UCUM", "Gy.m2"), factor("dGy.cm2", "UCUM", "Gy.m2")
    (1.0, 1.0, 1e-05)
    >>> factor("mGy", "UCUM", "Gy"), factor("{events}", "UCUM", "1"), factor("Gy.cm^2", "UCUM", "Gy.m2")
    (0.001, 1.0, 0.0001)
    >>> factor("rad", "UCUM", "Gy") is None, factor("mGy", "UCUM", "mGy.cm") is None, factor("mm", "99X", "mm") is None
    (True, True, True)
    >>> factor("µGy·m²", "UCUM", "Gy.m2"), factor("mGy-cm", "UCUM", "mGy.cm"), factor("cGy.cm", "UCUM", "mGy.cm")
    (1e-06, 1.0, 10.0)
    """
    if scheme.upper() not in _SCHEMES:
        return None
    found = _UNITS.get(_compact(written))
    target = _UNITS[_compact(wanted)]
    if found is None or found[0] != target[0]:
        return None
    return 1.0 if found[1] == target[1] else found[1] / target[1]


def is_of(written: str, scheme: str, wanted: str) -> bool:
    """Whether a written unit measures what ``wanted`` does.

    >>> is_of("mmol/mL", "UCUM", "mol/L"), is_of("mg/mL", "UCUM", "mol/L")
    (True, False)
    """
    return factor(written, scheme, wanted) is not None


def _compact(unit: str) -> str:
    return _DRESSING.sub("", unit.translate(_PLAIN))

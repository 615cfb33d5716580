"""The units a factor may have: those of a result, and the ratios that turn an activity into one."""

from __future__ import annotations

from ecorad.model.quantity import UNITS

# UCUM; "a" is a year, braces annotate. A factor table with any other unit is refused with its line.
_EMISSIONS = (
    *("t{CO2e}", "kg{CO2e}/a", "kg{CO2e}/h", "kg{CO2e}/kg", "kg{CO2e}/t", "kg{CO2e}/km", "kg{CO2e}/{item}"),
    *("kg{CO2e}/USD", "kg/USD"),
)
_ENERGY = (
    *("kW.h/a", "kW.h/d", "kW.h/wk", "kW.h/GB", "kW.h/(TB.a)", "kW.h/kW.h", "kW.h/{item}", "kW.h/{run}"),
    "MJ/{exam}",
)
_MATTER = (
    *(
        "mg/mL",
        "mmol/mL",
        "mmol/kg",
        "g/mol",
        "mL/{exam}",
        "mL/{item}",
        "mg/{item}",
        "L/{item}",
        "L/a",
        "t/a",
        "kg/L",
        "USD/L",
    ),
)
_TIME = ("a",)
_DOSE = ("mSv/a", "mSv/{exam}", "mSv/(mGy.cm)", "1/cm")

FACTOR_UNITS = UNITS | frozenset((*_EMISSIONS, *_ENERGY, *_MATTER, *_TIME, *_DOSE))


def is_known(unit: str) -> bool:
    """Whether ``unit`` may stand in a factor table.

    >>> is_known("kg{CO2e}/kW.h"), is_known("kgCO2/kWh")
    (True, False)
    """
    return unit in FACTOR_UNITS

"""The words of the house: records, quantities, periods, issues, errors. Imports nothing of ours."""

from .dictionary import Column, TableSpec, table, tables
from .errors import (
    DecodeError,
    EcoradError,
    FactorNotFoundError,
    InputError,
    MissingExtraError,
    MixingError,
    SiteError,
    StoreError,
    UnitError,
    UnknownNameError,
    WorkspaceBusyError,
    WorkspaceError,
)
from .issue import Decoded, Issue
from .period import Period
from .quantity import Quantity, unknown
from .records import (
    Administration,
    Device,
    Instance,
    Meter,
    Reading,
    Receipt,
    Record,
    Series,
    Stock,
    Study,
)
from .site import DeviceEntry, LedgerMapping, MeterEntry, Site, load_site, parse_site
from .vocabulary import Accounting, Origin, Outcome, PowerState, worst_origin

__all__ = [
    "Accounting",
    "Administration",
    "Column",
    "DecodeError",
    "Decoded",
    "Device",
    "DeviceEntry",
    "EcoradError",
    "FactorNotFoundError",
    "InputError",
    "Instance",
    "Issue",
    "LedgerMapping",
    "Meter",
    "MeterEntry",
    "MissingExtraError",
    "MixingError",
    "Origin",
    "Outcome",
    "Period",
    "PowerState",
    "Quantity",
    "Reading",
    "Receipt",
    "Record",
    "Series",
    "Site",
    "SiteError",
    "Stock",
    "StoreError",
    "Study",
    "TableSpec",
    "UnitError",
    "UnknownNameError",
    "WorkspaceBusyError",
    "WorkspaceError",
    "load_site",
    "parse_site",
    "table",
    "tables",
    "unknown",
    "worst_origin",
]

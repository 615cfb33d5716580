"""Records times factors: energy, carbon and contrast of a department, with interval and origin; arithmetic only."""

from .contrast import ContrastTotals, contrast_totals
from .department import assess
from .inputs import DepartmentInput, DeviceInput, MeterInput, devices_from_columns, unplaced
from .results import DepartmentEnergy, DeviceEnergy, ExamTable, GroupEnergy, MeterEnergy

__all__ = [
    "ContrastTotals",
    "DepartmentEnergy",
    "DepartmentInput",
    "DeviceEnergy",
    "DeviceInput",
    "ExamTable",
    "GroupEnergy",
    "MeterEnergy",
    "MeterInput",
    "assess",
    "contrast_totals",
    "devices_from_columns",
    "unplaced",
]

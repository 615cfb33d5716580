"""A department with known truth: the records a real one would hand over, and beside them what really happened."""

from .department import Department, DrawnDevice, draw_department
from .settings import Settings
from .truth import Comparison, compare, has_truth
from .workspace import SimulationSummary, simulate

__all__ = [
    "Comparison",
    "Department",
    "DrawnDevice",
    "Settings",
    "SimulationSummary",
    "compare",
    "draw_department",
    "has_truth",
    "simulate",
]

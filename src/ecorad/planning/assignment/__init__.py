"""Which exam on which scanner: least energy, what each scanner can do, and no list longer than its day."""

from .learned import Cells, Done, cells
from .plan import Assigned, DayDemand, assigned
from .solve import cheapest, most_on

__all__ = ["Assigned", "Cells", "DayDemand", "Done", "assigned", "cells", "cheapest", "most_on"]

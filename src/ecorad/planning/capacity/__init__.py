"""How many scanners a demand needs, and what shorter exams would change."""

from .learned import Arrived, learn
from .queue import Demand, mean_wait_h, smallest, waits_share

__all__ = ["Arrived", "Demand", "learn", "mean_wait_h", "smallest", "waits_share"]

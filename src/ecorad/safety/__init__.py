"""What must not be done: contrast intervals and order, dose, preparation. Knows nothing of footprints."""

from .advice import Advice, DataUsed
from .contrast import check_contrast_interval
from .renal import RenalFunction

__all__ = ["Advice", "DataUsed", "RenalFunction", "check_contrast_interval"]

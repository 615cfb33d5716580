"""What must not be done: contrast intervals and order, dose, preparation. Knows nothing of footprints."""

from .contrast import ContrastAdvice, check_contrast_interval

__all__ = ["ContrastAdvice", "check_contrast_interval"]

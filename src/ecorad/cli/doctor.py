"""``ecorad doctor``."""

from .options import AsJson, Directory


def doctor(directory: Directory, as_json: AsJson = False) -> int:
    """Tell what is configured, what is missing, and what it costs in accuracy."""
    return 0

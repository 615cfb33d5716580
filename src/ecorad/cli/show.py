"""``ecorad show``."""

from .options import AsJson, Directory


def show(directory: Directory, identifier: str, as_json: AsJson = False) -> int:
    """Unfold one number, record or input down to its rows."""
    return 0

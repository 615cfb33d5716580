"""Where the real input files lie, when this machine has them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared_data(*parts: str) -> Path:
    """The path of a shared data file or folder; the calling test is skipped where it is absent."""
    root = Path(os.environ.get("ECORAD_SHARED_DATA") or Path(__file__).parents[2] / "shared" / "data")
    path = root.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the shared data folder has no {'/'.join(parts) or 'content'} here")
    return path

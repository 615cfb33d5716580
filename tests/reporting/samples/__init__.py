"""Two invented statements that other tests read: a metered department, and a site with DICOM alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def sample(name: str) -> dict[str, Any]:
    """A fresh copy of ``department`` or ``dicom_only``."""
    content: dict[str, Any] = json.loads((Path(__file__).parent / f"{name}.json").read_text("utf-8"))
    return content

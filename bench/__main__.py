"""``python -m bench [startup|ingest|...]``: measure all, or what is named."""

from __future__ import annotations

import importlib
import sys

from .harness import show

ALL = (
    *("startup", "ingest", "dicom_headers", "dose_sr", "audit", "energy", "factors", "power_plan", "packs", "safety"),
    *("spool", "mllp", "c_store"),
)


def main(names: list[str]) -> None:
    """Measure each part and print its table."""
    for name in names or ALL:
        print(name)
        show(importlib.import_module(f"bench.{name}").measure())


if __name__ == "__main__":
    main(sys.argv[1:])

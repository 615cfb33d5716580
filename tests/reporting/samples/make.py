"""Writes the two sample statements; everything in them is invented, and sums hold so that a reader may check them.

Run ``python -m tests.reporting.samples.make`` from the repository root after a change of the schema.
"""

from __future__ import annotations

import json
from pathlib import Path

from .department import department
from .dicom_only import dicom_only

HERE = Path(__file__).parent


def main() -> None:
    for name, build in (("department", department), ("dicom_only", dicom_only)):
        text = json.dumps(build(), ensure_ascii=False, indent=1)
        (HERE / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()

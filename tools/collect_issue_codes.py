"""Collect the issue pages of the docs into the table that the report reads.

The pages under ``docs/reference/issues/`` are the source: one row ``| code | means | what to do |`` a code.
Run ``python tools/collect_issue_codes.py`` after changing one; a test holds the two together.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "reference" / "issues"
TABLE = ROOT / "src" / "ecorad" / "reporting" / "issue_codes.csv"
ROW = re.compile(r"^\|\s*`(ecorad\.[a-z0-9_.]+)`\s*\|\s*(.+?)\s*\|\s*(.*?)\s*\|\s*$", re.MULTILINE)


def collected() -> str:
    """The table as CSV text, sorted by code."""
    rows = {m[1]: (m[2], m[3]) for page in sorted(PAGES.glob("*.md")) for m in ROW.finditer(page.read_text("utf-8"))}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["code", "means", "what_to_do"])
    writer.writerows((code, *words) for code, words in sorted(rows.items()))
    return text.getvalue()


if __name__ == "__main__":
    TABLE.write_text(collected(), "utf-8")
    print(f"{TABLE.relative_to(ROOT)}: {collected().count(chr(10)) - 1} codes")

"""The second copy of every factor row that the tests compare with: ``make_factor_golden.py``.

Run it after a change of a table that is meant, and read the difference of the file it writes before committing.
"""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

from ecorad.factors import Factor, book
from ecorad.factors.book import row_text

GOLDEN = Path(__file__).parents[1] / "tests" / "factors" / "expected.csv"
HEADER = ("factor_id", "value", "unit", "flags", "digest")


def golden_row(factor: Factor) -> tuple[str, ...]:
    digest = hashlib.sha256(row_text(factor).encode("utf-8")).hexdigest()[:16]
    return factor.factor_id, repr(factor.value), factor.unit, "+".join(factor.boundary.names), digest


def main() -> None:
    with GOLDEN.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(sorted(golden_row(factor) for factor in book()))
    print(f"{len(book())} rows")


if __name__ == "__main__":
    main()

"""``NOTICE``: whose tables are inside, from the tables themselves: ``make_notice.py``."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from ecorad.factors import FactorTable, book

NOTICE = Path(__file__).parents[1] / "NOTICE"
OWN = "Apache-2.0"
# Where the text of a licence stands that must be pointed to and is not in LICENSES/.
TEXTS = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/legalcode",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/legalcode",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/legalcode",
    "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "OGL-UK-3.0": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}

HEAD = """\
Ecorad
Copyright 2026 The Ecorad developers

Written by tools/make_notice.py. The program is under the Apache License 2.0 (LICENSE). The factor tables under
src/ecorad/factors/tables are works of their own: each keeps the licence of its source, stands in a file of its own, and
is joined with others only while the program runs. Whoever passes on a share-alike table, changed or not, does so under
the licence that stands beside it. Figures from scientific papers are facts, cited row by row; no text was copied.
The licences of compilations that must travel with them stand in LICENSES/.
"""


def notice() -> str:
    """The text of the file."""
    by_licence: dict[str, list[FactorTable]] = defaultdict(list)
    for table in book().tables:
        by_licence[table.licence].append(table)
    lines = [HEAD]
    for licence in sorted(by_licence, key=lambda name: (name.startswith(OWN), name)):
        tables = by_licence[licence]
        share = " (share-alike)" if any(table.share_alike for table in tables) else ""
        lines.append(f"{licence}{share}")
        lines += [f"  {text}" for name, text in TEXTS.items() if licence.split(" ")[0] == name]
        for attribution in sorted({table.attribution for table in tables}):
            names = ", ".join(table.name for table in tables if table.attribution == attribution)
            lines += [f"  {attribution}", f"    tables: {names}"]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


if __name__ == "__main__":
    NOTICE.write_text(notice(), "utf-8")
    print(f"{NOTICE.name}: {notice().count(chr(10))} lines")

"""What went wrong in one table, gathered by code and told by row number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ecorad.model import Issue


@dataclass(slots=True)
class Notes:
    """Gathers issues: one for each code and detail, with all its rows."""

    rows: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    quarantined: set[int] = field(default_factory=set)

    def tell(self, code: str, rows: Iterable[int] = (), detail: str = "") -> None:
        """Note that ``rows`` (line numbers) have the trouble ``code`` names; the file goes on."""
        self.rows.setdefault((code, detail), []).extend(int(row) for row in rows)

    def quarantine(self, code: str, rows: Iterable[int], detail: str = "") -> None:
        """Note that ``rows`` could not be used."""
        found = [int(row) for row in rows]
        if found:
            self.tell(code, found, detail)
            self.quarantined.update(found)

    def main_reason(self) -> str:
        """The issue with the most rows as a clause for a message, empty when nothing was noted."""
        noted = [(len(rows), code, detail) for (code, detail), rows in self.rows.items() if rows]
        if not noted:
            return ""
        _, code, detail = max(noted, key=lambda one: one[0])
        return f"; {row_list(self.rows[code, detail])}: {detail or code}"

    def issues(self) -> tuple[Issue, ...]:
        """Everything noted, in the order in which it was found."""
        return tuple(
            Issue(code, where=row_list(rows) if rows else "file", count=max(1, len(rows)), detail=detail)
            for (code, detail), rows in self.rows.items()
        )


def row_list(numbers: Iterable[int], most: int = 12) -> str:
    """Row numbers as a person would write them.

    >>> row_list([3, 4, 5, 9])
    'rows 3-5, 9'
    >>> row_list([7])
    'row 7'
    """
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    shown = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans[:most])
    many = len(spans) > 1 or (spans and spans[0][0] != spans[0][1])
    more = f" and on to row {spans[-1][1]}" if len(spans) > most else ""
    return f"{'rows' if many else 'row'} {shown}{more}"

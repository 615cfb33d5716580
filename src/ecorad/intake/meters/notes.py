"""What went wrong in one file, gathered by code and told by row number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ecorad.intake.text_table import row_list
from ecorad.model import Issue


@dataclass(slots=True)
class Notes:
    """Gathers issues: one for each code and detail, with all its rows."""

    rows: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    quarantined: set[int] = field(default_factory=set)

    def tell(self, code: str, rows: Iterable[int] = (), detail: str = "") -> None:
        """Note that ``rows`` (line numbers) have the trouble ``ecorad.meter.<code>``; the file goes on."""
        self.rows.setdefault((f"ecorad.meter.{code}", detail), []).extend(int(row) for row in rows)

    def quarantine(self, code: str, rows: Iterable[int], detail: str = "") -> None:
        """Note that ``rows`` could not be used."""
        found = [int(row) for row in rows]
        if found:
            self.tell(code, found, detail)
            self.quarantined.update(found)

    def issues(self) -> tuple[Issue, ...]:
        """Everything noted, in the order in which it was found."""
        return tuple(
            Issue(code, where=row_list(rows) if rows else "file", count=max(1, len(rows)), detail=detail)
            for (code, detail), rows in self.rows.items()
        )

"""One row of a stock sheet: from cells to a movement, or the reason why not."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from ecorad.intake.row_notes import Notes
from ecorad.model import Site, Stock

from . import vocabulary
from .cells import Cell, day_of, number_of, text_of
from .sheet import VOLUMES, Sheet

# Given and left over may exceed the packs by what labels round away.
_VOLUME_MARGIN = 1.02
REASONS = {
    "ecorad.ledger.bad_day": "no day between 2000 and 2035",
    "ecorad.ledger.bad_kind": "no kind of stock",
    "ecorad.ledger.no_product": "no product",
    "ecorad.ledger.no_movement": "no movement and no default",
    "ecorad.ledger.bad_movement": "no known movement",
    "ecorad.ledger.no_quantity": "no quantity; a formula counts only with its calculated value",
    "ecorad.ledger.bad_quantity": "the quantity is no number",
    "ecorad.ledger.negative_quantity": "the quantity is below 0",
    "ecorad.ledger.no_unit": "no unit and no default",
    "ecorad.ledger.bad_unit": "no known unit",
}


class UnusableRowError(ValueError):
    """A row cannot be used; ``code`` is one of :data:`REASONS`. Caught by the decoder, which goes on."""

    def __init__(self, code: str) -> None:
        super().__init__(REASONS[code])
        self.code = code


@dataclass(slots=True)
class RowReader:
    """Turns rows of one file into movements; counts rows that are equal, so that each has its own key."""

    site: Site
    feed: str | None
    source_digest: str
    notes: Notes
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def read(self, number: int, cells: list[Cell], sheet: Sheet) -> Stock:
        """The movement of row ``number``.

        Raises
        ------
        UnusableRowError
            If day, kind, product, movement, quantity or unit cannot be told.
        """
        day = day_of(sheet.value("day", cells), sheet.style)
        if day is None:
            raise UnusableRowError("ecorad.ledger.bad_day")
        kind = _kind(cells, sheet)
        product = text_of(sheet.value("product", cells))
        if not product:
            raise UnusableRowError("ecorad.ledger.no_product")
        movement = _movement(cells, sheet)
        quantity = _quantity(cells, sheet)
        unit, factor = self._unit(kind, number, cells, sheet)
        volumes = {name: self._volume(name, number, cells, sheet) for name in VOLUMES}
        self._compare(volumes, quantity if unit == "{item}" else 1.0, number)
        alias = text_of(sheet.value("device_alias", cells)) or None
        return Stock(
            record_key=self._key(sheet, day.isoformat(), kind, product.lower(), movement, alias or ""),
            source_digest=self.source_digest,
            event_time_utc=datetime.combine(day, time(0), self.site.zone).astimezone(UTC),
            event_zone="site",
            day=day,
            kind=kind,
            product=product,
            movement=movement,
            quantity=quantity * factor,
            unit=unit,
            device_alias=alias,
            sheet_row=number,
            **volumes,
        )

    def _unit(self, kind: str, number: int, cells: list[Cell], sheet: Sheet) -> tuple[str, float]:
        written = text_of(sheet.value("unit", cells))
        found = vocabulary.unit(written) if written else _unit_of_header("quantity", sheet)
        if found is not None:
            return found
        if written:
            raise UnusableRowError("ecorad.ledger.bad_unit")
        if kind not in vocabulary.COUNTED_IN_ITEMS:
            raise UnusableRowError("ecorad.ledger.no_unit")
        self.notes.tell("ecorad.ledger.unit_assumed", [number], "no unit is written: counted in items")
        return "{item}", 1.0

    def _volume(self, name: str, number: int, cells: list[Cell], sheet: Sheet) -> float | None:
        cell = sheet.value(name, cells)
        volume = number_of(cell, sheet.style) if text_of(cell) else math.nan
        if volume is None or volume < 0:
            self.notes.tell("ecorad.ledger.bad_volume", [number], "a volume is no number or below 0: not known")
            return None
        unit, factor = _unit_of_header(name, sheet) or ("mL", 1.0)
        return None if math.isnan(volume) else volume * factor * (1000.0 if unit == "L" else 1.0)

    def _compare(self, volumes: dict[str, float | None], packs: float, number: int) -> None:
        pack, given, left = (volumes[name] for name in VOLUMES)
        if pack is not None and (given or 0.0) + (left or 0.0) > pack * max(packs, 1.0) * _VOLUME_MARGIN:
            self.notes.tell(
                "ecorad.ledger.volumes_disagree", [number], "given and left over are more than the packs held"
            )

    def _key(self, sheet: Sheet, *identity: str) -> str:
        feed = "" if self.feed in (None, sheet.mapping.name) else str(self.feed)
        parts = (sheet.mapping.name, feed, sheet.name, *identity)
        self.seen[parts] += 1
        return hashlib.sha256("\x1f".join((*parts, str(self.seen[parts]))).encode()).hexdigest()[:40]


def _kind(cells: list[Cell], sheet: Sheet) -> str:
    found = vocabulary.kind(text_of(sheet.value("kind", cells)) or sheet.mapping.kind)
    if found is None:
        raise UnusableRowError("ecorad.ledger.bad_kind")
    return found


def _movement(cells: list[Cell], sheet: Sheet) -> str:
    written = text_of(sheet.value("movement", cells))
    found = vocabulary.movement(written)
    if found is None:
        raise UnusableRowError("ecorad.ledger.bad_movement" if written else "ecorad.ledger.no_movement")
    return found


def _quantity(cells: list[Cell], sheet: Sheet) -> float:
    quantity = number_of(sheet.value("quantity", cells), sheet.style)
    if quantity is None:
        raise UnusableRowError("ecorad.ledger.bad_quantity")
    if not math.isfinite(quantity):
        raise UnusableRowError("ecorad.ledger.no_quantity")
    if quantity < 0:
        raise UnusableRowError("ecorad.ledger.negative_quantity")
    return quantity


def _unit_of_header(name: str, sheet: Sheet) -> tuple[str, float] | None:
    return vocabulary.unit_in_header(sheet.header.names.get(name, ""))

"""Stock sheets made up for the tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from ecorad.intake.ledgers import DecodedStock, decode, recognise
from ecorad.model import LedgerMapping, Site, Stock

CONTRAST = LedgerMapping(
    name="contrast",
    kind="contrast",
    columns={
        "day": "Datum",
        "product": "Product",
        "pack_volume_ml": "Verpakking (mL)",
        "volume_given_ml": "Toegediend (mL)",
        "volume_left_ml": "Restant (mL)",
        "device_alias": "Kamer",
    },
    defaults={"movement": "opened", "quantity": "1", "unit": "{item}"},
    date_format="%d-%m-%Y",
    decimal=",",
)
ITEMS = LedgerMapping(
    name="items",
    kind="consumable",
    columns={"day": "Day", "product": "Item", "quantity": "Used"},
    defaults={"movement": "used", "unit": "stk"},
)
CONTRAST_HEADER = "Datum;Product;Verpakking (mL);Toegediend (mL);Restant (mL);Kamer"


def site(*ledgers: LedgerMapping, zone: str = "Europe/Amsterdam") -> Site:
    return Site(name="Test", timezone=zone, ledgers=ledgers or (CONTRAST, ITEMS))


def read(
    content: bytes | str, *, place: Site | None = None, name: str = "x.csv", feed: str | None = None
) -> DecodedStock:
    """Recognise and decode, as the pipeline does."""
    raw = content.encode() if isinstance(content, str) else content
    place = place or site()
    mapping = recognise(raw[:8192], name, place, feed)
    return decode(io.BytesIO(raw), name=name, feed=feed, site=place, mapping=mapping, source_digest="0" * 64)


def template(*lines: str) -> str:
    return "\n".join(["day,kind,product,movement,quantity,unit", *lines]) + "\n"


def codes(found: DecodedStock) -> dict[str, str]:
    return {issue.code.removeprefix("ecorad.ledger."): issue.where for issue in found.issues}


def one(found: DecodedStock) -> Stock:
    assert len(found.records) == 1
    return found.records[0]


def workbook(rows: Sequence[Sequence[Any]], title: str = "Usage", more: Sequence[str] = ()) -> bytes:
    book = Workbook()
    for name in more:
        book.create_sheet(name)
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def repacked(content: bytes, **replaced: bytes) -> bytes:
    """A zip with some parts (by the end of their name) replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            stem = name.rsplit("/", 1)[-1].partition(".")[0]
            target.writestr(name, replaced.get(stem, source.read(name)))
    return buffer.getvalue()

"""One stock sheet: from bytes to movements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from ecorad.intake.row_notes import Notes
from ecorad.model import Decoded, DecodeError, LedgerMapping, Site, Stock

from .row import REASONS, RowReader, UnusableRowError
from .sheet import Sheet, Source, sheets


@dataclass(frozen=True, slots=True)
class DecodedStock(Decoded[Stock]):
    """Movements of one file; rows received and how many of them could not be used."""

    rows_received: int = 0
    rows_quarantined: int = 0


def decode(
    stream: BinaryIO,
    *,
    name: str,
    feed: str | None,
    site: Site,
    mapping: LedgerMapping | None,
    source_digest: str,
) -> DecodedStock:
    """Movements of a stock sheet, CSV or XLSX.

    The key of a movement is made of ledger, sheet, day, kind, product, movement, device and its running number among
    rows equal in these. A corrected sheet that is sent again gives new versions of the same movements: what may change
    is quantity, unit and volumes. A row whose day or product was corrected is a new movement.

    Parameters
    ----------
    stream : binary stream, seekable
        The unpacked bytes.
    mapping : LedgerMapping or None
        As recognised; it is looked up again where the sheet does not have its columns.
    source_digest : str
        SHA-256 of the input.

    Raises
    ------
    DecodeError
        ``ecorad.ledger.unmapped`` when no ledger of the site has the columns of this sheet, ``ecorad.ledger.no_rows``
        when not one row can be used; more codes for damaged or unsafe workbooks.

    Examples
    --------
    >>> import io
    >>> rows = ["day,kind,product,movement,quantity,unit", "2026-03-02,contrast,Omnipaque 300,opened,2,stk"]
    >>> stream, site = io.BytesIO(chr(10).join(rows).encode()), Site(name="x")
    >>> found = decode(stream, name="a.csv", feed=None, site=site, mapping=None, source_digest="0" * 64).records[0]
    >>> found.quantity, found.unit, found.sheet_row
    (2.0, '{item}', 2)
    """
    notes = Notes()
    reader = RowReader(site, feed, source_digest, notes)
    records, unusable = [], 0
    for sheet in sheets(stream, Source(name, site, mapping), notes):
        _tell_assumptions(sheet, notes)
        for number, cells in sheet.rows:
            if not sheet.is_data(cells):
                continue
            try:
                records.append(reader.read(number, cells, sheet))
            except UnusableRowError as reason:
                unusable += 1
                notes.quarantine(reason.code, [number], REASONS[reason.code])
    if not records:
        raise DecodeError(f"not one row could be used{notes.main_reason()}", code="ecorad.ledger.no_rows")
    unusable += sum(len(rows) for (code, _), rows in notes.rows.items() if code == "ecorad.ledger.line_too_long")
    return DecodedStock(tuple(records), notes.issues(), len(records) + unusable, unusable)


def _tell_assumptions(sheet: Sheet, notes: Notes) -> None:
    if sheet.style.order_assumed:
        notes.tell(
            "ecorad.ledger.date_order_assumed", detail="day or month could come first; set date_format in site.toml"
        )
    if sheet.style.number.assumed:
        notes.tell("ecorad.ledger.decimal_assumed", detail="a sign before three digits may part thousands; set decimal")

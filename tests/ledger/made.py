"""Arrivals made by hand: small, readable, with every value chosen by the test."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from ecorad.ledger import Arrival, Ledger, RegisteredDevice, Workspace, open_for_writing
from ecorad.ledger.batch import Fates, ReadAs, ReadingBlock
from ecorad.model import Instance, Issue, Outcome, Stock, table

SITE = '[site]\nname = "Test"\ntimezone = "Europe/Amsterdam"\n'
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NEVER_COMPARED = {"received_at", "version", "source_digest", "feed"}


def made_workspace(folder: Path) -> Workspace:
    return Workspace.create(folder / "site", SITE)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def instance(key: str, content: str = "", **fields: Any) -> Instance:
    return Instance(
        **{
            "record_key": key,
            "source_digest": digest(key + content),
            "event_time_utc": fields.get("start_utc", NOON),
            "event_zone": "site",
            "study_key": "study",
            "series_key": "series",
            "sop_class_uid": "1.2.840.10008.5.1.4.1.1.2",
            "modality": "CT",
            "is_acquisition": True,
            "start_utc": NOON,
            "data_bytes": 100,
            "reader": "walker",
            **fields,
        }
    )


def of_object(one: Instance, **fields: Any) -> Arrival:
    return Arrival(digest=one.source_digest, feed="dicom", kind="dicom", bytes=100, instance=one, **fields)


def block(meter: str, energies: Iterable[float], start: int = 0, minutes: int = 15) -> ReadingBlock:
    """Readings of whole intervals from ``start`` intervals after noon."""
    values = np.array(list(energies), dtype=np.float64)
    begin = int(NOON.timestamp()) * 1_000_000
    step = minutes * 60_000_000
    starts = begin + step * (start + np.arange(len(values), dtype=np.int64))
    flags = np.array([""] * len(values), dtype=object)
    return ReadingBlock(meter, starts, starts + step, values, flags, "site")


def of_meter(content: str, *blocks: ReadingBlock, read_as: ReadAs | None = None, **fields: Any) -> Arrival:
    return Arrival(
        digest=digest(content), feed="meter", kind="meter", bytes=10, readings=blocks, read_as=read_as, **fields
    )


def movement(key: str, content: str, quantity: float = 1.0, day: date = date(2026, 3, 2), row: int = 2) -> Stock:
    return Stock(
        record_key=key,
        source_digest=digest(content),
        event_time_utc=datetime(day.year, day.month, day.day, tzinfo=UTC),
        event_zone="site",
        day=day,
        kind="contrast",
        product="Omnipaque 350",
        movement="used",
        quantity=quantity,
        unit="{item}",
        sheet_row=row,
    )


def of_sheet(content: str, *rows: Stock, read_as: ReadAs | None = None, **fields: Any) -> Arrival:
    return Arrival(digest=digest(content), feed="sheet", kind="ledger", bytes=10, stock=rows, read_as=read_as, **fields)


def set_aside(content: str, fate: Outcome = Outcome.QUARANTINED, code: str = "ecorad.dicom.truncated") -> Arrival:
    return Arrival(digest=digest(content), feed="dicom", kind="dicom", bytes=3, fate=fate, code=code)


def flagged(code: str, where: str = "row 2", count: int = 1) -> Issue:
    return Issue(code=code, where=where, count=count, detail="")


def commit(workspace: Workspace, *batches: Iterable[Arrival], begin: datetime = NOON) -> list[Fates]:
    """Each batch in a process of its own, as far as the ledger can tell."""
    found = []
    for i, batch in enumerate(batches):
        with open_for_writing(workspace) as writer:
            found.append(writer.commit(list(batch), begin + timedelta(hours=i)))
    return found


@contextmanager
def reading_from(workspace: Workspace, register: Iterable[RegisteredDevice] = ()):
    with Ledger.read(workspace, tuple(register)) as ledger:
        yield ledger


def rows(workspace: Workspace, name: str, received: bool = False, without: Iterable[str] = NEVER_COMPARED) -> list[Any]:
    """All rows of a table, sorted, without what may depend on the order of arrival."""
    columns = [c for c in table(name).columns if c.name not in set(without)]
    listed = ", ".join(f'"{c.name}"::VARCHAR' if c.type == "timestamp" else f'"{c.name}"' for c in columns)
    with reading_from(workspace) as ledger:
        ledger.materialise(name)
        source = f"{name}_received" if received else name
        found = ledger.connection.execute(f'SELECT {listed} FROM "{source}"').fetchall()
    return sorted(found, key=repr)

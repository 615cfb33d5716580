"""Alerts of dose: each cause is told once, to the room it concerns, and stays until somebody has seen it.

What was told stands in ``ledger/alerts.json``, readable by its owner alone and kept by a backup. It is the memory of
what was said, not a result: reports do not read it, so they stay the same however often somebody looked.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ecorad.footprint.dose.cumulative import PatientDose
from ecorad.footprint.dose.outliers import Alert, new_alerts
from ecorad.footprint.dose.reference_levels import Comparison, Standing
from ecorad.ledger import Workspace
from ecorad.model import InputError, StoreError, UnknownNameError

FILE = "alerts.json"
UNREADABLE, NOT_FOUND = "ecorad.alerts.unreadable", "ecorad.alerts.not_found"


@dataclass(frozen=True, slots=True)
class Told:
    """One alert as it was told; ``cause`` names it for good.

    ``room`` is the name of the device, ``value`` and ``usual`` are in the unit of ``quantity``; ``holds`` is whether
    the records of today still say so.
    """

    id: str
    cause: str
    kind: str
    room: str
    study: str | None
    quantity: str
    value: float
    usual: float
    told_on: str
    seen_on: str | None = None
    holds: bool = True


def above_levels(comparisons: Iterable[Comparison]) -> tuple[Alert, ...]:
    """An alert for each room whose median lies above a level; the cause names room, level and its year."""
    found = []
    for row in comparisons:
        level = row.level
        if row.standing is not Standing.ABOVE or row.median is None:
            continue
        parts = (level.modality, level.body_region, level.age_band, level.protocol, level.source, level.year)
        cause = f"above level:{level.quantity}:{row.device_key}:{':'.join(parts)}"
        ratio = row.median / level.level
        found.append(Alert(cause, row.device_key, "", level.quantity, row.median, level.level, ratio))
    return tuple(found)


def above_cumulative(
    patients: Iterable[PatientDose], room_of_patient: Mapping[str, str], above_msv: float
) -> tuple[Alert, ...]:
    """An alert for each patient whose known effective doses together lie above a bound of the site's own.

    The sum holds each event once and is a least dose, for studies without a known one are not in it. The cause names
    patient and bound, so it is told once however the sum grows; it goes to the room of the last examination.

    Raises
    ------
    InputError
        ``ecorad.alerts.bound`` for a bound that is not above 0.

    Examples
    --------
    >>> from ecorad.model import Quantity
    >>> one = PatientDose("p", Quantity(120.0, "mSv", low=80.0, high=200.0), studies=9, unknown=1)
    >>> [(alert.device_key, alert.value) for alert in above_cumulative([one], {"p": "ct"}, 100.0)]
    [('ct', 120.0)]
    """
    if not 0.0 < above_msv < 1e6:
        raise InputError("a bound of cumulative dose is a number of mSv above 0", code="ecorad.alerts.bound")
    found = []
    for row in patients:
        value = None if row.known is None else row.known.value
        if value is not None and value > above_msv:
            cause = f"cumulative dose:{row.patient_key}:{above_msv:g}"
            room = room_of_patient.get(row.patient_key, "")
            found.append(Alert(cause, room, "", "effective_dose_msv", value, above_msv, value / above_msv))
    return tuple(found)


def tell(
    found: Collection[Alert],
    told: Collection[Told],
    aliases: Mapping[str, str | None],
    today: date,
    *,
    not_asked: Collection[str] = (),
) -> tuple[tuple[Told, ...], frozenset[str]]:
    """All alerts there ever were, oldest first, and the ids of those that are told now for the first time.

    Parameters
    ----------
    found : collection of Alert
        What the records of today say.
    told : collection of Told
        What was told before.
    aliases : mapping
        Names of devices by key.
    today : date
        Local day.
    not_asked : collection of str
        Kinds that nobody looked for this time: whether they still hold stays as it was.

    Examples
    --------
    >>> one = Alert("high dose:dlp_mgy_cm:s1", "d", "s1", "dlp_mgy_cm", 900.0, 300.0, 5.0)
    >>> first, new = tell([one, one], (), {"d": "CT 1"}, date(2026, 3, 2))
    >>> len(first), first[0].room, len(new), len(tell([one], first, {}, date(2026, 3, 3))[1])
    (1, 'CT 1', 1, 0)
    """
    causes = {alert.cause for alert in found}
    kept = [one if one.kind in not_asked else replace(one, holds=one.cause in causes) for one in told]
    new = [
        Told(
            id=hashlib.sha256(alert.cause.encode()).hexdigest()[:10],
            cause=alert.cause,
            kind=alert.cause.partition(":")[0].replace(" ", "_"),
            room=aliases.get(alert.device_key) or alert.device_key or "unknown",
            study=alert.study_key or None,
            quantity=alert.quantity,
            value=alert.value,
            usual=alert.usual,
            told_on=today.isoformat(),
        )
        for alert in new_alerts(found, {one.cause for one in told})
    ]
    return (*kept, *new), frozenset(one.id for one in new)


def mark_seen(told: Iterable[Told], ids: Collection[str], today: date) -> tuple[Told, ...]:
    """The same with these marked as seen; the first day somebody saw one stays.

    Raises
    ------
    UnknownNameError
        ``ecorad.alerts.not_found`` for an id that no alert has.
    """
    told = tuple(told)
    missing = set(ids) - {one.id for one in told}
    if missing:
        raise UnknownNameError("no alert of that id; `ecorad alerts DIR --all` lists them", code=NOT_FOUND)
    return tuple(
        replace(one, seen_on=today.isoformat()) if one.id in ids and one.seen_on is None else one for one in told
    )


def see(workspace: Workspace, ids: Collection[str], today: date, *, patience_s: float = 0.0) -> None:
    """Mark alerts of a workspace as seen.

    Raises
    ------
    UnknownNameError
        ``ecorad.alerts.not_found`` for an id that no alert has.
    WorkspaceBusyError
        If another process still writes after ``patience_s``.
    """
    with workspace.write_lock(patience_s):
        write_told(workspace.ledger_path, mark_seen(read_told(workspace.ledger_path), ids, today))


def looked_at(folder: Path) -> datetime | None:
    """When alerts were last looked for or marked; ``None`` where nobody ever looked."""
    try:
        return datetime.fromtimestamp((folder / FILE).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def read_told(folder: Path) -> tuple[Told, ...]:
    """What was told; nothing where no alert ever was.

    Raises
    ------
    StoreError
        ``ecorad.alerts.unreadable``: a damaged file must not make every old alert new.
    """
    path = folder / FILE
    if not path.exists():
        return ()
    try:
        content: Any = json.loads(path.read_text("utf-8"))
        return tuple(Told(**row) for row in content["alerts"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise StoreError(f"{FILE} is damaged; put it back from a backup, or move it away", code=UNREADABLE) from None


def write_told(folder: Path, told: Iterable[Told]) -> None:
    """Keep what was told; whole or not at all."""
    path, draft = folder / FILE, folder / f".{FILE}.new"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"alerts": [asdict(one) for one in told]}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)

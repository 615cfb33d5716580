"""Unfolds a study, series, device, meter, record or input of the ledger, one level down, to the inputs it came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ecorad.model import UnknownNameError
from ecorad.model.clock import MICROSECONDS_PER_DAY, to_datetime, wall_us

from .last_results import read_result
from .unfold import Part, Unfolded

if TYPE_CHECKING:
    from ecorad.ledger import Ledger

MOST_ROWS = 40
_DIGEST = re.compile(r"[0-9a-f]{12,64}")
# Where an identifier may stand, in the order in which it is looked for.
_KEYS = (
    ("study", "study_key"),
    ("series", "series_key"),
    ("device", "device_key"),
    ("device", "alias"),
    ("meter", "meter_key"),
    ("instance", "record_key"),
    ("stock", "record_key"),
    ("reading", "record_key"),
    ("administration", "record_key"),
)
_ARRIVAL = ("event_time_utc", "event_zone", "feed", "received_at", "version", "record_key", "source_digest")


def unfold_record(ledger: Ledger, identifier: str) -> Unfolded:
    """Unfold what the ledger knows under an identifier.

    Parameters
    ----------
    ledger : Ledger
        A snapshot.
    identifier : str
        A study, series, device, meter or record key; the alias of a device; or the digest of an input, of which the
        first twelve digits are enough.

    Raises
    ------
    UnknownNameError
        If nothing is called so.
    """
    if _DIGEST.fullmatch(identifier):
        found = _input(ledger, identifier)
        if found is not None:
            return found
    for name, column in _KEYS:
        rows = _rows(ledger, name, f'"{column}" = {_quoted(identifier)}')
        if rows:
            parts, further = _made_of(ledger, name, rows[0])
            return Unfolded(f"{name} {identifier}", tuple(_facts(rows[0])), parts, further)
    raise UnknownNameError(f"nothing is called {identifier!r}: no figure of the audit, no key, no digest of an input")


def _made_of(ledger: Ledger, name: str, row: Mapping[str, Any]) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    below: Mapping[str, Callable[[Ledger, Mapping[str, Any]], Iterator[Part]]] = {
        "study": _of_study,
        "series": _of_series,
        "device": _of_device,
        "meter": _of_meter,
    }
    parts = tuple(part for part in below[name](ledger, row) if part.rows) if name in below else ()
    further = [str(part.rows[0][0]) for part in parts if not part.title.startswith("energy")]
    further += [str(row["source_digest"])[:16]] if row.get("source_digest") and name not in {"device", "meter"} else []
    return parts, tuple(further)


def _of_study(ledger: Ledger, row: Mapping[str, Any]) -> Iterator[Part]:
    where = f"study_key = {_quoted(row['study_key'])}"
    columns = (
        "series_key",
        "modality",
        "started_utc",
        "ended_utc",
        "start_source",
        "duration_source",
        "instance_count",
    )
    yield _part(ledger, "series", columns, where, "series", order_by=("started_utc", "series_key"))
    yield from _exam_energy(ledger, str(row["study_key"]))
    given = ("record_key", "agent", "volume_ml", "iodine_g", "gadolinium_g", "activity_mbq", "origin", "confidence")
    yield _part(ledger, "administration", given, where, "administrations")


def _exam_energy(ledger: Ledger, study_key: str) -> Iterator[Part]:
    """Its row in the last audit, if there was one."""
    found = read_result(ledger.workspace.out_path, "exam_energy")
    if found is None or study_key not in found["study_key"]:
        return
    place = found["study_key"].index(study_key)
    columns = ("tier", "active_kwh", "allocated_kwh", "marginal_kwh", "known_fraction", "flags")
    yield Part("energy in the last audit", columns, (tuple(found[column][place] for column in columns),))


def _of_series(ledger: Ledger, row: Mapping[str, Any]) -> Iterator[Part]:
    columns = ("source_digest", "start_utc", "start_source", "duration_s", "duration_source", "data_bytes", "reader")
    where = f"series_key = {_quoted(row['series_key'])}"
    yield _part(ledger, "instance", columns, where, "objects", order_by=("start_utc", "record_key"))


def _of_device(ledger: Ledger, row: Mapping[str, Any]) -> Iterator[Part]:
    columns = ("study_key", "modality", "body_region", "started_utc", "ended_utc", "is_exam")
    where = f"device_key = {_quoted(row['device_key'])}"
    yield _part(ledger, "study", columns, where, "studies", order_by=("started_utc", "study_key"))


def _of_meter(ledger: Ledger, row: Mapping[str, Any]) -> Iterator[Part]:
    readings = ledger.readings(str(row["meter_key"]))
    if not len(readings.start_us):
        return
    zone = ledger.workspace.site.timezone
    day = wall_us(readings.start_us, zone) // MICROSECONDS_PER_DAY
    rows = []
    for one in np.unique(day).tolist():
        energy = readings.energy_kwh[day == one]
        known = energy[~np.isnan(energy)]
        total = round(float(known.sum()), 3) if len(known) else None
        rows.append((to_datetime(one * MICROSECONDS_PER_DAY).date().isoformat(), total, len(known), len(energy)))
    yield _cut("energy by day", ("day", "kwh", "known", "readings"), rows)
    where = f"meter_key = {_quoted(row['meter_key'])}"
    inputs = ledger.columns("reading", ["source_digest"], where)["source_digest"]
    digests, counts = np.unique(inputs.astype(str), return_counts=True)
    yield _cut("inputs", ("source_digest", "readings"), list(zip(digests.tolist(), counts.tolist(), strict=True)))


def _input(ledger: Ledger, digest: str) -> Unfolded | None:
    where = f"starts_with(source_digest, {_quoted(digest)})"
    receipts = _rows(ledger, "receipt", where, ("received_at", "record_key"))
    if not receipts:
        return None
    first = receipts[0]
    facts = [(name, _plain(first[name])) for name in ("source_digest", "kind", "bytes")]
    # An object that was known already in another wrapping is kept under the digest of that one.
    said = f"{where} OR content_digest = {_quoted(str(first['record_key']))}"
    aside = ledger.workspace.quarantine_path / f"{first['source_digest']}.json"
    if aside.exists():
        facts.append(("where it lay", f"written in {aside}, for its owner alone"))
    columns = ("received_at", "feed", "outcome", "code", "records", "rows_duplicate", "rows_quarantined")
    issues = ("code", "where", "count", "detail")
    parts = [
        _cut("deliveries", columns, [tuple(_plain(row[column]) for column in columns) for row in receipts]),
        _part(ledger, "issue", issues, where, "issues"),
        _part(ledger, "instance", ("record_key", "series_key", "modality", "start_utc"), said, "objects"),
        _part(ledger, "stock", ("record_key", "day", "product", "movement", "quantity", "sheet_row"), where, "stock"),
    ]
    meters = np.unique(ledger.columns("reading", ["meter_key"], where)["meter_key"].astype(str)).tolist()
    parts.append(Part("readings of", ("meter_key",), tuple((meter,) for meter in meters)))
    further = [str(part.rows[0][0]) for part in parts[2:] if part.rows]
    return Unfolded(f"input {first['source_digest']}", tuple(facts), tuple(p for p in parts if p.rows), tuple(further))


def _part(
    ledger: Ledger,
    name: str,
    columns: Sequence[str],
    where: str,
    title: str,
    *,
    order_by: Sequence[str] = ("record_key",),
) -> Part:
    found = ledger.columns(name, columns, where, order_by)
    rows = list(zip(*(map(_plain, found[column]) for column in columns), strict=True))
    return _cut(title, tuple(columns), rows)


def _cut(title: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> Part:
    if len(rows) > MOST_ROWS:
        title = f"{title} (first {MOST_ROWS} of {len(rows)})"
    return Part(title, columns, tuple(rows[:MOST_ROWS]))


def _rows(ledger: Ledger, name: str, where: str, order_by: Sequence[str] = ("record_key",)) -> list[dict[str, Any]]:
    found = ledger.columns(name, None, where, order_by)
    return [dict(zip(found, cells, strict=True)) for cells in zip(*found.values(), strict=True)]


def _facts(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is known of a row: its own columns first, how it arrived last."""
    for name in (*(n for n in row if n not in _ARRIVAL), *(n for n in _ARRIVAL if n in row)):
        value = _plain(row[name])
        if value is not None and value != "":
            yield name, value


def _plain(value: Any) -> Any:
    """A cell as JSON has it: unknown is None, times end in Z."""
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else f"{np.datetime_as_string(value, unit='s')}Z"
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124 - not a number


def _quoted(text: Any) -> str:
    return "'" + str(text).replace("'", "''") + "'"

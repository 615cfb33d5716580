"""Contrast and helium of one period out of the ledger, headers and sheets side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ecorad.footprint.contrast import SheetMatch, with_reported, with_sheet
from ecorad.footprint.helium import Movement
from ecorad.intake.dicom.contrast_text import parse_agent_text
from ecorad.intake.register import feed_keys
from ecorad.ledger import Ledger, Workspace
from ecorad.model import Period
from ecorad.model.clock import to_datetime, to_us
from ecorad.planning.packs import OpenedLine

from .statement.contrast import MedicationTold

Columns = Mapping[str, NDArray[Any]]
_DAY_US = 86_400_000_000
_STOCK = [
    "record_key",
    "day",
    "kind",
    "product",
    "movement",
    "quantity",
    "unit",
    "pack_volume_ml",
    "volume_given_ml",
    "volume_left_ml",
    "device_alias",
    "sheet_row",
]


@dataclass(frozen=True, kw_only=True)
class ContrastRecords:
    """Administrations with the better telling of each, the lines of the contrast sheet, and helium by magnet.

    A magnet is named by its device key, or by ``None`` where the sheet names none of the site's devices; days of
    movements are counted from 1970.
    """

    match: SheetMatch
    medication: MedicationTold
    lines: Columns
    helium: Mapping[str | None, tuple[Movement, ...]]


def gather_contrast(
    ledger: Ledger, workspace: Workspace, period: Period, *, administrations: Columns, studies: Columns
) -> ContrastRecords:
    """Contrast of one period; helium of all days up to its end, since a trend needs its past."""
    zone = workspace.site.timezone
    days = list(period.local_days(zone))
    last = f"day <= DATE '{days[-1].isoformat()}'"
    order = ("day", "sheet_row", "record_key")
    keys = feed_keys(workspace)
    sheet = ledger.columns(
        "stock", _STOCK, f"kind = 'contrast' AND day >= DATE '{days[0].isoformat()}' AND {last}", order
    )
    lines = _lines(sheet, keys)
    opened = {name: values[lines["movement"] == "opened"] for name, values in lines.items()}
    helium = ledger.columns("stock", _STOCK, f"kind = 'helium' AND {last}", order)
    return ContrastRecords(
        match=with_sheet(_dated(administrations, studies, zone), opened),
        medication=_medication(ledger, period, studies),
        lines=with_reported(lines, _reported(ledger, studies, zone)),
        helium=_helium(helium, keys),
    )


def _medication(ledger: Ledger, period: Period, studies: Columns) -> MedicationTold:
    """What medication records say of the period: by their study where they have one, else by their own time."""
    told = ledger.columns("medication_link", ["study_key", "linked_by", "kind", "volume_ml", "started_utc"])
    mine = set(studies["study_key"])
    by = Counter(name for name, key in zip(told["linked_by"], told["study_key"], strict=True) if key in mine)
    start, end = (np.datetime64(to_us(at.astimezone(UTC)), "us") for at in (period.start, period.end))
    inside = (told["started_utc"] >= start) & (told["started_utc"] < end)
    lost = inside & np.isin(told["kind"].astype(str), ("iodine", "gadolinium"))
    lost &= np.array([key is None for key in told["study_key"]], dtype=bool)
    return MedicationTold(dict(sorted(by.items())), int(lost.sum()), float(told["volume_ml"][lost].sum()))


def _reported(ledger: Ledger, studies: Columns, zone: str) -> dict[str, NDArray[Any]]:
    """What injectors reported of the period's studies, in the room of the study: a report names the injector."""
    rooms = dict(zip(studies["study_key"], studies["device_key"], strict=True))
    found = ledger.columns("injection")
    mine = np.array([key in rooms for key in found["study_key"]], dtype=bool)
    kept = {name: values[mine] for name, values in found.items()}
    own = zip(kept["study_key"], kept["device_key"], strict=True)
    room = np.array([rooms[study] or device for study, device in own], dtype=object)
    return _dated({**kept, "device_key": room}, studies, zone)


def opened_before(ledger: Ledger, workspace: Workspace, last: date, days: int, kind: str) -> list[OpenedLine]:
    """Lines of the contrast sheet of one kind over some days up to ``last``, where all volumes are written."""
    first = last - timedelta(days=days - 1)
    condition = f"kind = 'contrast' AND day BETWEEN DATE '{first.isoformat()}' AND DATE '{last.isoformat()}'"
    sheet = ledger.columns("stock", _STOCK, condition, ("day", "sheet_row", "record_key"))
    lines = _lines(sheet, feed_keys(workspace))
    names = ("day", "quantity", "pack_volume_ml", "volume_given_ml", "kind", "movement")
    return [
        OpenedLine(int(day), float(packs), float(size_ml), float(given_ml))
        for day, packs, size_ml, given_ml, mine, movement in zip(*(lines[name] for name in names), strict=True)
        if mine == kind and movement == "opened" and np.isfinite([packs, size_ml, given_ml]).all() and packs > 0
    ]


def last_opened_day(ledger: Ledger, before: date) -> date | None:
    """The last day up to ``before`` on which the sheet has an opened pack."""
    condition = f"kind = 'contrast' AND movement = 'opened' AND day <= DATE '{before.isoformat()}'"
    days = ledger.columns("stock", ["day"], condition, ("day",))["day"]
    return days[-1].astype("datetime64[D]").astype(date) if len(days) else None


def _dated(administrations: Columns, studies: Columns, zone: str) -> dict[str, NDArray[Any]]:
    """Administrations with the local day of their study, and a time that orders the day."""
    started = dict(zip(studies["study_key"], studies["started_utc"], strict=True))
    moments = np.array(
        [started.get(key, np.datetime64("NaT")) for key in administrations["study_key"]], "datetime64[us]"
    )
    place = ZoneInfo(zone)
    day = [
        0 if np.isnat(at) else _day(to_datetime(int(at.astype(np.int64))).astimezone(place).date()) for at in moments
    ]
    own = np.asarray(administrations["started_utc"], "datetime64[us]")
    ordered = np.where(np.isnat(own), moments, own)
    order_us = np.where(np.isnat(ordered), np.nan, ordered.astype(np.int64).astype(float))
    return {**administrations, "day": np.array(day, dtype=np.int64), "order_us": order_us}


def _lines(sheet: Columns, keys: Mapping[str, str]) -> dict[str, NDArray[Any]]:
    """The sheet with agent, kind and strength read from the product's name, and the device's key for its name.

    What a product's name does not say is unknown; the name itself goes no further.
    """
    written = [parse_agent_text(product or "") for product in sheet["product"]]
    kept = {name: values for name, values in sheet.items() if name not in {"product", "device_alias", "kind", "day"}}
    return {
        **kept,
        "day": sheet["day"].astype("datetime64[D]").astype(np.int64),
        "device_key": np.array([keys.get(alias) for alias in sheet["device_alias"]], dtype=object),
        "agent": np.array([one.agent for one in written], dtype=object),
        "kind": np.array([one.kind for one in written], dtype=object),
        "concentration_mg_ml": np.array([one.concentration_mg_ml or np.nan for one in written], dtype=float),
    }


def _helium(sheet: Columns, keys: Mapping[str, str]) -> dict[str | None, tuple[Movement, ...]]:
    found: dict[str | None, list[Movement]] = {}
    rows = zip(sheet["day"], sheet["device_alias"], sheet["movement"], sheet["quantity"], sheet["unit"], strict=True)
    for day, alias, movement, quantity, unit in rows:
        litres = {"L": 1.0, "mL": 0.001}.get(unit)
        if litres is None or not np.isfinite(quantity) or quantity < 0:
            continue
        at = float(day.astype("datetime64[D]").astype(np.int64))
        name = "counted" if movement == "counted" else "received" if movement == "received" else "discarded"
        found.setdefault(keys.get(alias), []).append(Movement(at, name, float(quantity) * litres))
    return {key: tuple(found[key]) for key in sorted(found, key=lambda one: one or "")}


def _day(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()

"""Packs, left-overs, the way to the sewer, what would change, intervals; and helium, which is no carbon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..page import Cell, Table
from ..reader import DASH, Reader, Shown

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ContrastAndHelium:
    """What stands below the injections; a part without records is left out."""

    records: str
    packs: Table | None
    avoidable: str
    sewer: tuple[tuple[str, Shown], ...]
    water: tuple[tuple[str, Shown], ...]
    what_ifs: Table | None
    volumes: Table | None
    yields: Table | None
    intervals: tuple[str, ...]
    helium: Table | None
    helium_what_ifs: Table | None = None


def contrast_and_helium(reader: Reader) -> ContrastAndHelium:
    """The part of the page about packs and helium; a statement of before has neither."""
    contrast = reader.statement["contrast"]
    return ContrastAndHelium(
        records=_records(reader, contrast.get("medication_records")),
        packs=_packs(reader, contrast.get("packs", [])),
        avoidable=_avoidable(reader, contrast.get("leftovers", [])),
        sewer=_sewer(reader, contrast.get("to_sewer", {})),
        water=_sewer(reader, contrast.get("to_water") or {}),
        what_ifs=_what_ifs(reader, contrast.get("what_ifs", [])),
        volumes=_volumes(reader, contrast.get("volumes", [])),
        yields=_yields(reader, contrast.get("yields", [])),
        intervals=_intervals(reader, contrast.get("intervals")),
        helium=_helium(reader, reader.statement.get("helium", [])),
        helium_what_ifs=_helium_what_ifs(reader, reader.statement.get("helium", [])),
    )


def _records(reader: Reader, section: Row | None) -> str:
    """What medication records told of; nothing where there are none."""
    if not section or not (section["linked_by"] or section["unlinked"]):
        return ""
    return reader.text(
        "contrast.medication_records",
        linked=reader.integer(sum(section["linked_by"].values())),
        unlinked=reader.integer(section["unlinked"]),
        volume=reader.bare(section["unlinked_ml"], "mL"),
    )


def _packs(reader: Reader, rows: list[Row]) -> Table | None:
    if not rows:
        return None
    columns = tuple(
        reader.text(f"contrast.{name}") for name in ("agent", "packs", "opened", "given", "not_given", "share")
    )
    return Table(
        reader.text("contrast.packs_caption"),
        columns,
        tuple(_pack(reader, row) for row in rows),
        frozenset(range(1, 6)),
    )


def _pack(reader: Reader, row: Row) -> tuple[Cell, ...]:
    left = row["left_ml"]
    not_given = None if left is None else left + row["discarded_ml"] + row["recycled_ml"]
    return (
        row["agent"] or reader.text("reason.agent_not_recognised"),
        reader.integer(row["packs"]),
        reader.bare(row["opened_ml"], "mL"),
        reader.bare(row["given_ml"], "mL"),
        reader.bare(not_given, "mL"),
        reader.text("unknown") if not_given is None else reader.share(not_given, row["opened_ml"] or 0.0),
    )


def _avoidable(reader: Reader, rows: list[Row]) -> str:
    packs = sum(row["avoidable_packs"] for row in rows)
    if not packs:
        return ""
    volume = reader.bare(sum(row["avoidable_ml"] for row in rows), "mL")
    return reader.text("contrast.avoidable", packs=reader.counted("pack", packs), volume=volume)


def _sewer(reader: Reader, section: Row) -> tuple[tuple[str, Shown], ...]:
    kinds = [kind for kind in ("iodine", "gadolinium") if section and section[f"{kind}_g"]["value"] is not None]
    return tuple((reader.text(f"contrast.{kind}"), reader.shown(section[f"{kind}_g"])) for kind in kinds)


def _what_ifs(reader: Reader, rows: list[Row]) -> Table | None:
    if not rows:
        return None
    columns = tuple(reader.text(f"contrast.{name}") for name in ("change", "agent", "grams"))
    cells = tuple(
        (reader.named("what_if", row["id"]), reader.named("kind", row["kind"]), reader.shown(row["grams"]))
        for row in rows
    )
    return Table(reader.text("contrast.what_if_caption"), columns, cells, frozenset({2}))


def _volumes(reader: Reader, rows: list[Row]) -> Table | None:
    """Injected volumes by kind of examination, by weight where any is known; a median of fewer than ten is not told."""
    if not rows:
        return None
    medians = [("volume_ml", "mL"), ("grams", "g")]
    names = ["examination", "yield_exams", "median", "grams", "usual", "above", "below", "far_off"]
    if any(row.get("ml_per_kg") for row in rows):
        medians.append(("ml_per_kg", "mL/kg"))
        names.insert(4, "by_weight")
    cells = tuple(
        (
            reader.named("contrast.volume_of", row["examination"]),
            reader.integer(row["exams"]),
            *(reader.bare(row[name]["value"] if row.get(name) else None, unit) for name, unit in medians),
            DASH if row["usual_low_ml"] is None else f"{row['usual_low_ml']:g}–{row['usual_high_ml']:g} mL",
            *(reader.integer(row[name]) for name in ("above", "below", "far_off")),
        )
        for row in rows
    )
    columns = tuple(reader.text(f"contrast.{name}") for name in names)
    return Table(reader.text("contrast.volumes_caption"), columns, cells, frozenset(range(1, len(names))))


def _yields(reader: Reader, rows: list[Row]) -> Table | None:
    """By kind of examination how often contrast changed anything, with its interval; never a yield without one."""
    if not rows:
        return None
    cells = tuple(
        (
            row["examination"],
            reader.integer(row["exams"]),
            reader.share(row["changed"], float(row["exams"])),
            f"{reader.share(row['low'], 1.0)}{DASH}{reader.share(row['high'], 1.0)}",
            reader.bare(row["unchanged_ml"], "mL"),
            reader.text("contrast.look_again") if row["look_again"] else "",
            reader.shown(row["avoidable_ml"]) if row.get("avoidable_ml") else "",
        )
        for row in rows
    )
    names = ("examination", "yield_exams", "yield", "interval", "unchanged", "look", "avoidable_ml")
    columns = tuple(reader.text(f"contrast.{name}") for name in names)
    return Table(reader.text("contrast.yield_caption"), columns, cells, frozenset({1, 2, 3, 4, 6}))


def _intervals(reader: Reader, section: Row | None) -> tuple[str, ...]:
    """A sentence in parts, every other of which is a command."""
    if not section or not section["pairs"]:
        return ()
    counts = {name: reader.integer(section[name]) for name in ("pairs", "too_soon", "cannot_say")}
    return tuple(reader.text("contrast.intervals", **counts).split("`"))


def _helium(reader: Reader, rows: list[Row]) -> Table | None:
    if not rows:
        return None
    columns = tuple(reader.text(f"helium.{name}") for name in ("magnet", "stock", "received", "per_week", "next"))
    cells = tuple(
        (
            reader.device_name(row),
            reader.shown(row["stock_l"]),
            reader.bare(row["received_l"], "L"),
            _per_week(reader, row),
            _next(reader, row["top_up"]),
        )
        for row in rows
    )
    return Table(reader.text("helium.caption"), columns, cells, frozenset({1, 2, 3}))


def _helium_what_ifs(reader: Reader, rows: list[Row]) -> Table | None:
    """What a capture unit would bring back, and how much less a sealed magnet holds; rows where either is known."""
    names = ("captured_l", "fewer_in_low_helium_l")
    known = [row for row in rows if any((row.get(name) or {}).get("value") is not None for name in names)]
    if not known:
        return None
    columns = tuple(reader.text(f"helium.{name}") for name in ("magnet", *names))
    cells = tuple(
        (reader.device_name(row), *(reader.shown(row[name]) if row.get(name) else DASH for name in names))
        for row in known
    )
    return Table(reader.text("helium.what_if_caption"), columns, cells, frozenset({1, 2}))


def _per_week(reader: Reader, row: Row) -> str:
    slope = row["lost_l_per_week"]
    if slope is None:
        return reader.text("unknown")
    if not row["is_told"]:
        return reader.text("helium.not_told")
    low, high = (reader.plain(slope[name], digits=2) for name in ("low", "high"))
    return f"{reader.plain(slope['value'], 'L', 2)} ({low}–{high})"


def _next(reader: Reader, top_up: Row | None) -> str:
    if top_up is None or top_up["date"] is None:
        return reader.text("unknown")
    if top_up["latest"] is None:
        return reader.text("helium.next_open", date=top_up["date"], earliest=top_up["earliest"])
    return reader.text("helium.next_between", date=top_up["date"], earliest=top_up["earliest"], latest=top_up["latest"])

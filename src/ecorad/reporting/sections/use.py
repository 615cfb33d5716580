"""What image headers alone say: how the scanners were used, contrast, and cooling beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..page import Cell, Table
from ..reader import DASH, Reader, Shown
from .week import LEAST_STARTS, WeekMaps, occupied_weeks, start_weeks

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Use:
    """Use, contrast and cooling."""

    intro: str
    table: Table
    together: Table | None
    starts: WeekMaps | None
    occupied: WeekMaps | None
    open_starts: bool
    least_starts: int
    cooling: Shown
    cooling_co2e: Shown
    injections: str
    masses: tuple[tuple[str, Shown], ...]
    agents: Table | None
    unknown_masses: tuple[str, ...]


def use(reader: Reader) -> Use:
    """How the scanners were used, from the image headers."""
    statement = reader.statement
    contrast = statement["contrast"]
    return Use(
        intro=_intro(reader),
        table=_table(reader),
        together=_together(reader),
        starts=start_weeks(reader),
        occupied=occupied_weeks(reader),
        least_starts=LEAST_STARTS,
        open_starts=statement["totals"]["devices_metered"] == 0,
        cooling=reader.shown(statement["cooling"]["energy_kwh"]),
        cooling_co2e=reader.shown(statement["cooling"]["co2e_kg"]),
        injections=reader.text("contrast.body", injections=reader.counted("injection", contrast["administrations"])),
        masses=tuple(
            (reader.text(f"contrast.{name}"), reader.shown(contrast[f"{name}_g"]))
            for name in ("iodine", "gadolinium", "sf6")
            if contrast.get(f"{name}_g")
        ),
        agents=_agents(reader),
        unknown_masses=tuple(
            reader.text(
                "contrast.unknown_line",
                kind=reader.named("kind", row["kind"]),
                injections=reader.counted("injection", row["count"]),
                reason=reader.reason(row["reason"]),
            )
            for row in contrast["unknown"]
        ),
    )


def _intro(reader: Reader) -> str:
    content = reader.statement["use"]
    studies = reader.counted("study", content["studies"])
    if not content["not_exams"]:
        return reader.text("use.intro_all", studies=studies)
    others = [
        f"{reader.integer(row['count'])} {reader.named('not_exam', row['reason'])}" for row in content["not_exams"]
    ]
    total = sum(row["count"] for row in content["not_exams"])
    return reader.text(
        "use.intro",
        studies=studies,
        exams=reader.counted("exam", content["exams"]),
        others=f"{reader.integer(total)} ({reader.text('list_gap').join(others)})",
    )


def _table(reader: Reader) -> Table:
    names = ("scanner", "exams", "days", "length", "gap", "first", "last", "busy", "data")
    return Table(
        reader.text("use.caption"),
        tuple(reader.text(f"use.{name}") for name in names),
        tuple(_row(reader, row) for row in reader.statement["use"]["devices"]),
        frozenset(range(1, 9)),
    )


def _row(reader: Reader, row: Row) -> tuple[Cell, ...]:
    busy = row["busy_share"]
    return (
        reader.device_name(row),
        reader.integer(row["exams"]),
        reader.integer(row["days_used"]),
        _minutes(reader, row["median_exam_min"]),
        reader.plain(row["median_gap_min"], "min", 2),
        row["usual_first"] or reader.text("unknown"),
        row["usual_last"] or reader.text("unknown"),
        reader.text("unknown") if busy is None else reader.share(busy, 1.0),
        reader.bare(row["data_gb"], "GB"),
    )


def _together(reader: Reader) -> Table | None:
    rows = tuple(_together_row(reader, row) for row in reader.statement["use"].get("together", []))
    if not rows:
        return None
    names = ("modality", "scanners", "days", "changeover", "closed", "as_timed", "if_moved", "before", "after")
    columns = tuple(reader.text(f"use.together_{name}") for name in names)
    return Table(reader.text("use.together_caption"), columns, rows, frozenset({1, 2, 3, 5, 6, 7, 8}))


def _together_row(reader: Reader, row: Row) -> tuple[Cell, ...]:
    closed = reader.device_name({"device": row["closed"], "alias": row["closed_alias"]})
    before, after = (reader.shown(row[f"kwh_per_exam_{side}"], per_exam=False) for side in ("before", "after"))
    return (
        reader.named("modality", row["modality"]),
        reader.integer(len(row["devices"])),
        reader.integer(row["days"]),
        _minutes(reader, row["changeover_min"]),
        closed if row["days_as_timed"] or row["days_if_moved"] else DASH,
        reader.integer(row["days_as_timed"]),
        reader.integer(row["days_if_moved"]),
        before if before.known else DASH,
        after if after.known else DASH,
    )


def _minutes(reader: Reader, minutes: float | None) -> str:
    if minutes is not None and minutes < 1:
        return reader.plain(60 * minutes, "s", 2)
    return reader.plain(minutes, "min", 2)


def _agents(reader: Reader) -> Table | None:
    agents = reader.statement["contrast"]["agents"]
    if not agents:
        return None
    columns = tuple(reader.text(f"contrast.{name}") for name in ("agent", "count", "volume", "grams"))
    rows = tuple(
        (
            agent["agent"] or reader.text("reason.agent_not_recognised"),
            reader.integer(agent["administrations"]),
            reader.text("unknown") if agent["volume_ml"] is None else reader.plain(agent["volume_ml"], "mL"),
            _grams(reader, agent),
        )
        for agent in agents
    )
    return Table(reader.text("contrast.caption"), columns, rows, frozenset({1, 2, 3}))


def _grams(reader: Reader, agent: Row) -> str:
    if agent["grams"] is None:
        return reader.text("unknown")
    return f"{reader.bare(agent['grams'], 'g')} {reader.named('kind', agent['kind'])}"

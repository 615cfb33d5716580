"""The week of each scanner: power, or exam starts, by local hour and weekday."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ..charts.heat import Hours, Week, heat_map, scale_strip
from ..charts.scale import round_top
from ..page import Picture, Table, csv_href
from ..reader import Reader

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Row = Mapping[str, Any]
# Fewer starts are dots without a pattern; the table above the maps has them.
LEAST_STARTS = 20


@dataclass(frozen=True, slots=True)
class WeekMap:
    """One scanner's week."""

    name: str
    picture: Picture


@dataclass(frozen=True, slots=True)
class WeekMaps:
    """Maps that stand together, with one key for each scale that several of them share."""

    maps: tuple[WeekMap, ...]
    keys: tuple[tuple[str, Markup], ...]


def power_weeks(reader: Reader) -> WeekMaps | None:
    """Mean power of each metered scanner; scanners of one modality share a scale."""
    devices = [device for device in reader.statement["devices"] if device["heat_map_kw"] is not None]
    if not devices:
        return None
    tops = _shared_tops([(device["modality"], device["heat_map_kw"]) for device in devices])
    maps = tuple(_power_map(reader, device, tops[device["modality"]], f"week-{i}") for i, device in enumerate(devices))
    keys = tuple(
        (
            reader.text("heat.key", modality=reader.named("modality", modality)),
            scale_strip(f"weekkey-{i}", ("0", reader.bare(top, "kW")), reader.named("modality", modality)),
        )
        for i, (modality, top) in enumerate(tops.items())
    )
    return WeekMaps(maps, keys)


def start_weeks(reader: Reader) -> WeekMaps | None:
    """Exams started, one map for each scanner with enough exams to make a pattern."""
    rows = [row for row in reader.statement["use"]["devices"] if sum(map(sum, row["starts"])) >= LEAST_STARTS]
    if not rows:
        return None
    maps = tuple(_starts_map(reader, row, f"starts-{i}") for i, row in enumerate(rows))
    return WeekMaps(maps, ())


def occupied_weeks(reader: Reader) -> WeekMaps | None:
    """Share of each hour in which an exam ran, one map for each scanner with enough exams; all on one scale."""
    rows = [
        row
        for row in reader.statement["use"]["devices"]
        if row.get("occupied") is not None and sum(map(sum, row["starts"])) >= LEAST_STARTS
    ]
    if not rows:
        return None
    return WeekMaps(tuple(_occupied_map(reader, row, f"occupied-{i}") for i, row in enumerate(rows)), ())


def _occupied_map(reader: Reader, row: Row, ident: str) -> WeekMap:
    week, name = row["occupied"], reader.device_name(row)
    day, hour, high = _peak(week)
    weekday = reader.named("weekday", str(day))
    picture = _picture(
        reader,
        ident,
        week,
        top=1.0,
        opening=None,
        cell_text=lambda share: reader.text("unknown") if share is None else reader.share(share, 1.0),
        title=reader.text("use.occupied_title", name=name),
        summary=reader.text("use.occupied_summary", day=weekday, hour=hour, high=reader.share(high, 1.0)),
        csv_name="occupied_share.csv",
    )
    return WeekMap(name, picture)


def _shared_tops(weeks: Sequence[tuple[str | None, Week]]) -> dict[str | None, float]:
    tops: dict[str | None, float] = {}
    for modality, week in weeks:
        tops[modality] = max(tops.get(modality, 0.0), _highest(week))
    return {modality: round_top(top) for modality, top in tops.items()}


def _power_map(reader: Reader, device: Row, top: float, ident: str) -> WeekMap:
    name, week = reader.device_name(device), device["heat_map_kw"]
    day, hour, high = _peak(week)
    summary = reader.text(
        "heat.summary",
        high=reader.bare(high, "kW"),
        day=reader.named("weekday", str(day)),
        hour=hour,
        low=reader.bare(_lowest(week), "kW"),
        opening=_opening_words(reader, device["opening_hours"]),
    )
    title = reader.text("heat.map_title", name=name)
    return WeekMap(
        name,
        _picture(
            reader,
            ident,
            week,
            top=top,
            opening=_opening(device["opening_hours"]),
            cell_text=lambda kw: reader.text("unknown") if kw is None else reader.bare(kw, "kW"),
            title=title,
            summary=summary,
            csv_name="mean_power_kw.csv",
        ),
    )


def _starts_map(reader: Reader, row: Row, ident: str) -> WeekMap:
    week = row["starts"]
    day, hour, high = _peak(week)
    summary = reader.text(
        "use.starts_summary",
        day=reader.named("weekday", str(day)),
        hour=hour,
        high=reader.counted("exam", int(high)),
    )
    name = reader.device_name(row)
    picture = _picture(
        reader,
        ident,
        week,
        top=_highest(week),
        opening=None,
        cell_text=lambda count: reader.counted("exam", int(count or 0)),
        title=reader.text("use.starts_title", name=name),
        summary=summary,
        csv_name="exam_starts.csv",
    )
    return WeekMap(name, picture)


def _picture(
    reader: Reader,
    ident: str,
    week: Week,
    *,
    top: float,
    opening: Hours | None,
    cell_text: Callable[[float | None], str],
    title: str,
    summary: str,
    csv_name: str,
) -> Picture:
    days = [reader.named("weekday", str(i)) for i in range(7)]
    drawing = heat_map(
        ident, week, top=top, opening=opening, days=days, cell_text=cell_text, title=title, summary=summary
    )
    table = Table(
        title,
        (reader.text("heat.weekday"), *(str(hour) for hour in range(24))),
        tuple(
            (name, *("–" if value is None else f"{value:.3g}" for value in row))
            for name, row in zip(days, week, strict=True)
        ),
        frozenset(range(1, 25)),
    )
    raw = [[DAYS[i], hour, value] for i, row in enumerate(week) for hour, value in enumerate(row)]
    return Picture(drawing, None, summary, table, csv_name, csv_href(["weekday", "hour", "value"], raw))


def _opening(hours: Row | None) -> list[tuple[float, float] | None] | None:
    if hours is None:
        return None
    return [None if (span := hours[day]) is None else (_decimal(span[0]), _decimal(span[1])) for day in DAYS]


def _decimal(clock: str) -> float:
    """``"07:30"`` as 7.5."""
    hour, minute = clock.split(":")
    return int(hour) + int(minute) / 60


def _opening_words(reader: Reader, hours: Row | None) -> str:
    key = "no_hours" if hours is None else f"{hours['source']}_hours"
    return reader.text(f"heat.{key}")


def _highest(week: Week) -> float:
    return max((value for row in week for value in row if value is not None), default=0.0)


def _lowest(week: Week) -> float:
    return min((value for row in week for value in row if value is not None), default=0.0)


def _peak(week: Week) -> tuple[int, int, float]:
    """Weekday, hour and value of the highest cell; the first of several."""
    cells = [(-value, day, hour) for day, row in enumerate(week) for hour, value in enumerate(row) if value is not None]
    value, day, hour = min(cells, default=(0.0, 0, 0))
    return day, hour, -value

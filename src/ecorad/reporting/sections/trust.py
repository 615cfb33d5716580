"""Can I trust this: what became of the inputs, evidence, meters, clocks, gaps, use, and what to measure next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ..charts.coverage import Part, captions_fit, coverage
from ..charts.interval_bars import Bar, common_top, now_and_then
from ..page import Cell, Picture, Table, csv_href
from ..reader import Reader, Shown
from .reconciliation import bills, feeders
from .spread import spreads

OUTCOMES = ("stored", "duplicate", "new_version", "quarantined", "refused")
ORIGINS = ("measured", "reported", "modelled", "default", "claimed")
PARTS = ("exams_kwh", "gaps_kwh", "off_hours_kwh", "unexplained_kwh")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Receipts:
    """Six counts, and whether they add up."""

    received: str
    outcomes: tuple[tuple[str, str, str], ...]
    verdict: str
    adds_up: bool


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to borrow, write down or ask for, and the interval before and after."""

    what: str
    device: str
    of: str
    now: Shown
    then: Shown
    narrows: str
    bar: Markup | None


@dataclass(frozen=True, slots=True)
class Trust:
    """The fourth question, answered."""

    receipts: Receipts
    coverage: tuple[Picture, ...]
    meters: Table | None
    feeders: Table | None
    bills: Table | None
    clocks: Table | None
    gaps: str
    gap_table: Table | None
    issues: str
    advice: tuple[Advice, ...]
    spreads: tuple[Table, ...]


def trust(reader: Reader) -> Trust:
    """The fourth question, answered."""
    quality = reader.statement["quality"]
    issues = quality["issues"]
    found = reader.text("trust.issues_body", issues=reader.counted("issue", len(issues)))
    return Trust(
        receipts=_receipts(reader),
        coverage=tuple(picture for picture in (_by_tier(reader), _by_origin(reader)) if picture is not None),
        meters=_meters(reader),
        feeders=feeders(reader),
        bills=bills(reader),
        clocks=_clocks(reader),
        gaps=_gaps(reader),
        gap_table=_gap_table(reader),
        issues=found if issues else reader.text("trust.issues_none"),
        advice=tuple(_advice(reader, row, f"advice-{i}") for i, row in enumerate(reader.statement["advice_on_data"])),
        spreads=spreads(reader),
    )


def _receipts(reader: Reader) -> Receipts:
    counts = reader.statement["receipts"]
    difference = counts["received"] - sum(counts[name] for name in OUTCOMES)
    verdict = reader.text("trust.adds_up")
    if difference:
        verdict = reader.text("trust.adds_not", difference=reader.integer(abs(difference)))
    return Receipts(
        reader.integer(counts["received"]),
        tuple((name, reader.text(f"trust.{name}"), reader.integer(counts[name])) for name in OUTCOMES),
        verdict,
        not difference,
    )


def _by_tier(reader: Reader) -> Picture | None:
    tiers = [row for row in reader.statement["quality"]["tiers"] if row["exams"]]
    whole = sum(row["exams"] for row in tiers)
    if not whole:
        return None
    names = {row["tier"]: "none" if row["tier"] is None else str(row["tier"]) for row in tiers}
    parts = [
        Part(
            f"t-{names[row['tier']]}",
            reader.named("tier", names[row["tier"]]),
            row["exams"],
            reader.share(row["exams"], whole),
            row["tier"] is None,
        )
        for row in tiers
    ]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (reader.text(f"tier.long{names[row['tier']]}"), reader.integer(row["exams"]), reader.energy(row["kwh"]))
        for row in tiers
    )
    columns = (reader.text("trust.evidence"), reader.text("trust.exams"), reader.text("trust.energy"))
    raw = [["" if row["tier"] is None else row["tier"], row["exams"], row["kwh"]] for row in tiers]
    return _whole(
        reader, "tiers", parts, Table("", columns, rows, frozenset({1, 2})), csv_href(["tier", "exams", "kwh"], raw)
    )


def _by_origin(reader: Reader) -> Picture | None:
    kwh = reader.statement["quality"]["energy_by_origin_kwh"]
    known = [(name, kwh[name]) for name in ORIGINS if kwh.get(name)]
    whole = sum(value for _, value in known)
    if not whole:
        return None
    parts = [
        Part(f"o-{name}", reader.named("origin", name), value, reader.share(value, whole)) for name, value in known
    ]
    rows = tuple((reader.named("origin", name), reader.energy(value)) for name, value in known)
    columns = (reader.text("trust.origin"), reader.text("trust.energy"))
    return _whole(
        reader, "origins", parts, Table("", columns, rows, frozenset({1})), csv_href(["origin", "kwh"], known)
    )


def _whole(reader: Reader, name: str, parts: list[Part], table: Table, href: str) -> Picture:
    title = reader.text("trust.by_exams" if name == "tiers" else "trust.by_origin")
    caption = reader.text(f"trust.coverage_caption_{'exams' if name == 'tiers' else 'origin'}")
    words = {
        "title": title,
        "summary": reader.text("trust.coverage_summary", parts=reader.names([f"{p.name} {p.text}" for p in parts])),
    }
    captioned = Table(title, table.columns, table.rows, table.numeric)
    return Picture(
        coverage(f"{name}-w", parts, width=1000, **words),
        coverage(f"{name}-n", parts, width=360, **words),
        caption,
        captioned,
        f"{name}.csv",
        href,
        tuple((part.class_, f"{part.name} {part.text}") for part in parts),
        is_strip=captions_fit(parts, 1000),
    )


def _meters(reader: Reader) -> Table | None:
    meters = reader.statement["meters"]
    if not meters:
        return None
    columns = (
        reader.text("trust.meter"),
        reader.text("trust.feeds"),
        reader.text("trust.total"),
        *(reader.named("class", part.removesuffix("_kwh")) for part in PARTS),
        reader.text("trust.resolution"),
        reader.text("trust.unread"),
    )
    return Table(
        reader.text("trust.meters_caption"),
        columns,
        tuple(_meter(reader, row) for row in meters),
        frozenset(range(2, 9)),
    )


def _meter(reader: Reader, row: Row) -> tuple[Cell, ...]:
    names = [
        alias or reader.device_name({"device": key}) for key, alias in zip(row["devices"], row["aliases"], strict=True)
    ]
    feeds = reader.names(names) if names else reader.text("none")
    if row["cooling"]:
        feeds = f"{feeds} ({reader.text('trust.cooling_meter')})"
    return (
        row["meter"],
        feeds,
        # In kWh and not rounded to three digits, so that a reader can add the row up.
        reader.reconciled(row["total_kwh"]),
        *(reader.reconciled(row[part]) for part in PARTS),
        reader.bare(row["resolution_s"], "s"),
        reader.plain(row["unread_hours"], "h"),
    )


def _clocks(reader: Reader) -> Table | None:
    devices = [device for device in reader.statement["devices"] if device["clock"]["status"] != "not_needed"]
    if not devices:
        return None
    names = ("status", "offset", "offset_range", "days_known", "days_refused")
    columns = (reader.text("states.scanner"), *(reader.text(f"trust.{name}") for name in names))
    return Table(
        reader.text("trust.clocks_caption"),
        columns,
        tuple(_clock(reader, device) for device in devices),
        frozenset({2, 3, 4, 5}),
    )


def _clock(reader: Reader, device: Row) -> tuple[Cell, ...]:
    clock = device["clock"]
    reach = "" if clock["low"] is None else f"{reader.plain(clock['low'])} … {reader.plain(clock['high'], 's')}"
    return (
        reader.device_name(device),
        reader.text(f"trust.{clock['status']}"),
        reader.plain(clock["offset_s"], "s"),
        reach,
        reader.integer(clock["days"]),
        reader.integer(clock["days_refused"]),
    )


def _gaps(reader: Reader) -> str:
    quality = reader.statement["quality"]
    if not reader.statement["meters"]:
        return reader.text("trust.no_meters")
    if not quality["gap_count"]:
        return reader.text("trust.gaps_none")
    return reader.text(
        "trust.gaps_body",
        gaps=reader.counted("gap", quality["gap_count"]),
        hours=reader.plain(quality["unread_hours"], "h"),
        whole=reader.plain(quality["read_hours"] + quality["unread_hours"], "h", 4),
    )


def _gap_table(reader: Reader) -> Table | None:
    gaps = reader.statement["quality"]["gaps"]
    if not gaps:
        return None
    columns = tuple(reader.text(f"trust.{name}") for name in ("meter", "gap_from", "gap_hours"))
    rows = tuple((gap["meter"], gap["from"][:16].replace("T", " "), reader.plain(gap["hours"], "h")) for gap in gaps)
    return Table(reader.text("trust.gaps_caption"), columns, rows, frozenset({2}))


def _advice(reader: Reader, row: Row, ident: str) -> Advice:
    now, then = reader.shown(row["now"]), reader.shown(row["then"])
    wide_now, wide_then = row.get("total_width_now"), row.get("total_width_then")
    narrows = ""
    if wide_now and wide_then is not None and wide_then < wide_now:
        narrows = reader.text("advice.total_narrows", share=reader.share(wide_now - wide_then, wide_now))
    return Advice(
        what=reader.named("what", row["what"]),
        device=reader.device_name(row),
        of=reader.named("advice", f"of_{row['of']}"),
        now=now,
        then=then,
        narrows=narrows,
        bar=_advice_bar(reader, row, ident, now, then),
    )


def _advice_bar(reader: Reader, row: Row, ident: str, now: Shown, then: Shown) -> Markup | None:
    before, after = _interval(row["now"]), _interval(row["then"])
    if after is None:
        return None
    summary = f"{reader.text('advice.now')}: {now.text}; {reader.text('advice.then')}: {then.text}"
    return now_and_then(
        ident, before, after, common_top([before, after]), title=reader.text("advice.caption"), summary=summary
    )


def _interval(quantity: Row) -> Bar | None:
    if quantity["low"] is None:
        return None
    return Bar(quantity["value"], quantity["low"], quantity["high"])

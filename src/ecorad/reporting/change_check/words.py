"""What is told of a verified change, in the language of a reader."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ..messages import issue_words
from ..messages.format import period_text
from ..page import Cell, Table
from ..reader import DASH, Reader
from ..statement.quality import issue_meanings

Row = Mapping[str, Any]


def reader_of(found: Row, language: str) -> Reader:
    """Words and numbers for one statement."""
    return Reader({"factors": [], "devices": [found["change"]]}, language)


def sentence(reader: Reader, row: Row) -> str:
    """What is told of one measure in one sentence."""
    name = reader.named("verify_measure", row["measure"])
    if row["verdict"] is None:
        return reader.text("verify.refused", measure=name)
    share = reader.shown(row["change_share"]).text
    key = f"verify.{row['verdict']}"
    if row["verdict"] == "none_seen":
        return reader.text(key, measure=name, share=share, detectable=percent(reader, row["detectable_share"]))
    if row["quality"] == "rise":
        key = "verify.reduction_spoilt"
    return reader.text(key, measure=name, share=share)


def percent(reader: Reader, share: float | None) -> str:
    """A share in percent, or that it is unknown."""
    return reader.text("unknown") if share is None else reader.share(share, 1.0)


def claims(reader: Reader, found: Row) -> list[str]:
    """The promise beside what was measured."""
    lines = []
    for row in found["measures"]:
        claim = row["claim"]
        if claim is not None:
            lines.append(
                reader.text(
                    f"verify.claim_{claim['verdict'] or 'refused'}",
                    measure=reader.named("verify_measure", row["measure"]),
                    claimed=reader.share(claim["percent"], 100.0),
                )
            )
    return lines


def measures_table(reader: Reader, found: Row) -> Table:
    """Every measure with what it rests on."""
    names = ("measure", "days", "baseline", "after", "change", "change_share", "detectable", "fit")
    return Table(
        reader.text("verify.caption"),
        tuple(reader.text(f"verify.{name}") for name in names),
        tuple(_measure(reader, row) for row in found["measures"]),
        frozenset(range(1, 8)),
        unfold=False,
    )


def _measure(reader: Reader, row: Row) -> tuple[Cell, ...]:
    days = "" if row["days_before"] is None else f"{row['days_before']} + {row['days_after']}"
    unit = row["unit"]
    return (
        reader.named("verify_measure", row["measure"]),
        days,
        _bare(reader, row["baseline"], unit),
        _bare(reader, row["after"], unit),
        reader.shown(row["change"]) if row["verdict"] else DASH,
        reader.shown(row["change_share"]) if row["verdict"] else DASH,
        percent(reader, row["detectable_share"]) if row["detectable_share"] is not None else "",
        percent(reader, row["cvrmse"]) if row["cvrmse"] is not None else "",
    )


def _bare(reader: Reader, value: float | None, unit: str) -> str:
    return "" if value is None else reader.bare(value, unit)


def reasons(reader: Reader, found: Row) -> list[str]:
    """Why something is not told, and under what condition the rest holds."""
    own = issue_words(reader.language)
    lines: dict[str, list[str]] = {}
    for row in found["measures"]:
        for code in (*row["refused"], *row["issues"]):
            lines.setdefault(code, []).append(reader.named("verify_measure", row["measure"]))
    for row in found["controls"]:
        for code in (*row["refused"], *row["issues"]):
            lines.setdefault(code, []).append(reader.device_name(row))
    told = []
    for code, names in lines.items():
        means, remedy = own.get(code) or issue_meanings()[code]
        told.append(reader.text("verify.reason", where=reader.names(names), means=means, remedy=remedy))
    return told


def published_table(reader: Reader, found: Row) -> Table | None:
    """Published effects of such changes."""
    rows = [
        (reader.named("verify_measure", row["measure"]), published["factor"], _range(reader, published))
        for row in found["measures"]
        for published in row["published"]
    ]
    columns = tuple(reader.text(f"verify.{name}") for name in ("measure", "source", "published"))
    return Table(reader.text("verify.published_caption"), columns, tuple(rows), unfold=False) if rows else None


def _range(reader: Reader, row: Row) -> str:
    name, one = reader.scaled(row["unit"], row["high"])
    low, high = (reader.plain(row[end] / one) for end in ("low", "high"))
    return reader.with_unit(f"{low}{DASH}{high}", name)


def controls_table(reader: Reader, found: Row) -> Table | None:
    """Scanners on which nothing was changed."""
    rows = tuple((reader.device_name(row), reader.shown(row["change_share"])) for row in found["controls"])
    columns = (reader.text("verify.scanner"), reader.text("verify.change_share"))
    return Table(reader.text("verify.controls_caption"), columns, rows, frozenset({1}), unfold=False) if rows else None


def quality(reader: Reader, row: Row) -> str:
    """Whether more exams were rejected or made again."""
    if row["difference"] is None:
        return reader.text("verify.quality_unknown")
    low, high = (reader.share(row[end], 1.0) for end in ("low", "high"))
    counts = [
        f"{reader.integer(row[f'rejected_{side}'])} / {reader.integer(row[side])}" for side in ("before", "after")
    ]
    return reader.text(
        f"verify.quality_{row['quality']}", before=counts[0], after=counts[1], low=low, high=high,
        margin=reader.share(row["margin"], 1.0),
    )  # fmt: skip


def spans(reader: Reader, change: Row) -> str:
    """The time before and the time after."""
    return reader.text(
        "verify.spans",
        before=_span(reader, change["from"], change["on"], last=False),
        after=_span(reader, change["counted_from"], change["to"], last=True),
    )


def _span(reader: Reader, first: str, last_or_next: str, *, last: bool) -> str:
    begin, end = date.fromisoformat(first), date.fromisoformat(last_or_next)
    end = end if last else date.fromordinal(end.toordinal() - 1)
    return period_text(min(begin, end), end, reader.messages.locale)

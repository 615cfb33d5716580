"""What can we change tomorrow: at most five findings, and what one exam less saves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..page import Picture, Table
from ..reader import Reader, Shown
from .per_exam import per_exam_picture, per_exam_table

MOST = 5
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence with what it would save, what it rests on and who decides."""

    sentence: str
    kwh: Shown
    money: Shown
    co2e: Shown
    evidence: str
    needs: str
    decides: str
    against: str
    command: str


@dataclass(frozen=True, slots=True)
class Change:
    """The third question, answered."""

    findings: tuple[Finding, ...]
    none: tuple[str, ...]
    per_exam: Picture | None
    modalities: Table


def change(reader: Reader) -> Change:
    """The third question, answered: largest saving first, nothing whose interval includes zero."""
    sure = [row for row in reader.statement["findings"] if _is_sure(row["kwh"])]
    sure.sort(key=lambda row: -row["kwh"]["value"])
    none = [reader.text("change.none")] if not sure else []
    if none and reader.statement["totals"]["devices_metered"] == 0:
        none.append(reader.text("change.none_meter"))
    return Change(
        findings=tuple(_finding(reader, row) for row in sure[:MOST]),
        none=tuple(none),
        per_exam=per_exam_picture(reader, "marginal"),
        modalities=per_exam_table(reader, "marginal", "marginal", reader.text("dots.co2e_marginal")),
    )


def _is_sure(quantity: Row) -> bool:
    return quantity["value"] is not None and quantity["low"] is not None and quantity["low"] > 0


def _finding(reader: Reader, row: Row) -> Finding:
    sentence = reader.named("finding", row["kind"])
    return Finding(
        sentence=sentence.replace("{device}", reader.device_name(row)),
        kwh=reader.shown(row["kwh"]),
        money=reader.shown(row["money"]),
        co2e=reader.shown(row["co2e_kg"]),
        evidence=reader.text("change.evidence", days=reader.counted("day", row["evidence"]["days"])),
        needs=_said(reader, "needs", row.get("needs")),
        decides=_said(reader, "decides", row.get("decides")),
        against=_said(reader, "against", row.get("against")),
        command=row.get("command") or "",
    )


def _said(reader: Reader, group: str, code: str | None) -> str:
    return reader.named(group, code) if code else ""
